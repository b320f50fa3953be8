"""Initiatives as the API answers and takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import business_unit_field, department_field, person_field
from core.resources import Seen
from core.rows import RowSerializer
from core.shapes import (
    ChoiceField,
    DayField,
    ExactField,
    ExactInput,
    KeyText,
    NamesField,
    Text,
    WholeField,
    YesNoField,
    code_text,
)
from customers.serializers import CustomerField, tier_field
from initiatives.choices import MOST_LISTED, Level, Quadrant, ScheduleStatus, Stage, too_many
from initiatives.reading.names import HIDDEN, Linked, Names
from initiatives.reading.standings import Standing
from initiatives.reading.takeovers import Takeover
from initiatives.serializers.fields import LinkField
from initiatives.wording import standing_words

_SCORE: dict[str, Any] = {"low": 1, "high": 5, "allow_null": True, "required": False}
_TEXT: dict[str, Any] = {"required": False, "allow_blank": True}
_DAY: dict[str, Any] = {"required": False, "allow_null": True}


class UpdateStateSerializer(RowSerializer):
    """The owner's latest word."""

    id = serializers.IntegerField(source="pk")
    on = serializers.DateField()
    health = serializers.CharField()
    progress = serializers.IntegerField(help_text="Percent")
    note = serializers.CharField()
    author = serializers.CharField()
    loaded_by = serializers.CharField(help_text="Who loaded it in the author's name; empty: the author's own word")


class TakenOverSerializer(RowSerializer):
    """How an initiative came to its stage that nobody here approved."""

    load = serializers.IntegerField(source="load.pk")
    file = serializers.CharField(source="load.source")
    by = serializers.EmailField(source="load.by.email", default=None, allow_null=True, help_text="Null: by command")
    on = serializers.DateField()
    words = serializers.CharField()


class InitiativeSerializer(RowSerializer):
    """An initiative as it stood at the end of a day: what it is, and what follows from the rules.

    Status, reasons and progress are null (empty) where it does not run. Scores, cost and people are
    those of now. A key account that the caller may not read is called “a key account”.
    """

    code = serializers.CharField(source="initiative.code")
    title = serializers.CharField(source="initiative.title")
    description = serializers.CharField(source="initiative.description")
    level = serializers.ChoiceField(choices=Level.choices, source="initiative.level")
    business_unit = serializers.CharField(source="initiative.business_unit.code", default=None, allow_null=True)
    customer = serializers.SerializerMethodField(help_text="External id; null where it may not be read")
    customer_name = serializers.SerializerMethodField()
    department = serializers.CharField(source="initiative.department.code")
    serves = serializers.CharField(source="initiative.serves.code", default=None, allow_null=True)
    tiers = serializers.SerializerMethodField(help_text="Empty: for all")
    customer_focused = serializers.BooleanField(source="initiative.customer_focused")
    theme = serializers.CharField(source="initiative.theme")
    owner = serializers.EmailField(source="initiative.owner.email", default=None, allow_null=True)
    deputy = serializers.EmailField(source="initiative.deputy.email", default=None, allow_null=True)
    sponsor = serializers.EmailField(source="initiative.sponsor.email", default=None, allow_null=True)
    team_name = serializers.CharField(source="initiative.team_name")
    team = serializers.SerializerMethodField()
    kpis = serializers.SerializerMethodField(help_text="code, or code@tier")
    loyalty_impact = serializers.IntegerField(source="initiative.loyalty_impact", allow_null=True)
    vendor_choice_impact = serializers.IntegerField(source="initiative.vendor_choice_impact", allow_null=True)
    effort = serializers.IntegerField(source="initiative.effort", allow_null=True)
    cost = ExactField(source="initiative.cost")
    spent = ExactField(source="initiative.spent")
    currency = serializers.CharField(source="initiative.currency", help_text="Empty: the company's")
    company_cost = ExactField(source="cost", help_text="In the company's currency; null without a rate")
    company_spent = ExactField(source="spent", help_text="In the company's currency; null without a rate")
    impact = serializers.IntegerField(source="scores.impact", allow_null=True)
    burden = serializers.IntegerField(source="scores.burden", allow_null=True)
    quadrant = serializers.ChoiceField(
        choices=Quadrant.choices, source="scores.quadrant", allow_null=True, help_text="Null: not scored"
    )
    baseline_start = serializers.DateField(source="plan.baseline_start", allow_null=True)
    baseline_due = serializers.DateField(source="plan.baseline_due", allow_null=True)
    started_on = serializers.DateField(source="plan.started_on", allow_null=True)
    due = serializers.DateField(source="plan.due", allow_null=True)
    finished_on = serializers.DateField(source="plan.finished_on", allow_null=True)
    slip = serializers.IntegerField(source="plan.slip", help_text="Days; may be negative")
    redated = serializers.IntegerField(source="plan.redated", help_text="How often its due date was moved")
    stage = serializers.ChoiceField(choices=Stage.choices)
    status = serializers.ChoiceField(choices=ScheduleStatus.choices, allow_null=True)
    words = serializers.SerializerMethodField(help_text="The verdict and every reason in words")
    not_started = serializers.BooleanField(help_text="Approved and past its baseline start by more than a week")
    progress = serializers.IntegerField(allow_null=True)
    latest_update = UpdateStateSerializer(source="latest", allow_null=True)
    justification = serializers.CharField(source="initiative.justification")
    approved_by = serializers.EmailField(source="initiative.approved_by.email", default=None, allow_null=True)
    approved_at = serializers.DateTimeField(source="initiative.approved_at", allow_null=True)
    approved_as = serializers.CharField(source="initiative.approved_as")
    override_reason = serializers.CharField(source="initiative.override_reason")
    taken_over = serializers.SerializerMethodField(
        help_text="Which file took it over without an approval of its own; null for what was approved, and candidates"
    )
    revision = serializers.IntegerField(source="initiative.revision")
    as_of = serializers.DateField()

    def get_customer(self, standing: Standing) -> str | None:
        """Its external id, for those who may read it."""
        named = self._names.customer(standing.initiative)
        customer = standing.initiative.customer
        return customer.external_id if customer and named != HIDDEN else None

    def get_customer_name(self, standing: Standing) -> str:
        """Its name, for those who may read it."""
        return self._names.customer(standing.initiative)

    def get_tiers(self, standing: Standing) -> list[str]:
        """Codes, best first."""
        return [tier.code for tier in standing.initiative.tiers.all()]

    def get_team(self, standing: Standing) -> list[str]:
        """E-mail addresses."""
        return self._linked.teams.get(standing.initiative.pk, [])

    def get_kpis(self, standing: Standing) -> list[str]:
        """As files write them, sorted."""
        return self._linked.kpis.get(standing.initiative.pk, [])

    @extend_schema_field(TakenOverSerializer(allow_null=True))
    def get_taken_over(self, standing: Standing) -> Any:
        """The load, its file, who loaded it, since when, and what that means."""
        found: Takeover | None = self.context["takeovers"].get(standing.initiative.pk)
        if found is None:
            return None
        words = found.words(standing.initiative, standing.scores.quadrant)
        return TakenOverSerializer({"load": found.load, "on": found.on, "words": words}).data

    def get_words(self, standing: Standing) -> str:
        """``late: milestone “Pilot” is 12 days overdue``."""
        return standing_words(standing)

    @property
    def _linked(self) -> Linked:
        linked: Linked = self.context["linked"]
        return linked

    @property
    def _names(self) -> Names:
        names: Names = self.context["names"]
        return names


