"""What became another since a moment, and how the cells that are looked at stand now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from core.periods import FiscalCalendar, Kind, Period, month_of
from kpis.models import Kpi
from kpis.reading.matrix import MatrixBuilder
from scorecard.choices import Aspect
from scorecard.models import Transition

ENDED = 3  # so many ended periods of each kind are looked at, beside the running one

States = dict[str, str]  # of a period: verdict, signal and assurance by KPI and tier


def transitions_since(moment: datetime, *, kpis: Collection[int] | None = None) -> QuerySet[Transition]:
    """Every transition written after a moment, the newest first, with its KPI and tier; of these KPIs, by id, where
    said. One query.
    """
    found = Transition.objects.filter(at__gt=moment).select_related("kpi", "tier")
    return found if kpis is None else found.filter(kpi__in=kpis)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a cell was at a moment and what it is now: its first ``before`` and its ``last`` transition since."""

    before: str
    last: Transition

    @property
    def after(self) -> str:
        """What it is now; empty for no signal and no assurance."""
        return self.last.after


def changed_since(
    moment: datetime, *, kpis: Collection[int] | None = None, periods: Collection[str] | None = None
) -> list[Changed]:
    """What is another now than at a moment, the newest first; what went and came back since is left out. Of these
    KPIs, by id, and periods, by code, where said.
    """
    first: dict[tuple[str, int, int, str], str] = {}
    last: dict[tuple[str, int, int, str], Transition] = {}
    found = transitions_since(moment, kpis=kpis)
    for one in found if periods is None else found.filter(period__in=periods):
        key = (one.period, one.kpi_id, one.tier_id, one.aspect)
        first[key] = one.before
        last.setdefault(key, one)
    return [Changed(first[key], one) for key, one in last.items() if first[key] != one.after]


def looked_at(calendar: FiscalCalendar, today: date) -> list[Period]:
    """The running period of each kind and the latest three that have ended."""
    found = []
    for kind in Kind:
        period = calendar.period(kind, month_of(today))
        for _ in range(ENDED + 1):
            found.append(period)
            period = period.previous
    return found


def states_of(period: Period, today: date) -> tuple[States, Mapping[int, Kpi]]:
    """How a period's cells stand, signals and assurances of months alone; and its KPIs by id."""
    builder = MatrixBuilder(period, today, compared=False, charted=period.kind is Kind.MONTH)
    return dict(_states(builder)), {kpi.pk: kpi for kpi in builder.kpis}


def _states(builder: MatrixBuilder) -> Iterator[tuple[str, str]]:
    for kpi, tier, verdict, found in builder.verdicts():
        said = (one.value if one else "" for one in (found.signal, found.assurance))
        yield f"{kpi.pk}:{tier.pk}", "|".join([verdict.value, *said])


def differences(before: States, after: States) -> Iterator[tuple[int, int, Aspect, str, str]]:
    """What is another, by KPI and tier; a cell that one of them lacks is none: it is seen for the first time, or
    stands in no matrix any more.
    """
    for key, state in after.items():
        if key in before and before[key] != state:
            kpi, tier = map(int, key.split(":"))
            for aspect, old, new in zip(Aspect, before[key].split("|"), state.split("|"), strict=True):
                if old != new:
                    yield kpi, tier, aspect, old, new
