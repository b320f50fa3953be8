"""The shapes that the API answers with; ``manage.py rollup --json`` prints the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from accounts.serializers import PeriodField
from core.searching import LONGEST
from core.shapes import ChoiceField, EditionField, ExactField, MonthField, Text
from kpis.choices import Assurance, Direction, Indicator, Signal, Status, Unit
from kpis.formulas.changes import CAME, PARTLY_HERE, STAYED, WENT, Reversal
from kpis.reading.changes import Against, Change
from kpis.reading.explanations import CellMonth
from kpis.reading.matrix import Cell, Composite, Matrix
from kpis.serializers.signals import ColumnQuery
from scorecard.reading.matrix_json import index_text, thin_codes, weight_text


class MatrixTierSerializer(serializers.Serializer[Any]):
    """A column of the matrix; ``untiered`` comes before ``all`` where it isn't empty, ``all`` last."""

    code = serializers.CharField()
    name = serializers.CharField()


class MatrixCellSerializer(serializers.Serializer[Any]):
    """One KPI in one tier: actual beside target, and the verdict.

    ``facts`` counts the facts of the KPI in the tier over all months expected.
    """

    tier = serializers.CharField(source="tier.code")
    actual = ExactField()
    target = ExactField()
    low = ExactField(help_text="Lower bound of a range")
    high = ExactField(help_text="Upper bound of a range")
    variance = ExactField(help_text="Actual less target; null for ranges")
    attainment = ExactField(help_text="Actual by target, or target by actual where lower is better")
    status = serializers.ChoiceField(choices=Status.choices)
    pace = serializers.ChoiceField(
        choices=Status.choices, allow_null=True, help_text="Status of the ended months of a partial cell"
    )
    previous = ExactField(help_text="Actual of the period before; null where a change is withheld")
    year_ago = ExactField(help_text="Actual of the same period a year before; null where a change is withheld")
    months_with_data = serializers.IntegerField()
    months_expected = serializers.IntegerField()
    facts = serializers.IntegerField()
    provisional = serializers.BooleanField(help_text="A month that is still to be marked complete counts in the actual")
    thin = serializers.SerializerMethodField(help_text="Months with far fewer facts than usual, such as 2011-08")

    signal = serializers.ChoiceField(
        choices=Signal.choices, allow_null=True, help_text="Whether the period's last ended month really changed"
    )
    assurance = serializers.ChoiceField(
        choices=Assurance.choices, allow_null=True, help_text="Whether the target is met as the process runs"
    )

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_thin(self, cell: Cell) -> list[str]:
        """Their codes, in order."""
        return thin_codes(cell)


class MatrixRowSerializer(serializers.Serializer[Any]):
    """A KPI and its cells in the order of ``tiers``."""

    kpi = serializers.CharField(source="kpi.code")
    name = serializers.CharField(source="kpi.name")
    indicator = serializers.ChoiceField(choices=Indicator.choices, source="kpi.indicator")
    unit = serializers.ChoiceField(choices=Unit.choices, source="kpi.unit")
    direction = serializers.ChoiceField(choices=Direction.choices, source="kpi.direction")
    cells = MatrixCellSerializer(many=True)


class CompositeSerializer(serializers.Serializer[Composite]):
    """What the verdicts of a tier come to by the weights that stewards wrote."""

    tier = serializers.CharField(source="tier.code")
    index = serializers.SerializerMethodField(
        help_text="One decimal; null with a verdict on less than 75 % of the weight"
    )
    weight = serializers.SerializerMethodField(help_text="Percent of the weight that has a verdict")
    missing = serializers.ListField(
        child=serializers.CharField(), source="blend.missing", help_text="Weighed KPIs without a verdict"
    )

    def get_index(self, one: Composite) -> str | None:
        """As it is shown."""
        return index_text(one)

    def get_weight(self, one: Composite) -> str:
        """As it is shown."""
        return weight_text(one)


class MatrixSerializer(serializers.Serializer[Matrix]):
    """The target-versus-actual matrix of a period; leading rows first, then trailing."""

    period = serializers.CharField(source="period.code")
    state = serializers.SerializerMethodField()
    edition = serializers.SerializerMethodField()
    to_date = serializers.BooleanField(help_text="Whether the period has not ended")
    computed_at = serializers.DateTimeField(allow_null=True, help_text="Null where nothing was rolled up yet")
    tiers = MatrixTierSerializer(many=True)
    rows = MatrixRowSerializer(many=True)
    composite = CompositeSerializer(
        many=True, source="composites", help_text="Of each column but untiered; empty where no weights stand"
    )

    def get_state(self, matrix: Matrix) -> Literal["open", "closed", "differs"]:
        """Whether the period was closed, and the live values differ from its latest edition by now."""
        return "open"

    def get_edition(self, matrix: Matrix) -> int | None:
        """Of which edition it is; live values are of none."""
        return None


def matrix_text(told: dict[str, Any]) -> str:
    """A matrix that is ready for JSON (``scorecard.reading.matrix_json``) as the API writes it."""
    return str(JSONRenderer().render(told), "utf-8")


