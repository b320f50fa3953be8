"""KPIs as the API answers and takes them. The names are those of the columns of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework import serializers

from accounts.serializers import department_field, person_field
from core.resources import DryRunField, Seen
from core.rows import RowSerializer
from core.shapes import ChoiceField, ExactField, ExactInput, MonthField, Text, WholeField, YesNoField, code_text
from core.stale import revision_of
from kpis.choices import (
    LONGEST_TEXT,
    Absent,
    CompleteWhen,
    CustomerMethod,
    Direction,
    Indicator,
    KpiState,
    Per,
    Source,
    Status,
    TargetState,
    TimeMethod,
    Unit,
)
from kpis.formulas.events import LONGEST
from kpis.models import Kpi
from kpis.rules.kpi import DECIMALS
from kpis.serializers.fields import kpi_field
from kpis.wording import computed_in_words

if TYPE_CHECKING:
    from kpis.pages.library_lines import Shelf

_TEXT: dict[str, Any] = {"required": False, "allow_blank": True}
_SOURCE: dict[str, Any] = {"required": False, "allow_blank": True, "help_text": "What comes first, where empty"}
_RULE = "Of events, and with it source events: repeat_contacts(days=30)"
_METHOD: dict[str, Any] = {"required": False, "allow_blank": True, "help_text": "Empty where it has a formula"}


class KpiSerializer(RowSerializer):
    """A KPI as it was last defined, with what it lacks. ``revision`` is what a change names as seen."""

    code = serializers.CharField()
    name = serializers.CharField()
    department = serializers.CharField(source="department.code", default=None, allow_null=True)
    indicator = serializers.ChoiceField(choices=Indicator.choices)
    unit = serializers.ChoiceField(choices=Unit.choices)
    currency = serializers.CharField(help_text="Empty where the unit is not money")
    direction = serializers.ChoiceField(choices=Direction.choices)
    customer_method = serializers.CharField(help_text="Empty where it has a formula")
    time_method = serializers.CharField(help_text="Empty where it has a formula")
    near_band = ExactField(help_text="Percent of the target; null: 10")
    near_band_abs = ExactField(help_text="In the KPI's unit; goes before near_band")
    decimals = serializers.IntegerField()
    absent = serializers.ChoiceField(choices=Absent.choices, help_text="What silence means")
    facts_of = serializers.CharField(source="facts_of.code", default=None, allow_null=True)
    source = serializers.CharField(  # type: ignore[assignment]  # the name of a field's own attribute; DRF tells them apart
        help_text="Empty: open, or it has no data of its own"
    )
    rule = serializers.CharField(help_text="How its facts are derived from events; empty where its source is another")
    complete_when = serializers.ChoiceField(choices=CompleteWhen.choices, help_text="When a month counts as complete")
    seasonal = serializers.BooleanField(help_text="Whether its signals compare with the same month a year before")
    owner = serializers.EmailField(source="owner.email", default=None, allow_null=True)
    customer_criterion = serializers.CharField(help_text="In the customer's own words")
    definition = serializers.CharField()
    formula = serializers.CharField(help_text="Empty where it has methods")
    from_month = MonthField(
        source="versions_from",
        allow_null=True,
        help_text="From which this meaning stands, and which may lie ahead; null: always",
    )
    purpose = serializers.CharField()
    data_source = serializers.CharField()
    retired_from = MonthField(allow_null=True, help_text="Out of the matrix from then on; null: in use")
    state = serializers.ChoiceField(choices=KpiState.choices, help_text="A draft is in no matrix")
    calculated = serializers.BooleanField()
    has_owner = serializers.SerializerMethodField()
    has_target = serializers.SerializerMethodField(help_text="An approved one in the running fiscal year")
    has_data = serializers.SerializerMethodField(help_text="Its own, its source's, or all of its inputs'")
    computed = serializers.SerializerMethodField(help_text="How facts become values, in words")
    revision = serializers.SerializerMethodField()

    def get_has_owner(self, kpi: Kpi) -> bool:
        """Whether somebody owns it."""
        return kpi.owner_id is not None

    def get_has_target(self, kpi: Kpi) -> bool:
        """Whether it aims at anything."""
        return kpi.pk in self._shelf.aimed

    def get_has_data(self, kpi: Kpi) -> bool:
        """Whether anything was measured."""
        return kpi.pk in self._shelf.measured

    def get_computed(self, kpi: Kpi) -> str:
        """In a sentence."""
        return computed_in_words(kpi, self._shelf.names)

    def get_revision(self, kpi: Kpi) -> str:
        """Differs whenever the KPI does."""
        return revision_of(kpi)

    @property
    def _shelf(self) -> Shelf:
        shelf: Shelf = self.context["shelf"]
        return shelf


class KpiFields(serializers.Serializer[Any]):
    """What is written of a KPI: methods for one that is measured, or a formula over other KPIs."""

    exclusive: ClassVar = {"formula": ("customer_method", "time_method")}

    code = code_text(60)
    name = Text(max_length=200)
    department = department_field(allow_null=True)
    indicator = ChoiceField(choices=Indicator.choices)
    unit = ChoiceField(choices=Unit.choices)
    currency = Text(max_length=3, help_text="Of money alone; the company's where empty", **_TEXT)
    direction = ChoiceField(choices=Direction.choices)
    customer_method = ChoiceField(choices=CustomerMethod.choices, **_METHOD)
    time_method = ChoiceField(choices=TimeMethod.choices, **_METHOD)
    formula = Text(max_length=500, **_TEXT)
    near_band = ExactInput(negative=False, required=False, allow_null=True)
    near_band_abs = ExactInput(negative=False, required=False, allow_null=True)
    decimals = WholeField(*DECIMALS, required=False)
    absent = ChoiceField(choices=Absent.choices, required=False)
    facts_of = kpi_field(allow_null=True)
    source = ChoiceField(choices=Source.choices, **_SOURCE)  # type: ignore[assignment]  # as above
    rule = Text(max_length=LONGEST, help_text=_RULE, **_TEXT)
    complete_when = ChoiceField(choices=CompleteWhen.choices, required=False)
    seasonal = YesNoField(required=False)
    owner = person_field(allow_null=True)
    customer_criterion = Text(max_length=LONGEST_TEXT, **_TEXT)
    definition = Text(max_length=LONGEST_TEXT, **_TEXT)
    purpose = Text(max_length=LONGEST_TEXT, **_TEXT)
    data_source = Text(max_length=LONGEST_TEXT, **_TEXT)
    state = ChoiceField(choices=KpiState.choices, required=False, help_text="Published where not given")


class KpiInput(KpiFields, Seen):
    """A KPI as it is to be. Unit, direction, methods and formula of one with a history change by change-meaning."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The code of one that is there stays."""
        if self.partial and "code" in attrs:
            raise serializers.ValidationError({"code": "A code stays as it is: addresses, files and formulas name it."})
        return attrs


