"""Complete months by REST: a steward's word, given and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import AuditEntry, User
from accounts.rights import Right
from kpis.models import CompleteMonth, Kpi, SliceTouch
from tests import factories
from tests.api.test_initiatives import JSON, call, fields, problem
from tests.factories import signed_in
from tests.kept import kept

LIST = "/api/v1/complete-months/"
MARCH = {"kpi": "complaints", "month": "2026-03"}


@kept
def complaints(db: None) -> Kpi:
    return factories.kpi("complaints")


def post(user: User, body: Any) -> Any:
    return signed_in(user).post(LIST, body, content_type=JSON)


def test_a_steward_marks_a_month_complete_and_takes_it_back(complaints: Kpi, stella: User) -> None:
    made = post(stella, MARCH)
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["kpi"], body["month"], body["by"]) == ("complaints", "2026-03", stella.email)
    browser = signed_in(stella)
    assert browser.get(made["Location"]).json() == body
    assert browser.delete(made["Location"]).status_code == 204
    problem(browser.delete(made["Location"]), 404)
    assert not CompleteMonth.objects.exists()
    assert [*SliceTouch.objects.values_list("kpi__code", "month")] == [("complaints", 202603)] * 2
    assert [*AuditEntry.objects.order_by("pk").values_list("verb", flat=True)] == [
        "marked complete",
        "unmarked complete",
    ]


def test_said_twice_the_first_word_stays(complaints: Kpi, stella: User, ada: User) -> None:
    first, again = post(stella, MARCH), post(ada, MARCH)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert "Location" not in again
    assert CompleteMonth.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, {"kpi", "month"}),
        ({"kpi": "nothing", "month": "2026-13"}, {"kpi", "month"}),
        ({"kpi": ["complaints"], "month": 202603}, {"kpi", "month"}),
        ({"kpi": "\x00", "month": "0000-01"}, {"kpi", "month"}),
        ({"kpi": "complaints", "month": "9998-12"}, {"month"}),
        ([MARCH], {None}),
    ],
)
def test_every_bad_field_is_named(body: Any, named: set[str | None], complaints: Kpi, stella: User) -> None:
    assert set(fields(post(stella, body))) == named


def test_the_list_is_filtered_by_kpi_and_a_span_of_months(complaints: Kpi, ines: User) -> None:
    for month in (202602, 202603, 202604):
        factories.complete_month(complaints, month)
    factories.complete_month(factories.kpi("other"), 202603)

    def months(query: str) -> list[str]:
        return [row["month"] for row in signed_in(ines).get(f"{LIST}?{query}").json()["results"]]

    assert months("kpi=complaints&since=2026-03") == ["2026-03", "2026-04"]
    assert months("until=2026-02") == ["2026-02"]
    for query, field in (("kpi=nothing", "kpi"), ("since=202603", "since"), ("until=soon", "until")):
        assert fields(signed_in(ines).get(f"{LIST}?{query}")) == [field]


def test_many_months_cost_no_more_queries(complaints: Kpi, ines: User, django_assert_max_num_queries: Any) -> None:
    browser = signed_in(ines)
    factories.complete_month(complaints, 202601)
    with django_assert_max_num_queries(8) as few:
        browser.get(LIST)
    for number in range(20):
        factories.complete_month(factories.kpi(), 202601 + number % 12)
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(browser.get(LIST).json()["results"]) == 21


@pytest.mark.parametrize("who", ["executive", "owner", "finance", "integrator", "none"])
def test_only_stewards_give_their_word(who: str, complaints: Kpi, everyone: dict[str, User]) -> None:
    mark = factories.complete_month(complaints, 202601)
    problem(post(everyone[who], MARCH), 403)
    problem(signed_in(everyone[who]).delete(f"{LIST}{mark.pk}/"), 403)
    assert CompleteMonth.objects.get() == mark


def test_tokens_do_no_more_than_their_scopes(complaints: Kpi, stella: User, ivo: User) -> None:
    mark = factories.complete_month(complaints, 202601)
    for user in (stella, ivo):
        program = call(user, Right.READ)
        problem(program.post(LIST, MARCH, content_type=JSON), 403)
        problem(program.delete(f"{LIST}{mark.pk}/"), 403)
        assert program.get(f"{LIST}{mark.pk}/").status_code == 200
    assert call(ivo, Right.MANAGE_KPIS).post(LIST, MARCH, content_type=JSON).json()["by"] == ivo.email


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_mark_is_not_changed(method: str, complaints: Kpi, ada: User) -> None:
    mark = factories.complete_month(complaints, 202601)
    problem(getattr(signed_in(ada), method)(f"{LIST}{mark.pk}/"), 405)
