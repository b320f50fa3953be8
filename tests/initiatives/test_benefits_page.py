"""The pages of benefits and of the register's settings."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, ExchangeRate, OutgoingMail, User
from core.stale import revision_of
from initiatives.choices import BenefitState
from initiatives.models import Benefit, Initiative, Policy, RealisedBenefit
from initiatives.services.settings import POLICY_FIELDS
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

PROPOSAL = {"name": "Interest saved", "kind": "money", "value_per_year": "1200", "from_month": "2026-01"}


@kept
def invoices(omar: User) -> Initiative:
    """Omar's initiative."""
    return factories.initiative("invoices", owner=omar)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_an_empty_page_says_what_to_do_next(ines: User) -> None:
    page = text(signed_in(ines).get("/initiatives/benefits/"))
    assert "No benefit has been approved yet" in page
    assert "propose what it should bring" in page


def marks(benefit: Benefit, verdict: str, why: str = "") -> dict[str, str]:
    """What the form sends of one row."""
    return {f"d-{benefit.pk}": verdict, f"why-{benefit.pk}": why}


def test_an_owner_proposes_and_finance_sees_the_effect_and_decides(invoices: Initiative, omar: User, fay: User) -> None:
    answer = signed_in(omar).post("/initiatives/invoices/benefits/", PROPOSAL)
    assert answer["Location"] == "/initiatives/invoices/#benefits"
    benefit, finance = Benefit.objects.get(), signed_in(fay)
    assert f"/initiatives/benefits/#benefit-{benefit.pk}" in text(finance.get("/initiatives/invoices/"))
    page = text(finance.get("/initiatives/benefits/"))
    assert "€1,200 a year from January 2026" in page
    assert "that planned a year €1,200 instead of €0." in page
    assert " checked" not in page
    told = finance.post("/initiatives/benefits/effect/", marks(benefit, "approve")).json()
    assert told["said"] == "1 of 1 decided: 1 approved, 0 rejected."
    assert "planned a year €1,200 instead of €0. Nothing stays in the inbox." in told["effect"]
    finance.post("/initiatives/benefits/decide/", marks(benefit, "approve"))
    benefit.refresh_from_db()
    assert benefit.state == BenefitState.APPROVED
    page = text(finance.get("/initiatives/benefits/"))
    assert re.search(r"€0 was brought of €[\d,]+ planned to date", page)
    assert "say what they should bring: €1,200 a year." in page


def test_what_is_odd_comes_first_and_no_batch_marks_it(invoices: Initiative, fay: User) -> None:
    factories.benefit(invoices, "Small", value_per_year=100)
    waits = {"state": BenefitState.PROPOSED}
    usual = factories.benefit(invoices, "Usual", value_per_year=200, **waits)
    large = factories.benefit(invoices, "Large", value_per_year=301, **waits)
    yen = factories.benefit(invoices, "Yen", value_per_year=1, currency="JPY", **waits)
    answer = signed_in(fay).post("/initiatives/benefits/decide/", {"mark": "usual"})
    page = text(answer)
    assert "More than 3 times the largest approved benefit." in page
    assert "In JPY, not in EUR." in page
    assert page.index(f'id="benefit-{large.pk}"') < page.index(f'id="benefit-{usual.pk}"')
    assert [row.pk for row in answer.context["desk"].rows if row.approved] == [usual.pk]
    assert {row.pk for row in answer.context["desk"].odd} == {large.pk, yen.pk}
    assert Benefit.objects.filter(state=BenefitState.PROPOSED).count() == 3


def test_own_proposals_have_no_buttons_and_say_who_decides(invoices: Initiative, fay: User) -> None:
    factories.person("Frieda", "finance")
    benefit = factories.benefit(invoices, state=BenefitState.PROPOSED, created_by=fay)
    browser = signed_in(fay)
    page = text(browser.get("/initiatives/benefits/"))
    assert f"d-{benefit.pk}" not in page
    assert "Nobody decides on what they wrote or proposed: Frieda can." in page
    assert browser.post("/initiatives/benefits/decide/", marks(benefit, "approve")).status_code == 403


