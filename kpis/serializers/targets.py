"""Targets and their batches as the API answers and takes them."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.given import NOTHING
from core.periods import month_code
from core.resources import DryRunField, Seen
from core.rows import RowSerializer
from core.shapes import ChoiceField, ExactField, ExactInput, IdField, MonthField, Text
from core.stale import revision_of
from customers.serializers import tier_field
from kpis.choices import Per, Status, TargetState
from kpis.models import Target
from kpis.reading.target_ends import TargetEnds
from kpis.serializers.fields import kpi_field

AT_MOST = 10_000  # targets in one call
LONGEST = 2_000  # letters of a note or a reason
_LARGEST = 2**63 - 1
_ID = {"type": "integer", "minimum": 1, "maximum": _LARGEST}


class TargetSerializer(RowSerializer):
    """A version of a target row, in the file's columns, with who wrote and decided it. Only ``approved`` counts."""

    id = serializers.IntegerField()
    kpi = serializers.CharField(source="kpi.code")
    tier = serializers.CharField(source="tier.code")
    from_month = MonthField()
    per = serializers.ChoiceField(choices=Per.choices)
    until_month = MonthField(allow_null=True)
    value = ExactField(help_text="In the KPI's unit; null for a range")
    low = ExactField()
    high = ExactField()
    state = serializers.ChoiceField(choices=TargetState.choices)
    plan_value = ExactField(help_text="From the annual operating plan")
    version = serializers.IntegerField()
    note = serializers.CharField()
    batch = serializers.IntegerField(source="batch_id", allow_null=True)
    created_by = serializers.EmailField(source="created_by.email", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    decided_by = serializers.EmailField(source="decided_by.email", default=None, allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField()
    ends_before = serializers.SerializerMethodField(
        help_text="From then on it won't count: the KPI means something else. Null: nothing ends it"
    )
    revision = serializers.SerializerMethodField()

    @extend_schema_field(MonthField(allow_null=True))
    def get_ends_before(self, target: Target) -> str | None:
        """The month of a known change of the KPI within the target's length."""
        context: Any = self.context  # of all rows of an answer
        month = context.setdefault("ends", TargetEnds()).of(target)
        return None if month is None else month_code(month)

    def get_revision(self, target: Target) -> str:
        """Differs whenever the version does."""
        return revision_of(target)


class TurnedVerdictSerializer(serializers.Serializer[Any]):
    """A verdict of an ended period that a decision turns."""

    kpi = serializers.CharField(source="kpi.code")
    tier = serializers.CharField(source="tier.code")
    period = serializers.CharField(source="period.code", help_text="2026-05, 2026-Q2 or 2026")
    before = serializers.ChoiceField(choices=Status.choices)
    after = serializers.ChoiceField(choices=Status.choices)
    edition = serializers.IntegerField(
        allow_null=True, help_text="The latest edition of a period that is closed, which keeps its verdict"
    )


class DecidedTargetSerializer(TargetSerializer):
    """A version after a decision on it; with ``dry_run`` as it would be."""

    verdicts = serializers.SerializerMethodField(
        help_text="Of ended periods, that the decisions of the call, taken together, turn: each at one of its targets"
    )

    @extend_schema_field(TurnedVerdictSerializer(many=True))
    def get_verdicts(self, target: Target) -> Any:
        """Those that stand at this target."""
        return TurnedVerdictSerializer(self.context["verdicts"].get(target.pk, ()), many=True).data


class DecisionQuery(serializers.Serializer[Any]):
    """What may be asked of a decision."""

    dry_run = DryRunField(help_text="1: say which verdicts it would turn, change nothing")


class TargetInput(Seen):
    """A row as the file has it: a value, or for a KPI whose direction is a range low and high."""

    exclusive: ClassVar = {"value": ("low", "high")}
    elsewhere: ClassVar = {"state": "/targets/propose/, …/approve/, …/reject/ and …/withdraw/ move it."}

    kpi = kpi_field(required=True)
    tier = tier_field(required=True)
    from_month = MonthField()
    per = ChoiceField(choices=Per.choices)
    until_month = MonthField(required=False, allow_null=True)
    value = ExactInput(required=False, allow_null=True)
    low = ExactInput(required=False, allow_null=True)
    high = ExactInput(required=False, allow_null=True)
    plan_value = ExactInput(required=False, allow_null=True)

    def validate_per(self, per: str) -> Per:
        """As services take it."""
        return Per(per)


@extend_schema_field({"type": "array", "items": _ID, "minItems": 1, "maxItems": AT_MOST})
class TargetIds(serializers.Field[list[int], Any, Any, Any]):
    """Ids of targets, each once."""

    default_error_messages: ClassVar = NOTHING

    def to_internal_value(self, data: Any) -> list[int]:
        """The ids. Raises ValidationError that names each that is no id, is unknown, or stands there twice."""
        if not isinstance(data, list):
            raise serializers.ValidationError("A list of ids, such as [17, 18].")
        if not 1 <= len(data) <= AT_MOST:
            raise serializers.ValidationError(f"Between 1 and {AT_MOST:,} ids; these are {len(data):,}.")
        wrong = {place: f"{_said(one)} is no id." for place, one in enumerate(data) if not _is_id(one)}
        wrong = wrong or _unknown(data) | _repeated(data)
        if wrong:
            raise serializers.ValidationError({str(place): [why] for place, why in wrong.items()})
        return data

    def to_representation(self, value: list[int]) -> list[int]:
        """As they are."""
        return value


def _is_id(one: Any) -> bool:
    return isinstance(one, int) and not isinstance(one, bool) and 0 < one <= _LARGEST


def _said(one: Any) -> str:
    return f"“{str(one)[:40]}”"


def _unknown(ids: list[int]) -> dict[int, str]:
    known = set(Target.objects.filter(pk__in=ids).order_by().values_list("pk", flat=True))
    return {place: f"There is no target {one}." for place, one in enumerate(ids) if one not in known}


def _repeated(ids: list[int]) -> dict[int, str]:
    seen: set[int] = set()
    # set.add answers None: a place is kept where its id was there before.
    again = [place for place, one in enumerate(ids) if one in seen or seen.add(one)]  # type: ignore[func-returns-value]
    return {place: f"{ids[place]} stands there twice." for place in again}


class TargetsInput(serializers.Serializer[Any]):
    """Which targets: all of them or none."""

    targets = TargetIds()


class TargetProposalInput(TargetsInput):
    """Drafts that go to finance together."""

    note = Text(required=False, allow_blank=True, default="", max_length=LONGEST)


class TargetDecisionInput(TargetsInput):
    """Which proposals are decided on."""

    batch = IdField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The batch in which you read them: what was proposed anew since is in another (409)",
    )


class TargetApprovalInput(TargetDecisionInput):
    """What finance approves; it may say why."""

    reason = Text(required=False, allow_blank=True, default="", max_length=LONGEST)


class TargetTakeBackInput(TargetsInput):
    """Which approvals are taken back; the proposers read why, where it is said."""

    reason = Text(required=False, allow_blank=True, default="", max_length=LONGEST)


class TargetRejectionInput(TargetDecisionInput):
    """What finance rejects; the proposer reads why."""

    reason = Text(max_length=LONGEST)


class BatchCountsSerializer(RowSerializer):
    """How many targets of a batch are in each state. What was withdrawn from finance has left it."""

    proposed = serializers.IntegerField(source="proposed_count", help_text="Wait for finance")
    approved = serializers.IntegerField(source="approved_count")
    rejected = serializers.IntegerField(source="rejected_count")
    superseded = serializers.IntegerField(source="superseded_count", help_text="Approved once, replaced since")
    withdrawn = serializers.IntegerField(source="withdrawn_count", help_text="Approved once, taken back since")


class TargetBatchSerializer(RowSerializer):
    """Targets that were proposed together. Which: ``/targets/?batch=``."""

    id = serializers.IntegerField()
    note = serializers.CharField()
    proposed_by = serializers.EmailField(source="proposed_by.email")
    proposed_at = serializers.DateTimeField()
    targets = BatchCountsSerializer(source="*")
