"""An incentive goal is refused for the same reasons by the service, the page's form, a file, a single call and bulk."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from accounts.models import User
from core.periods import Period, PeriodError
from customers.models import Tier
from initiatives.models import Initiative
from kpis.models import Kpi
from scorecard.choices import Measure
from scorecard.models import GoalVersion, IncentiveGoal
from scorecard.rules.incentives import NUMBERS
from scorecard.services.incentives import write_goal
from tests import factories
from tests.kept import kept
from tests.loads.doors import Reasons, Row, by_api, by_bulk, by_file, by_form, by_service, same_reasons
from tests.scorecard.incentives import CALENDAR, World

GOOD: Row = {
    "code": "g1",
    "person": "omar@tierboard.example",
    "period": "2011-Q3",
    "weight": "100",
    "measure": "cell",
    "kpi": "revenue",
    "tier": "T1",
    "initiatives": "",
    "threshold": "80",
    "target": "90",
    "maximum": "100",
    "at_threshold": "50",
    "at_maximum": "150",
}
BAD: list[tuple[Row, set[str]]] = [
    ({}, set()),
    ({"code": "bulk"}, {"code"}),
    ({"code": "a/b"}, {"code"}),
    ({"code": "x" * 61}, {"code"}),
    ({"period": "2011-09"}, {"period"}),
    ({"period": "2011-Q5"}, {"period"}),
    ({"period": "soon"}, {"period"}),
    ({"person": "fay@tierboard.example"}, {"person"}),
    ({"person": "gina@tierboard.example"}, {"person"}),
    ({"weight": "0"}, {"weight"}),
    ({"weight": "100.0001"}, {"weight"}),
    ({"weight": "0.0001"}, set()),
    ({"kpi": ""}, {"kpi"}),
    ({"kpi": "within"}, {"kpi"}),
    ({"measure": "growth"}, {"kpi"}),
    ({"measure": "on_time", "kpi": "", "tier": ""}, {"initiatives"}),
    ({"measure": "on_time", "kpi": "", "initiatives": "quick"}, {"tier"}),
    ({"initiatives": "quick"}, {"initiatives"}),
    ({"tier": "untiered"}, set()),
    ({"measure": "composite", "kpi": "", "tier": "untiered"}, {"tier"}),
    ({"target": "80"}, {"threshold"}),
    ({"kpi": "fewer"}, {"threshold"}),
    ({"at_threshold": "100.0001"}, {"at_threshold"}),
    ({"at_threshold": "-0.0001"}, {"at_threshold"}),
    ({"at_threshold": "0"}, set()),
    ({"at_maximum": "99.9999"}, {"at_maximum"}),
    ({"at_maximum": "100"}, set()),
    ({"team_name": "x" * 121}, {"team_name"}),
    ({"team_name": "a\x07b"}, {"team_name"}),
]


@kept
def world(everyone: dict[str, User]) -> World:
    found = World(everyone)
    factories.kpi("within", direction="range")
    factories.kpi("fewer", direction="lower")
    factories.initiative("quick")
    gone = factories.person("Gina", "owner")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return found


def test_every_door_refuses_a_goal_for_the_same_reasons(world: World) -> None:
    for change, fields in BAD:
        said = same_reasons(doors(GOOD | change, world))
        assert {field for field, _ in said} == fields, (change, said)
    assert not IncentiveGoal.objects.exists()


def test_every_door_refuses_to_give_a_stored_goal_to_somebody_else_and_to_weigh_too_much(world: World) -> None:
    world.goal()
    stored = {**GOOD, "code": "revenue-q3"}
    for change in ({"person": "stella@tierboard.example"}, {"period": "2011-Q2"}):
        told = doors(stored | change, world, seen=1)
        assert {field for field, _ in same_reasons(told)} == set(change)
    assert {field for field, _ in same_reasons(doors({**GOOD, "weight": "1"}, world))} == {"weight"}
    assert GoalVersion.objects.count() == 1


def doors(row: Row, world: World, seen: int = 0) -> dict[str, Any]:
    """The row through each of them, brought by somebody of finance."""
    browser = factories.signed_in(world.finance)
    single = {name: value or None for name, value in row.items()} | {"initiatives": listed(row)}
    change = row["code"] if seen else ""
    return {
        "service": partial(by_service, partial(write, row, world, seen)),
        "form": partial(on_its_page, row, world, seen),
        "file": partial(by_file, "incentive_goals", row, world.finance),
        "API": partial(by_api, "incentive-goals", single | ({"revision": str(seen)} if seen else {}), browser, change),
        "bulk": partial(by_bulk, "incentive-goals", row, browser),
    }


def period_of(text: str) -> Period | None:
    """As whoever calls the service reads it: None where it is none."""
    try:
        return Period.parse(text, CALENDAR)
    except PeriodError:
        return None


def listed(row: Row) -> list[str]:
    return [row["initiatives"]] if row["initiatives"] else []


def write(row: Row, world: World, seen: int) -> IncentiveGoal:
    """As a call of the service."""
    draft = world.draft(
        code=row["code"],
        period=period_of(row["period"]),
        members=(User.objects.get(email=row["person"]),),
        team_name=row.get("team_name", ""),
        measure=Measure(row["measure"]),
        kpi=Kpi.objects.filter(code=row["kpi"]).first(),
        tier=Tier.objects.filter(code=row["tier"]).first(),
        initiatives=tuple(listed(row)),
        **{name: Decimal(row[name]) for name in NUMBERS},
    )
    return write_goal(draft=draft, by=world.finance, seen=seen)


def on_its_page(row: Row, world: World, seen: int) -> Reasons | None:
    """As the page refuses it, which offers nobody who left."""
    person = User.objects.get(email=row["person"])
    if not person.is_active:
        return None
    kpi = Kpi.objects.filter(code=row["kpi"]).first()
    given = {
        **row,
        "people": person.pk,
        "kpi": kpi.pk if kpi else "",
        "tier": tier.pk if (tier := Tier.objects.filter(code=row["tier"]).first()) else "",
        "initiatives": [Initiative.objects.get(code=code).pk for code in listed(row)],
        "seen": seen or "",
    }
    address = f"/incentives/goals/{row['code']}/edit/" if seen else "/incentives/new/"
    said = by_form(address, given, factories.signed_in(world.finance))
    return {("person" if field == "people" else field, why) for field, why in said}
