"""The register: what the company does to improve, for customers or not."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.models import BusinessUnit, Department, Load
from core.auditing import Audited, key_of
from core.fields import CodeField, ExactDecimalField, KeyField, LineField, WordsField
from core.quick import QuickRow
from customers.models import Customer, Tier
from initiatives.choices import Level, Quadrant, Stage
from initiatives.formulas import Plan
from initiatives.querysets import InitiativeQuerySet
from kpis.models import Kpi

_ONE_TO_FIVE = [MinValueValidator(1), MaxValueValidator(5)]


def _score(words: str) -> models.PositiveSmallIntegerField[int | None, int | None]:
    return models.PositiveSmallIntegerField(null=True, blank=True, validators=_ONE_TO_FIVE, help_text=words)


def _within(field: str) -> models.Q:
    return models.Q(**{field: None}) | models.Q(**{f"{field}__gte": 1, f"{field}__lte": 5})


def _person(related: str, words: str = "") -> models.ForeignKey[models.Model | None, models.Model | None]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name=related, help_text=words
    )


def _lists(initiative: Initiative) -> dict[str, Any]:
    """Its lists for the audit."""
    links = initiative.kpi_links.select_related("kpi", "tier").order_by("kpi__code", "tier__code")
    return {
        "tiers": sorted(initiative.tiers.values_list("code", flat=True)),
        "team": [key_of(person) for person in initiative.team.order_by("pk")],
        "kpis": [f"{link.kpi.code}@{link.tier.code}" if link.tier else link.kpi.code for link in links],
    }


class Initiative(QuickRow):
    """One piece of improvement work.

    ``department`` does it; ``serves`` is the department whose customers' pain it answers (none: the
    same). No tiers: for all. Baseline and current dates are both kept, so re-dating never makes it
    green. ``known_from`` is the day on which it was entered; empty for loaded rows, which count from
    their own dates. ``revision`` rises with each write, for compare-and-swap.
    """

    audited: ClassVar = Audited(lists=_lists)

    code = CodeField(max_length=60, unique=True)
    title = LineField(max_length=255)
    description = WordsField(blank=True)
    level = LineField(max_length=15, choices=Level)
    business_unit = models.ForeignKey(
        BusinessUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="initiatives"
    )
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="initiatives")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="initiatives")
    serves = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="serving_initiatives"
    )
    tiers = models.ManyToManyField(Tier, blank=True, related_name="initiatives")
    customer_focused = models.BooleanField(default=True)
    theme = KeyField(max_length=120, blank=True)
    owner = _person("owned_initiatives")
    deputy = _person("deputised_initiatives", "Stands in for the owner, with the same rights")
    sponsor = _person("sponsored_initiatives", "Hears of it when the owner is silent")
    team_name = LineField(max_length=120, blank=True)
    team = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="team_initiatives")
    loyalty_impact = _score("On customer loyalty or experience, 1 to 5")
    vendor_choice_impact = _score("On why a customer picks us, 1 to 5")
    effort = _score("1 to 5")
    cost = ExactDecimalField(null=True, blank=True)
    spent = ExactDecimalField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, help_text="The company's currency where empty")
    baseline_start = models.DateField(null=True, blank=True)
    baseline_due = models.DateField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    due = models.DateField(null=True, blank=True)
    finished_on = models.DateField(null=True, blank=True)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.CANDIDATE)
    justification = WordsField(blank=True, help_text="Why a major bet is worth its cost")
    approved_by = _person("+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_as = models.CharField(max_length=12, choices=Quadrant, blank=True)
    override_by = _person("+")
    override_at = models.DateTimeField(null=True, blank=True)
    override_reason = models.TextField(blank=True)
    known_from = models.DateField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = _person("+")
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["stage"], name="initiative_by_stage")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(level=Level.KEY_ACCOUNT) | models.Q(customer__isnull=False),
                name="key_account_initiative_names_the_customer",
            ),
            models.CheckConstraint(
                condition=~models.Q(level=Level.BUSINESS_UNIT) | models.Q(business_unit__isnull=False),
                name="business_unit_initiative_names_the_unit",
            ),
            models.CheckConstraint(
                condition=_within("loyalty_impact") & _within("vendor_choice_impact") & _within("effort"),
                name="scores_run_from_one_to_five",
            ),
            models.CheckConstraint(
                condition=models.Q(baseline_due=None)
                | models.Q(baseline_start=None)
                | models.Q(baseline_due__gte=models.F("baseline_start")),
                name="baseline_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=[Stage.CANDIDATE, Stage.ON_HOLD, Stage.CANCELLED])
                | models.Q(baseline_start__isnull=False, baseline_due__isnull=False, due__isnull=False),
                name="what_is_approved_has_dates",
            ),
            models.CheckConstraint(
                condition=(models.Q(cost=None) | models.Q(cost__gte=0))
                & (models.Q(spent=None) | models.Q(spent__gte=0)),
                name="initiative_costs_are_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def plan(self) -> Plan:
        """Its dates as they stand now."""
        return Plan(self.baseline_start, self.baseline_due, self.started_on, self.due, self.finished_on)

    @property
    def served_id(self) -> int:
        """The department whose customers' pain it answers."""
        return self.serves_id or self.department_id


class InitiativeKpi(models.Model):
    """A KPI that an initiative should move, in one tier or (none) in all that it is for."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="kpi_links")
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="initiative_links")
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["initiative", "kpi", "tier"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "kpi", "tier"], name="initiative_names_a_kpi_and_tier_once"),
            models.UniqueConstraint(
                fields=["initiative", "kpi"],
                condition=models.Q(tier=None),
                name="initiative_names_a_kpi_in_all_its_tiers_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative}: {self.kpi}"


class Document(models.Model):
    """A link to something written about an initiative."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="documents")
    title = LineField(max_length=200)
    url = models.URLField(max_length=500)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title
