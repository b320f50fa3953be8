"""Nobody locks everybody out: at no door does the last administrator who can sign in stop being one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.choices import Role
from accounts.models import AuditEntry, RoleGrant, User
from accounts.rules.people import administrators
from accounts.services.erasing import erase_person
from accounts.services.invitations import invite_many
from accounts.services.people import change_roles, deactivate
from core.registry import load_kinds
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db
Door = Callable[[Client, User, User], Any]


def in_the_admin(browser: Client, person: User, *, flag: bool, **grant: str) -> Any:
    """The admin's form of a person, with or without the flag of a superuser, and their first role as given."""
    sent: dict[str, Any] = {"email": person.email, "name": person.name, **({"is_superuser": "on"} if flag else {})}
    own = RoleGrant.objects.filter(user=person).first()
    sent |= {"role_grants-TOTAL_FORMS": str(int(bool(own))), "role_grants-INITIAL_FORMS": str(int(bool(own)))}
    if own:
        row: dict[str, Any] = {"id": own.pk, "user": person.pk, "role": own.role, **grant}
        sent |= {f"role_grants-0-{name}": value for name, value in row.items()}
    return browser.post(f"/admin/accounts/user/{person.pk}/change/", sent)


def given_back(browser: Client, person: User, other: User) -> Any:
    """The entry by which they were given the role, undone."""
    entry = AuditEntry.objects.create(
        verb="gave roles",
        object_type="accounts.user",
        object_id=str(person.pk),
        before={"roles": []},
        after={"roles": ["administrator"]},
    )
    return browser.post(f"/audit/{entry.pk}/revert/", {"sure": "1"})


DOORS: dict[str, Door] = {
    "roles, by page": lambda b, p, o: b.post(f"/people/{p.pk}/roles/", {"roles": ["owner"]}),
    "roles, by command": lambda b, p, o: change_roles(person=p, roles=[], by=None),
    "roles, by invitation": lambda b, p, o: invite_many(addresses=p.email, roles=["owner"], by=p, by_mail=False),
    "role taken out in the admin": lambda b, p, o: in_the_admin(b, p, flag=p.is_superuser, DELETE="on"),
    "another role in the admin": lambda b, p, o: in_the_admin(b, p, flag=p.is_superuser, role="owner"),
    "flag in the admin": lambda b, p, o: in_the_admin(b, p, flag=False),
    "flag and role in the admin": lambda b, p, o: in_the_admin(b, p, flag=False, DELETE="on"),
    "flag and another role in the admin": lambda b, p, o: in_the_admin(b, p, flag=False, role="owner"),
    "a group": lambda b, p, o: b.post("/admin/auth/group/add/", {"name": "x"}),
    "deactivating, by page": lambda b, p, o: b.post(f"/people/{p.pk}/deactivate/", {"receiver": o.pk, "sure": "1"}),
    "deactivating, by command": lambda b, p, o: deactivate(person=p, receiver=o, by=None),
    "password taken away": lambda b, p, o: b.post(
        f"/admin/accounts/user/{p.pk}/password/", {"usable_password": "false", "unset-password": "1"}
    ),
    "erasing, by page": lambda b, p, o: b.post(f"/people/{p.pk}/erase/", {"confirmed": p.email}),
    "erasing, by command": lambda b, p, o: erase_person(person=p, by=None),
    "undoing": given_back,
    "deleting, in the admin": lambda b, p, o: b.post(f"/admin/accounts/user/{p.pk}/delete/", {"post": "yes"}),
}


@pytest.mark.parametrize("which", ["by role", "superuser", "both"])
@pytest.mark.parametrize("door", DOORS)
def test_the_last_administrator_stays_one_at_every_door(company: object, door: str, which: str) -> None:
    roles = () if which == "superuser" else (Role.ADMINISTRATOR,)
    last = factories.person("Last", *roles, is_superuser=which != "by role")
    other = factories.person("Olga", Role.OWNER)
    without = factories.person("Nova", Role.ADMINISTRATOR)  # who has no way in yet, and so is none
    without.set_unusable_password()
    without.save()
    with suppress(ValidationError):
        DOORS[door](signed_in(last), last, other)
    assert [one.pk for one in administrators()] == [last.pk]
    assert User.objects.get(pk=last.pk).check_password(factories.PASSWORD)


def test_no_file_and_no_program_changes_people(company: object) -> None:
    assert not {"people", "users", "roles"} & set(load_kinds())
    browser = signed_in(factories.person("Ada", Role.ADMINISTRATOR))
    assert {browser.get(f"/api/v1/{name}/").status_code for name in ("people", "users", "roles")} == {404}


def test_one_of_two_may_go(ada: User, root: User) -> None:
    browser = signed_in(root)
    browser.post(f"/admin/accounts/user/{ada.pk}/password/", {"usable_password": "false", "unset-password": "1"})
    assert not User.objects.get(pk=ada.pk).has_usable_password()
    assert [one.pk for one in administrators()] == [root.pk]
