"""Each write in the admin leaves an audit entry with the state before and after, and no secret."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import ApiToken, AuditEntry, Company, RoleGrant, User
from accounts.rights import Right
from accounts.services.tokens import create_token
from customers.models import Customer, LifecycleEvent, Tier, TierMembership, TierTouch
from kpis.models import CompleteMonth, Kpi, SliceTouch
from tests import factories
from tests.factories import signed_in

NO_ROLES = {"role_grants-TOTAL_FORMS": "0", "role_grants-INITIAL_FORMS": "0"}


def browser_of(user: User) -> Any:
    return signed_in(user)


def entry(verb: str, object_type: str) -> Any:
    return AuditEntry.objects.get(verb=verb, object_type=object_type)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def save(user: User, address: str, **fields: Any) -> Any:
    """Send a form of the admin, and expect that it was taken."""
    answer = browser_of(user).post(f"/admin/{address}", fields)
    context = getattr(answer, "context_data", None) or {}
    errors = {**context["adminform"].form.errors} if "adminform" in context else {}
    assert answer.status_code == 302, errors
    return answer


def test_changing_a_department(stella: User) -> None:
    sales = factories.department("sales", name="Sales")
    save(stella, f"accounts/department/{sales.pk}/change/", name="Sales and service")
    found = entry("changed", "accounts.department")
    assert (found.before["name"], found.after["name"]) == ("Sales", "Sales and service")


def test_a_code_is_not_changed_once_given(stella: User) -> None:
    sales = factories.department("sales")
    save(stella, f"accounts/department/{sales.pk}/change/", name="Sales", code="other")
    sales.refresh_from_db()
    assert sales.code == "sales"


def test_deleting_what_nothing_needs(stella: User) -> None:
    sales = factories.department("sales", name="Sales")
    save(stella, f"accounts/department/{sales.pk}/delete/", post="yes")
    found = entry("deleted", "accounts.department")
    assert (found.object_id, found.before["code"], found.after) == (str(sales.pk), "sales", None)


def test_granting_and_taking_a_role(ada: User, noor: User) -> None:
    grant = RoleGrant.objects.create(user=noor, role="owner")
    inline = {
        "role_grants-TOTAL_FORMS": "2",
        "role_grants-INITIAL_FORMS": "1",
        "role_grants-0-id": grant.pk,
        "role_grants-0-user": noor.pk,
        "role_grants-0-role": "owner",
        "role_grants-0-DELETE": "on",
        "role_grants-1-user": noor.pk,
        "role_grants-1-role": "steward",
    }
    save(ada, f"accounts/user/{noor.pk}/change/", email=noor.email, name="Noor", is_active="on", **inline)
    assert entry("deleted", "accounts.rolegrant").before["role"] == "owner"
    added = entry("created", "accounts.rolegrant").after
    assert (added["role"], added["user"]) == ("steward", {"person": noor.pk})
    assert User.objects.get(pk=noor.pk).roles == {"steward"}


def test_a_new_person_signs_in_by_lower_case_address_and_the_audit_knows_no_password(ada: User) -> None:
    fields = {"email": "Petra@Example.ORG", "name": "Petra", "usable_password": "true"}
    password = {"password1": "a very long secret", "password2": "a very long secret"}
    save(ada, "accounts/user/add/", **fields, **password, **NO_ROLES)
    petra = User.objects.get(email="petra@example.org")
    assert petra.check_password("a very long secret")
    assert petra.password not in json.dumps(entry("created", "accounts.user").after)


def test_setting_a_password_is_recorded_without_it(ada: User, noor: User) -> None:
    fields = {"usable_password": "true", "password1": "another long secret", "password2": "another long secret"}
    save(ada, f"accounts/user/{noor.pk}/password/", **fields)
    noor.refresh_from_db()
    assert noor.check_password("another long secret")
    found = entry("set password", "accounts.user")
    assert (found.object_id, found.before, found.after) == (str(noor.pk), None, None)


def test_only_a_superuser_makes_or_touches_a_superuser(ada: User, noor: User, root: User) -> None:
    fields = {"email": noor.email, "name": "Noor", "is_active": "on", "is_superuser": "on"}
    save(ada, f"accounts/user/{noor.pk}/change/", **fields, **NO_ROLES)
    assert not User.objects.get(pk=noor.pk).is_superuser
    for page in ("change", "password"):
        assert browser_of(ada).post(f"/admin/accounts/user/{root.pk}/{page}/", fields).status_code == 403
    save(root, f"accounts/user/{noor.pk}/change/", **fields, **NO_ROLES)
    assert User.objects.get(pk=noor.pk).is_superuser


def test_the_fiscal_calendar_is_not_changed(ada: User, company: Company) -> None:
    save(
        ada, "accounts/company/1/change/", name="Acme", currency="usd", time_zone="Europe/Berlin",
        fiscal_year_start_month="4", kpi_mail_day="7",
    )  # fmt: skip
    found = Company.objects.get()
    assert (found.name, found.currency, found.fiscal_year_start_month) == ("Acme", "USD", 1)


@pytest.mark.parametrize(("field", "value"), [("currency", "E1"), ("time_zone", "Mars/Olympus")])
def test_a_bad_setting_of_the_company_is_refused(field: str, value: str, ada: User) -> None:
    fields = {"name": "Acme", "currency": "EUR", "time_zone": "UTC", "kpi_mail_day": "5", field: value}
    answer = browser_of(ada).post("/admin/accounts/company/1/change/", fields)
    assert field in answer.context_data["adminform"].form.errors


def test_a_new_token_is_shown_once_and_kept_nowhere(ada: User, ines: User) -> None:
    browser = browser_of(ada)
    answer = browser.post(
        "/admin/accounts/apitoken/add/", {"user": ines.pk, "name": "warehouse", "scopes": [Right.READ]}
    )
    text = answer.context_data["token_text"]
    assert text in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    called = Client().get("/api/v1/schema/", headers={"Authorization": f"Bearer {text}"})
    assert called.status_code == 200
    token = ApiToken.objects.get()
    for address in ("/admin/accounts/apitoken/", f"/admin/accounts/apitoken/{token.pk}/change/"):
        page = browser.get(address).content.decode()
        assert text not in page
        assert token.digest not in page
    kept = json.dumps(list(AuditEntry.objects.values_list("before", "after")))
    assert text not in kept
    assert token.digest not in kept


def test_tokens_are_revoked_from_the_list(ada: User, ines: User) -> None:
    token, text = create_token(user=ines, name="x", scopes=[Right.READ], expires_on=None, by=ada)
    save(ada, "accounts/apitoken/", action="revoke", _selected_action=[token.pk], sure="1")
    assert Client().get("/api/v1/schema/", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    assert entry("revoked", "accounts.apitoken").by == ada


@pytest.mark.parametrize("model", ["kpis/kpi", "customers/customer", "customers/tier", "accounts/department"])
def test_nothing_is_deleted_in_bulk(model: str, stella: User) -> None:
    page = browser_of(stella).get(f"/admin/{model}/").content.decode()
    assert "delete_selected" not in page


def test_a_move_marks_its_months(stella: User) -> None:
    gold, silver = factories.tier("T1"), factories.tier("T2")
    customer = factories.customer("C1", tier=gold)
    factories.member(customer, gold, "2011-09-15")
    TierTouch.objects.all().delete()
    save(
        stella, "customers/tiermembership/add/", customer=customer.pk, starts_on="2011-03-31", tier=silver.pk
    )  # fmt: skip
    assert [*TierTouch.objects.values_list("first_month", "last_month")] == [(201103, 201108)]
    assert entry("created", "customers.tiermembership").after["tier"] == "T2"


def test_taking_a_move_back_marks_its_months(stella: User) -> None:
    customer = factories.customer("C1", tier=factories.tier("T1"))
    move = factories.member(customer, None, "2011-03-31")
    TierTouch.objects.all().delete()
    save(stella, f"customers/tiermembership/{move.pk}/delete/", post="yes")
    assert [*TierTouch.objects.values_list("first_month", "last_month")] == [(201103, None)]


def test_a_move_on_the_customers_page_marks_and_records_too(stella: User) -> None:
    customer, gold = factories.customer("C1"), factories.tier("T1")
    inline = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-starts_on": "2011-03-31",
        "memberships-0-tier": gold.pk,
    }
    save(stella, f"customers/customer/{customer.pk}/change/", name="Acme", **inline)
    assert TierMembership.objects.get().starts_on == date(2011, 3, 31)
    assert TierTouch.objects.get().first_month == 201103
    assert entry("created", "customers.tiermembership").by == stella


def test_nobody_belongs_to_a_computed_column(stella: User) -> None:
    fields = {"customer": factories.customer().pk, "starts_on": "2011-03-31", "tier": factories.untiered().pk}
    answer = browser_of(stella).post("/admin/customers/tiermembership/add/", fields)
    assert "tier" in answer.context_data["adminform"].form.errors


def test_a_customer_cannot_return_before_it_left(stella: User) -> None:
    customer = factories.customer("C1")
    fields = {"customer": customer.pk, "on": "2011-03-31", "kind": "returned"}
    answer = browser_of(stella).post("/admin/customers/lifecycleevent/add/", fields)
    assert "legal are joined, then left and returned in turn" in said(answer)
    assert not LifecycleEvent.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_month_is_a_month_as_people_write_it_and_has_begun(stella: User) -> None:
    fields = {"kpi": factories.kpi("complaints").pk}
    for month in ("2011-13", "201109", "September", "9998-12"):
        answer = browser_of(stella).post("/admin/kpis/completemonth/add/", {**fields, "month": month})
        assert "month" in answer.context_data["adminform"].form.errors


def test_an_actual_is_read_here_and_corrected_where_a_reason_is_asked(stella: User) -> None:
    entered = factories.tier_actual(factories.kpi("survey"), factories.tier("T1"), 201109, 1)
    browser = browser_of(stella)
    assert browser.get(f"/admin/kpis/tieractual/{entered.pk}/change/").status_code == 200
    for verb, fields in (("change", {"numerator": "2"}), ("delete", {"post": "yes"})):
        assert browser.post(f"/admin/kpis/tieractual/{entered.pk}/{verb}/", fields).status_code == 403
    entered.refresh_from_db()
    assert entered.numerator == 1


def test_a_month_called_complete_is_the_word_of_who_said_so(stella: User) -> None:
    kpi = factories.kpi("complaints")
    save(stella, "kpis/completemonth/add/", kpi=kpi.pk, month="2011-09")
    assert CompleteMonth.objects.get().by == stella
    assert SliceTouch.objects.get().month == 201109
    found = CompleteMonth.objects.get()
    save(stella, f"kpis/completemonth/{found.pk}/delete/", post="yes")
    assert SliceTouch.objects.count() == 2


@pytest.mark.parametrize("what", ["kpi with facts", "customer with facts", "tier with members", "computed tier"])
def test_what_is_in_use_stays_and_says_why(what: str, stella: User) -> None:
    tier = factories.tier("T1")
    customer, kpi = factories.customer("C1"), factories.kpi("revenue")
    factories.fact(kpi, customer, 201109, 1)
    factories.member(customer, tier)
    address, word = {
        "kpi with facts": (f"kpis/kpi/{kpi.pk}", "facts"),
        "customer with facts": (f"customers/customer/{customer.pk}", "tier memberships"),
        "tier with members": (f"customers/tier/{tier.pk}", "Retire the tier instead"),
        "computed tier": (f"customers/tier/{factories.all_customers().pk}", "computed column"),
    }[what]
    answer = browser_of(stella).post(f"/admin/{address}/delete/", {"post": "yes"})
    assert word in said(answer)
    assert (Kpi.objects.count(), Customer.objects.count(), Tier.objects.count()) == (1, 1, 3)
    assert not AuditEntry.objects.exists()


def test_a_reserved_code_is_no_tier(stella: User) -> None:
    answer = browser_of(stella).post("/admin/customers/tier/add/", {"code": "ALL", "name": "All", "rank": "9"})
    assert "reserved" in str(answer.context_data["adminform"].form.errors["code"])


def test_the_audit_shows_before_and_after(ada: User, stella: User) -> None:
    sales = factories.department("sales", name="Sales")
    save(stella, f"accounts/department/{sales.pk}/change/", name="Sales and service")
    page = browser_of(ada).get(f"/admin/accounts/auditentry/{AuditEntry.objects.get().pk}/change/").content.decode()
    assert "Sales and service" in page


@pytest.mark.parametrize("model", ["kpis/kpi", "accounts/user", "accounts/auditentry", "customers/tiermembership"])
def test_a_list_of_many_costs_as_many_queries_as_one_of_few(
    model: str, root: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        person = factories.person(f"p{number}", "owner", "steward")
        kpi = factories.kpi(department=factories.department(f"d{number}"), owner=person)
        factories.customer(tier=factories.tier(f"T{number}"))
        AuditEntry.objects.create(by=person, verb="x", object_type="x", object_id=str(kpi.pk), object_label="x")
    browser = browser_of(root)
    with django_assert_max_num_queries(12):
        assert browser.get(f"/admin/{model}/").status_code == 200
