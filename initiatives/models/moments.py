"""Moments of truth: the situations in which a customer's success is decided, and what they are linked to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from accounts.models import Load
from core.auditing import Audited
from core.fields import CodeField, KeyField, LineField, WordsField
from customers.models import Tier
from initiatives.choices import LONGEST_CRITERION, LONGEST_WIN, CustomerRole, MomentStage
from initiatives.models.register import Initiative
from kpis.choices import ProposalState
from kpis.models import Kpi


def _lists(moment: Moment) -> dict[str, Any]:
    """Its lists for the audit, as files write them."""
    return moment.lists


class Moment(models.Model):
    """A situation in which the customer's success is decided.

    No tiers: for all. ``criterion`` is what success means there, in the customer's own words. Success metrics, pain
    themes and initiatives are linked, and benefits by the initiatives. ``revision`` rises with each write.
    """

    audited: ClassVar = Audited(lists=_lists)

    code = CodeField(max_length=60, unique=True)
    name = LineField(max_length=255)
    stage = LineField(max_length=12, choices=MomentStage)
    role = LineField(max_length=15, choices=CustomerRole)
    tiers = models.ManyToManyField(Tier, blank=True, related_name="moments")
    criterion = WordsField(blank=True, max_length=LONGEST_CRITERION)
    customer_win = LineField(max_length=LONGEST_WIN, blank=True, help_text="What the customer wins")
    our_win = LineField(max_length=LONGEST_WIN, blank=True, help_text="What we win")
    initiatives = models.ManyToManyField(Initiative, blank=True, related_name="moments")
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "moment of truth"
        verbose_name_plural = "moments of truth"
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="a_moment_of_truth_has_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def look(self) -> MomentStage:
        """Where on the customer's way it lies."""
        return MomentStage(self.stage)

    @property
    def lists(self) -> dict[str, list[str]]:
        """What it is linked to, as files write it, sorted. Reads what was prefetched, else a query a list."""
        return {
            "tiers": sorted(tier.code for tier in self.tiers.all()),
            "kpis": sorted(str(link) for link in self.kpi_links.all()),
            "themes": sorted(one.theme for one in self.theme_links.all()),
            "initiatives": sorted(row.code for row in self.initiatives.all()),
        }


class MomentKpi(models.Model):
    """A success metric: a KPI in one tier, or (none) in all tiers of the moment."""

    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="kpi_links")
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="moment_links")
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "metric of a moment of truth"
        verbose_name_plural = "metrics of moments of truth"
        ordering = ["moment", "kpi", "tier"]
        constraints = [
            models.UniqueConstraint(fields=["moment", "kpi", "tier"], name="moment_names_a_kpi_and_tier_once"),
            models.UniqueConstraint(
                fields=["moment", "kpi"],
                condition=models.Q(tier=None),
                name="moment_names_a_kpi_in_all_its_tiers_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi.code}@{self.tier.code}" if self.tier else self.kpi.code


class MomentTheme(models.Model):
    """A theme of customers' pain that a moment answers; the same in any case."""

    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="theme_links")
    theme = KeyField(max_length=120)

    class Meta:
        verbose_name = "theme of a moment of truth"
        verbose_name_plural = "themes of moments of truth"
        ordering = ["moment", "theme"]
        constraints = [models.UniqueConstraint(fields=["moment", "theme"], name="moment_names_a_theme_once")]

    def __str__(self) -> str:
        return self.theme


_DECIDED = (ProposalState.ACCEPTED, ProposalState.DECLINED)
_UNDECIDED = (ProposalState.PROPOSED, ProposalState.WITHDRAWN)


class MomentProposal(models.Model):
    """A moment of truth, or a change of one, as an owner proposes it, and what became of that.

    ``values`` holds what it should say as the audit keeps it (texts, and lists as files write them); ``moment`` is the
    one that it changes, or that came of it. Accepted, ``before`` is what the moment said before (none of a new one) and
    ``revision`` what it was then: while it still is, the decision can be taken back.
    """

    audited: ClassVar = Audited(left_out=frozenset({"before"}))

    moment = models.ForeignKey(Moment, null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals")
    values = models.JSONField()
    why = models.TextField(help_text="For the steward who decides")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    before = models.JSONField(null=True, blank=True)
    revision = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = "proposed moment of truth"
        verbose_name_plural = "proposed moments of truth"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(why=""), name="a_proposed_moment_says_why"),
            models.CheckConstraint(
                condition=models.Q(state__in=_DECIDED, decided_by__isnull=False, decided_at__isnull=False)
                | models.Q(state__in=_UNDECIDED, decided_by=None, decided_at=None),
                name="a_decided_moment_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ProposalState.DECLINED) | ~models.Q(decision_note=""),
                name="a_declined_moment_says_why",
            ),
        ]

    def __str__(self) -> str:
        return str(self.values.get("name", ""))

    @property
    def look(self) -> ProposalState:
        """Its state, with how it looks."""
        return ProposalState(self.state)

    @property
    def waits(self) -> bool:
        """Whether nobody has decided yet."""
        return self.state == ProposalState.PROPOSED
