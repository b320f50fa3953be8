"""KPIs by REST: what they mean from a month on, retirement, and formulas to try."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.company import today
from accounts.models import AuditEntry, User
from core.periods import month_code, month_of
from core.stale import revision_of
from customers.models import Tier
from kpis.models import Kpi, KpiVersion
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.api.test_initiatives import fields, problem
from tests.api.test_kpis import LIST, post
from tests.factories import signed_in
from tests.kept import kept


@kept
def visits(db: None) -> Kpi:
    """A KPI that was measured once."""
    kpi = factories.kpi("visits", name="Visits")
    factories.fact(kpi, factories.customer(tier=factories.tier("T1")), 202601, 7)
    return kpi


# -- meaning, retirement


def test_another_meaning_is_a_version_from_a_month_on(visits: Kpi, stella: User, ines: User) -> None:
    change = {"direction": "lower", "from_month": "2026-03", "reason": "Turned round.", "revision": revision_of(visits)}
    body = post(stella, "visits/change-meaning/", change).json()
    assert (body["direction"], body["from_month"]) == ("lower", "2026-03")
    rows = signed_in(ines).get(f"{LIST}visits/versions/").json()
    assert [(row["from_month"], row["direction"], row["reason"]) for row in rows] == [
        ("2026-03", "lower", "Turned round."),
        (None, "higher", ""),
    ]
    assert (rows[0]["by"], rows[1]["by"]) == (stella.email, None)


def test_another_unit_is_a_version_and_is_taken_back(visits: Kpi, stella: User) -> None:
    change = {"unit": "days", "near_band_abs": "2", "from_month": "2026-03", "reason": "Counted otherwise."}
    body = post(stella, "visits/change-meaning/", change).json()
    assert (body["unit"], body["near_band_abs"]) == ("days", "2.0000")
    rows = signed_in(stella).get(f"{LIST}visits/versions/").json()
    assert [(row["unit"], row["near_band_abs"]) for row in rows] == [("days", "2.0000"), ("number", None)]
    assert post(stella, "visits/take-back-meaning/").json()["unit"] == "number"
    assert not KpiVersion.objects.exists()
    assert post(stella, "visits/take-back-meaning/").status_code == 422


def test_one_that_was_never_changed_has_its_only_meaning(visits: Kpi, ines: User) -> None:
    (row,) = signed_in(ines).get(f"{LIST}visits/versions/").json()
    assert (row["from_month"], row["customer_method"], row["at"]) == (None, "sum", None)
    assert row["computed"].startswith("The facts of all customers are added up")


def test_a_meaning_without_a_month_stands_from_the_present_one(visits: Kpi, stella: User) -> None:
    body = post(stella, "visits/change-meaning/", {"direction": "lower", "reason": "So"}).json()
    assert body["from_month"] == month_code(month_of(today()))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"direction": "lower"}, "reason"),
        ({"direction": "lower", "reason": "\x07"}, "reason"),
        ({"direction": "up", "reason": "So"}, "direction"),
        ({"customer_method": "ratio", "reason": "So", "from_month": "2026-01"}, "customer_method"),
        ({"formula": "2 * nothing", "customer_method": "", "time_method": "", "reason": "So"}, "formula"),
        ({"direction": "lower", "reason": "So", "from_month": "202613"}, "from_month"),
        ({"direction": "lower", "reason": "So", "from_month": 5}, "from_month"),
        ({"reason": "So"}, None),
    ],
)
def test_a_meaning_that_cannot_be_says_why(
    change: dict[str, Any], field: str | None, visits: Kpi, stella: User
) -> None:
    assert fields(post(stella, "visits/change-meaning/", change)) == [field]
    assert not KpiVersion.objects.exists()


def test_a_kpi_is_retired_and_brought_back(visits: Kpi, stella: User) -> None:
    body = post(stella, "visits/retire/", {"from_month": "2026-10", "reason": "Nobody looks."}).json()
    assert body["retired_from"] == "2026-10"
    assert signed_in(stella).get(LIST).json()["results"] == []
    assert signed_in(stella).get(f"{LIST}visits/").status_code == 200
    assert post(stella, "visits/bring-back/").json()["retired_from"] is None


@pytest.mark.parametrize(
    ("body", "named"),
    [({}, {"from_month", "reason"}), ({"from_month": "2026-13", "reason": " "}, {"from_month", "reason"})],
)
def test_a_retirement_needs_a_month_and_a_reason(body: Any, named: set[str], visits: Kpi, stella: User) -> None:
    assert set(fields(post(stella, "visits/retire/", body))) == named


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("visits/change-meaning/", {"direction": "lower", "reason": "So"}),
        ("visits/retire/", {"from_month": "2026-10", "reason": "So"}),
        ("visits/bring-back/", {}),
    ],
)
def test_a_step_that_names_what_it_saw_is_refused_where_that_is_past(
    path: str, body: dict[str, Any], visits: Kpi, stella: User
) -> None:
    problem(post(stella, path, body, headers={"If-Match": '"older"'}), 412)
    if body:
        problem(post(stella, path, body | {"revision": "older"}), 409)
    assert not AuditEntry.objects.exists()
    now = {"If-Match": f'"{revision_of(visits)}"'}
    assert post(stella, path, body, headers=now).status_code == 200


# -- asking first


def test_a_dry_change_of_meaning_says_which_targets_it_ends(visits: Kpi, stella: User) -> None:
    tier = Tier.objects.get(code="T1")
    runs = factories.target(visits, tier, 202601, 1)
    gone = factories.target(visits, tier, 202604, 3)
    draft = factories.target(visits, tier, 202605, 3, state="draft")
    change = {"unit": "days", "near_band_abs": None, "from_month": "2026-03", "reason": "Days now."}
    told = post(stella, "visits/change-meaning/?dry_run=1", change).json()
    assert {name: [row["target"] for row in told[name]] for name in ("withdrawn", "shortened", "undecided")} == {
        "withdrawn": [gone.pk],
        "shortened": [runs.pk],
        "undecided": [draft.pk],
    }
    change["from_month"] = "2026-05"
    told = post(stella, "visits/change-meaning/?dry_run=1", change).json()
    assert [row["target"] for row in told["shortened"]] == [gone.pk]
    assert (told["dry_run"], told["withdrawn"]) == (True, [])
    assert not KpiVersion.objects.exists()
    assert not AuditEntry.objects.exists()
    assert fields(post(stella, "visits/change-meaning/?dry_run=1", {"direction": "up", "reason": "So"})) == [
        "direction"
    ]


def test_a_dry_change_of_a_band_says_which_verdicts_it_turns(visits: Kpi, stella: User) -> None:
    tier = Tier.objects.get(code="T1")
    factories.target(visits, tier, 202601, 8)
    Kpi.objects.update(near_band_abs=0)
    visits.refresh_from_db()
    roll_up_now()
    browser, body = signed_in(stella), {"near_band_abs": "1", "revision": revision_of(visits)}
    told = browser.patch(f"{LIST}visits/?dry_run=1", body, content_type="application/json").json()
    turned = {"kpi": "visits", "period": "2026-01", "tier": "T1", "before": "missed", "after": "near"}
    assert turned in told["turned"]
    assert told["turned_count"] == len(told["turned"])
    assert Kpi.objects.get().near_band_abs == 0
    stale = body | {"revision": "older"}
    assert browser.patch(f"{LIST}visits/?dry_run=1", stale, content_type="application/json").status_code == 409
    assert browser.patch(f"{LIST}visits/?dry_run=2", body, content_type="application/json").status_code == 422
    assert browser.patch(f"{LIST}visits/", body, content_type="application/json").json()["near_band_abs"] == "1.0000"


# -- trying a formula


@pytest.fixture
def shares(time_machine: Any, db: None) -> None:
    """Promoters 60 %, detractors 20 % in the third quarter of 2026."""
    time_machine.move_to("2026-11-22T12:00:00Z", tick=False)
    share = {"unit": "percent", "customer_method": "ratio", "time_method": "pool"}
    anna = factories.customer("anna", tier=factories.tier("T1"))
    for code, number in (("promoters", 6), ("detractors", 2)):
        kpi = factories.kpi(code, **share)
        for month in (202607, 202608, 202609):
            factories.fact(kpi, anna, month, number, 10)
    roll_up_now()


def test_a_formula_is_tried_for_a_kpi_to_be(stella: User, omar: User, shares: None) -> None:
    asked = {"formula": "promoters - detractors", "unit": "score"}
    body = post(stella, "nps/preview/", asked).json()
    assert (body["period"], body["kpis"]) == ("2026-Q3", ["promoters", "detractors"])
    assert body["rows"][0] == {"tier": "T1", "inputs": ["60.0000", "20.0000"], "result": "40.0000"}
    assert not Kpi.objects.filter(code="nps").exists()
    assert post(omar, "nps/preview/", asked).status_code == 200


def test_another_formula_is_tried_for_a_kpi_that_is_there(stella: User, shares: None) -> None:
    factories.kpi("nps", unit="score", formula="promoters - detractors", customer_method="", time_method="")
    body = post(stella, "nps/preview/", {"formula": "promoters - 2 * detractors"}).json()
    assert body["rows"][0]["result"] == "20.0000"
    assert Kpi.objects.get(code="nps").formula == "promoters - detractors"


def test_a_blank_stays_blank(stella: User, shares: None) -> None:
    factories.kpi("silent", unit="percent")
    rows = post(stella, "x/preview/", {"formula": "promoters - silent", "unit": "score"}).json()["rows"]
    assert rows[0] == {"tier": "T1", "inputs": ["60.0000", None], "result": None}


@pytest.mark.parametrize(
    ("code", "body", "field"),
    [
        ("nps", {"formula": "promoters.__class__", "unit": "score"}, "formula"),
        ("nps", {"formula": "nps - promoters", "unit": "score"}, "formula"),
        ("nps", {"formula": "promoters", "unit": "days"}, "formula"),
        ("nps", {"formula": "9 ** 9 ** 9", "unit": "score"}, "formula"),
        ("nps", {"formula": "(" * 400, "unit": "score"}, "formula"),
        ("nps", {"formula": "x" * 501, "unit": "score"}, "formula"),
        ("nps", {"formula": "promoters"}, "unit"),
        ("nps", {"unit": "score"}, "formula"),
        ("no%20code", {"formula": "promoters", "unit": "score"}, "code"),
    ],
)
def test_a_formula_that_cannot_be_taken_says_why(
    code: str, body: dict[str, Any], field: str, stella: User, shares: None
) -> None:
    assert fields(post(stella, f"{code}/preview/", body)) == [field]