class MeaningInput(Seen):
    """What it is to mean from a month on; what is not named stays. A KPI with a history needs a reason.

    In another unit a near band is given anew, or null. Approved targets that start in or after the month are withdrawn.
    """

    exclusive: ClassVar = KpiFields.exclusive

    unit = ChoiceField(choices=Unit.choices, required=False)
    currency = Text(max_length=3, help_text="Of money alone; the company's where empty", **_TEXT)
    near_band_abs = ExactInput(negative=False, required=False, allow_null=True, help_text="In the unit of this meaning")
    direction = ChoiceField(choices=Direction.choices, required=False)
    customer_method = ChoiceField(choices=CustomerMethod.choices, **_METHOD)
    time_method = ChoiceField(choices=TimeMethod.choices, **_METHOD)
    formula = Text(max_length=500, **_TEXT)
    rule = Text(max_length=LONGEST, help_text=_RULE, **_TEXT)
    from_month = MonthField(required=False, help_text="The present month where not given")
    reason = Text(default="", allow_blank=True)


class DryQuery(serializers.Serializer[Any]):
    """Whether it is only asked what a change would do."""

    dry_run = DryRunField(help_text="1: say what it would turn and end, change nothing")


class TurnedSerializer(serializers.Serializer[Any]):
    """A verdict of an ended period, and what it would be instead."""

    kpi = serializers.CharField(source="kpi.code")
    period = serializers.CharField(source="period.code")
    tier = serializers.CharField(source="tier.code")
    before = serializers.ChoiceField(choices=Status.choices)
    after = serializers.ChoiceField(choices=Status.choices)


