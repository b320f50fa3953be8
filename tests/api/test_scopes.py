"""Every address of the API by the scopes of a token: the URL conf is walked, and one that nobody stated fails.

Rights only add up, so of an address, a person and a method it is enough to try each scope that opens it by itself, and
all the others together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.choices import Role
from accounts.models import ApiToken, User
from accounts.rights import GRANTS, Right
from accounts.tokens import digest, new_api_token
from initiatives.models import Initiative
from kpis.models import Kpi
from scorecard.models import Remark
from tests import factories
from tests.accounts.test_every_address import addresses, concrete, world
from tests.api.scopes import READ_ALONE, SCOPES
from tests.kept import kept
from tests.scorecard.test_editions import World

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]
JSON = "application/json"
PEOPLE = (*Role.values, "none", "superuser")
QUERIES = {
    "matrix/": "period=2011-Q3",
    "cell/": "period=2011-Q3&kpi=net_revenue&tier=T1",
    "signals/": "kpi=net_revenue&tier=T1",
    "growth/": "period=2011-Q3",
    "search/": "q=a",
    "coverage/": "period=2011-Q3",
    "initiatives/summary/": "by=level",
}
# Who has a part in an initiative takes no decision on it back.
OF_OTHERS = {"api/v1/initiatives/<str:code>/take-back/"}
EDITION = "/api/v1/scorecards/2011-Q3/editions/1/"


def program(person: User, scopes: Iterable[Right]) -> Client:
    """A program that acts for a person with these scopes, whatever a token may be given."""
    prefix, text = new_api_token()
    named = sorted(scope.value for scope in scopes)
    ApiToken.objects.create(user=person, name="x", prefix=prefix, digest=digest(text), scopes=named, made_by=person)
    return Client(headers={"authorization": f"Bearer {text}"})


class Walker:
    """A person's programs: one for each scope, and those that lack a few."""

    def __init__(self, person: User, roles: Iterable[str]) -> None:
        self.person, self.roles = person, set(roles)
        self.known: dict[frozenset[Right], Client] = {}

    def wrong(self, method: str, path: str, of: frozenset[Right]) -> Iterator[str]:
        """The scopes that open a door which they should not, or do not open one which they should."""
        for scope in of:
            if self.enters(method, path, frozenset({scope})) is not bool(self.roles & GRANTS[scope]):
                yield f"{method} {path}: {scope.name}"
        others = frozenset(Right) - of
        if others and self.enters(method, path, others):
            yield f"{method} {path}: others than {sorted(of)}"

    def enters(self, method: str, path: str, scopes: frozenset[Right]) -> bool:
        """Whether a program with these scopes is let in."""
        if scopes not in self.known:
            self.known[scopes] = program(self.person, scopes)
        browser = self.known[scopes]
        with transaction.atomic():  # what one call does is no other call's beginning
            answer = browser.get(path) if method == "get" else browser.post(path, "{}", content_type=JSON)
            transaction.set_rollback(True)
        assert answer.status_code < 500, path
        return answer.status_code not in {401, 403}


def test_every_address_of_the_api_says_which_scopes_open_it() -> None:
    assert sorted(SCOPES) == sorted(one for one in set(addresses()) if one.startswith("api/v1/"))


@pytest.mark.slow
@pytest.mark.parametrize("who", PEOPLE)
def test_what_is_read_alone_is_open_to_its_scope_where_the_person_may_read(
    who: str, world: dict[str, Any], everyone: Any, root: User
) -> None:
    roles = Role.values if who == "superuser" else [who]
    walker = Walker({**everyone, "superuser": root}[who], roles)
    found: list[str] = []
    for address, opened in READ_ALONE.items():
        path = concrete(address, world).partition("?")[0]
        found += walker.wrong("get", f"{path}?{QUERIES.get(address.removeprefix('api/v1/'), '')}", opened.get)
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_each_other_address_is_open_to_its_scopes_and_to_no_other(world: dict[str, Any]) -> None:
    person, found = factories.person("Everything", *Role.values), list[str]()
    Remark.objects.update(by=person)
    Kpi.objects.update(owner=person)
    walker = Walker(person, Role.values)
    for address, opened in SCOPES.items():
        path = concrete(address, world)
        Initiative.objects.update(owner=None if address in OF_OTHERS else person)
        if address not in READ_ALONE:
            found += walker.wrong("get", path, opened.get)
        if opened.post is not None:
            found += walker.wrong("post", path, opened.post)
    assert not found, "\n".join(found)


@kept
def closed(everyone: dict[str, User]) -> World:
    """A company with a closed quarter that names a customer."""
    found = World(everyone)
    found.close()
    return found


@pytest.mark.parametrize("who", PEOPLE)
def test_names_of_customers_need_their_own_scope_and_right(
    who: str, closed: World, everyone: dict[str, User], root: User
) -> None:
    person = {**everyone, "superuser": root}[who]
    for scope in (None, Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS):
        browser = program(person, {Right.READ, scope} if scope else {Right.READ})
        reads = scope is not None and (who == "superuser" or who in {role.value for role in GRANTS[scope]})
        # The owner's initiative names the customer; the superuser owns nothing.
        reads = reads and (who, scope) != ("superuser", Right.READ_OWN_CUSTOMERS)
        names = browser.get(f"{EDITION}names/")
        if who == "none":
            assert names.status_code == 403
            continue
        assert names.json()["customers"] == ({str(closed.customer.pk): closed.customer.name} if reads else {})
        results = browser.get("/api/v1/search/?q=C1").json()["results"]
        assert [one["kind"] for one in results if one["kind"] == "customer"] == ["customer"] * reads
        for part in ("", "differences/"):
            assert closed.customer.name not in browser.get(f"{EDITION}{part}").content.decode()
