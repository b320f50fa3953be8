"""People: the list, their roles, and an administrator who is never missing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.choices import Role, WayIn
from accounts.models import AuditEntry, RoleGrant, User
from accounts.reading.people import with_ways_in
from accounts.services.invitations import invite
from accounts.services.people import change_roles, deactivate
from tests import factories
from tests.factories import signed_in
from tests.threads import at_once


def test_the_list_says_whether_and_how_each_gets_in(ada: User, noor: User) -> None:
    User.objects.create_user("file@tierboard.example")
    invite(email="new@tierboard.example", roles=[], by=ada, by_mail=False)
    User.objects.filter(pk=noor.pk).update(is_active=False)
    people: Any = with_ways_in()
    ways = {one.email: one.way_in for one in people}
    assert {ways[f"{name}@tierboard.example"] for name in ("ada", "file", "new", "noor")} == set(WayIn.values)
    page = signed_in(ada).get("/people/?state=invited&q=NEW").content.decode()
    assert "new@tierboard.example" in page
    assert "file@tierboard.example" not in page
    assert "Noor" in signed_in(ada).get("/people/?role=none").content.decode()


def test_the_list_asks_as_often_for_many_as_for_few(ada: User, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        invite(email=f"p{number}@tierboard.example", roles=[Role.OWNER], by=ada, by_mail=False)
    browser = signed_in(ada)
    browser.get("/help/")
    with django_assert_max_num_queries(14):
        assert browser.get("/people/").status_code == 200


def test_roles_are_told_in_the_words_of_help_and_a_change_is_audited(ada: User, noor: User) -> None:
    browser = signed_in(ada)
    words = "Approve or reject targets and benefits (never one’s own)"
    assert words in browser.get(f"/people/{noor.pk}/").content.decode()
    assert words in browser.get("/help/kpis/").content.decode()
    browser.post(f"/people/{noor.pk}/roles/", {"roles": ["finance", "owner"]})
    assert User.objects.get(pk=noor.pk).roles == {"finance", "owner"}
    entry = AuditEntry.objects.get(verb="gave roles", object_id=str(noor.pk))
    assert (entry.by, entry.before, entry.after) == (ada, {"roles": []}, {"roles": ["finance", "owner"]})


def test_the_last_administrator_stays_one_at_every_door(ada: User, ines: User) -> None:
    browser = signed_in(ada)
    told = browser.post(f"/people/{ada.pk}/roles/", {"roles": []})
    assert (told.status_code, "last administrator" in told.content.decode()) == (400, True)
    told = browser.post(f"/people/{ada.pk}/deactivate/", {"receiver": ines.pk, "sure": "1"})
    assert (told.status_code, "last administrator" in told.content.decode()) == (400, True)
    grant = RoleGrant.objects.get(user=ada)
    inline = {"role_grants-TOTAL_FORMS": "1", "role_grants-INITIAL_FORMS": "1", "role_grants-0-id": grant.pk}
    taken = {"role_grants-0-user": ada.pk, "role_grants-0-role": "administrator", "role_grants-0-DELETE": "on"}
    told = browser.post(f"/admin/accounts/user/{ada.pk}/change/", {"email": ada.email, "name": "Ada"} | inline | taken)
    assert "last administrator" in told.content.decode()
    ada.refresh_from_db()
    assert ada.is_active
    assert RoleGrant.objects.filter(user=ada, role=Role.ADMINISTRATOR).exists()


def test_one_who_was_invited_as_administrator_is_none_before_they_can_sign_in(ada: User) -> None:
    invite(email="new@tierboard.example", roles=[Role.ADMINISTRATOR], by=ada, by_mail=False)
    with pytest.raises(ValidationError, match="last administrator"):
        change_roles(person=ada, roles=[], by=ada)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["deactivate", "roles"])
def test_two_administrators_do_not_take_each_other_away_at_once(verb: str) -> None:
    ada, ali = (factories.person(name, Role.ADMINISTRATOR) for name in ("Ada", "Ali"))

    def take(person: User, by: User) -> bool:
        try:
            if verb == "deactivate":
                deactivate(person=person, receiver=None, by=by)
            else:
                change_roles(person=person, roles=[], by=by)
        except (ValidationError, PermissionDenied):
            return False
        return True

    assert sorted(at_once(lambda: take(ada, ali), lambda: take(ali, ada))) == [False, True]
    assert User.objects.filter(is_active=True, role_grants__role=Role.ADMINISTRATOR).count() == 1


def test_only_a_superuser_changes_a_superuser(ada: User, root: User) -> None:
    with pytest.raises(ValidationError, match="superusers alone"):
        deactivate(person=root, receiver=None, by=ada)
    with pytest.raises(ValidationError, match="superusers alone"):
        change_roles(person=root, roles=[Role.OWNER], by=ada)