class MatrixQuery(serializers.Serializer[Any]):
    """What may be asked of the matrix."""

    period = PeriodField(
        help_text="A month, quarter or year: 2011-09, 2011-Q3 or 2011",
        error_messages={"required": "Say which period, such as ?period=2011-Q3."},
    )
    edition = EditionField(required=False)


class CellMonthSerializer(serializers.Serializer[Any]):
    """A month that is expected of the cell; values are null where it has no data."""

    month = MonthField()
    value = ExactField()
    numerator = ExactField(help_text="What the KPI counts in it; null of a calculated KPI")
    denominator = ExactField(help_text="What that is divided by; null where it is not divided")
    facts = serializers.IntegerField()
    complete = serializers.BooleanField(help_text="Whether a steward marked the month complete")


class SplitPartSerializer(serializers.Serializer[Any]):
    """What a group gives of the change, in the KPI's unit."""

    group = serializers.CharField(help_text=f"{STAYED}, {PARTLY_HERE}, {CAME}, {WENT}, or a tier's code")
    why = serializers.CharField(
        allow_null=True, help_text="Of those who came: moved, first or back; of those who went: moved or silent"
    )
    effect = ExactField(help_text="All effects add up to the change")
    rate = ExactField(help_text="The part of it by which their own values changed; null where it is not told apart")
    mix = ExactField(help_text="The rest of it, by their weight")
    customers_now = serializers.IntegerField()
    customers_before = serializers.IntegerField()


class ReversalSerializer(serializers.Serializer[Reversal]):
    """Each tier went one way, and all of them together the other."""

    tiers = serializers.SerializerMethodField(help_text="Which way each tier went")
    all = serializers.SerializerMethodField(help_text="Which way all customers went")
    group = serializers.CharField(help_text="The tier whose growing share is the cause")
    share_before = ExactField(help_text="Of what the values are divided by, from 0 to 1")
    share_now = ExactField()

    def get_tiers(self, reversal: Reversal) -> Literal["higher", "lower"]:
        """Of each of them."""
        return "higher" if reversal.tiers_rise else "lower"

    def get_all(self, reversal: Reversal) -> Literal["higher", "lower"]:
        """Of the whole."""
        return "lower" if reversal.tiers_rise else "higher"


class SplitSerializer(serializers.Serializer[Any]):
    """Why the value changed, in parts that add up to the change exactly."""

    before = ExactField(source="split.before")
    now = ExactField(source="split.now")
    months_before = serializers.ListField(child=MonthField(), help_text="Whose facts the value before is made of")
    months_now = serializers.ListField(child=MonthField())
    reversal = ReversalSerializer(source="split.reversal", allow_null=True)
    groups = SplitPartSerializer(source="split.parts", many=True, help_text="Without groups of nobody")


class CellSerializer(serializers.Serializer[Any]):
    """One live cell, its months, and its change split."""

    cell = MatrixCellSerializer()
    edition_cell = serializers.SerializerMethodField()
    months = CellMonthSerializer(many=True)
    split = SplitSerializer(source="change", allow_null=True)
    not_split = serializers.CharField(allow_null=True, help_text="Why there is no split")

    @extend_schema_field(MatrixCellSerializer(allow_null=True))
    def get_edition_cell(self, found: Any) -> Any:
        """That of the latest edition; null where the period was not closed, or the edition has no such cell."""
        return found["edition_cell"]


def cell_text(change: Change, months: Iterable[CellMonth], edition_cell: dict[str, Any] | None) -> str:
    """A cell with its months and its split, beside that of the latest edition, as the API's JSON."""
    told = {
        "cell": change.cell,
        "edition_cell": edition_cell,
        "months": months,
        "change": change if change.split else None,
        "not_split": change.not_split or None,
    }
    return str(JSONRenderer().render(CellSerializer(told).data), "utf-8")


class CellQuery(ColumnQuery):
    """Which cell, and what it is compared with."""

    period = PeriodField(
        help_text="A month, quarter or year: 2011-09, 2011-Q3 or 2011",
        error_messages={"required": "Say which period, such as ?period=2011-Q3."},
    )
    against = ChoiceField(choices=[Against.YEAR_AGO.value], required=False, help_text="The period before if not given")


class SearchQuery(serializers.Serializer[Any]):
    """What is looked for."""

    q = Text(max_length=LONGEST, help_text="A name, a code, or a part of one, in any case")


class FoundSerializer(serializers.Serializer[Any]):
    """One thing that was found."""

    kind = serializers.CharField(help_text="customer, kpi, initiative, person, page")
    title = serializers.CharField()
    detail = serializers.CharField(help_text="More of it in words; may be empty")
    url = serializers.CharField(help_text="The path of its page")


class SearchSerializer(serializers.Serializer[Any]):
    """The best of what was found, twenty at most."""

    results = FoundSerializer(many=True)


