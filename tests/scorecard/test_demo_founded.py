"""Who can sign in to the demo company, and what is left when it has been emptied."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.test import RequestFactory

from accounts.choices import Role
from accounts.models import AuditEntry, Company, User
from customers.models import Customer, Tier
from demo import people
from demo.emptying import was_emptied
from demo.founding import DemoRefusedError, refuse_data
from kpis.models import Fact
from tests import factories
from tests.demo import NEW_YEAR, founded_company


def demo(*arguments: str) -> str:
    """What the command prints."""
    told = StringIO()
    call_command("demo", *arguments, stdout=told)
    return told.getvalue()


def rows_by_table() -> dict[str, int]:
    """Number of rows of each of the product's own tables, without empty ones."""
    ours = ("accounts", "customers", "kpis", "initiatives")
    models = [model for label in ours for model in apps.get_app_config(label).get_models()]
    counts = {model._meta.label: model._default_manager.count() for model in models}
    return {label: count for label, count in counts.items() if count}


pytestmark = pytest.mark.slow  # a company of years is founded, which takes seconds


@pytest.fixture(scope="module")
def company_of_all(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo company that each test finds as it was founded."""
    with django_db_blocker.unblock(), founded_company(NEW_YEAR):
        yield


@pytest.fixture(autouse=True)
def _own_changes_are_taken_back(company_of_all: None, db: None) -> None:
    """Each test works in a transaction of its own, inside that of the module."""


def test_everybody_can_sign_in_and_has_one_role() -> None:
    request = RequestFactory().post("/")
    for login in people.LOGINS:
        user = authenticate(request, username=login.email, password=people.PASSWORD)
        assert isinstance(user, User), login
        assert user.roles == {login.role}
    assert {login.role for login in people.LOGINS} == set(Role)


def test_colleagues_have_no_way_to_sign_in() -> None:
    colleague = User.objects.get(email=people.address(people.COLLEAGUES[0]))
    assert not colleague.has_usable_password()


def test_the_owner_looks_after_key_accounts() -> None:
    assert User.objects.get(email=people.OWNER.email).key_accounts.count() > 5


def test_leaves_an_audit_entry_with_what_it_wrote() -> None:
    entry = AuditEntry.objects.get(verb="founded demo")
    assert entry.after
    assert entry.after["customers"] == Customer.objects.count() == 1_200
    assert entry.after["facts"] == Fact.objects.count()


def test_founding_again_does_nothing() -> None:
    before = rows_by_table()
    assert "is there already. Nothing was changed." in demo()
    assert rows_by_table() == before


def test_emptying_leaves_the_company_the_reserved_tiers_and_an_audit_entry() -> None:
    assert "rows are gone" in demo("--empty", "--yes")
    kept = {"accounts.Company": 1, "customers.Tier": 2, "initiatives.Policy": 1, "kpis.ValueKpis": 1}
    assert rows_by_table() == kept | {"accounts.AuditEntry": 1}
    assert AuditEntry.objects.get().verb == "emptied demo"
    assert not Company.objects.get().is_demo
    assert Company.objects.get().name != people.COMPANY
    assert was_emptied()


def test_emptying_keeps_people_that_were_added_beside_the_demos_own(root: User) -> None:
    demo("--empty", "--yes")
    assert list(User.objects.all()) == [root]


def test_emptying_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda question: "no")
    before = rows_by_table()
    assert demo("--empty") == "Nothing was changed.\n"
    assert rows_by_table() == before


def test_approved_targets_are_frozen_again_after_emptying() -> None:
    demo("--empty", "--yes")
    target = factories.target(factories.kpi("ours"), Tier.objects.get(code="all"), 202601, value=1)
    with pytest.raises(Exception, match="an approved target cannot be changed"):
        type(target).objects.filter(pk=target.pk).update(value=2)


def test_after_emptying_nothing_stands_in_the_way_of_a_companys_own_data(company: Company) -> None:
    with pytest.raises(DemoRefusedError):
        refuse_data()
    demo("--empty", "--yes")
    refuse_data()
    assert Tier.objects.real().count() == 0
