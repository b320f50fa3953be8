"""The set-up: eight steps in any order, each told as it is, and taken by whom it is for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role, Verb
from accounts.models import AuditEntry, Company, User
from accounts.workers import note_worker
from customers.models import Tier
from kpis.choices import TargetState
from kpis.models import Kpi, RolledSlice
from kpis.rollup.runs import roll_up_now
from tests import factories as make

TIERS = {f"{part}_{at}": value for at, row in enumerate([("Platinum", "", "1"), ("Gold", "au", "2")], 1)
         for part, value in zip(("name", "code", "rank"), row, strict=True)}  # fmt: skip


def steps(page: Any) -> dict[str, str]:
    """How far each step is, by its word."""
    found = re.findall(r'(?s)id="step-(\w+)"\s+class="(\w+)', page.content.decode())
    return dict(found)


def text(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page.content.decode()).split())


@pytest.fixture
def browser(ada: User) -> Client:
    return make.signed_in(ada)


def test_an_empty_product_waits_in_all_steps_and_begins_with_the_company(browser: Client) -> None:
    page = browser.get("/setup/")
    assert list(steps(page)) == ["company", "tiers", "people", "customers", "kpis", "facts", "targets", "matrix"]
    assert set(steps(page).values()) == {"waiting"}
    assert "0 of 8 steps are done. Next: company." in text(page)
    assert re.search(r'id="step-company"[^>]*aria-current="step"', page.content.decode())


def test_the_company_is_named_and_its_year_begins_as_it_says(browser: Client) -> None:
    form = browser.get("/setup/company/").context["page"].form
    values = {"name": "Acme", "currency": "usd", "time_zone": "Europe/Berlin", "fiscal_year_start_month": "4",
              "fiscal_year_named_by": "start", "seen": form["seen"].value()}  # fmt: skip
    assert browser.post("/setup/company/", values)["Location"] == "/setup/"
    assert steps(browser.get("/setup/"))["company"] == "done"
    company = Company.objects.get()
    assert (company.name, company.currency, company.calendar.start_month) == ("Acme", "USD", 4)
    late = browser.post("/setup/company/", values | {"name": "Other"})
    assert (late.status_code, Company.objects.get().name) == (409, "Acme")
    assert "was changed by somebody else" in text(late)


def test_tiers_are_added_together_or_not_at_all(browser: Client) -> None:
    assert {"Platinum", "Gold", "Silver", "Bronze"} <= set(
        re.findall(r'value="(\w+)"', browser.get("/setup/tiers/").content.decode())
    )
    wrong = browser.post("/setup/tiers/", TIERS | {"code_2": "all"})
    assert (wrong.status_code, Tier.objects.real().count()) == (400, 0)
    assert "already exists" in text(wrong)
    assert browser.post("/setup/tiers/", TIERS).status_code == 302
    assert list(Tier.objects.real().values_list("code", "rank")) == [("platinum", 1), ("au", 2)]


def test_a_set_of_templates_brings_what_it_is_calculated_from(browser: Client, company: Company) -> None:
    make.kpi("satisfaction")
    chosen = ["nps", "margin_pct", "revenue_ttm", "satisfaction"]
    assert browser.post("/setup/kpis/", {"templates": chosen}).status_code == 302
    made = set(Kpi.objects.values_list("code", flat=True))
    assert made == {*chosen, "promoters", "detractors", "margin", "revenue"}
    assert Kpi.objects.get(code="revenue_ttm").facts_of == Kpi.objects.get(code="revenue")
    again = browser.post("/setup/kpis/", {"templates": chosen}, follow=True)
    assert "Nothing was added" in text(again)
    assert "8 KPIs, 8 without an owner" in text(again)


def test_an_administrator_takes_further_roles_and_the_audit_says_so(browser: Client, ada: User) -> None:
    assert browser.post("/setup/people/", {"roles": ["finance", "steward"]}).status_code == 302
    assert set(ada.role_grants.values_list("role", flat=True)) == {"administrator", "finance", "steward"}
    assert AuditEntry.objects.filter(verb=Verb.GAVE_ROLES, by=ada).count() == 1
    assert browser.post("/setup/people/", {"roles": ["integrator"]}).status_code == 400


def test_it_says_at_once_when_nobody_works_and_that_mail_is_missing(browser: Client) -> None:
    page = text(browser.get("/setup/"))
    assert ("No worker runs." in page, "No mail server." in page) == (True, False)  # tests have one
    note_worker("celery@here")
    assert "No worker runs." not in text(browser.get("/setup/"))


def test_a_missing_mail_server_is_a_remark(browser: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert "No mail server. Invitations are links to copy" in text(browser.get("/setup/"))


def test_without_finance_the_first_matrix_stands_without_targets_and_says_so(browser: Client, company: Company) -> None:
    tier, kpi = make.tier(), make.kpi("revenue")
    customer = make.customer("C1", tier=tier)
    make.fact(kpi, customer, 201109, 5)
    make.touch(kpi, 201109)
    waiting = browser.get("/setup/targets/")
    assert (steps(waiting)["facts"], steps(waiting)["matrix"]) == ("done", "in_hand")
    assert "Nobody from finance can sign in. The first matrix stands without targets" in text(waiting)
    roll_up_now()
    assert RolledSlice.objects.exists()
    assert steps(browser.get("/setup/"))["matrix"] == "done"
    assert "values; no verdicts, for no target is approved" in text(browser.get("/setup/"))
    fay = make.person("Fay", Role.FINANCE)
    make.target(kpi, tier, 201109, 5, state=TargetState.APPROVED)
    page = browser.get("/setup/targets/")
    assert steps(page)["targets"] == "done"
    assert f"approved by {fay.name}" in text(page)


def test_customers_without_a_tier_are_in_hand(browser: Client) -> None:
    make.customer("C1", tier=make.tier())
    make.customer("C2")
    page = browser.get("/setup/customers/")
    assert steps(page)["customers"] == "in_hand"
    assert "2 here, 1 without a tier" in text(page)
    assert "/imports/?kind=tier_memberships&amp;next=/setup/customers/%23in-hand" in page.content.decode()


def test_people_whom_a_file_names_hold_nothing_up(browser: Client) -> None:
    make.person("Named")
    assert (steps(browser.get("/setup/"))["people"], "nobody but you" in text(browser.get("/setup/"))) == (
        "waiting",
        True,
    )
    make.person("Fay", Role.FINANCE)
    page = browser.get("/setup/people/")
    assert "2 people; no KPI steward" in text(page)
    assert "Named" not in text(page)


def test_all_drafts_are_proposed_on_the_step_of_targets(company: Company, stella: User, browser: Client) -> None:
    kpi, tier = make.kpi("revenue"), make.tier()
    targets = [make.target(kpi, tier, month, 5, state=TargetState.DRAFT) for month in (201107, 201108)]
    assert "2 drafts are not proposed yet" in text(browser.get("/setup/targets/"))  # by an administrator they cannot be
    steward = make.signed_in(stella)
    assert "Propose 2 drafts to finance" in text(steward.get("/setup/targets/"))
    answer = steward.post("/setup/targets/", {"note": "Our first"}, follow=True)
    assert "2 targets wait for finance now." in text(answer)
    proposed = type(targets[0]).objects.filter(state=TargetState.PROPOSED)
    assert list(proposed.values_list("batch__note", flat=True)) == ["Our first"] * 2
    assert steward.post("/setup/targets/").status_code == 404  # none is left


def test_a_steward_takes_the_steps_of_a_steward_alone(stella: User) -> None:
    browser = make.signed_in(stella)
    assert re.search(r'href="/setup/"[^>]*>Set-up', browser.get("/help/").content.decode())
    assert browser.post("/setup/tiers/", TIERS).status_code == 302
    assert browser.post("/setup/company/", {"name": "Acme"}).status_code == 403
    assert 'id="setup-company"' not in browser.get("/setup/company/").content.decode()


def test_a_step_costs_the_same_whatever_there_is(browser: Client) -> None:
    browser.get("/help/")
    counts = []
    for more in range(2):
        for number in range(3):
            make.kpi(f"k{more}{number}")
            make.customer(f"C{more}{number}", tier=make.tier(f"T{more * 3 + number + 1}"))
            make.person(f"P{more}{number}", Role.FINANCE)
        with CaptureQueriesContext(connection) as seen:
            browser.get("/setup/kpis/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_nobody_is_led_there_any_more_once_it_was_ended(browser: Client, ada: User) -> None:
    def landing() -> str:
        answer = Client().post("/accounts/login/", {"username": ada.email, "password": make.PASSWORD})
        return str(answer["Location"])

    assert landing() == "/setup/"
    assert browser.post("/setup/end/")["Location"] == "/company/"
    assert landing() == "/"


def test_the_start_page_without_data_leads_to_the_set_up(browser: Client, ines: User) -> None:
    assert 'href="/setup/"' in browser.get("/").content.decode()
    assert 'href="/setup/"' not in make.signed_in(ines).get("/").content.decode()
