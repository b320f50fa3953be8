"""The contract's table of roles, cell by cell, and who holds nothing at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from accounts.models import User
from accounts.rights import BY_ROLE_ALONE, Right

# As the contract has it: executive, owner, finance, steward, integrator, administrator.
# "yes" by role, "scope" only through a token, "own" as a right of its own, "–" denied.
TABLE: dict[Right, tuple[str, str, str, str, str, str]] = {
    Right.READ: ("yes", "yes", "yes", "yes", "scope", "yes"),
    Right.READ_CUSTOMERS: ("yes", "–", "yes", "yes", "scope", "yes"),
    Right.READ_OWN_CUSTOMERS: ("–", "yes", "–", "–", "–", "–"),
    Right.READ_WARNINGS: ("yes", "–", "yes", "yes", "–", "–"),
    Right.READ_OWN_WARNINGS: ("–", "yes", "–", "–", "–", "–"),
    Right.COMMENT: ("yes", "yes", "yes", "yes", "–", "yes"),
    Right.SUBSCRIBE: ("yes", "yes", "yes", "yes", "–", "yes"),
    Right.NOTE_ACTIONS: ("yes", "–", "yes", "yes", "scope", "yes"),
    Right.NOTE_OWN_ACTIONS: ("–", "yes", "–", "–", "–", "–"),
    Right.CREATE_CANDIDATE: ("yes", "yes", "yes", "yes", "scope", "yes"),
    Right.EDIT_INITIATIVES: ("–", "–", "–", "yes", "scope", "yes"),
    Right.EDIT_OWN_INITIATIVES: ("–", "yes", "–", "–", "–", "–"),
    Right.APPROVE_INITIATIVES: ("yes", "–", "–", "–", "–", "–"),
    Right.MANAGE_KPIS: ("–", "–", "–", "yes", "scope", "yes"),
    Right.SET_STEPS: ("–", "–", "–", "yes", "scope", "yes"),
    Right.PROPOSE_KPIS: ("–", "yes", "–", "–", "–", "–"),
    Right.ENTER_ACTUALS: ("–", "–", "–", "yes", "scope", "yes"),
    Right.ENTER_OWN_ACTUALS: ("–", "yes", "–", "–", "–", "–"),
    Right.PROPOSE_TARGETS: ("–", "–", "yes", "yes", "scope", "–"),
    Right.PROPOSE_OWN_TARGETS: ("–", "yes", "–", "–", "–", "–"),
    Right.APPROVE_TARGETS: ("–", "–", "yes", "–", "–", "–"),
    Right.PREPARE_CLOSINGS: ("–", "–", "yes", "yes", "–", "–"),
    Right.CLOSE_PERIODS: ("yes", "–", "yes", "–", "–", "–"),
    Right.MANAGE_LINKS: ("–", "–", "–", "yes", "scope", "–"),
    Right.PROPOSE_LINKS: ("–", "yes", "–", "–", "–", "–"),
    Right.INCENTIVE_GOALS: ("yes", "–", "yes", "–", "–", "–"),
    Right.LOAD: ("–", "–", "–", "yes", "scope", "yes"),
    Right.ADMINISTER: ("–", "–", "–", "–", "–", "yes"),
}
ROLES = ("executive", "owner", "finance", "steward", "integrator", "administrator")
CELLS = [(right, role, word) for right, row in TABLE.items() for role, word in zip(ROLES, row, strict=True)]


def test_the_table_has_a_row_for_each_right() -> None:
    assert set(TABLE) == set(Right)


@pytest.mark.parametrize(("right", "role", "word"), CELLS)
def test_a_role_has_the_right_that_the_table_gives_it(
    right: Right, role: str, word: str, everyone: dict[str, Any]
) -> None:
    assert everyone[role].has_perm(right) is (word == "yes")


@pytest.mark.parametrize(("right", "role", "word"), CELLS)
def test_a_token_has_a_right_where_both_role_and_scope_name_it(
    right: Right, role: str, word: str, everyone: dict[str, Any]
) -> None:
    person = everyone[role]
    person.token_scopes = frozenset({right.value})
    assert person.has_perm(right) is (word in {"yes", "scope"})


@pytest.mark.parametrize("role", ROLES)
def test_a_token_has_no_right_that_its_scopes_leave_out(role: str, everyone: dict[str, Any]) -> None:
    person = everyone[role]
    person.token_scopes = frozenset()
    assert not any(person.has_perm(right) for right in Right)


@pytest.mark.parametrize("right", Right)
def test_nobody_and_a_person_without_a_role_hold_nothing(right: Right, noor: User) -> None:
    assert not AnonymousUser().has_perm(right)
    assert not noor.has_perm(right)


@pytest.mark.parametrize("right", Right)
def test_a_closed_account_holds_nothing(right: Right, everyone: dict[str, Any], root: User) -> None:
    for person in [*everyone.values(), root]:
        person.is_active = False
        assert not person.has_perm(right)


@pytest.mark.parametrize("right", sorted(set(Right) - BY_ROLE_ALONE))
def test_a_superuser_may_do_everything_but_a_token_of_theirs_what_its_scopes_name(right: Right, root: User) -> None:
    assert root.has_perm(right)
    root.token_scopes = frozenset({Right.READ.value})
    assert root.has_perm(right) is (right is Right.READ)
    assert not root.has_perm("accounts.change_user")


def test_a_superuser_has_by_a_role_alone_what_is_no_matter_of_running_the_product(root: User) -> None:
    assert not root.has_perm(Right.INCENTIVE_GOALS)
    root.role_grants.create(role="finance")
    assert User.objects.get(pk=root.pk).has_perm(Right.INCENTIVE_GOALS)


def test_roles_add_up(fay: User) -> None:
    fay.role_grants.create(role="administrator")
    person = User.objects.get(pk=fay.pk)
    assert person.has_perm(Right.APPROVE_TARGETS)
    assert person.has_perm(Right.ADMINISTER)


def test_djangos_own_permissions_give_no_right(noor: User) -> None:
    noor.user_permissions.set(Permission.objects.all())
    assert not any(User.objects.get(pk=noor.pk).has_perm(right) for right in Right)


def test_rights_are_read_once_per_request(ines: User, django_assert_num_queries: Any) -> None:
    person = User.objects.get(pk=ines.pk)
    with django_assert_num_queries(1):
        assert [right for right in Right if person.has_perm(right)]
