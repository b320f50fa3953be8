"""What happened, on charts and in the list under them: from the product's own records, and remarks of people."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.choices import LoadState
from accounts.models import AuditEntry, Load, LoadChange, User
from core.periods import Month
from core.writes import StaleTransition
from customers.models import Tier
from initiatives.choices import Stage
from initiatives.models import InitiativeKpi
from kpis.choices import CutBy, TargetState
from kpis.models import Kpi, KpiVersion, Restatement, Retiering, Step
from kpis.rollup.runs import roll_up_now
from scorecard.charts.events import marks
from scorecard.models import Remark
from scorecard.reading.trend_events import Column, EventKind, TrendEvent, numbered, read_trend_events
from scorecard.services.narratives import remark, take_back_remark
from tests import factories
from tests.kept import kept

CELL = "/matrix/2011-Q3/calls/T1/"
FIRST, LAST = Month(201010), Month(201109)


class World:
    """A KPI with fifteen months in a tier, and another tier beside it."""

    def __init__(self, everyone: dict[str, User]) -> None:
        self.people = everyone
        self.tier, self.other = factories.tier("T1", name="Gold"), factories.tier("T2", name="Silver")
        self.kpi = factories.kpi("calls", name="Calls", owner=everyone["owner"])
        customer = factories.customer("C1", tier=self.tier)
        for month in (*range(201007, 201013), *range(201101, 201110)):
            factories.fact(self.kpi, customer, month, 10 + month % 3)
        roll_up_now()

    def events(self, tier: Tier | None = None) -> list[tuple[int, str, str]]:
        """Month, kind and words of what is told of a column."""
        found = read_trend_events(Column(self.kpi, tier or self.tier, FIRST, LAST, "EUR"))
        return [(int(one.month), one.kind.value, one.text) for one in found]

    def remark(self, **more: Any) -> Remark:
        """By who owns the KPI."""
        told: dict[str, Any] = {"kpi": self.kpi, "tier": self.tier, "month": Month(201108), "text": "A strike."}
        return remark(**told | {"by": self.people["owner"]} | more)


@kept
def world(everyone: dict[str, User]) -> World:
    return World(everyone)


def _initiative(world: World) -> None:
    fields: dict[str, Any] = {"stage": Stage.DONE, "started_on": date(2010, 11, 3), "finished_on": date(2011, 5, 30)}
    row = factories.initiative("desk", title="New desk", **fields)
    InitiativeKpi.objects.create(initiative=row, kpi=world.kpi, tier=world.tier)


def _target(world: World) -> None:
    at = {"decided_at": datetime(2010, 12, 8, tzinfo=UTC), "decided_by": world.people["finance"]}
    factories.target(world.kpi, world.tier, 201101, 12, state=TargetState.APPROVED, **at)


def _meaning(world: World) -> None:
    same = {"unit": "number", "direction": "higher", "customer_method": "sum", "time_method": "sum"}
    for month, reason in ((201001, ""), (201103, "calls that were lost count too")):
        KpiVersion.objects.create(kpi=world.kpi, from_month=month, reason=reason, **same)


def _retiering(world: World) -> None:
    load = Load.objects.create(kind="tier_memberships", source="re-tiering", state=LoadState.APPLIED)
    span = {"end": 201012, "months": 12, "cut_by": CutBy.values[0], "cuts": {}, "starts_on": date(2011, 1, 1)}
    Retiering.objects.create(kpi=world.kpi, load=load, up=14, down=9, new=3, **span)


def _restatement(world: World) -> None:
    values = {"old_numerator": Decimal(39), "numerator": Decimal(97), "reason": "A file was late."}
    Restatement.objects.create(kpi=world.kpi, tier=world.tier, month=201106, by=world.people["steward"], **values)


def _undone(world: World) -> None:
    undone = {"undone_by": world.people["steward"], "undone_at": datetime(2011, 9, 3, tzinfo=UTC)}
    load = Load.objects.create(kind="facts", source="late.csv", state=LoadState.UNDONE, **undone)
    LoadChange.objects.create(load=load, kind="facts", key="calls | 2011-07", after={"created": 3})


def _step(world: World) -> None:
    Step.objects.create(kpi=world.kpi, tier=None, month=201102, reason="One desk less", by=world.people["steward"])


def _remark(world: World) -> None:
    world.remark()


@pytest.mark.parametrize(
    ("make", "told", "beside"),
    [
        (_initiative, [(201011, "Started: “New desk”"), (201105, "Finished: “New desk”")], []),
        (_target, [(201101, "Target at least 12 per month, approved by ")], []),
        (_meaning, [(201103, "It means something else from here on: calls that were lost count too")], None),
        (_retiering, [(201101, "Re-tiering by Calls: 23 customers moved, 14 up and 9 down; 3 got a first tier")], None),
        (_restatement, [(201106, "Restated from 39.00 to 97.00 on ")], []),
        (_undone, [(201107, "was taken back by ")], None),
        (_step, [(201102, "Limits are taken anew: One desk less")], None),
        (_remark, [(201108, "A strike. (")], []),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_each_record_is_told_at_its_month_in_its_own_columns(
    make: Any, told: list[tuple[int, str]], beside: list[Any] | None, world: World
) -> None:
    """``beside``: what the other tier tells; None: the same."""
    make(world)
    found = world.events()
    assert [month for month, _, _ in found] == [month for month, _ in told]
    assert all(words in text for (_, _, text), (_, words) in zip(found, told, strict=True))
    assert world.events(world.other) == (found if beside is None else beside)


def test_nothing_is_told_of_months_outside_the_chart_or_of_what_was_undone(world: World) -> None:
    _step(world)
    _retiering(world)
    Step.objects.update(taken_back_at=datetime(2011, 5, 1, tzinfo=UTC))
    Load.objects.update(state=LoadState.UNDONE)
    world.remark(month=Month(201001))
    take_back_remark(remark=world.remark(), by=world.people["owner"])
    assert world.events() == []


def test_chart_and_list_tell_the_same_under_the_same_numbers(world: World) -> None:
    browser = factories.signed_in(world.people["finance"])
    assert "A signal is no proof of a cause." in browser.get(CELL).content.decode()
    _step(world)
    _remark(world)
    figure = json.loads(browser.get(f"{CELL}chart.json").content)["figure"]
    marked = {one["text"]: one for one in figure["layout"]["annotations"] if "hovertext" in one}
    assert {number: one["x"] for number, one in marked.items()} == {"1": "Feb 2011", "2": "Aug 2011"}
    page = browser.get(CELL).content.decode()
    listed = page[page.index('id="events"') :]
    assert listed.index("August 2011") < listed.index("A strike.") < listed.index("February 2011")
    assert "A strike." in marked["2"]["hovertext"]
    assert "none is proof of a cause" in page


def test_numbers_of_neighbouring_months_stand_apart_and_markup_is_text() -> None:
    events = [TrendEvent(Month(month), EventKind.REMARK, "<b>x</b>") for month in (201101, 201102, 201103, 201109)]
    found = list(marks(numbered(events)))
    heights = [one["yshift"] for one in found]
    assert heights[0] != heights[1] != heights[2]
    assert heights[3] == heights[0]
    assert "<b>" not in found[0]["hovertext"]


@pytest.mark.parametrize("role", ["executive", "owner", "finance", "steward", "administrator"])
def test_who_remarks_and_who_takes_a_remark_back(role: str, world: World) -> None:
    """Owners on their own KPIs alone; back go one's own, and all by stewards and administrators."""
    person, browser = world.people[role], factories.signed_in(world.people[role])
    assert browser.post(f"{CELL}remarks/", {"month": "2011-08", "text": "A strike."}).status_code == 302
    own = Remark.objects.get(by=person)
    assert own.tier == world.tier
    other = world.remark(text="Theirs.", by=world.people["finance"])
    if role in {"steward", "administrator", "finance"}:
        take_back_remark(remark=other, by=person)
    else:
        with pytest.raises(PermissionDenied):
            take_back_remark(remark=other, by=person)
    assert browser.post(f"/remarks/{own.pk}/take-back/", {"sure": "1"}).status_code == 302
    with pytest.raises(StaleTransition):
        take_back_remark(remark=own, by=person)
    assert [one.verb for one in AuditEntry.objects.filter(object_type="scorecard.remark", object_id=str(own.pk))] == [
        "took back remark",
        "remarked",
    ]
    Kpi.objects.update(owner=None)
    if role == "owner":
        assert browser.post(f"{CELL}remarks/", {"month": "2011-08", "text": "Mine."}).status_code == 403


def test_a_remark_is_refused_at_its_field(world: World) -> None:
    for more, field in (({"text": " "}, "text"), ({"month": Month(209901)}, "month"), ({"text": "x" * 301}, "text")):
        with pytest.raises(ValidationError) as refused:
            world.remark(**more)
        assert list(refused.value.message_dict) == [field]
    answer = factories.signed_in(world.people["owner"]).post(f"{CELL}remarks/", {"month": "soon", "text": "<i>"})
    assert answer.status_code == 400
    assert "&lt;i&gt;" in answer.content.decode()
    assert world.remark().pk == world.remark().pk


def test_the_api_remarks_and_takes_back(world: World) -> None:
    browser = factories.signed_in(world.people["owner"])
    body = {"kpi": "calls", "tier": None, "month": "2011-08", "text": "A strike."}
    made = browser.post("/api/v1/remarks/", body, content_type="application/json")
    assert (made.status_code, made.json()["tier"]) == (201, None)
    assert next(text for _, _, text in world.events(world.other)).startswith("A strike.")
    number = made.json()["id"]
    assert browser.post(f"/api/v1/remarks/{number}/take-back/").status_code == 200
    assert browser.get("/api/v1/remarks/?taken_back=false").json()["results"] == []
