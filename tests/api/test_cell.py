"""GET /api/v1/cell/ in the contract's shape: a live cell, its months, and its change split."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from kpis.models import Kpi
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.factories import signed_in
from tests.kept import kept

ADDRESS = "/api/v1/cell/"

pytestmark = pytest.mark.django_db


@kept
def rate() -> Kpi:
    """A rate in percent: Anna stays in Gold, Bert moves up into it, Cleo comes; Dora goes silent."""
    gold, silver = make.tier("T1", name="Gold"), make.tier("T2", name="Silver")
    anna, bert = make.customer("anna", tier=gold), make.customer("bert", tier=silver)
    cleo, dora = make.customer("cleo", tier=gold), make.customer("dora", tier=gold)
    make.member(bert, gold, "2011-07-01")
    kpi = make.kpi("rate", customer_method="ratio", time_method="pool", unit="percent")
    for customer, month, above, below in (
        *((anna, 201106, 10, 100), (dora, 201106, 30, 100), (bert, 201106, 1, 10)),
        *((anna, 201107, 20, 100), (bert, 201107, 50, 100), (cleo, 201108, 30, 200)),
    ):
        make.fact(kpi, customer, month, above, below)
    roll_up_now()
    return kpi


def asked(user: User, **query: str) -> Any:
    return signed_in(user).get(ADDRESS, {"period": "2011-Q3", "kpi": "rate", "tier": "T1"} | query)


def test_the_answer_is_the_contracts_to_the_letter(ines: User, rate: Kpi) -> None:
    answer = asked(ines).json()
    cell = answer.pop("cell")
    assert (cell["tier"], cell["actual"], cell["previous"], cell["year_ago"]) == ("T1", "25.0000", "20.0000", None)
    none = {"value": None, "numerator": None, "denominator": None, "facts": 0, "complete": False}
    assert answer == {
        "edition_cell": None,
        "months": [
            {"month": "2011-07", "value": "35.0000", "numerator": "70.0000", "denominator": "200.0000"}
            | {"facts": 2, "complete": False},
            {"month": "2011-08", "value": "15.0000", "numerator": "30.0000", "denominator": "200.0000"}
            | {"facts": 1, "complete": False},
            {"month": "2011-09"} | none,
        ],
        "not_split": None,
        "split": {
            "before": "20.0000",
            "now": "25.0000",
            "months_before": ["2011-04", "2011-05", "2011-06"],
            "months_now": ["2011-07", "2011-08", "2011-09"],
            "reversal": None,
            "groups": [
                # Anna: 10 % of 100 of 200, now 20 % of 100 of 400. R is 20 %.
                part("stayed", None, "5.0000", "2.5000", "2.5000", 1, 1),
                part("came", "moved", "7.5000", None, None, 1, 0),
                part("came", "first", "-2.5000", None, None, 1, 0),
                part("went", "silent", "-5.0000", None, None, 0, 1),
            ],
        },
    }


def part(group: str, why: str | None, effect: str, rate: str | None, mix: str | None, now: int, before: int) -> Any:
    told = {"group": group, "why": why, "effect": effect, "rate": rate, "mix": mix}
    return told | {"customers_now": now, "customers_before": before}


def test_it_is_the_cell_of_the_matrix(ines: User, rate: Kpi) -> None:
    matrix = signed_in(ines).get("/api/v1/matrix/", {"period": "2011-Q3"}).json()
    assert asked(ines).json()["cell"] == matrix["rows"][0]["cells"][0]
    assert asked(ines, tier="all").json()["cell"] == matrix["rows"][0]["cells"][-1]


def test_all_customers_of_a_rate_are_split_by_tier(ines: User, rate: Kpi) -> None:
    split = asked(ines, tier="all").json()["split"]
    assert [(one["group"], one["customers_now"], one["customers_before"]) for one in split["groups"]] == [
        ("T1", 3, 2),
        ("T2", 0, 1),
    ]


def test_a_year_ago_is_compared_where_it_is_asked(ines: User, rate: Kpi) -> None:
    make.fact(rate, make.customer("emil", tier=None), 201008, 1, 10)
    roll_up_now()
    assert asked(ines, against="year_ago").json()["not_split"].startswith("There is no change to split: one of the two")
    answer = asked(ines, tier="all", against="year_ago").json()
    assert (answer["cell"]["year_ago"], answer["split"]["before"]) == ("10.0000", "10.0000")
    assert answer["split"]["months_before"] == ["2010-07", "2010-08", "2010-09"]


def test_a_count_of_customers_shows_what_it_counts(ines: User, rate: Kpi) -> None:
    active = make.kpi("active", customer_method="distinct", time_method="pool", facts_of=rate)
    make.touch(active, 201107)
    make.fact(rate, make.customer("zero", tier=make.tier("T3")), 201107, 0, 5)
    roll_up_now()
    months = asked(ines, kpi="active", tier="all").json()["months"]
    assert [(month["numerator"], month["denominator"]) for month in months[:2]] == [("2.0000", None), ("1.0000", None)]


def test_facts_that_came_after_the_rollup_wait_for_the_next(ines: User, rate: Kpi) -> None:
    make.fact(rate, make.customer("late", tier=None), 201109, 1, 1)
    answer = asked(ines, tier="all").json()
    assert answer["split"] is None
    assert answer["not_split"].startswith("Facts have changed since these numbers were rolled up")


def test_entered_calculated_and_averaged_values_say_why_they_are_not_split(ines: User, rate: Kpi) -> None:
    entered = make.kpi("entered")
    for month in (201104, 201105, 201106, 201107, 201108, 201109):
        make.tier_actual(entered, make.all_customers(), month, 5)
    make.kpi("double", customer_method="", time_method="", formula="rate * 2")
    make.kpi("mean", customer_method="ratio", time_method="mean", facts_of=rate)
    for month in (201106, 201107, 201108):
        make.touch(Kpi.objects.get(code="mean"), month)
    roll_up_now()

    def why(kpi: str, period: str = "2011-Q3") -> Any:
        return asked(ines, kpi=kpi, tier="all", period=period).json()["not_split"]

    assert "entered per tier" in why("entered")
    assert "calculated" in why("double")
    assert "split its months" in why("mean")
    assert why("mean", "2011-08") is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "2011-Q9"}, "period"),
        ({"kpi": "nothing"}, "kpi"),
        ({"tier": "T9"}, "tier"),
        ({"against": "budget"}, "against"),
        ({"kpi": ""}, "kpi"),
        ({"tier": "\x00"}, "tier"),
    ],
)
def test_a_wrong_parameter_is_named(ines: User, rate: Kpi, query: dict[str, str], field: str) -> None:
    answer = asked(ines, **query)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_who_may_not_read_gets_nothing(noor: User, rate: Kpi) -> None:
    assert asked(noor).status_code == 403


def test_the_same_answer_is_not_sent_twice(ines: User, rate: Kpi) -> None:
    browser, query = signed_in(ines), {"period": "2011-Q3", "kpi": "rate", "tier": "T1"}
    first = browser.get(ADDRESS, query)
    again = browser.get(ADDRESS, query, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_schema_describes_every_field_of_the_answer(ines: User, rate: Kpi) -> None:
    schemas = signed_in(ines).get("/api/v1/schema/?format=json").json()["components"]["schemas"]
    answer = asked(ines).json()
    assert set(answer) == set(schemas["Cell"]["properties"])
    assert set(answer["split"]) == set(schemas["Split"]["properties"])
    assert set(answer["split"]["groups"][0]) == set(schemas["SplitPart"]["properties"])
    assert set(answer["months"][0]) == set(schemas["CellMonth"]["properties"])
