"""Entering, editing and deleting pain points."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.loads.doors import load_file
from accounts.models import AuditEntry, User
from core.stale import revision_of
from core.writes import StaleWrite
from initiatives.models import PainPoint
from initiatives.services.pain import delete_pain_point, edit_pain_point, enter_pain_point
from tests import factories


def values(**fields: Any) -> dict[str, Any]:
    plain = {"source": " survey ", "department": factories.department(), "theme": "Waiting", "month": 202601}
    return plain | {"tier": factories.all_customers(), "mentions": 12, "severity": 4} | fields


def test_a_steward_enters_edits_and_deletes_one(stella: User) -> None:
    point = enter_pain_point(by=stella, values=values())
    assert (point.source, point.mentions) == ("survey", 12)
    assert edit_pain_point(pain_point=point, by=stella, values={"mentions": 15}).mentions == 15
    delete_pain_point(pain_point=point, by=stella)
    delete_pain_point(pain_point=point, by=stella)
    assert not PainPoint.objects.exists()
    entries = AuditEntry.objects.order_by("pk")
    assert [entry.verb for entry in entries] == ["created", "changed", "deleted"]
    assert (entries[1].before, entries[1].after) == ({"mentions": 12}, {"mentions": 15})


@pytest.mark.parametrize("who", ["ines", "omar", "fay", "noor"])
def test_others_do_not(request: pytest.FixtureRequest, db: None, who: str) -> None:
    person, point = request.getfixturevalue(who), factories.pain_point()
    for refused in (
        lambda: enter_pain_point(by=person, values=values()),
        lambda: edit_pain_point(pain_point=point, by=person, values={}),
        lambda: delete_pain_point(pain_point=point, by=person),
    ):
        with pytest.raises(PermissionDenied):
            refused()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"severity": 0}, "severity"),
        ({"severity": 6}, "severity"),
        ({"mentions": -1}, "mentions"),
        ({"theme": " "}, "theme"),
        ({"revenue_at_risk": -1}, "revenue_at_risk"),
    ],
)
def test_each_wrong_field_is_named(stella: User, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        enter_pain_point(by=stella, values=values(**fields))
    assert set(caught.value.message_dict) == {field}


def test_pain_is_of_a_tier_or_of_all(stella: User) -> None:
    with pytest.raises(ValidationError, match="computed column"):
        enter_pain_point(by=stella, values=values(tier=factories.untiered()))


def test_the_same_pain_is_counted_once(stella: User) -> None:
    enter_pain_point(by=stella, values=values())
    with pytest.raises(ValidationError, match="already exists"):
        enter_pain_point(by=stella, values=values(mentions=1))


def test_who_saw_other_numbers_is_told(stella: User) -> None:
    point = enter_pain_point(by=stella, values=values())
    point.refresh_from_db()
    seen = revision_of(point)
    PainPoint.objects.update(mentions=99)
    with pytest.raises(StaleWrite):
        edit_pain_point(pain_point=point, by=stella, values={"mentions": 15}, seen=seen)
    assert PainPoint.objects.get().mentions == 99
    PainPoint.objects.all().delete()
    with pytest.raises(StaleWrite):
        edit_pain_point(pain_point=point, by=stella, values={"mentions": 15})


def test_refuses_revenue_at_risk_that_nobody_mentioned(stella: User) -> None:
    words = "at risk by what nobody mentioned"
    with pytest.raises(ValidationError, match=words):
        enter_pain_point(by=stella, values=values(mentions=0, revenue_at_risk=Decimal(100)))
    point = enter_pain_point(by=stella, values=values(mentions=1, revenue_at_risk=Decimal(100)))
    with pytest.raises(ValidationError, match=words):
        edit_pain_point(pain_point=point, by=stella, values={"mentions": 0})
    assert enter_pain_point(by=stella, values=values(theme="Silence", mentions=0, revenue_at_risk=Decimal(0)))
    stella_browser = factories.signed_in(stella)
    row = {"source": "s", "department": "sales", "theme": "t", "tier": "all", "month": "2026-01", "mentions": 0}
    refused = stella_browser.post(
        "/api/v1/pain-points/", row | {"severity": 3, "revenue_at_risk": "5"}, content_type="application/json"
    )
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["revenue_at_risk"]


@pytest.mark.parametrize("columns", ["mentions,severity,revenue_at_risk\n{},0,3,5", "mentions,severity\n{},0,3"])
def test_refuses_it_by_file_too_also_where_the_file_leaves_the_money_out(
    stella: User, tmp_path: Path, columns: str
) -> None:
    enter_pain_point(by=stella, values=values(source="survey", theme="Waiting", revenue_at_risk=Decimal(5)))
    path = tmp_path / "pain.csv"
    path.write_text(f"source,department,theme,tier,month,{columns.format('survey,sales,Waiting,all,2026-01')}\n")
    report = load_file(kind="pain_points", path=path, by=stella)
    assert [(error.column, error.reason) for error in report.errors] == [
        ("revenue_at_risk", "is at risk by what nobody mentioned: give the mentions, or leave it empty")
    ]