class InitiativeInput(Seen):
    """What a person writes of an initiative. Stage, approval and override have actions of their own."""

    elsewhere: ClassVar = {
        "stage": "/initiatives/CODE/approve/, …/start/, …/hold/, …/finish/ and …/cancel/ move it.",
        "progress": "/status-updates/ reports it.",
    }

    code = code_text(60, required=False, help_text="Of a new one alone; made from the title")
    title = Text(max_length=255)
    description = Text(**_TEXT)
    level = ChoiceField(choices=Level.choices)
    business_unit = business_unit_field(allow_null=True)
    customer = CustomerField(allow_null=True)
    department = department_field(required=True)
    serves = department_field(allow_null=True)
    tiers = tier_field(many=True)
    customer_focused = YesNoField(required=False)
    theme = KeyText(max_length=120, **_TEXT)
    owner = person_field(allow_null=True)
    deputy = person_field(allow_null=True)
    sponsor = person_field(allow_null=True)
    team_name = Text(max_length=120, **_TEXT)
    team = person_field(many=True)
    kpis = NamesField(child=LinkField(), required=False)
    loyalty_impact = WholeField(**_SCORE)
    vendor_choice_impact = WholeField(**_SCORE)
    effort = WholeField(**_SCORE)
    cost = ExactInput(negative=False, required=False, allow_null=True)
    spent = ExactInput(negative=False, required=False, allow_null=True)
    currency = Text(max_length=3, **_TEXT)
    baseline_start = DayField(**_DAY)
    baseline_due = DayField(**_DAY)
    started_on = DayField(**_DAY)
    due = DayField(**_DAY)
    finished_on = DayField(**_DAY)
    justification = Text(**_TEXT)
    reason = Text(help_text="Why the due date moves, where it does", **_TEXT)

    def to_internal_value(self, data: Any) -> Any:
        """Refuse a list that is too long before each of its members is looked for."""
        listed = {name: data.get(name) for name in MOST_LISTED} if isinstance(data, Mapping) else {}
        long = {name: too_many(name, len(given)) for name, given in listed.items() if isinstance(given, list)}
        if any(long.values()):
            raise serializers.ValidationError({name: f"It {why}." for name, why in long.items() if why})
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The code of one that is there stays."""
        if self.partial and "code" in attrs:
            raise serializers.ValidationError({"code": "A code stays as it is: addresses and files name it."})
        return attrs


class ApprovalInput(serializers.Serializer[Any]):
    """An approval; a major bet needs a justification, now or written before."""

    stage = ChoiceField(choices=Stage.choices, required=False, help_text="The stage that was seen")
    justification = Text(**_TEXT)


class ReasonInput(serializers.Serializer[Any]):
    """Why."""

    reason = Text()


class ApprovalTakeBackInput(serializers.Serializer[Any]):
    """Why an approval is taken back, where it is said; its owner reads it."""

    reason = Text(required=False, allow_blank=True, default="", max_length=2000)


class StepInput(serializers.Serializer[Any]):
    """A step to another stage: holding, cancelling and going back need a reason, starting and finishing take a day."""

    stage = ChoiceField(choices=Stage.choices, required=False, help_text="The stage that was seen")
    reason = Text(**_TEXT)
    on = DayField(required=False, help_text="Today where not given")


class ThanksInput(serializers.Serializer[Any]):
    """Words of thanks."""

    text = Text(max_length=500)


class ThanksSerializer(serializers.Serializer[Any]):
    """Thanks for an initiative."""

    by = serializers.EmailField(source="by.email")
    text = serializers.CharField()
    at = serializers.DateTimeField()