def test_a_rejection_without_a_reason_keeps_all_and_leads_to_its_field(invoices: Initiative, fay: User) -> None:
    one, other = (factories.benefit(invoices, name, state=BenefitState.PROPOSED) for name in ("One", "Other"))
    sent = marks(one, "reject", " ") | marks(other, "approve", "Kept.")
    answer = signed_in(fay).post("/initiatives/benefits/decide/", sent)
    page = text(answer)
    assert (answer.status_code, "One rejection lacks its reason" in page) == (400, True)
    assert f'href="#why-{one.pk}"' in page
    assert re.search(rf'id="why-{one.pk}"[^>]*aria-invalid="true"[^>]*autofocus', page)
    assert re.search(rf'id="a-{other.pk}"[^>]*checked', page)
    assert 'value="Kept."' in page
    assert set(Benefit.objects.values_list("state", flat=True)) == {BenefitState.PROPOSED}


def test_one_send_tells_its_proposer_once(invoices: Initiative, omar: User, fay: User) -> None:
    fields: dict[str, Any] = {"state": BenefitState.PROPOSED, "created_by": omar}
    one, other = (factories.benefit(invoices, name, **fields) for name in ("One", "Other"))
    signed_in(fay).post(
        "/initiatives/benefits/decide/", marks(one, "approve") | marks(other, "reject", "Counted twice.")
    )
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (omar, "2 planned benefits decided by Fay")
    assert "“Other” of Invoices, version 1: rejected – Counted twice." in mail.body


def test_who_comes_too_late_is_told(invoices: Initiative, fay: User) -> None:
    benefit = factories.benefit(invoices, state=BenefitState.WITHDRAWN)
    answer = signed_in(fay).post("/initiatives/benefits/decide/", marks(benefit, "approve"))
    assert "withdrawn by now" in text(answer)


def test_an_approval_is_taken_back_from_the_list(invoices: Initiative, omar: User, fay: User) -> None:
    was = factories.benefit(invoices, value_per_year=1000, state=BenefitState.SUPERSEDED)
    benefit = factories.benefit(
        invoices, version=2, created_by=omar, decided_by=fay, decided_at=timezone.now(), supersedes=1
    )
    browser = signed_in(fay)
    page = text(browser.get("/initiatives/benefits/"))
    assert "planned a year €1,000 instead of €1,200. Version 1 stands again, €1,000 a year;" in page
    assert "stays: it is yours: somebody else" in text(signed_in(omar).get("/initiatives/benefits/"))
    browser.post("/initiatives/benefits/take-back/", {"row": benefit.pk, "reason": "Too early.", "sure": "1"})
    for row in (was, benefit):
        row.refresh_from_db()
    assert (was.state, benefit.state) == (BenefitState.APPROVED, BenefitState.WITHDRAWN)
    mail = OutgoingMail.objects.get()
    assert (mail.to, "version 1 stands again" in mail.body, "Too early." in mail.body) == (omar, True, True)
    assert "taken back" in text(browser.get("/initiatives/benefits/"))


def test_a_bad_proposal_is_shown_again_with_what_is_wrong(invoices: Initiative, omar: User) -> None:
    answer = signed_in(omar).post("/initiatives/invoices/benefits/", {**PROPOSAL, "kind": "kpi", "name": "<b>x</b>"})
    assert answer.status_code == 400
    page = text(answer)
    assert "Name the KPI that it is counted in." in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x" not in page


def test_what_it_brought_is_entered_and_shown_on_the_initiative(invoices: Initiative, omar: User) -> None:
    benefit = factories.benefit(invoices, "Interest saved")
    browser, address = signed_in(omar), f"/initiatives/invoices/benefits/{benefit.pk}/"
    assert address in text(browser.get("/initiatives/invoices/"))
    assert browser.post(address, {"month": "2026-01", "value": "80"}).status_code == 302
    assert RealisedBenefit.objects.get().value == 80
    assert "+€80" in text(browser.get("/initiatives/invoices/"))
    stale = browser.post(address, {"month": "2026-01", "value": "90"})
    assert (stale.status_code, "by somebody else" in text(stale)) == (409, True)
    again = {field.html_name: field.value() or "" for field in stale.context["form"]}
    assert browser.post(address, again).status_code == 302


def test_a_proposal_is_withdrawn_on_the_initiative(invoices: Initiative, omar: User) -> None:
    benefit = factories.benefit(invoices, state=BenefitState.PROPOSED, created_by=omar)
    browser, address = signed_in(omar), f"/initiatives/benefits/{benefit.pk}/withdraw/"
    assert address in text(browser.get("/initiatives/invoices/"))
    assert "1 proposed benefit goes" in text(browser.post(address))
    browser.post(address, {"sure": "1"})
    assert Benefit.objects.get().state == BenefitState.WITHDRAWN


