"""Giving back one change of the audit: by the service that made it, by whom it is theirs, where nothing came since."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry, Company, User
from accounts.pages.audit import entry_page
from accounts.services.divisions import DepartmentRows
from accounts.services.reverts import revert_entry, why_not
from core.stale import revision_of
from core.writes import StaleWrite, TransitionRefused
from customers.models import Tier
from customers.services.customers import CustomerRows, TierRows
from initiatives.models import Initiative, Milestone, PainPoint
from initiatives.services.milestones import drop_milestone
from initiatives.services.pain import delete_pain_point, edit_pain_point
from initiatives.services.register import edit_initiative
from kpis.services.definitions import edit_kpi, retire_kpi
from tests import factories
from tests.factories import signed_in


def last() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def edited(by: User, **values: Any) -> Initiative:
    row = Initiative.objects.first() or factories.initiative("portal", title="Portal", due=date(2026, 9, 30))
    return edit_initiative(initiative=row, by=by, values=values, seen=revision_of(row))


def test_a_change_of_an_initiative_is_given_back_and_the_entry_says_whose(stella: User, ada: User) -> None:
    row = edited(stella, title="Gate", team=[stella], tiers=[factories.tier("T1")])
    entry = last()
    revert_entry(entry=entry, by=ada)
    row.refresh_from_db()
    assert (row.title, row.team.count(), row.tiers.count()) == ("Portal", 0, 0)
    assert (last().reverts, last().by, (last().after or {})["title"]) == (entry.pk, ada, "Portal")
    page = entry_page(entry, ada)
    assert (page.given_back_by, page.gives_back) == (last().pk, False)


def test_what_was_changed_since_in_the_same_fields_is_refused_with_a_sentence(stella: User, ada: User) -> None:
    edited(stella, title="Gate")
    entry = last()
    row = edited(stella, theme="doors")
    assert why_not(entry, ada) == ""  # another field
    edited(stella, title="Door")
    with pytest.raises(StaleWrite, match="Title of “Door” was changed again since; nothing was changed"):
        revert_entry(entry=entry, by=ada)
    row.delete()
    assert "is not there any more" in why_not(entry, ada)


def test_it_takes_the_right_of_the_change_itself(stella: User, ines: User, omar: User, fay: User) -> None:
    row = edited(stella, title="Gate")
    entry = last()
    for person in (ines, omar, fay):
        with pytest.raises(PermissionDenied):
            revert_entry(entry=entry, by=person)
    Initiative.objects.update(owner=omar)
    revert_entry(entry=entry, by=omar)
    row.refresh_from_db()
    assert row.title == "Portal"


def test_kpis_are_described_as_before_and_brought_back(stella: User, omar: User) -> None:
    kpi = edit_kpi(kpi=factories.kpi("revenue"), by=stella, values={"name": "Sales", "owner": omar, "definition": "x"})
    revert_entry(entry=AuditEntry.objects.get(verb="changed"), by=stella)
    kpi.refresh_from_db()
    assert (kpi.name, kpi.owner, kpi.definition) == ("Revenue", None, "")
    retire_kpi(kpi=kpi, by=stella, from_month=202601, reason="old")  # type: ignore[arg-type]
    revert_entry(entry=last(), by=stella)
    kpi.refresh_from_db()
    assert kpi.retired_from is None


def test_pain_points_are_as_before_and_come_back(stella: User) -> None:
    point = factories.pain_point("waiting", mentions=3)
    edit_pain_point(pain_point=point, by=stella, values={"mentions": 9})
    revert_entry(entry=last(), by=stella)
    delete_pain_point(pain_point=point, by=stella)
    assert not PainPoint.objects.exists()
    revert_entry(entry=last(), by=stella)
    assert PainPoint.objects.get().mentions == 3
    with pytest.raises(StaleWrite, match="reverted it already"):
        revert_entry(entry=AuditEntry.objects.get(verb="deleted"), by=stella)


def test_a_dropped_milestone_counts_again(stella: User) -> None:
    row = factories.milestone(factories.initiative("portal"), due=date(2026, 9, 30))
    drop_milestone(milestone=row, by=stella, reason="no budget")
    revert_entry(entry=last(), by=stella)
    assert Milestone.objects.get().dropped_on is None
    assert last().verb == "restored"


def test_tiers_customers_departments_and_the_company_are_as_before(stella: User, ada: User, company: Company) -> None:
    TierRows().change(row=factories.tier("T1", name="Gold"), by=stella, values={"name": "Silver"})
    revert_entry(entry=last(), by=stella)
    assert Tier.objects.get(code="T1").name == "Gold"
    customer = factories.customer("C-1", name="Globex")
    CustomerRows().change(row=customer, by=stella, values={"region": "North"})
    revert_entry(entry=last(), by=stella)
    DepartmentRows().delete(row=factories.department("x", name="X"), by=stella)
    revert_entry(entry=last(), by=stella)
    assert factories.department("x").name == "X"
    name, values = company.name, {"name": "Y", "currency": company.currency, "time_zone": "UTC", "kpi_mail_day": 5}
    signed_in(ada).post("/admin/accounts/company/1/change/", values)
    assert Company.objects.get().name == "Y"
    revert_entry(entry=last(), by=ada)
    assert Company.objects.get().name == name


def test_a_name_of_a_customer_is_not_kept_and_so_not_given_back(stella: User) -> None:
    CustomerRows().change(row=factories.customer("C-1", name="Globex"), by=stella, values={"name": "Initech"})
    with pytest.raises(TransitionRefused, match="Name cannot be undone here"):
        revert_entry(entry=last(), by=stella)
    assert not entry_page(last(), stella).gives_back


def test_the_page_asks_with_both_values_and_then_does_it(stella: User, ada: User, omar: User) -> None:
    row = edited(stella, title="Gate")
    address = f"/audit/{last().pk}/revert/"
    asked = signed_in(ada).get(address).content.decode()
    assert "Undo this change?" in asked
    assert signed_in(omar).get(address).status_code == 403
    assert "Undo this change?" in signed_in(stella).post(address).content.decode()
    assert signed_in(stella).post(address, {"sure": "1"}).status_code == 302  # who did it gives it back
    row.refresh_from_db()
    assert row.title == "Portal"
    assert signed_in(ada).post(address, {"sure": "1"}).status_code == 409
