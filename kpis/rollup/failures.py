"""Which slices of a run could not be computed, and why; the others are published without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from core.formatting import counted, month_name
from core.periods import Month, stored_month
from kpis.models import Kpi, RunPart
from kpis.rollup.staging import told
from kpis.services.touches import Slice

Failures = Mapping[Slice, str]

_LONGEST = 4_000  # characters of all the reasons of a run


class Unmergeable(Exception):
    """A KPI whose period cells cannot be made of its month cells."""

    def __init__(self, kpi: Kpi, error: Exception) -> None:
        super().__init__(f"{kpi.name}: {told(error)}")
        self.source = kpi.source_id


def slices_of(parts: Iterable[RunPart]) -> set[Slice]:
    """The (KPI, month) pairs that a run of these parts computes."""
    return {(kpi, stored_month(part.period)) for part in parts if not part.distinct for kpi in part.kpis}


def staged_failures(parts: Iterable[RunPart], slices: Iterable[Slice]) -> dict[Slice, str]:
    """Why slices could not be computed; ``parts`` are all of the run's, those of months first.

    Where the customers of a KPI could not be counted over its longer periods, none of its months is published: their
    cells would be of another time than those of the periods.
    """
    found: dict[Slice, str] = {}
    for part in parts:
        for kpi, why in part.failed.items():
            of_kpi = (one for one in slices if one[0] == int(kpi))
            alone = of_kpi if part.distinct else ((int(kpi), stored_month(part.period)),)
            found = dict.fromkeys(alone, why) | found
    return found


def with_unmergeable(failures: Failures, slices: Iterable[Slice], refused: Unmergeable) -> dict[Slice, str]:
    """The same with all months of one more KPI."""
    return {**dict.fromkeys((one for one in slices if one[0] == refused.source), str(refused)), **failures}


def in_words(failures: Failures) -> str:
    """A line for each KPI and reason: its name, its months, and why; empty where nothing failed."""
    together: dict[tuple[int, str], list[Month]] = defaultdict(list)
    for (kpi, month), why in sorted(failures.items()):
        together[kpi, why].append(month)
    names = dict(Kpi.objects.filter(pk__in={kpi for kpi, _ in together}).values_list("pk", "name"))
    lines = [f"{names.get(kpi, kpi)}, {_months(months)}: {why}" for (kpi, why), months in together.items()]
    return "\n".join(lines)[:_LONGEST]


def _months(months: list[Month]) -> str:
    more = f" and {counted(len(months) - 1, 'more month')}" if len(months) > 1 else ""
    return f"{month_name(months[0])}{more}"