def test_many_benefits_cost_the_page_no_more_queries(
    invoices: Initiative, ines: User, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    browser, kpi = signed_in(ines), factories.kpi("orders")
    factories.benefit(invoices, kpi=kpi)
    browser.get("/help/")  # which counts what is asked of the person
    with django_assert_max_num_queries(30) as few:
        browser.get("/initiatives/benefits/")
    for number in range(12):
        fields = {"kpi": kpi} if number % 2 else {}
        factories.benefit(factories.initiative(), f"B{number}", decided_at=timezone.now(), **fields)
        factories.benefit(factories.initiative(), f"W{number}", state=BenefitState.PROPOSED, **fields)
    with django_assert_num_queries(len(few.captured_queries)):
        browser.get("/initiatives/benefits/")


# -- settings


def policy(**changes: Any) -> dict[str, Any]:
    """The form of the settings as it is shown, with changes."""
    shown = {name: getattr(Policy.objects.get(), name) for name in POLICY_FIELDS}
    return shown | {"seen": revision_of(Policy.objects.get())} | changes


def test_an_administrator_changes_thresholds_and_it_is_recorded(ada: User) -> None:
    browser = signed_in(ada)
    browser.post("/initiatives/settings/policy/", policy(silence_corporate=14, cost_band_2="20000"))
    row = Policy.objects.get()
    assert (row.silence_corporate, row.cost_band_2) == (14, 20_000)
    entry = AuditEntry.objects.get(object_type="initiatives.policy")
    assert entry.after == {"cost_band_2": "20000.0000", "silence_corporate": 14}


def test_thresholds_that_do_not_ascend_are_refused(ada: User) -> None:
    answer = signed_in(ada).post("/initiatives/settings/policy/", policy(cost_band_3="5"))
    assert (answer.status_code, "ascend" in text(answer)) == (400, True)
    assert Policy.objects.get().cost_band_3 == 50_000


def test_settings_that_somebody_else_changed_meanwhile_are_not_overwritten(ada: User) -> None:
    shown = policy(silence_corporate=14)
    Policy.objects.update(silence_key_account=7)
    answer = signed_in(ada).post("/initiatives/settings/policy/", shown)
    assert (answer.status_code, "was changed by somebody else while this form was open" in text(answer)) == (409, True)
    assert Policy.objects.get().silence_corporate == 30
    again = answer.context["policy"]
    assert again["silence_corporate"].value() == "14"
    signed_in(ada).post("/initiatives/settings/policy/", policy(silence_corporate=14) | {"seen": again["seen"].value()})
    assert Policy.objects.get().silence_corporate == 14


@pytest.mark.parametrize("who", ["finance", "administrator"])
def test_finance_sets_changes_and_takes_out_a_rate(everyone: dict[str, User], who: str) -> None:
    browser, address = signed_in(everyone[who]), "/initiatives/settings/rates/"
    browser.post(address, {"currency": "usd", "year": 2026, "rate": "0.92"})
    assert ExchangeRate.objects.get().rate == Decimal("0.92")
    assert 'value="0.92"' in text(browser.get("/initiatives/settings/"))
    stale = text(browser.post(address, {"currency": "USD", "year": 2026, "rate": "0.5", "seen": "0.8"}, follow=True))
    assert "changed by somebody else meanwhile" in stale
    browser.post(address, {"currency": "USD", "year": 2026, "rate": "0.95", "seen": "0.92"})
    assert ExchangeRate.objects.get().rate == Decimal("0.95")
    gone = {"currency": "USD", "year": 2026, "rate": "", "seen": "0.95"}
    assert "0 initiatives have costs in USD" in text(browser.post(address, gone))
    browser.post(address, {**gone, "sure": "1"})
    assert not ExchangeRate.objects.exists()


def test_the_companys_own_currency_needs_no_rate(fay: User) -> None:
    answer = signed_in(fay).post("/initiatives/settings/rates/", {"currency": "EUR", "year": 2026, "rate": "1"})
    assert "needs no rate" in text(answer)


def test_others_read_the_settings_without_forms(ines: User) -> None:
    page = text(signed_in(ines).get("/initiatives/settings/"))
    assert "Administrators change these." in page
    assert "Finance sets them." in page
    assert "Add the rate" not in page
