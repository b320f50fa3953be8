"""What warnings are made of: which KPIs are looked at, the one for value, and what they have of each month, in arrays.

A month of a KPI is read once, as one text that the database puts together: a row each would take longer to fetch than
all that is made of it. ``facts_of_month`` loads NumPy, so it is called by who computes alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Max

from accounts.models import AuditEntry
from core.numbers import SCALE
from core.periods import Month, month_of, shift
from customers.models import LifecycleEvent
from kpis.choices import CustomerMethod, Direction, Indicator, Source, TimeMethod
from kpis.formulas.warnings import WINDOW
from kpis.models import Kpi, RolledSlice, ValueKpis
from kpis.models.versions import VersionBook
from kpis.reading.goals import band_of

if TYPE_CHECKING:
    from kpis.formulas.replay import Flags, Ints, Measure, MonthRows, Step

# What changes with any change of a definition, an event, or what was merged.
_RECORDED = (
    *("kpis.kpi", "kpis.kpiversion", "kpis.valuekpis", "kpis.customermerge"),
    *("customers.lifecycleevent", "accounts.load"),
)
_TEXT = "{customer} || ' ' || numerator || ' ' || COALESCE(denominator, 0)"
_SLICE = "SELECT {joined} FROM kpis_fact WHERE kpi_id = %s AND month = %s"
_ACTIVE = "SELECT {joined} FROM (SELECT DISTINCT customer_id FROM kpis_fact WHERE month = %s) AS active"


@dataclass(frozen=True, slots=True)
class Looked:
    """The KPIs that are looked at, in matrix order, the one for value (None: none is named that can be) and the newest
    ended month in which one of those has a fact; None where there is none.
    """

    kpis: tuple[Kpi, ...]
    value: Kpi | None
    newest: Month | None

    @property
    def groups(self) -> list[list[Kpi]]:
        """The same, those that take the same facts together."""
        found: dict[int, list[Kpi]] = {}
        for kpi in self.kpis:
            found.setdefault(kpi.source_id, []).append(kpi)
        return list(found.values())


def looked_at(today: date) -> Looked:
    """What warnings look at, as of today: four queries, and one more."""
    value = value_kpi()
    taken = {value.source_id} if value else set()
    derived = LifecycleEvent.objects.exclude(derived_from="").order_by().values("derived_from").distinct()
    taken |= {kpi.source_id for kpi in Kpi.objects.filter(code__in=derived)}
    rows = Kpi.objects.in_matrix_order().filter(indicator=Indicator.LEADING).select_related("facts_of")
    found = tuple(kpi for kpi in rows if _tells_of_customers(kpi) and kpi.source_id not in taken)
    return Looked(found, value, _newest({kpi.source_id for kpi in found}, today))


def value_kpi() -> Kpi | None:
    """The KPI by which customers are ranked: of revenue and margin, as a steward named them, the first that can be
    added up over twelve months; None where neither can.
    """
    named = ValueKpis.objects.select_related("revenue__facts_of", "margin__facts_of").filter(pk=1).first()
    for kpi in (named.revenue, named.margin) if named else ():
        if kpi is not None and _adds_up(kpi):
            return kpi
    return None


def _adds_up(kpi: Kpi) -> bool:
    return (
        not kpi.calculated
        and (kpi.facts_of or kpi).source != Source.TIER_ACTUALS
        and kpi.customer_method == CustomerMethod.SUM
        and kpi.time_method != TimeMethod.TTM
        and kpi.direction == Direction.HIGHER
    )


def _tells_of_customers(kpi: Kpi) -> bool:
    entered = (kpi.facts_of or kpi).source == Source.TIER_ACTUALS
    return not (kpi.is_draft or kpi.calculated or entered) and _is_comparable(kpi)


def _is_comparable(kpi: Kpi) -> bool:
    return kpi.direction != Direction.RANGE and kpi.customer_method != CustomerMethod.DISTINCT


def _newest(sources: set[int], today: date) -> Month | None:
    ended = shift(month_of(today), -1)
    held = RolledSlice.objects.filter(kpi__in=sources, facts__gt=0, month__lte=ended)
    newest = held.aggregate(last=Max("month"))["last"]
    return Month(newest) if newest else None


def how_it_stands(looked: Looked) -> str:
    """What changes with anything that warnings are made of: what is looked at, when its facts were last rolled up, and
    what was last recorded of definitions and events. Two queries.
    """
    sources = {kpi.source_id for kpi in (*looked.kpis, *([looked.value] if looked.value else []))}
    rolled = RolledSlice.objects.filter(kpi__in=sources).aggregate(last=Max("computed_at"))["last"]
    told = AuditEntry.objects.filter(object_type__in=_RECORDED).aggregate(last=Max("pk"))["last"]
    ids = ",".join(str(kpi.pk) for kpi in looked.kpis)
    return f"{ids};{looked.value and looked.value.pk};{looked.newest};{rolled};{told}"[:1000]


# -- in arrays


class FactReader:
    """Reads months of KPIs into arrays, by the place of each customer among ``customers``, ids in order."""

    def __init__(self, customers: Sequence[int]) -> None:
        import numpy as np

        self._np = np
        self.ids: Ints = np.array(customers, dtype=np.int64)

    @property
    def size(self) -> int:
        """How many customers."""
        return int(self.ids.size)

    def value(self, kpi: Kpi, month: Month) -> Ints | None:
        """The numerators of a month by customer; None without a fact."""
        facts = self._facts(kpi, month)
        if facts is None:
            return None
        found: Ints = self._np.zeros(self.size, dtype=self._np.int64)
        found[self.places(facts[:, 0])] = facts[:, 1]
        return found

    def rows(self, kpi: Kpi, month: Month, there: Flags) -> MonthRows | None:
        """Numerators, bases and facts of a month by customer, by the KPI's method (``kpi`` as it means then); None
        without a fact of anybody. Where silence means zero, a month counts of who was on the book.
        """
        facts = self._facts(kpi, month)
        if facts is None:
            return None
        rows: MonthRows = self._np.zeros((3, self.size), dtype=self._np.int64)
        places = self.places(facts[:, 0])
        rows[0, places], rows[2, places] = facts[:, 1], 1
        if kpi.customer_method == CustomerMethod.RATIO:
            rows[1, places] = facts[:, 2]
        elif kpi.silence_is_zero:
            rows[0], rows[1] = self._np.where(there, rows[0], 0), there
        else:
            rows[1] = rows[2]
        return rows

    def active(self, month: Month) -> Flags:
        """Who has a fact of any KPI in a month."""
        found: Flags = self._np.zeros(self.size, dtype=self._np.bool_)
        text = _one_text(_ACTIVE.format(joined=_joined("{customer}".format(customer=_as_text("customer_id")))), [month])
        if text:
            found[self.places(self._parsed(text))] = True
        return found

    def places(self, customers: Ints) -> Ints:
        """Where these customers stand."""
        return self._np.searchsorted(self.ids, customers)

    def _facts(self, kpi: Kpi, month: Month) -> Ints | None:
        if not (kpi.stands_in(month) and (kpi.facts_of is None or kpi.facts_of.stands_in(month))):
            return None
        joined = _joined(_TEXT.format(customer="customer_id"))
        text = _one_text(_SLICE.format(joined=joined), [kpi.source_id, month])
        return self._parsed(text).reshape(-1, 3) if text else None

    def _parsed(self, text: str) -> Ints:
        return self._np.fromstring(text, dtype=self._np.int64, sep=" ")


def _as_text(column: str) -> str:
    return f"CAST({column} AS text)"


def _joined(text: str) -> str:
    name = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    return f"{name}({text}, ' ')"


def _one_text(query: str, values: list[int]) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: str | None = cursor.fetchone()[0]
    return found


def months_of(reader: FactReader, kpi: Kpi, months: Sequence[Month], there: Mapping[Month, Flags]) -> Iterator[Step]:
    """A KPI's months in order with how a change at the end of each is taken: by the KPI's version of that month, and
    not at all where another one held in the window or the KPI was retired.
    """
    book = VersionBook.read([kpi])
    for month in months:
        meant = book.at(kpi, month)
        first = shift(month, 1 - WINDOW)
        same = all(book.same(kpi, month, shift(first, by)) for by in range(WINDOW - 1)) if kpi.versions_from else True
        usable = same and meant.stands_in(month) and not meant.calculated and _is_comparable(meant)
        rows = None if meant.calculated else reader.rows(meant, month, there[month])
        yield month, rows, measure_of(meant) if usable else None


def measure_of(kpi: Kpi) -> Measure:
    """How a change in a KPI is taken, its band in the unit of the stored facts."""
    from kpis.formulas.replay import Measure

    band = band_of(kpi)
    absolute = None if band.absolute is None else band.absolute / unit_of(kpi)
    return Measure(kpi.direction == Direction.HIGHER, band.percent / 100, absolute)


def unit_of(kpi: Kpi) -> Fraction:
    """How much a value of 1 in the unit of stored facts is in the KPI's unit."""
    if kpi.customer_method == CustomerMethod.RATIO:
        return Fraction(100 if kpi.method.percent else 1)
    return Fraction(1, SCALE)
