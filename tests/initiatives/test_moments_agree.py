"""The chains of invented moments beside the second calculator's, without a database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

from django.db import models
from hypothesis import given

from accounts.models import Department
from core.periods import FiscalCalendar, Period
from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import BenefitState, ScheduleStatus
from initiatives.models import Benefit, Initiative, Moment, MomentKpi, MomentTheme
from initiatives.reading.benefits import Brought
from initiatives.reading.coverage import Told
from initiatives.reading.moments import Chains
from initiatives.reading.running_initiatives import CellServing, ServingLink
from kpis.choices import Status
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Matrix, Row
from tests.oracle import moments as oracle
from tests.oracle.invented_moments import CODES, KPIS, TIERS, invented_moments, seeds

PERIOD = Period.parse("2011-Q3", FiscalCalendar())
TIER = {code: Tier(pk=place, code=code, name=code, rank=place) for place, code in enumerate(TIERS, 1)}
ALL = Tier(pk=9, code="all", name="All customers", rank=9, scope=TierScope.ALL)
COLUMNS = {**TIER, "all": ALL}
KPI = {code: Kpi(pk=place, code=code, name=code) for place, code in enumerate(KPIS, 1)}
WORK = {code: Initiative(pk=place, code=code, title=code) for place, code in enumerate(CODES, 1)}
DEPARTMENT = Department(pk=1, code="sales", name="Sales")


@given(seeds)
def test_each_step_the_weakest_link_and_the_weight_are_those_of_the_second_calculator(seed: int) -> None:
    shown, moments = invented_moments(seed)
    # of what has not begun nothing is due, whether or not a KPI tells of it yet: the rules do not say otherwise
    shown.benefits = [
        replace(one, realised=one.realised or Fraction(0)) if one.to_date == 0 else one for one in shown.benefits
    ]
    chains = Chains(matrix(shown), serving(shown), ALL, pain(shown), promises(shown))
    found = [chains.of(made(moment)) for moment in moments]
    for chain, moment in zip(found, moments, strict=True):
        assert [link.holds for link in chain.links] == list(oracle.chain(shown, moment).values())
        assert chain.weight == oracle.weight(shown, moment)
        assert (chain.weakest is None) is (oracle.weakest(shown, moment) is None)
        if chain.unworked:
            assert not oracle.chain(shown, moment)["worked_on"]
    measured, kept = sum(one.measured for one in found), sum(one.kept for one in found)
    assert (len(found), measured, kept) == oracle.counted(shown, moments)[:3]


def made(moment: oracle.Moment) -> Moment:
    """The moment as a row that is stored nowhere."""
    row = Moment(pk=1, code=moment.code, name=moment.code, criterion=moment.criterion)
    links = [MomentKpi(moment=row, kpi=KPI[kpi], tier=COLUMNS[tier] if tier else None) for kpi, tier in moment.metrics]
    lists: dict[str, tuple[type[models.Model], list[Any]]] = {
        "kpi_links": (MomentKpi, links),
        "tiers": (Tier, [TIER[code] for code in moment.tiers]),
        "theme_links": (MomentTheme, [MomentTheme(moment=row, theme=theme) for theme in moment.themes]),
        "initiatives": (Initiative, [WORK[code] for code in moment.initiatives]),
    }
    row.__dict__["_prefetched_objects_cache"] = {name: read(*found) for name, found in lists.items()}
    return row


def read(model: type[models.Model], rows: list[Any]) -> Any:
    """A query that has its rows already."""
    query: Any = model._default_manager.all()
    query._result_cache, query._prefetch_done = rows, True
    return query


def matrix(shown: oracle.Shown) -> Matrix:
    cells: dict[str, list[Cell]] = defaultdict(list)
    for one in shown.cells:
        value = Fraction(1) if one.has_value else None
        aim = Fraction(1) if one.aimed else None
        nothing = (None, None, None, None)
        cells[one.kpi].append(
            Cell(COLUMNS[one.tier], value, aim, *nothing, Status(one.status), None, None, 3, 3, one.facts)
        )
    rows = tuple(Row(KPI[kpi], tuple(found)) for kpi, found in cells.items())
    return Matrix(PERIOD, False, None, None, tuple(COLUMNS.values()), rows)


def serving(shown: oracle.Shown) -> CellServing:
    links: dict[int, dict[int, list[ServingLink]]] = defaultdict(lambda: defaultdict(list))
    for one in shown.work:
        for kpi, tier in one.names if one.running else ():
            reach = {TIER[code].pk for code in one.tiers}
            link = ServingLink(ScheduleStatus(one.status), TIER[tier].pk if tier else None, reach)
            links[KPI[kpi].pk][WORK[one.code].pk].append(link)
    return CellServing(links)


def pain(shown: oracle.Shown) -> list[Told]:
    return [
        Told(DEPARTMENT, one.theme, TIER[one.tier] if one.tier else ALL, one.mentions * one.severity, Fraction(0))
        for one in shown.pain
    ]


def promises(shown: oracle.Shown) -> dict[int, list[Brought]]:
    found: dict[int, list[Brought]] = defaultdict(list)
    for one in shown.benefits:
        state = BenefitState.APPROVED if one.approved else BenefitState.PROPOSED
        benefit = Benefit(initiative=WORK[one.initiative], name=one.name, state=state)
        found[WORK[one.initiative].pk].append(Brought(benefit, one.to_date, one.to_date, one.realised))
    return found
