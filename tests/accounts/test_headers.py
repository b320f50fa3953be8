"""What every answer tells the browser: a strict content security policy and the headers beside it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.test_every_address import DOORS, concrete, world
from tests.factories import signed_in

__all__ = ["world"]

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
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"(?:application/json|text/x-)[^>]*)[^>]*>", re.I)
INLINE_HANDLER = re.compile(r"<[^>]+\son[a-z]+\s*=", re.I)
STYLE_BLOCK = re.compile(r"<style", re.I)
ELSEWHERE = re.compile(r"(?:src|href|action)=\"(?:https?:)?//", re.I)


def policy_of(answer: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


@pytest.mark.slow
def test_every_page_has_the_headers_and_nothing_inline(world: dict[str, Any], root: User) -> None:
    wrong = []
    for address in DOORS:
        for browser in (Client(), signed_in(root)):
            answer = browser.get(concrete(address, world))
            expected = {
                "X-Frame-Options": "DENY",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "same-origin",
            }
            if policy_of(answer) != POLICY or any(answer[name] != value for name, value in expected.items()):
                wrong.append(f"{address}: headers")
            text = answer.content.decode() if answer["Content-Type"].startswith("text/html") else ""
            for what in (INLINE_SCRIPT, INLINE_HANDLER, STYLE_BLOCK, ELSEWHERE):
                wrong += [f"{address}: {found}" for found in what.findall(text)]
    assert not wrong, "\n".join(wrong)


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
