"""Links as the API answers and takes them, and what their tests say."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.given import read_cell
from core.numbers import rounded_text
from core.periods import Month, month_code
from core.resources import Seen
from core.rows import RowSerializer
from core.shapes import ChoiceField, MonthField, Text
from core.stale import revision_of
from kpis.choices import LONGEST_TEXT, LinkSign, LinkStage, LinkState, Untested
from kpis.formulas.links import MOST_LAG, Evidence, LagTest
from kpis.models import Link
from kpis.models.links import ALL_LAGS
from kpis.rules.links import LAGS
from kpis.serializers.fields import kpi_field

_FOUR = "With four decimals; null without a test"


class LinkSerializer(RowSerializer):
    """That one KPI leads another, as it was written down; ``state`` is what its last test said."""

    id = serializers.IntegerField()
    leading = serializers.CharField(source="leading.code")
    trailing = serializers.CharField(source="trailing.code")
    sign = serializers.ChoiceField(choices=LinkSign.choices)
    lags = serializers.CharField(help_text="The months looked at: 0-6, or one number")
    mechanism = serializers.CharField()
    stage = serializers.ChoiceField(choices=LinkStage.choices)
    by = serializers.EmailField(source="by.email", default=None, allow_null=True)
    at = serializers.DateTimeField()
    decided_by = serializers.EmailField(source="decided_by.email", default=None, allow_null=True)
    decision_note = serializers.CharField()
    state = serializers.ChoiceField(choices=LinkState.choices, allow_null=True, default=None)
    tested = serializers.SerializerMethodField(help_text="As of which month; null before the first test")
    revision = serializers.SerializerMethodField()

    def get_tested(self, link: Any) -> str | None:
        """The month of the last test."""
        month = getattr(link, "tested", None)
        return month_code(Month(month)) if month else None

    def get_revision(self, link: Link) -> str:
        """Differs whenever the link does."""
        return revision_of(link)


class LinkTestSerializer(serializers.Serializer[Any]):
    """One tier at one lag. Without a test ``untested`` says why, and the numbers are null."""

    tier = serializers.CharField()
    lag = serializers.IntegerField()
    pairs = serializers.IntegerField()
    r = serializers.CharField(allow_null=True, help_text=_FOUR)
    p = serializers.CharField(allow_null=True, help_text=f"One-sided, of the sign expected. {_FOUR}")
    effective = serializers.CharField(allow_null=True, help_text=f"How many independent pairs they are worth. {_FOUR}")
    low = serializers.CharField(allow_null=True, help_text="Of the interval of r (95 %)")
    high = serializers.CharField(allow_null=True)
    passes = serializers.BooleanField()
    untested = serializers.ChoiceField(choices=Untested.choices, allow_null=True)


@dataclass(frozen=True, slots=True)
class Told:
    """A link with what is said of it as of a month; ``codes`` names the tiers of its tests."""

    link: Link
    month: Month
    evidence: Evidence
    codes: dict[int, str]


class LinkEvidenceSerializer(serializers.Serializer[Told]):
    """A link and what the changes of its KPIs say as of a month."""

    link = LinkSerializer()
    leading = serializers.CharField(source="link.leading.code")
    trailing = serializers.CharField(source="link.trailing.code")
    sign = serializers.ChoiceField(choices=LinkSign.choices, source="link.sign")
    lags = serializers.CharField(source="link.lags")
    mechanism = serializers.CharField(source="link.mechanism")
    month = MonthField()
    state = serializers.ChoiceField(choices=LinkState.choices, source="evidence.state")
    best_lag = serializers.IntegerField(source="evidence.best_lag", allow_null=True)
    least_r = serializers.SerializerMethodField(help_text="The smallest correlation that could have been seen")
    tests = serializers.SerializerMethodField()

    def get_least_r(self, told: Told) -> str | None:
        """Null without a test."""
        return four(told.evidence.now.least_r)

    @extend_schema_field(LinkTestSerializer(many=True))
    def get_tests(self, told: Told) -> list[dict[str, Any]]:
        """By tier and lag."""
        return [test_row(one, told.codes[one.tier]) for one in told.evidence.now.tests]


def four(value: float | None) -> str | None:
    """A statistic with four decimals, rounded half away from zero."""
    return None if value is None else rounded_text(Fraction(value))


def test_row(one: LagTest, tier: str) -> dict[str, Any]:
    """A test as the API and editions tell it, the tier by its code."""
    interval = one.interval
    return {
        "tier": tier,
        "lag": one.lag,
        "pairs": one.pairs,
        "r": four(one.r),
        "p": four(one.p),
        "effective": four(one.effective),
        "low": four(interval.low) if interval else None,
        "high": four(interval.high) if interval else None,
        "passes": one.passes,
        "untested": one.untested.value if one.untested else None,
    }


class LagsField(Text, serializers.RegexField):
    """A span of months: ``0-6``, ``1-3``, ``2``."""

    def __init__(self, **kwargs: Any) -> None:
        rising = "|".join(f"{first}(?: ?[-–] ?[{first}-{MOST_LAG}])?" for first in range(MOST_LAG + 1))
        super().__init__(f"^(?:{rising})$", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """As it is kept. Raises ValidationError with the reason that files give."""
        return read_cell(LAGS, data)


class LinkInput(Seen):
    """A link as it is written down. The two KPIs of one that is there stay."""

    leading = kpi_field(required=True)
    trailing = kpi_field(required=True)
    sign = ChoiceField(choices=LinkSign.choices)
    lags = LagsField(required=False, default=ALL_LAGS, max_length=10)
    mechanism = Text(max_length=LONGEST_TEXT)


class LinkDeclineInput(serializers.Serializer[Any]):
    """Why it isn't written down; the proposer reads it."""

    reason = Text(max_length=2000)


class LinkTakeBackInput(serializers.Serializer[Any]):
    """Why a decision is taken back."""

    reason = Text(required=False, allow_blank=True, default="", max_length=2000)


class LinkQuery(serializers.Serializer[Any]):
    """With both KPIs: as of which month."""

    month = MonthField(required=False, help_text="With leading and trailing; the last ended month if not given")
