"""The first administrator comes by a one-time link that is told to whoever starts the product."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from io import StringIO
from threading import BoundedSemaphore
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client

from accounts.choices import Role, Verb
from accounts.models import AuditEntry, SetupLink, User
from accounts.services.setup import claim_setup_link, new_setup_link
from config import run
from core.writes import TransitionRefused
from tests.factories import PASSWORD
from tests.threads import at_once

FORM = {"name": "Ada", "email": "Ada@Norrvik.example", "password1": PASSWORD, "password2": PASSWORD}


def path_of(told: str) -> str:
    """The address of the link in what was told."""
    found = re.search(r"http://[^/\s]+(/accounts/first/\S+)", told)
    assert found
    return found[1]


def token_of(told: str) -> str:
    return path_of(told).rstrip("/").rpartition("/")[2]


def claim(token: str, name: str = "ada") -> User:
    return claim_setup_link(token=token, email=f"{name}@norrvik.example", name=name, password=PASSWORD)


@pytest.mark.django_db
def test_whoever_opens_it_becomes_the_administrator_and_is_led_to_the_set_up() -> None:
    browser = Client()
    address = path_of(new_setup_link())
    assert browser.get(address).status_code == 200
    answer = browser.post(address, FORM)
    ada = User.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/setup/")
    assert (ada.email, ada.roles, ada.is_superuser) == ("ada@norrvik.example", {Role.ADMINISTRATOR}, False)
    assert browser.get("/setup/").status_code == 200
    assert ada.check_password(PASSWORD)


@pytest.mark.django_db
def test_it_is_dead_after_use_when_a_newer_one_was_made_and_after_a_day() -> None:
    first, second = new_setup_link(), new_setup_link()
    assert Client().get(path_of(first)).status_code == 410
    with time_machine.travel(datetime.now(UTC).replace(year=2035), tick=False):
        assert Client().get(path_of(second)).status_code == 410
    claim(token_of(second))
    assert Client().get(path_of(second)).status_code == 410
    assert Client().post(path_of(second), FORM).status_code == 410
    with pytest.raises(TransitionRefused, match="has been used"):
        claim(token_of(second), "eve")
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_only_its_hash_is_kept_and_no_entry_tells_it() -> None:
    token = token_of(new_setup_link())
    link, entry = SetupLink.objects.get(), AuditEntry.objects.get(verb=Verb.MADE_SETUP_LINK)
    claim(token)
    told = json.dumps([list(AuditEntry.objects.values("before", "after", "object_label"))], default=str)
    assert token not in str(vars(link))
    assert link.digest not in told
    assert token not in told
    assert entry.by is None


@pytest.mark.django_db
def test_a_refused_form_keeps_the_link_and_says_why(ines: User) -> None:
    address = path_of(new_setup_link())
    for wrong, why in (
        ({"password2": "another one"}, "The two passwords differ."),
        ({"password1": "password", "password2": "password"}, "too common"),
        ({"email": ines.email}, "There is somebody with this address already"),
        ({"name": ""}, "required"),
    ):
        answer = Client().post(address, FORM | wrong)
        assert (answer.status_code, why in answer.content.decode()) == (400, True), why
    assert Client().post(address, FORM).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_fifty_claims_at_once_make_one_administrator() -> None:
    token, room = token_of(new_setup_link()), BoundedSemaphore(25)  # of a server's connections

    def once(number: int) -> bool:
        with room:
            try:
                return bool(claim(token, f"p{number}"))
            except TransitionRefused:
                return False
            finally:
                connections.close_all()

    answers = at_once(*(lambda number=number: once(number) for number in range(50)))
    assert (len(answers), sum(answers), User.objects.count()) == (50, 1, 1)


@pytest.mark.django_db
def test_the_command_prints_a_new_one_until_there_is_an_administrator(root: User) -> None:
    User.objects.update(is_active=False)  # who cannot sign in administers nothing
    told = StringIO()
    call_command("setup_link", stdout=told)
    address = path_of(told.getvalue())
    assert Client().get(address).status_code == 200
    User.objects.update(is_active=True)  # a superuser counts as one
    with pytest.raises(CommandError, match="There is an administrator already") as refused:
        call_command("setup_link", stdout=told)
    assert refused.value.returncode == 1
    assert Client().get(address).status_code == 410
    silent = StringIO()
    call_command("setup_link", if_nobody=True, stdout=silent)
    assert silent.getvalue() == ""


@pytest.mark.django_db
def test_each_start_of_an_empty_installation_tells_another_link() -> None:
    first, second = run.logins(), run.logins()
    assert Client().get(path_of(first)).status_code == 410
    assert Client().get(path_of(second)).status_code == 200
    claim(token_of(second))
    assert run.logins() == ""


def test_the_container_that_migrates_tells_it(settings: Any) -> None:
    told = (settings.BASE_DIR / "docker-compose.yml").read_text()
    assert "manage.py migrate --no-input && python manage.py setup_link --if-nobody" in told