class EndedTargetSerializer(serializers.Serializer[Any]):
    """A target that the change would end: withdrawn where it starts in or after the month, else counting until then."""

    target = serializers.IntegerField(source="pk")
    tier = serializers.CharField(source="tier.code")
    from_month = MonthField()
    per = serializers.ChoiceField(choices=Per.choices)
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=TargetState.choices)


class KpiEffectSerializer(serializers.Serializer[Any]):
    """What a change would do; nothing was changed. ``turned`` has the latest 50 of ``turned_count``."""

    dry_run = serializers.BooleanField(default=True)
    turned_count = serializers.IntegerField()
    turned = TurnedSerializer(many=True)
    withdrawn = EndedTargetSerializer(many=True, help_text="Approved; they stand again where it is taken back")
    shortened = EndedTargetSerializer(many=True, help_text="Approved; they count until the month before it alone")
    undecided = EndedTargetSerializer(many=True, help_text="Drafts and proposals, withdrawn; who wrote them is told")


class RetireInput(Seen):
    """From when on it is out of the matrix, and why."""

    from_month = MonthField()
    reason = Text()


class PreviewInput(serializers.Serializer[Any]):
    """A formula to try. Unit, currency and decimals are the stored KPI's where they are not given."""

    formula = Text(max_length=500)
    unit = ChoiceField(choices=Unit.choices, required=False, help_text="Needed for a KPI to be")
    currency = Text(max_length=3, **_TEXT)
    decimals = WholeField(*DECIMALS, required=False)


class PreviewRowSerializer(serializers.Serializer[Any]):
    """A tier: the value of each input in the order of ``kpis``, and the result; null where there is none."""

    tier = serializers.CharField(source="tier.code")
    inputs = serializers.ListField(child=ExactField(), source="values")
    result = ExactField(source="value")


class PreviewSerializer(serializers.Serializer[Any]):
    """What the formula gives in the last quarter with data; nothing was saved."""

    period = serializers.CharField(source="period.code")
    kpis = serializers.ListField(child=serializers.CharField(), source="codes")
    rows = PreviewRowSerializer(many=True)


class KpiVersionSerializer(serializers.Serializer[Any]):
    """What a KPI means, or meant, from a month on; null: from the beginning."""

    from_month = MonthField(allow_null=True)
    unit = serializers.ChoiceField(choices=Unit.choices, source="meant.unit")
    currency = serializers.CharField(source="meant.currency", help_text="Empty where the unit is not money")
    near_band_abs = ExactField(source="meant.near_band_abs")
    direction = serializers.ChoiceField(choices=Direction.choices, source="meant.direction")
    customer_method = serializers.CharField(source="meant.customer_method")
    time_method = serializers.CharField(source="meant.time_method")
    formula = serializers.CharField(source="meant.formula")
    rule = serializers.CharField(source="meant.rule")
    computed = serializers.CharField()
    reason = serializers.CharField()
    by = serializers.EmailField(source="version.by.email", default=None, allow_null=True)
    at = serializers.DateTimeField(source="version.at", default=None, allow_null=True)
