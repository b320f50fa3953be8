"""Invitations: a link that lets one person in, once, for seven days, and of which nobody can read the secret."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from accounts.choices import Role
from accounts.models import AuditEntry, Invitation, OutgoingMail, User
from accounts.services.invitations import Invited, Refused, invite, invite_many, revoke_invitations
from accounts.tasks import send_mails
from tests.factories import signed_in
from tests.threads import at_once

NEW = "elif@tierboard.example"
PASSWORD = "an elephant in the hall"
FILES = "django.core.mail.backends.filebased.EmailBackend"


def link_of(by: User, **fields: Any) -> str:
    return invite(**{"email": NEW, "roles": [Role.OWNER], "by": by, "by_mail": False, **fields}).link


def answer(link: str, browser: Client | None = None, **fields: str) -> Any:
    values = {"name": "Elif Aydin", "new_password1": PASSWORD, "new_password2": PASSWORD, **fields}
    return (browser or Client()).post(re.sub(r"^https?://[^/]+", "", link), values)


def test_who_takes_an_invitation_names_themselves_and_is_signed_in(ada: User) -> None:
    link, browser = link_of(ada), Client()
    assert NEW in browser.get(link).content.decode()
    assert answer(link, browser).status_code == 302
    person = User.objects.get(email=NEW)
    assert (person.name, person.roles, person.check_password(PASSWORD)) == ("Elif Aydin", {Role.OWNER}, True)
    assert browser.get("/profile/").status_code == 200
    assert answer(link).status_code == 404  # dead after use
    verbs = set(AuditEntry.objects.filter(object_id=str(person.pk)).values_list("verb", flat=True))
    assert {"created", "gave roles", "invited", "accepted the invitation"} <= verbs


def test_no_column_holds_what_opens_an_invitation(ada: User) -> None:
    secret = link_of(ada).rstrip("/").rpartition("/")[2]
    rows = [*Invitation.objects.values(), *OutgoingMail.objects.values(), *AuditEntry.objects.values()]
    assert all(secret not in str(row) for row in rows)


@pytest.mark.parametrize("ended", ["old", "revoked", "sent again", "has a password", "deactivated"])
def test_a_link_that_is_over_lets_nobody_in(ended: str, ada: User) -> None:
    link = link_of(ada)
    person, later = User.objects.get(email=NEW), timezone.now()
    if ended == "old":
        later += timedelta(days=7, minutes=1)
    elif ended == "revoked":
        revoke_invitations(person, by=ada)
    elif ended == "sent again":
        link_of(ada)
    elif ended == "has a password":
        person.set_password("something of before")
        person.save()
    else:
        User.objects.filter(pk=person.pk).update(is_active=False)
    with time_machine.travel(later):
        assert Client().get(link).status_code == 404
        assert answer(link).status_code == 404
    person.refresh_from_db()
    assert not person.check_password(PASSWORD)


def test_a_mail_brings_a_link_that_the_outbox_never_held(ada: User) -> None:
    invite(email=NEW, roles=[], by=ada, by_mail=True)
    assert OutgoingMail.objects.get().body == ""
    send_mails()
    [sent] = mail.outbox
    link = re.search(r"http\S+/accounts/invitation/\S+", str(sent.body))
    assert link
    assert answer(link[0]).status_code == 302
    assert OutgoingMail.objects.get().body == ""


def test_a_mail_that_waits_is_not_sent_once_its_invitation_is_revoked(ada: User) -> None:
    invite(email=NEW, roles=[], by=ada, by_mail=True)
    revoke_invitations(User.objects.get(email=NEW), by=ada)
    send_mails()
    assert mail.outbox == []


def test_many_are_invited_at_once_and_each_refusal_says_why(ada: User, ines: User) -> None:
    listed = f"Elif Aydin <{NEW}>, no-address;\n{ines.email}\n{NEW}"
    found = invite_many(addresses=listed, roles=[Role.STEWARD], by=ada, by_mail=False)
    assert [type(one) for one in found] == [Invited, Refused, Refused, Invited]
    assert [one.reason for one in found if isinstance(one, Refused)] == [
        "This is no e-mail address.",
        "This person can sign in already.",
    ]
    assert str(User.objects.get(email=NEW)) == "Elif Aydin"


def test_whom_a_file_made_is_invited_from_the_list(ada: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = FILES
    made = User.objects.create_user(NEW)
    page = signed_in(ada).get("/people/?state=named").content.decode()
    assert NEW in page
    assert "Mail is not set up" in page
    shown = signed_in(ada).post(f"/people/{made.pk}/invite/", {"way": "mail"})
    assert "no-store" in shown["Cache-Control"]
    link = re.search(r'value="(http\S+/accounts/invitation/[^"]+)"', shown.content.decode())
    assert link
    assert answer(link[1]).status_code == 302


def test_administrators_invite_and_nobody_else(stella: User) -> None:
    with pytest.raises(PermissionDenied):
        link_of(stella)
    assert invite(email=NEW, roles=[Role.ADMINISTRATOR], by=None, by_mail=False).link  # the operator


def test_who_was_deactivated_is_not_invited(ada: User, noor: User) -> None:
    User.objects.filter(pk=noor.pk).update(is_active=False)
    with pytest.raises(ValidationError, match="active again"):
        link_of(ada, email=noor.email)


@pytest.mark.django_db(transaction=True)
def test_two_who_use_one_link_at_once_do_not_both_get_in() -> None:
    link = invite(email=NEW, roles=[], by=None, by_mail=False).link
    codes = at_once(lambda: answer(link).status_code, lambda: answer(link).status_code)
    assert sorted(codes) == [302, 404]
