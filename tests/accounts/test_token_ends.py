"""Every token has an end: on a day, with a new password, and those that were made before tokens had one."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.company import today
from accounts.models import ApiToken, AuditEntry, OutgoingMail, User
from accounts.models.frozen import lifted
from accounts.rights import Right
from accounts.services.outbox import send_waiting
from accounts.tasks import send_mails
from tests.accounts.test_tokens import call, token_of
from tests.factories import PASSWORD, signed_in

NEW = "another correct horse"
TYPED = {"new_password1": NEW, "new_password2": NEW}
upgrade = import_module("accounts.migrations.0006_old_tokens_end")


def day(number: int) -> Any:
    return today() + timedelta(days=number)


# On a day


def test_a_new_token_ends_after_ninety_days(ines: User) -> None:
    assert token_of(ines)[0].expires_on == day(90)


def test_the_form_says_ninety_days_and_an_emptied_field_means_the_same(ada: User, ines: User) -> None:
    browser = signed_in(ada)
    assert str(day(90)) in browser.get("/admin/accounts/apitoken/add/").content.decode()
    browser.post(
        "/admin/accounts/apitoken/add/", {"user": ines.pk, "name": "x", "scopes": [Right.READ], "expires_on": ""}
    )
    assert ApiToken.objects.get().expires_on == day(90)


@pytest.mark.parametrize("days", [0, 1, 91, 366])
def test_another_day_within_a_year_is_kept(days: int, ines: User) -> None:
    assert token_of(ines, expires_on=day(days))[0].expires_on == day(days)


@pytest.mark.parametrize("days", [367, 100_000])
def test_refuses_more_than_a_year(days: int, ines: User) -> None:
    with pytest.raises(ValidationError, match="a year at most"):
        token_of(ines, expires_on=day(days))


def test_a_token_that_an_older_program_makes_without_an_end_ends_too(ines: User) -> None:
    token, text = token_of(ines)
    ApiToken.objects.filter(pk=token.pk).update(expires_on=None)
    assert call(text).status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(created_at=timezone.now() - timedelta(days=92))
    assert call(text).status_code == 401


def test_a_token_serves_again_when_its_person_is_let_in_again_and_not_before(ines: User) -> None:
    _, text = token_of(ines)
    User.objects.filter(pk=ines.pk).update(is_active=False)
    assert call(text).status_code == 401
    User.objects.filter(pk=ines.pk).update(is_active=True)
    assert call(text).status_code == 200


# With a new password


def changes(person: User, browser: Client, **more: str) -> None:
    answer = browser.post("/accounts/password/", {"old_password": PASSWORD, **TYPED, **more})
    assert answer["Location"] == "/accounts/password/done/"


def resets(person: User, browser: Client, **more: str) -> None:
    Client().post("/accounts/reset/", {"email": person.email})
    send_mails()
    found = re.search(r"https?://[^/]+(/accounts/reset/\S+)", str(mail.outbox[-1].body))
    assert found
    page = browser.get(found[1], follow=True)
    answer = browser.post(page.redirect_chain[-1][0], {**TYPED, **more})
    assert answer["Location"] == "/accounts/reset/done/"


@pytest.mark.parametrize("way", [changes, resets])
def test_tokens_end_with_the_password(way: Any, ines: User, fay: User) -> None:
    token, text = token_of(ines)
    _, fays = token_of(fay)
    way(ines, signed_in(ines) if way is changes else Client())
    assert call(text).status_code == 401
    assert call(fays).status_code == 200
    entry = AuditEntry.objects.get(verb="revoked")
    assert (entry.by, entry.object_id) == (ines, str(token.pk))


@pytest.mark.parametrize("way", [changes, resets])
def test_tokens_go_on_where_their_person_keeps_them(way: Any, ines: User) -> None:
    _, text = token_of(ines)
    way(ines, signed_in(ines) if way is changes else Client(), keep_tokens="on")
    assert call(text).status_code == 200
    assert User.objects.get(pk=ines.pk).check_password(NEW)


def test_the_form_asks_only_who_has_tokens(ines: User) -> None:
    browser = signed_in(ines)
    assert "keep_tokens" not in browser.get("/accounts/password/").content.decode()
    token_of(ines)
    assert "Keep my API tokens" in browser.get("/accounts/password/").content.decode()
    ApiToken.objects.update(expires_on=day(-1))
    assert "keep_tokens" not in browser.get("/accounts/password/").content.decode()


def test_a_change_that_is_refused_ends_nothing(ines: User) -> None:
    _, text = token_of(ines)
    signed_in(ines).post("/accounts/password/", {"old_password": "wrong", **TYPED})
    signed_in(ines).post("/accounts/password/", {"old_password": PASSWORD, "new_password1": "x", "new_password2": "x"})
    assert call(text).status_code == 200


@pytest.mark.parametrize("usable", ["true", "false"])
def test_tokens_end_when_an_administrator_sets_the_password_or_takes_it_away(
    usable: str, ada: User, ines: User
) -> None:
    _, text = token_of(ines)
    fields = {"usable_password": usable, "password1": NEW, "password2": NEW, "keep_tokens": "on"}
    button = {"set-password": "1"} if usable == "true" else {"unset-password": "1"}
    assert signed_in(ada).post(f"/admin/accounts/user/{ines.pk}/password/", fields | button).status_code == 302
    assert User.objects.get(pk=ines.pk).has_usable_password() is (usable == "true")
    assert call(text).status_code == 401
    assert AuditEntry.objects.get(verb="revoked").by == ada


def test_tokens_end_when_the_operator_sets_the_password(ines: User, monkeypatch: pytest.MonkeyPatch) -> None:
    _, text = token_of(ines)
    monkeypatch.setattr("getpass.getpass", lambda **kwargs: NEW)
    call_command("changepassword", ines.email)
    assert call(text).status_code == 401
    assert AuditEntry.objects.get(verb="revoked").by is None


def test_a_password_that_is_only_kept_better_ends_nothing(ines: User, settings: Any) -> None:
    _, text = token_of(ines)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert ines.check_password(PASSWORD)
    assert User.objects.get(pk=ines.pk).password.startswith("pbkdf2")
    assert call(text).status_code == 200


# Those that were made before


def old(person: User, name: str, maker: User | None, **fields: Any) -> ApiToken:
    """A token as an older version made it: without end and maker, unless said otherwise."""
    token, _ = token_of(person, *fields.pop("scopes", ()), name=name, by=person)
    with lifted():
        AuditEntry.objects.filter(object_id=str(token.pk)).update(by=maker)
    ApiToken.objects.filter(pk=token.pk).update(made_by=None, **({"expires_on": None} | fields))
    return token


def upgraded() -> dict[str, ApiToken]:
    upgrade.name_makers(apps, None)
    upgrade.end_tokens(apps, None)
    return {token.name: token for token in ApiToken.objects.all()}


def test_old_tokens_end_ninety_days_after_the_upgrade(ines: User, ada: User) -> None:
    old(ines, "endless", ada)
    old(ines, "soon", ada, expires_on=day(10))
    old(ines, "far", ada, expires_on=day(1000))
    old(ines, "over", ada, expires_on=day(-1))
    ends = {name: token.expires_on for name, token in upgraded().items()}
    assert ends == {"endless": day(90), "soon": day(10), "far": day(90), "over": day(-1)}


def test_the_audit_says_who_made_an_old_token(ines: User, ada: User) -> None:
    old(ines, "own", ines)
    old(ines, "given", ada)
    old(ines, "unknown", None)
    made = {name: token.made_by for name, token in upgraded().items()}
    assert made == {"own": ines, "given": ada, "unknown": None}


def test_each_person_gets_one_mail_about_their_old_tokens(ines: User, fay: User, ada: User, noor: User) -> None:
    old(ines, "warehouse", ines)
    old(ines, "planning", ines)
    old(fay, "budget", ada, scopes=(Right.READ, Right.APPROVE_TARGETS), expires_on=day(10))
    old(noor, "soon", noor, expires_on=day(10))
    upgraded()
    upgraded()
    texts = {one.to: one.body for one in OutgoingMail.objects.select_related("to")}
    assert set(texts) == {ines, fay}
    assert "warehouse" in texts[ines]
    assert "planning" in texts[ines]
    assert f"{day(90).day} {day(90):%B %Y}" in texts[ines]
    assert "takes no decision any more" in texts[fay]
    assert send_waiting() == 2
    assert {str(one.to) for one in mail.outbox} == {str([ines.email]), str([fay.email])}


def test_who_lost_a_token_of_a_superuser_is_told(root: User, ada: User) -> None:
    token = old(root, "all", ada)
    upgraded()
    assert "refused from now on" in OutgoingMail.objects.get(to=root).body
    assert ApiToken.objects.get(pk=token.pk).oversteps


@pytest.mark.parametrize("why", ["revoked", "closed"])
def test_nobody_is_told_about_a_token_that_serves_no_more(why: str, ines: User) -> None:
    token = old(ines, "x", ines)
    if why == "revoked":
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    else:
        User.objects.filter(pk=ines.pk).update(is_active=False)
    assert upgraded()["x"].expires_on == day(90)
    assert not OutgoingMail.objects.exists()
