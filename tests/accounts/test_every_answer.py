"""Every address of the product, asked once by every role and by nobody; several questions are asked of each answer.

Whether it lets in whom it should; whether it has the headers, says private and holds nothing inline, whoever asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from accounts.choices import Role
from accounts.models import User
from tests import factories
from tests.accounts.audiences import PUBLIC
from tests.accounts.test_every_address import DOORS, concrete, world_of
from tests.accounts.test_headers import HEADERS, POLICY, policy_of
from tests.accounts.test_private_answers import cached
from tests.walks import Visitor, taken_back

pytestmark = [pytest.mark.slow, pytest.mark.django_db]  # whose mark makes the database

INLINE = {
    "a script": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"(?:application/json|text/x-)[^>]*)[^>]*>", re.I),
    "a handler": re.compile(r"<[^>]+\son[a-z]+\s*=", re.I),
    "a block of styles": re.compile(r"<style", re.I),
    "something from elsewhere": re.compile(r"(?:src|href|action)=\"(?:https?:)?//", re.I),
}


class Met(NamedTuple):
    """What somebody was answered at a door, and what the questions say of it."""

    who: str
    door: str
    address: str
    status: int
    entered: bool
    welcome: bool
    headed: bool
    said: frozenset[str]
    inline: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.who} {self.door}: {self.status}"


@pytest.fixture(scope="module")
def met(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Met]]:
    """All answers."""
    with django_db_blocker.unblock(), taken_back():
        yield list(walk())


def walk() -> Iterator[Met]:
    """Everybody at every door: what is sent is taken back, so that nobody finds what another did."""
    people = {role.value: factories.person(role.value.title(), role) for role in Role} | {
        "none": factories.person("Noor")
    }
    root = User.objects.create_superuser("root@tierboard.example", factories.PASSWORD, name="Root")
    world = world_of(people, root)
    paths = {address: concrete(address, world) for address in DOORS}
    for who in sorted(PUBLIC):
        visitor = Visitor({**people, "superuser": root}.get(who))
        for address, door in DOORS.items():
            yield told(who, "GET", address, who in door.get, visitor.get(paths[address]))
        for address, door in DOORS.items():
            if door.post is not None:
                yield told(who, "POST", address, who in door.post, visitor.post(paths[address]))


def told(who: str, method: str, address: str, welcome: bool, answer: Any) -> Met:
    """What is looked at of an answer."""
    text = answer.content.decode() if answer.get("Content-Type", "").startswith("text/html") else ""
    return Met(
        who,
        f"{method} /{address}",
        address,
        answer.status_code,
        entered(answer),
        welcome,
        policy_of(answer) == POLICY and HEADERS.items() <= dict(answer.items()).items(),
        frozenset(cached(answer)),
        tuple(found for what in INLINE.values() for found in what.findall(text)),
    )


def entered(answer: Any) -> bool:
    """Whether somebody got in: neither refused nor sent to sign in."""
    sent_away = answer.status_code == 302 and answer["Location"].startswith(("/accounts/login/", "/admin/login/"))
    return answer.status_code not in {401, 403} and not sent_away


@pytest.mark.parametrize("who", sorted(PUBLIC))
def test_each_address_lets_in_whom_it_should(who: str, met: list[Met]) -> None:
    asked = [one for one in met if one.who == who]
    assert {one.address for one in asked} == set(DOORS)
    assert [str(one) for one in asked if one.entered is not one.welcome] == []


def test_no_address_fails_whoever_asks(met: list[Met]) -> None:
    assert [str(one) for one in met if one.status >= 500] == []


def test_every_answer_has_the_headers(met: list[Met]) -> None:
    assert [str(one) for one in met if not one.headed] == []


def test_no_page_holds_anything_inline_or_from_elsewhere(met: list[Met]) -> None:
    assert [f"{one}: {one.inline}" for one in met if one.inline] == []


@pytest.mark.parametrize(
    ("what", "html"),
    [
        ("a script", '<script>alert("x")</script>'),
        ("a handler", '<p class="x" onclick="x()">'),
        ("a block of styles", "<style>p {}</style>"),
        ("something from elsewhere", '<img src="https://elsewhere.example/x.png">'),
    ],
)
def test_what_is_inline_would_be_noticed(what: str, html: str) -> None:
    assert [name for name, pattern in INLINE.items() if pattern.search(html)] == [what]


def test_every_answer_says_that_it_is_for_who_asked_alone(met: list[Met]) -> None:
    wrong = [
        f"{one}: {sorted(one.said)}"
        for one in met
        if "private" not in one.said or "public" in one.said or not one.said & {"no-cache", "no-store"}
    ]
    assert wrong == []


def test_every_page_about_signing_in_is_kept_nowhere(met: list[Met]) -> None:
    assert [str(one) for one in met if one.address.startswith("accounts/") and "no-store" not in one.said] == []
