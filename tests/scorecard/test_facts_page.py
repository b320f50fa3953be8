"""``/facts/``: a number can be traced to what was measured, and to the load that wrote it."""

from django.test import Client

from accounts.models import Load, User
from kpis.models import Fact
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage

URL = "/facts/?kpi=repeats&tier=T1&month=2011-07"


def test_the_facts_of_a_cell_are_listed_with_the_load_that_wrote_them(
    stage: Stage, browser: Client, stella: User
) -> None:
    load = Load.objects.create(kind="facts", source="contacts.csv", by=stella)
    Fact.objects.update(load_id=load.pk)
    text = text_of(browser.get(URL))
    assert f"Acme <Ltd> ACME 20 100 Load {load.pk}, contacts.csv, just now, Stella" in text
    assert "Brix" not in text


def test_all_customers_are_all_facts(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get("/facts/?kpi=repeats&tier=all&month=2011-07"))
    assert "ACME" in text
    assert "BRIX" in text


def test_a_customer_counts_in_the_tier_of_the_months_last_day(stage: Stage, browser: Client) -> None:
    make.member(stage.acme, stage.silver, "2011-07-31")
    assert "ACME" not in text_of(browser.get(URL))
    assert "ACME" in text_of(browser.get("/facts/?kpi=repeats&tier=T2&month=2011-07"))
    make.member(stage.acme, None, "2011-08-31")
    assert "ACME" in text_of(browser.get("/facts/?kpi=repeats&tier=untiered&month=2011-08"))


def test_facts_of_another_kpi_are_shown_as_such(stage: Stage, browser: Client) -> None:
    make.kpi("ttm", facts_of=stage.revenue)
    assert "The facts are those of “Revenue”." in text_of(browser.get("/facts/?kpi=ttm&tier=all&month=2011-07"))


def test_long_lists_are_paged_by_the_key(stage: Stage, browser: Client) -> None:
    for number in range(150):
        make.fact(stage.repeats, make.customer(f"M{number:03d}", tier=stage.gold), 201107, 1, 1)
    first = browser.get(URL)
    assert "The next 100" in text_of(first)
    page = first.context["page"]
    rest = browser.get(f"/facts/?{page.next_query}")
    seen = [fact.customer.external_id for found in (page, rest.context["page"]) for fact in found.facts]
    assert len(seen) == len(set(seen)) == 151
    assert "The next" not in text_of(rest)


def test_an_owner_sees_their_own_key_accounts(stage: Stage, omar: User) -> None:
    owner = make.signed_in(omar)
    assert "ACME" not in text_of(owner.get(URL))
    stage.acme.is_key_account, stage.acme.account_manager = True, omar
    stage.acme.save()
    text = text_of(owner.get("/facts/?kpi=repeats&tier=all&month=2011-07"))
    assert "ACME" in text
    assert "BRIX" not in text
    assert "You see your own key accounts." in text


def test_without_a_kpi_the_page_asks_which(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get("/facts/"))
    assert "Month, such as 2011-09" in text


def test_wrong_addresses_say_what_is_wrong(stage: Stage, browser: Client) -> None:
    for query, words in {
        "kpi=x&month=2011-07": "There is no KPI “x”.",
        "kpi=repeats&tier=x&month=2011-07": "There is no customer tier “x”.",
        "kpi=repeats&month=2011-7": "is no month; a month looks like 2011-09.",
        "kpi=repeats": "is no month",
    }.items():
        response = browser.get(f"/facts/?{query}")
        assert response.status_code == 404
        assert words in text_of(response)


def test_a_mangled_page_mark_begins_again(stage: Stage, browser: Client) -> None:
    for mark in ("x", "-1", "9" * 30, "²"):
        assert "ACME" in text_of(browser.get(f"{URL}&after={mark}"))
