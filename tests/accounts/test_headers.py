"""What every answer tells the browser: a strict content security policy and the headers beside it.

That every address does, tests/accounts/test_every_answer.py asks.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import signed_in

POLICY = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "style-src-attr": ["'unsafe-inline'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
HEADERS = {"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


def policy_of(answer: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nowhere/", "/api/nowhere/", "/admin/nowhere/"])
def test_errors_have_them_too(address: str) -> None:
    assert policy_of(Client().get(address)) == POLICY


def test_cookies_are_kept_from_scripts_and_other_sites(ines: User) -> None:
    browser = Client()
    browser.get("/accounts/login/")
    browser.post("/accounts/login/", {"username": ines.email, "password": "correct horse battery"})
    session = browser.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert browser.cookies["csrftoken"]["samesite"] == "Lax"


def test_pages_for_one_person_are_not_kept_by_proxies(ines: User) -> None:
    answer = signed_in(ines).get("/accounts/password/")
    assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize("address", ["/accounts/password/", "/api/v1/schema/?format=json"])
def test_pages_and_answers_are_sent_compressed_to_who_can_read_that(ines: User, address: str) -> None:
    browser = signed_in(ines)
    plain, packed = (browser.get(address, headers={"Accept-Encoding": how}) for how in ("identity", "gzip, br"))
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content)
    assert "Accept-Encoding" in packed["Vary"]
