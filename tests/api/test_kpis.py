"""The KPI library by REST: its list and filters, writes that compare and swap, versions, and formulas to try."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.company import today
from accounts.models import AuditEntry, User
from accounts.rights import Right
from core.stale import revision_of
from kpis.choices import Per
from kpis.models import Kpi
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import edit_kpi
from tests import factories
from tests.api.test_initiatives import JSON, call, fields, problem
from tests.factories import signed_in
from tests.kept import kept

LIST = "/api/v1/kpis/"
VISITS: dict[str, Any] = {
    "code": "visits",
    "name": "Visits",
    "indicator": "leading",
    "unit": "number",
    "direction": "higher",
    "customer_method": "sum",
    "time_method": "sum",
}


@kept
def visits(db: None) -> Kpi:
    """A KPI that was measured once."""
    kpi = factories.kpi("visits", name="Visits")
    factories.fact(kpi, factories.customer(tier=factories.tier("T1")), 202601, 7)
    return kpi


def post(user: User, path: str, body: Any = None, **options: Any) -> Any:
    return signed_in(user).post(f"{LIST}{path}", {} if body is None else body, content_type=JSON, **options)


def patch(user: User, body: Any, **options: Any) -> Any:
    return signed_in(user).patch(f"{LIST}visits/", body, content_type=JSON, **options)


# -- reading


def test_a_kpi_tells_what_it_is_how_it_is_computed_and_what_it_lacks(ines: User, omar: User) -> None:
    orders = factories.kpi("orders", name="Orders")
    kpi = factories.kpi(
        "revenue",
        unit="currency",
        currency="EUR",
        owner=omar,
        department=factories.department(),
        facts_of=orders,
        near_band="2.5",
        purpose="It pays us.",
    )
    answer = signed_in(ines).get(f"{LIST}revenue/")
    body = answer.json()
    stored = Kpi.objects.get(pk=kpi.pk)
    assert answer["ETag"] == f'"{revision_of(stored)}"' == f'"{body["revision"]}"'
    assert (body["owner"], body["department"], body["facts_of"]) == (omar.email, "sales", "orders")
    assert (body["near_band"], body["near_band_abs"], body["currency"]) == ("2.5000", None, "EUR")
    assert (body["calculated"], body["has_owner"], body["has_target"], body["has_data"]) == (False, True, False, False)
    assert body["computed"].endswith("The facts are those of “Orders”.")
    assert (body["from_month"], body["retired_from"], body["purpose"]) == (None, None, "It pays us.")


def test_the_columns_of_the_kpis_file_are_fields(ines: User, visits: Kpi) -> None:
    from kpis.loads.definitions import Kpis

    columns = {column.name for column in Kpis.columns if not column.hidden}
    assert columns <= set(signed_in(ines).get(f"{LIST}visits/").json())


def test_what_is_not_there_is_not_found(ines: User) -> None:
    problem(signed_in(ines).get(f"{LIST}nothing/"), 404)
    problem(signed_in(ines).get(f"{LIST}%00/"), 404)


def test_the_list_is_that_of_the_page_with_the_same_filters(ines: User, omar: User, visits: Kpi) -> None:
    factories.kpi("owned", owner=omar, indicator="leading", department=factories.department())
    aimed = factories.kpi("aimed")
    factories.target(aimed, factories.all_customers(), today().year * 100 + 1, 5, per=Per.YEAR)
    factories.kpi("gone", retired_from=202601)
    roll_up_now()
    browser = signed_in(ines)
    for query in (
        *("", "indicator=leading", "department=sales", f"owner={omar.email}", "no_owner=true", "no_target=false"),
        *("no_data=false", "retired=true", "q=aim", "calculated=false"),
    ):
        shown = {row["code"] for row in browser.get(f"{LIST}?{query}").json()["results"]}
        page = browser.get(f"/kpis/?{query}").context["page"]
        assert shown == {row.kpi.code for row in page.lines.rows}, query
        assert shown, query


def test_flags_are_those_of_the_list(ines: User, visits: Kpi) -> None:
    factories.target(visits, factories.all_customers(), today().year * 100 + 1, 5, per=Per.YEAR)
    roll_up_now()
    (row,) = signed_in(ines).get(LIST).json()["results"]
    assert (row["has_owner"], row["has_target"], row["has_data"]) == (False, True, True)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("indicator=green", "indicator"),
        ("department=nowhere", "department"),
        ("owner=nobody@x.example", "owner"),
        ("no_owner=perhaps", "no_owner"),
        ("retired=x", "retired"),
        ("q=%00", "q"),
        ("sort=name", "sort"),
    ],
)
def test_an_unknown_value_of_a_filter_is_refused_and_never_ignored(ines: User, query: str, field: str) -> None:
    assert fields(signed_in(ines).get(f"{LIST}?{query}")) == [field]


def test_pages_follow_each_other_in_the_order_of_codes(ines: User) -> None:
    for number in (3, 1, 5, 2, 4):
        factories.kpi(f"k{number}")
    browser, address, seen = signed_in(ines), f"{LIST}?page_size=2", []
    while address:
        body = browser.get(address).json()
        seen += [row["code"] for row in body["results"]]
        address = body["next"]
    assert seen == ["k1", "k2", "k3", "k4", "k5"]
    problem(browser.get(f"{LIST}?cursor=x"), 404)


def test_many_kpis_cost_the_list_no_more_queries(ines: User, django_assert_max_num_queries: Any) -> None:
    def make(number: int) -> None:
        source, department = factories.kpi(f"s{number}"), factories.department(f"d{number}")
        owner = factories.person(f"P{number}", "owner")
        factories.kpi(f"k{number}", owner=owner, department=department, facts_of=source)

    browser = signed_in(ines)
    make(1)
    with django_assert_max_num_queries(14) as few:
        browser.get(LIST)
    for number in range(2, 20):
        make(number)
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(browser.get(LIST).json()["results"]) == 38


# -- creating


def test_a_steward_creates_a_kpi(stella: User, omar: User) -> None:
    factories.department()
    more = {"owner": omar.email, "department": "sales", "near_band_abs": "1.5", "purpose": " Why\r\nnot\t?"}
    assert fields(post(stella, "", VISITS | more | {"purpose": "Why\x07"})) == ["purpose"]
    answer = post(stella, "", VISITS | more)
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"{LIST}visits/"
    assert answer["ETag"] == signed_in(stella).get(answer["Location"])["ETag"]
    body = answer.json()
    assert (body["owner"], body["department"], body["purpose"]) == (omar.email, "sales", "Why\nnot\t?")
    assert AuditEntry.objects.get().verb == "created"


def test_a_calculated_kpi_is_created_and_one_that_cannot_be_says_why(stella: User) -> None:
    factories.kpi("orders")
    twice = {**VISITS, "customer_method": "", "time_method": "", "formula": "2 * orders"}
    assert post(stella, "", twice).json()["computed"].startswith("2 × “Orders”")
    wrong = post(stella, "", {**twice, "code": "more", "formula": "orders + nothing"})
    assert fields(wrong) == ["formula"]
    assert "there is no KPI nothing" in wrong.json()["errors"][0]["detail"]


def test_every_bad_field_of_a_kpi_is_named(stella: User) -> None:
    bad = {
        "code": "x" * 61,
        "name": "",
        "indicator": "green",
        "unit": ["number"],
        "currency": "EURO",
        "direction": None,
        "customer_method": "median",
        "near_band": "1.23456",
        "near_band_abs": "9" * 40,
        "decimals": 5,
        "facts_of": "nothing",
        "owner": "nobody@x.example",
        "department": {"code": "sales"},
        "definition": "\x00",
        "purpose": "\ud800",
    }
    assert set(fields(post(stella, "", bad))) == set(bad)
    assert not Kpi.objects.exists()


@pytest.mark.parametrize("body", [[], [VISITS], "visits", 5, None])
def test_a_body_that_is_no_object_is_refused(body: Any, stella: User) -> None:
    assert signed_in(stella).post(LIST, body, content_type=JSON).status_code in {400, 422}
    assert not Kpi.objects.exists()


def test_what_only_the_service_knows_is_named_too(stella: User, visits: Kpi) -> None:
    assert fields(post(stella, "", VISITS)) == ["code"]
    wrong = {**VISITS, "code": "no code", "customer_method": "mean", "absent": "zero"}
    assert set(fields(post(stella, "", wrong))) == {"code"}
    assert set(fields(post(stella, "", wrong | {"code": "calls"}))) == {"absent"}
    assert set(fields(post(stella, "", VISITS | {"code": "calls", "near_band": "-1"}))) == {"near_band"}


# -- describing


def test_an_edit_names_the_revision_in_its_body_or_in_if_match(visits: Kpi, stella: User) -> None:
    assert fields(patch(stella, {"name": "A"})) == ["revision"]
    first = patch(stella, {"name": "A", "near_band": "2.5", "revision": revision_of(visits)})
    assert first.status_code == 200, first.content
    second = patch(stella, {"purpose": "B"}, headers={"If-Match": first["ETag"]})
    assert (second.json()["name"], second.json()["purpose"], second.json()["near_band"]) == ("A", "B", "2.5000")


def test_a_stale_edit_loses_nothing(visits: Kpi, stella: User) -> None:
    seen = revision_of(visits)
    edit_kpi(kpi=visits, by=stella, values={"name": "Mine"})
    problem(patch(stella, {"name": "Late"}, headers={"If-Match": f'"{seen}"'}), 412)
    problem(patch(stella, {"name": "Late", "revision": seen}), 409)
    assert Kpi.objects.get().name == "Mine"


def test_what_was_read_can_be_sent_back_changed(visits: Kpi, stella: User) -> None:
    body = signed_in(stella).get(f"{LIST}visits/").json()
    del body["code"]
    assert patch(stella, body | {"name": "Calls"}).json()["name"] == "Calls"


def test_an_edit_clears_what_it_nulls_and_leaves_the_rest(visits: Kpi, stella: User) -> None:
    Kpi.objects.update(owner=stella, definition="Kept")
    body = patch(stella, {"owner": None}, headers={"If-Match": "*"}).json()
    assert (body["owner"], body["definition"]) == (None, "Kept")


def test_a_code_stays_and_a_meaning_with_a_history_changes_elsewhere(visits: Kpi, stella: User) -> None:
    seen = {"revision": revision_of(visits)}
    assert fields(patch(stella, {"code": "calls", **seen})) == ["code"]
    refused = patch(stella, {"direction": "lower", **seen})
    assert fields(refused) == ["direction"]
    assert "change its meaning from a month on" in refused.json()["errors"][0]["detail"]
    bare = factories.kpi("bare")
    address = f"{LIST}bare/"
    change = {"direction": "lower", "revision": revision_of(Kpi.objects.get(pk=bare.pk))}
    assert signed_in(stella).patch(address, change, content_type=JSON).json()["direction"] == "lower"


@pytest.mark.parametrize(("method", "status"), [("put", 405), ("delete", 409)])
def test_a_kpi_with_data_is_neither_replaced_nor_deleted(visits: Kpi, ada: User, method: str, status: int) -> None:
    problem(getattr(signed_in(ada), method)(f"{LIST}visits/"), status)
    assert Kpi.objects.exists()


# -- who may


WRITES = [
    ("post", "", VISITS),
    ("patch", "visits/", {"name": "A", "revision": "x"}),
    ("post", "visits/change-meaning/", {"direction": "lower", "reason": "So"}),
    ("post", "visits/retire/", {"from_month": "2026-10", "reason": "So"}),
    ("post", "visits/bring-back/", {}),
]


@pytest.mark.parametrize("who", ["executive", "owner", "finance", "integrator", "none"])
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_only_stewards_write(
    who: str, method: str, path: str, body: dict[str, Any], everyone: dict[str, User], visits: Kpi
) -> None:
    problem(getattr(signed_in(everyone[who]), method)(f"{LIST}{path}", body, content_type=JSON), 403)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("path", ["", "visits/", "visits/versions/"])
def test_everybody_with_a_role_reads(path: str, everyone: dict[str, User], visits: Kpi) -> None:
    for role in ("executive", "owner", "finance", "steward", "administrator"):
        assert signed_in(everyone[role]).get(f"{LIST}{path}").status_code == 200
    for role in ("integrator", "none"):
        problem(signed_in(everyone[role]).get(f"{LIST}{path}"), 403)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_token_that_may_read_writes_nothing(
    method: str, path: str, body: dict[str, Any], visits: Kpi, stella: User, ivo: User
) -> None:
    for user in (stella, ivo):
        problem(getattr(call(user, Right.READ), method)(f"{LIST}{path}", body, content_type=JSON), 403)
        assert call(user, Right.READ).get(f"{LIST}visits/").status_code == 200


def test_an_integrators_token_with_the_scope_writes(visits: Kpi, ivo: User) -> None:
    change = {"name": "A", "revision": revision_of(visits)}
    program = call(ivo, Right.MANAGE_KPIS)
    assert program.patch(f"{LIST}visits/", change, content_type=JSON).json()["name"] == "A"
    problem(program.get(f"{LIST}visits/"), 403)


def test_a_kpi_that_nothing_refers_to_can_be_deleted(stella: User, ines: User) -> None:
    factories.kpi("calls")
    assert signed_in(ines).delete(f"{LIST}calls/").status_code == 403
    browser = signed_in(stella)
    assert browser.delete(f"{LIST}calls/", headers={"If-Match": '"0"'}).status_code == 412
    assert browser.delete(f"{LIST}calls/").status_code == 204
    assert not Kpi.objects.exists()


def test_a_kpi_that_is_measured_aimed_at_or_calculated_with_stays(visits: Kpi, stella: User) -> None:
    factories.kpi("rate", formula="visits / 2", customer_method="", time_method="")
    assert "the formula of rate" in problem(signed_in(stella).delete(f"{LIST}visits/"), 409)["detail"]
    factories.target(factories.kpi("calls"), factories.tier("T7"), 201109, 1)
    assert "targets" in problem(signed_in(stella).delete(f"{LIST}calls/"), 409)["detail"]
    assert Kpi.objects.filter(code__in=["visits", "calls"]).count() == 2
