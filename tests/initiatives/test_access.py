"""Whose initiative is whose, and which customers may be read because of it."""

from __future__ import annotations

import pytest

from accounts.models import User
from customers.models import Customer
from initiatives.access import editable_by, may_edit, may_name
from initiatives.choices import Level
from initiatives.models import Initiative
from tests import factories
from tests.kept import kept


@kept
def account(db: None) -> Customer:
    return factories.customer("C1", is_key_account=True)


def theirs(account: Customer, **fields: User) -> Initiative:
    return factories.initiative(level=Level.KEY_ACCOUNT, customer=account, **fields)  # type: ignore[arg-type]


def test_stewards_and_administrators_edit_all(stella: User, ada: User) -> None:
    initiative = factories.initiative()
    assert all(may_edit(person, initiative) for person in (stella, ada))


def test_owners_edit_their_own_as_owner_deputy_or_team(omar: User) -> None:
    mine = [factories.initiative("a", owner=omar), factories.initiative("b", deputy=omar), factories.initiative("c")]
    mine[2].team.add(omar)
    factories.initiative("d", sponsor=omar)
    assert list(editable_by(omar, Initiative.objects.all())) == mine


@pytest.mark.parametrize("who", ["ines", "fay", "noor"])
def test_others_edit_none_not_even_what_names_them(request: pytest.FixtureRequest, db: None, who: str) -> None:
    person = request.getfixturevalue(who)
    assert not may_edit(person, factories.initiative(owner=person, deputy=person))


def test_a_token_edits_what_its_scopes_allow(ivo: User) -> None:
    initiative = factories.initiative()
    assert not may_edit(ivo, initiative)
    ivo.token_scopes = frozenset({"tierboard.read"})
    assert not may_edit(ivo, initiative)
    ivo.token_scopes = frozenset({"tierboard.edit_initiatives"})
    assert may_edit(ivo, initiative)


@pytest.mark.parametrize("role", ["owner", "deputy"])
def test_an_owner_reads_the_customers_of_own_initiatives(account: Customer, omar: User, role: str) -> None:
    factories.customer("C2", is_key_account=True)
    assert not may_name(omar, account)
    theirs(account, **{role: omar})
    assert list(Customer.objects.visible_to(omar)) == [account]
    assert may_name(omar, account)


def test_so_does_the_team_and_nobody_who_sponsors(account: Customer, omar: User) -> None:
    initiative = theirs(account, sponsor=omar)
    assert not Customer.objects.visible_to(omar).exists()
    initiative.team.add(omar)
    assert list(Customer.objects.visible_to(omar)) == [account]


def test_an_initiative_without_a_customer_shows_none(account: Customer, omar: User) -> None:
    factories.initiative(owner=omar)
    assert not Customer.objects.visible_to(omar).exists()
    assert not may_name(omar, None)


def test_each_customer_is_read_once(account: Customer, omar: User) -> None:
    Customer.objects.update(account_manager=omar)
    for _ in range(2):
        theirs(account, owner=omar).team.add(omar)
    assert list(Customer.objects.visible_to(omar)) == [account]


@pytest.mark.parametrize("who", ["ines", "fay", "stella", "ada"])
def test_those_who_read_all_customers_read_these(request: pytest.FixtureRequest, account: Customer, who: str) -> None:
    assert may_name(request.getfixturevalue(who), account)


def test_being_named_without_a_role_shows_nothing(account: Customer, noor: User) -> None:
    theirs(account, owner=noor)
    assert not Customer.objects.visible_to(noor).exists()