class EditionLineSerializer(serializers.Serializer[Any]):
    """An edition of a period."""

    edition = serializers.IntegerField(source="number")
    digest = serializers.CharField(help_text="SHA-256 of the edition's bytes")
    previous_digest = serializers.CharField(allow_null=True, help_text="Of the edition issued before, of any period")
    prepared_by = serializers.IntegerField(source="prepared_by_id", help_text="A person's key")
    signed_by = serializers.IntegerField(source="signed_by_id", help_text="A person's key")
    closed_at = serializers.DateTimeField()


class ScorecardLineSerializer(serializers.Serializer[Any]):
    """A period that was closed, or could be."""

    period = serializers.CharField(source="period.code")
    state = serializers.ChoiceField(choices=("open", "closed", "differs"))
    prepared = serializers.SerializerMethodField(help_text="Whether a closing was prepared, and waits to be signed")
    editions = EditionLineSerializer(many=True)

    def get_prepared(self, scorecard: Any) -> bool:
        """Whether somebody has to sign."""
        return scorecard.closing is not None


class ScorecardsSerializer(serializers.Serializer[Any]):
    """The scorecards there are, the latest first."""

    results = ScorecardLineSerializer(many=True)


class DocumentSerializer(serializers.Serializer[Any]):
    """What an edition says: its bytes are frozen. Of an open period there are ``period``, ``state`` and ``missing``."""

    format = serializers.IntegerField(required=False)
    period = serializers.CharField()
    state = serializers.CharField(required=False, help_text="open, where nothing was signed")
    edition = serializers.IntegerField(required=False)
    previous_digest = serializers.CharField(required=False, allow_null=True)
    closed_at = serializers.CharField(required=False)
    prepared_by = serializers.JSONField(required=False, help_text='A person\'s key: {"person": 7}')
    signed_by = serializers.JSONField(required=False)
    one_person = serializers.BooleanField(required=False, help_text="Whether one person prepared and signed")
    by_command = serializers.BooleanField(required=False, help_text="Whether a command did both in their names")
    reason = serializers.CharField(required=False, allow_null=True)
    missing = serializers.JSONField(help_text="What was missing when it was prepared, with waivers")
    summary = serializers.CharField(required=False, help_text="With the values of its references")
    summary_source = serializers.JSONField(required=False, help_text="As it was written, and the values it names")
    matrix = serializers.JSONField(required=False)
    growth = serializers.JSONField(required=False)
    initiatives = serializers.JSONField(required=False)
    report = serializers.JSONField(required=False)
    coverage = serializers.JSONField(required=False)
    composite = serializers.JSONField(required=False, allow_null=True)
    benefits = serializers.JSONField(required=False)
    narratives = serializers.JSONField(required=False)
    links = serializers.JSONField(required=False, help_text="What was seen of links from leading to trailing KPIs")
    parts = serializers.JSONField(required=False, help_text="Digests of the parts, by JSON pointer")


class NamesSerializer(serializers.Serializer[Any]):
    """Names by key."""

    people = serializers.DictField(child=serializers.CharField())
    customers = serializers.DictField(child=serializers.CharField(), help_text="Those that you may see")


class ValuesSerializer(serializers.Serializer[Any]):
    """A cell then or now."""

    actual = ExactField()
    numerator = ExactField()
    denominator = ExactField()
    facts = serializers.IntegerField()
    target = ExactField()
    low = ExactField()
    high = ExactField()
    status = serializers.CharField()


class BridgeInputSerializer(serializers.Serializer[Any]):
    """What an act changed of an input of a calculated KPI."""

    kpi = serializers.CharField()
    numerator = ExactField()
    denominator = ExactField()
    facts = serializers.IntegerField()
    effect = ExactField(help_text="On the input's own value")


class BridgeRowSerializer(serializers.Serializer[Any]):
    """What changed the components of a cell; null where the cell has none."""

    cause = serializers.CharField(help_text="load, undo, deletion, correction, tier move, target, step …")
    at = serializers.CharField(allow_null=True)
    by = serializers.JSONField(allow_null=True, help_text='A person\'s key: {"person": 7}')
    reference = serializers.CharField(allow_null=True, help_text="load 12")
    month = serializers.CharField(allow_null=True, help_text="Whose data it changed, of a value that isn't pooled")
    numerator = ExactField()
    denominator = ExactField()
    facts = serializers.IntegerField()
    effect = ExactField(
        help_text="On the value, in the order of time; effects add up. Null: the verdict or the signal alone"
    )
    of = BridgeInputSerializer(allow_null=True, help_text="The input by which a calculated value is another")


class DifferenceSerializer(serializers.Serializer[Any]):
    """A cell that differs; null where the matrix has no such cell."""

    kpi = serializers.CharField()
    tier = serializers.CharField()
    then = ValuesSerializer(allow_null=True)
    now = ValuesSerializer(allow_null=True)
    bridge = BridgeRowSerializer(many=True)


class DifferencesSerializer(serializers.Serializer[Any]):
    """What differs from an edition by now."""

    edition = serializers.IntegerField()
    cells = DifferenceSerializer(many=True)
