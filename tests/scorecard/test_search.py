"""Search: by name, code or part, whatever case and accents, and nothing that the reader may not read."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from core.registry import search_for
from core.searching import MOST, Rank, Search
from customers.models import Customer
from kpis.choices import KpiState
from tests import factories as make
from tests.kept import kept
from tests.scorecard.reading import text_of

pytestmark = pytest.mark.django_db

TYPED = (
    "",
    "a",
    "ACME",
    "acme i",
    "müller",
    "C1",
    "c10",
    "quick",
    "net rev",
    "omar",
    "fay@",
    "matrix",
    "data",
    "%",
    "'",
)


@kept
def things(everyone: dict[str, User], root: User) -> dict[str, User]:
    """Customers, of whom one is the owner's key account, a draft, an initiative, and everybody."""
    people = everyone | {"superuser": root}
    gold = make.tier("T1", name="Gold")
    make.customer("C1", tier=gold, name="Acme Industries")
    make.customer("C10", name="Acme Island", is_key_account=True, account_manager=people["owner"])
    make.customer("ACM", name="The Acme of Acmes")
    make.customer("C2", name="Jürgen Müller & Söhne")
    make.kpi("net_revenue", owner=people["owner"])
    make.kpi("acme_kpi", name="Quick quotes for Acme", state=KpiState.DRAFT)
    make.initiative("quick", title="Quicker quotes", owner=people["owner"])
    return people


def titles(text: str, reader: User) -> list[str]:
    return [one.title for one in search_for(text, reader)]


def test_the_best_answers_come_first(things: dict[str, User]) -> None:
    steward = things["steward"]
    assert titles("c1", steward) == ["Acme Industries", "Acme Island"]
    assert titles("acme is", steward) == ["Acme Island"]
    found = search_for("acme", steward)
    assert [one.title for one in found] == [
        *("Acme Industries", "Acme Island", "Quick quotes for Acme", "The Acme of Acmes")
    ]
    assert [one.rank for one in found] == [Rank.PREFIX, Rank.PREFIX, Rank.PREFIX, Rank.WORD]
    assert (found[0].kind, found[0].detail) == ("customer", "C1 · Gold")
    assert titles("sohne", steward) == titles("MULLER jür", steward) == ["Jürgen Müller & Söhne"]


def test_a_name_that_a_file_or_a_form_changed_is_found_by_the_new_one(things: dict[str, User], tmp_path: Path) -> None:
    customer = Customer.objects.get(external_id="C2")
    customer.name = "Östlund"
    customer.save()
    assert titles("ostlund", things["steward"]) == ["Östlund"]
    file = tmp_path / "customers.csv"
    file.write_text("external_id,name\nC2,Ångström\n", encoding="utf-8")
    call_command("load", "customers", str(file), stdout=StringIO())
    assert titles("angstrom", things["steward"]) == ["Ångström"]
    assert titles("ostlund", things["steward"]) == []


@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    who=st.sampled_from(["executive", "owner", "finance", "steward", "integrator", "administrator", "none"]),
    data=st.data(),
)
def test_nobody_finds_what_they_may_not_read(things: dict[str, User], who: str, data: Any) -> None:
    reader = User.objects.get(pk=things[who].pk)
    text = data.draw(st.sampled_from(TYPED) | st.text("acmeCü1 _q%", max_size=6))
    found = search_for(text, reader)
    assert len(found) <= MOST
    readable = set(Customer.objects.visible_to(reader).values_list("name", flat=True))
    assert {one.title for one in found if one.kind == "customer"} <= readable
    browser = make.signed_in(reader)
    for one in found:
        if one.kind in {"page", "kpi", "initiative"}:
            assert browser.get(one.url).status_code == 200, one.url


@pytest.mark.slow
def test_every_page_that_is_found_opens(things: dict[str, User]) -> None:
    for who in ("executive", "owner", "finance", "steward", "administrator"):
        browser = make.signed_in(things[who])
        pages = {one.url for text in "aeiou" for one in search_for(text, things[who]) if one.kind == "page"}
        assert pages
        for url in pages:
            assert browser.get(url).status_code == 200, (who, url)


def test_people_are_found_as_owners_and_by_administrators_all(things: dict[str, User]) -> None:
    assert [one.detail for one in search_for("omar", things["executive"])] == ["owns initiatives and KPIs"]
    assert search_for("omar@", things["executive"]) == search_for("fay", things["executive"]) == []
    assert [one.title for one in search_for("fay@tierboard", things["administrator"])] == ["Fay"]


def test_the_page_serves_without_a_script_and_opens_a_whole_code_at_once(things: dict[str, User]) -> None:
    browser = make.signed_in(things["steward"])
    text = text_of(browser.get("/search/?q=acme+i"))
    assert (
        "3 results for “acme i” Search Search Acme Industries customer C1 · Gold Acme Island customer C10 Quick quotes"
        in text
    )
    assert browser.get("/search/?q=QUICK&open=1")["Location"] == "/initiatives/quick/"
    assert browser.get("/search/?q=quick").status_code == 200
    assert "Nothing is called “zzz”" in text_of(browser.get("/search/?q=zzz&open=1"))
    assert browser.get("/search/results/?q=acme").content.decode().count('role="option"') == 4


def test_the_api_answers_with_kind_title_detail_and_url(things: dict[str, User]) -> None:
    browser = make.signed_in(things["steward"])
    answer = browser.get("/api/v1/search/?q=net_revenue").json()
    assert answer == {
        "results": [
            {
                "kind": "kpi",
                "title": "Net revenue",
                "detail": "net_revenue · trailing",
                "url": "/kpis/net_revenue/",
            }
        ]
    }
    assert browser.get("/api/v1/search/").status_code == 422
    assert make.signed_in(things["none"]).get("/api/v1/search/?q=a").status_code == 403
    assert Client().get("/api/v1/search/?q=a").status_code == 401


def test_very_many_alike_cost_the_same_few_queries(things: dict[str, User], django_assert_max_num_queries: Any) -> None:
    Customer.objects.bulk_create(Customer(external_id=f"X{n:04}", name=f"Client number {n}") for n in range(600))
    make.customer("LAST", name="Umbrella")
    with django_assert_max_num_queries(22):
        assert len(titles("um", things["steward"])) == MOST
        assert titles("umbr", things["steward"]) == ["Umbrella"]


def test_words_are_ranked_by_how_they_stand() -> None:
    search = Search("quick quo", None)
    assert search.rank("Quick quotes", "x") == Rank.PREFIX
    assert search.rank("Quotes that are quick") == Rank.WORD
    assert search.rank("Unquick misquotes") == Rank.PART
    assert search.rank("Quick") is None
    assert Search("QUICK quo ", None).rank("x", "quick quo") == Rank.CODE
