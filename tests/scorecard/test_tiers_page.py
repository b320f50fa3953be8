"""The pages by which stewards keep tiers, derive events and give tiers anew."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from customers.models import LifecycleEvent, Tier
from kpis.models import Kpi, Retiering
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.kept import kept

TERMS = {"months": "12", "end": "2011-09", "by": "number", "percent": "", "ends": "", "starts_on": "2011-10-01"}


@kept
def stella(db: None) -> User:
    return make.person("stella", "steward")


@kept
def gold(db: None) -> Tier:
    return make.tier("T1", name="Gold")


@pytest.fixture
def browser(stella: User) -> Client:
    return make.signed_in(stella)


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def seen_on(answer: Any) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', answer.content.decode())
    return found[1] if found else ""


# -- tiers


def test_a_tier_is_added_renamed_and_ranked(browser: Client, gold: Tier) -> None:
    assert browser.post("/customers/tiers/", {"code": "all", "name": "All", "rank": 2}).status_code == 400
    browser.post("/customers/tiers/", {"code": "T2", "name": "Silver", "rank": 2})
    seen = seen_on(browser.get("/customers/tiers/T2/"))
    browser.post("/customers/tiers/T2/", {"name": "Argent", "rank": 0, "seen": seen})
    assert list(Tier.objects.real().values_list("name", "rank")) == [("Argent", 0), ("Gold", 1)]
    late = browser.post("/customers/tiers/T2/", {"name": "Mine", "rank": 3, "seen": seen})
    assert (late.status_code, Tier.objects.get(code="T2").name) == (409, "Argent")


def test_retiring_says_first_whom_and_what_it_concerns(browser: Client, gold: Tier) -> None:
    kpi, survey = make.kpi(), make.kpi("survey")
    make.customer(tier=gold)
    make.target(kpi, gold, 201101, 5)
    make.tier_actual(survey, gold, 201109, 1)
    seen = seen_on(browser.get("/customers/tiers/T1/"))
    asked = browser.post("/customers/tiers/T1/retire/", {"from_month": "2011-09", "seen": seen})
    told = text_of(asked)
    assert "When September 2011 begins, 1 customer is in Gold." in told
    assert "1 actual of September 2011 or later" in told
    assert "1 open target row of earlier months, which ends with the month before" in told
    assert Tier.objects.get(code="T1").retired_from is None
    browser.post("/customers/tiers/T1/retire/", {"from_month": "2011-09", "seen": seen_on(asked), "confirmed": "yes"})
    assert Tier.objects.get(code="T1").retired_from == 201109
    again = browser.post("/customers/tiers/T1/retire/", {"from_month": "2011-08", "seen": seen, "confirmed": "yes"})
    assert again.status_code == 409
    browser.post("/customers/tiers/T1/bring-back/", {"seen": seen_on(browser.get("/customers/tiers/T1/"))})
    assert Tier.objects.get(code="T1").retired_from is None
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == ["retired", "brought back"]


# -- derived events


def test_events_are_counted_then_written_then_taken_back(browser: Client) -> None:
    kpi = make.kpi("visits")
    make.fact(kpi, make.customer(), 201101, 1)
    counted = browser.get("/customers/lifecycle/?kpi=visits&months=3")
    assert "1 customer: 1 joined, 0 left, 0 returned." in text_of(counted)
    assert not LifecycleEvent.objects.exists()
    stale = browser.post("/customers/lifecycle/", {"kpi": "visits", "months": 3, "seen": "0"})
    assert (stale.status_code, LifecycleEvent.objects.count()) == (409, 0)
    browser.post("/customers/lifecycle/", {"kpi": "visits", "months": 3, "seen": seen_on(counted)})
    assert LifecycleEvent.objects.get().derived_from == "visits"
    browser.post("/customers/lifecycle/take-back/", {"kpi": "visits", "months": 3, "sure": 1})
    assert not LifecycleEvent.objects.exists()


# -- re-tiering


@kept
def ranked(gold: Tier) -> Kpi:
    silver, kpi = make.tier("T2", name="Silver"), make.kpi("revenue")
    for name, tier, amount in (("C1", silver, 9), ("C2", gold, 5), ("C3", silver, 1)):
        make.fact(kpi, make.customer(name, tier=tier), 201109, amount)
    roll_up_now()
    return kpi


def test_who_would_move_is_shown_listed_and_exported_then_applied_and_undone(browser: Client, ranked: Kpi) -> None:
    terms = TERMS | {"kpi": "revenue", "cut_0": "1"}
    shown = browser.get("/customers/retiering/", terms)
    assert "1 of 3 customers ranked would move up, 1 down." in text_of(shown)
    assert "Account C2" not in text_of(browser.get("/customers/retiering/", terms | {"way": "up"}))
    lines = b"".join(browser.get("/customers/retiering/export/csv/", terms)).decode().splitlines()
    assert lines[1:] == ["C1,Account C1,T2,T1,up,9.0", "C2,Account C2,T1,T2,down,5.0"]
    assert "Quarter 3, 2011 pro forma" in text_of(browser.get("/customers/retiering/matrix/", terms))
    assert browser.post("/customers/retiering/apply/", terms | {"seen": "x"}).status_code == 409
    browser.post("/customers/retiering/apply/", terms | {"seen": seen_on(shown)})
    made = Retiering.objects.get()
    assert (made.up, made.down, made.stands) == (1, 1, True)
    browser.post("/customers/retiering/undo/", {"retiering": made.pk, "sure": 1})
    assert "undone by stella" in text_of(browser.get("/customers/retiering/"))


def test_wrong_terms_are_said_beside_their_field(browser: Client, ranked: Kpi) -> None:
    wrong = browser.get("/customers/retiering/", TERMS | {"kpi": "revenue", "cut_0": "0"})
    assert (wrong.status_code, "Are above 0." in text_of(wrong)) == (400, True)
