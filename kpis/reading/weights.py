"""Which weights stand in a month, and the sets that were ever written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import CharField, Count, Max, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from core.numbers import SCALE
from core.periods import Month, shift
from kpis.models import Weight, WeightSet
from kpis.reading.signals import Together


def standing_sets() -> QuerySet[WeightSet]:
    """The sets that count, the one that stands longest first."""
    return WeightSet.objects.filter(taken_back_at=None)


def set_of_month(month: Month) -> WeightSet | None:
    """The set that stands in a month; None where nobody wrote one from it or an earlier one."""
    return standing_sets().filter(from_month__lte=month).first()


def last_month_of(from_month: Month) -> Month | None:
    """Until when a set from that month stands or would stand: before the next one's month; None where none follows."""
    following = standing_sets().filter(from_month__gt=from_month).order_by("from_month").first()
    return shift(Month(following.from_month), -1) if following else None


def stands(row: WeightSet) -> bool:
    """Whether a set counts in the months from its own on: it is the later one of its month."""
    return standing_sets().filter(from_month=row.from_month).values_list("pk", flat=True).first() == row.pk


def shares_of(row: WeightSet | None) -> dict[str, Decimal]:
    """The KPIs of a set by code, and what each weighs in percent; empty without one."""
    return dict(row.shares) if row else {}


def revision() -> str:
    """A short text that is another one once any set was written or taken back."""
    found = WeightSet.objects.aggregate(newest=Max("pk"), ended=Count("taken_back_at"))
    return f"{found['newest'] or 0}.{found['ended']}"


def weights_text(month: Month) -> Subquery:
    """The weights that stand in a month, asked with other rows so that a matrix takes no query more for them."""
    standing = standing_sets().filter(from_month__lte=month).values("pk")[:1]
    rows = Weight.objects.filter(set=Subquery(standing)).order_by()
    text: Any = Concat("kpi__code", Value(":"), Cast("percent", CharField()), output_field=TextField())
    return Subquery(rows.values(one=Value(1)).annotate(told=Together(text)).values("told"))


def weights_in(text: str | None) -> dict[str, Fraction]:
    """The weights that such a text holds, in percent by the KPI's code; empty where none stand."""
    found = (row.rpartition(":") for row in text.split("|")) if text else ()
    return {code: Fraction(int(scaled), SCALE) for code, _, scaled in found}
