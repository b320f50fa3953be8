"""GET /api/v1/matrix/ in the contract's shape."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import AuditEntry, User
from accounts.models.frozen import lifted
from kpis.reading.matrix import Matrix
from scorecard.reading.matrix_json import matrix_json
from tests.api.conftest import cell
from tests.factories import signed_in

ADDRESS = "/api/v1/matrix/"

pytestmark = pytest.mark.django_db


def test_the_answer_is_the_contracts_to_the_letter(ines: User, served: Matrix) -> None:
    answer = signed_in(ines).get(ADDRESS, {"period": "2011-Q3"}).json()
    rows = answer.pop("rows")
    assert answer == {
        "period": "2011-Q3",
        "state": "open",
        "edition": None,
        "to_date": False,
        "computed_at": "2011-10-03T06:30:00Z",
        "tiers": [{"code": "T1", "name": "Platinum"}, {"code": "all", "name": "All customers"}],
        "composite": [{"tier": "T1", "index": "83.3", "weight": "75", "missing": ["nps"]}],
    }
    assert [row["kpi"] for row in rows] == ["repeat", "net_revenue"]
    cells = rows[1].pop("cells")
    assert rows[1] == {
        "kpi": "net_revenue",
        "name": "Net revenue",
        "indicator": "trailing",
        "unit": "currency",
        "direction": "higher",
    }
    assert cells[0] == {
        "tier": "T1",
        "actual": "1234.5600",
        "target": "1300.0000",
        "low": None,
        "high": None,
        "variance": "-65.4400",
        "attainment": "0.9497",
        "status": "near",
        "pace": None,
        "previous": "1199.0000",
        "year_ago": "1100.0000",
        "months_with_data": 3,
        "months_expected": 3,
        "facts": 2451,
        "provisional": False,
        "thin": [],
        "signal": None,
        "assurance": None,
    }
    assert (cells[1]["actual"], cells[1]["status"], cells[1]["pace"]) == ("0.6667", "partial", "met")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0.0000"),
        (Fraction(-1, 100_000), "0.0000"),
        (Fraction(5, 100_000), "0.0001"),
        (Fraction(-5, 100_000), "-0.0001"),
        (Fraction(10**15), "1000000000000000.0000"),
        (None, None),
    ],
)
def test_values_are_texts_rounded_half_up_without_minus_zero(value: Any, text: Any, matrix: Matrix) -> None:
    row = replace(matrix.rows[0], cells=(cell(matrix.tiers[0], actual=value),))
    answer = matrix_json(replace(matrix, rows=(row,)))
    assert answer["rows"][0]["cells"][0]["actual"] == text


def test_matrix_json_is_plain_json_and_asks_the_database_nothing(
    matrix: Matrix, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert json.loads(json.dumps(matrix_json(matrix)))["rows"][0]["cells"]


def test_nothing_rolled_up_is_null_and_not_an_error(matrix: Matrix) -> None:
    assert matrix_json(replace(matrix, computed_at=None))["computed_at"] is None


def test_the_same_matrix_is_not_sent_twice(ines: User, served: Matrix) -> None:
    browser = signed_in(ines)
    first = browser.get(ADDRESS, {"period": "2011-Q3"})
    assert "private" in first["Cache-Control"]
    again = browser.get(ADDRESS, {"period": "2011-Q3"}, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_another_matrix_is_sent(ines: User, served: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(ines)
    first = browser.get(ADDRESS, {"period": "2011-Q3"})
    record(by=ines, verb=Verb.CHANGED, obj=ines)
    monkeypatch.setattr(
        "scorecard.reading.served_editions.build_matrix", lambda period, today: replace(served, to_date=True)
    )
    again = browser.get(ADDRESS, {"period": "2011-Q3"}, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]


def test_a_write_that_was_committed_behind_a_later_one_is_seen(ines: User, served: Matrix) -> None:
    browser = signed_in(ines)
    early, _late = (record(by=ines, verb=Verb.CHANGED, obj=ines) for _ in range(2))
    number = early.pk
    with lifted():
        early.delete()  # as though its transaction were still open
    first = browser.get(ADDRESS, {"period": "2011-Q3"})
    AuditEntry.objects.create(pk=number, by=ines, verb="change", object_type="x", object_id="1", object_label="x")
    again = browser.get(ADDRESS, {"period": "2011-Q3"}, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200


def test_an_unchanged_matrix_is_not_computed(ines: User, served: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(ines)
    first = browser.get(ADDRESS, {"period": "2011-Q3"})
    monkeypatch.setattr("scorecard.reading.served_editions.build_matrix", lambda period, today: pytest.fail("computed"))
    again = browser.get(ADDRESS, {"period": "2011-Q3"}, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("query", [{}, {"period": ""}, {"period": "2011-Q5"}, {"period": "2011-13"}, {"period": "x"}])
def test_a_missing_or_bad_period_is_named(ines: User, query: dict[str, str]) -> None:
    answer = signed_in(ines).get(ADDRESS, query)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == ["period"]
    assert "2011-Q3" in answer.json()["errors"][0]["detail"]


def test_each_bad_field_has_its_entry(ines: User) -> None:
    answer = signed_in(ines).get(ADDRESS, {"period": "2011-13", "edition": "first"})
    assert {error["field"] for error in answer.json()["errors"]} == {"period", "edition"}


def test_an_open_period_has_no_edition(ines: User, served: Matrix) -> None:
    answer = signed_in(ines).get(ADDRESS, {"period": "2011-Q3", "edition": "1"})
    assert answer.status_code == 404
    assert answer.json()["detail"] == "Period 2011-Q3 has no edition 1: it has not been closed."


def test_the_schema_describes_every_field_of_the_answer(ines: User, served: Matrix) -> None:
    browser = signed_in(ines)
    schemas = browser.get("/api/v1/schema/?format=json").json()["components"]["schemas"]
    answer = browser.get(ADDRESS, {"period": "2011-Q3"}).json()
    assert set(answer) == set(schemas["Matrix"]["properties"])
    assert set(answer["rows"][0]) == set(schemas["MatrixRow"]["properties"])
    assert set(answer["rows"][0]["cells"][0]) == set(schemas["MatrixCell"]["properties"])
