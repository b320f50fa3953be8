"""A form that is sent after the session has ended: sign in, and what was typed is still there."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from accounts.models import User
from accounts.pages.kept_form import MOST, kept_form
from initiatives.models import Initiative
from tests import factories as make
from tests.kept import kept

NOTE = "Two “quotes” & a <tag>\nand a second line"


def hidden(page: Any) -> dict[str, str]:
    """The hidden fields of a page's form."""
    text = page.content.decode()
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text)}


@kept
def pilot(omar: User) -> Initiative:
    """An initiative of Omar's that runs."""
    return make.initiative("pilot", owner=omar)


def report(browser: Client, **more: str) -> Any:
    """Omar's status update, sent by a browser."""
    values = {"health": "at_risk", "progress": "40", "note": NOTE, **more}
    return browser.post("/initiatives/pilot/update/?from=mail", values)


def sign_in(browser: Client, user: User, kept: str, password: str = make.PASSWORD) -> Any:
    form = {"username": user.email, "password": password, "kept": kept}
    return browser.post("/accounts/login/", form)


def test_what_was_typed_comes_back_after_signing_in(pilot: Initiative, omar: User) -> None:
    browser = Client()
    ended = report(browser)
    assert ended.status_code == 401
    assert "what you typed is kept" in ended.content.decode()
    mistyped = sign_in(browser, omar, hidden(ended)["kept"], password="no")
    again = sign_in(browser, omar, hidden(mistyped)["kept"])
    assert 'action="/initiatives/pilot/update/?from=mail"' in again.content.decode()
    fields = hidden(again)
    assert fields["note"] == NOTE
    browser.post("/initiatives/pilot/update/?from=mail", fields)
    assert pilot.updates.get().note.splitlines() == NOTE.splitlines()


def test_no_secret_is_carried_about(pilot: Initiative) -> None:
    kept = kept_form(hidden(report(Client(), csrfmiddlewaretoken="x", old_password="x", api_token="x"))["kept"])
    assert kept is not None
    assert {name for name, _ in kept.fields} == {"health", "progress", "note"}


def test_what_is_too_much_or_was_not_sent_by_a_form_is_not_kept(pilot: Initiative) -> None:
    for answer in (report(Client(), note="x" * MOST), Client().post("/initiatives/pilot/update/")):
        assert answer["Location"].startswith("/accounts/login/?next=/initiatives/pilot/update/")


def test_a_text_of_somebody_elses_making_leads_nowhere(omar: User) -> None:
    assert sign_in(Client(), omar, '["https://elsewhere.example", []]')["Location"] == "/my/"


def test_what_another_site_sends_is_refused_before_it_is_kept(pilot: Initiative) -> None:
    assert report(Client(enforce_csrf_checks=True)).status_code == 403
