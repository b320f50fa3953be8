"""Whatever stands in an address after its question mark, and in the key fields of a form, is refused or done."""

from __future__ import annotations

import re
import time
from collections.abc import Container, Iterable, Iterator
from datetime import date
from itertools import cycle
from typing import Any
from urllib.parse import quote

import django_filters
import pytest
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.urls import resolve

import config.urls  # noqa: F401 - with which every set of filters is there, also where this file runs alone
from accounts.models import User
from initiatives.choices import Stage
from tests import factories
from tests.accounts.audiences import MODELS
from tests.accounts.test_every_address import DOORS, concrete, world  # noqa: F401 - a fixture
from tests.walks import Visitor, browser_of

pytestmark = [pytest.mark.django_db]

SECONDS = 2.0  # of work: a busy machine takes longer
BAD = [
    *("%00", "%25", "%FF", "%ED%A0%80", quote("٥"), quote("\u2028")),
    *("abc", "", "-1", "0", "1e400", "NaN", "'", "true"),
    *("9" * 30, "9" * 3_000, "x" * 3_000),
    *("0001-01-01", "9998-12-31", "9999-12-31", "1000-01-01", "2011-02-30"),
    *("0001", "0002-01", "9997", "9999-12", "2011-13", "2011-Q5", "2011-Q3", "2011-09", "201109"),
]
# At every address: one of each kind; where nothing is looked at, one alone
SOME = ["%00", "%25", quote("٥"), "abc", "", "9" * 30, "0001-01-01", "9998-12-31", "9999-12", "2011-09"]
ONE = "%25"
# What a database may take otherwise than another does: PostgreSQL has no text with a NUL, an end to its numbers and to
# what an index holds, and its driver fills in a statement by percent signs. The rest is refused or read before one is
# asked; so is any period, of which the days count.
OTHERWISE = {"%00", "%25", "'", "9" * 30, "9" * 3_000, "x" * 3_000, "1e400", "NaN", "0001-01-01", "9999-12-31"}


def asked(values: list[str]) -> list[str]:
    """Of these values, those that this pass asks: ``make test`` asks all of them on SQLite (tests/databases.py)."""
    return [value for value in values if connection.vendor == "sqlite" or value in OTHERWISE]


# Asked for by a library, not by a view of ours, and so not heard a first time
ALWAYS = {"page", "page_size", "format", "sort", "month", "as_of"}
FRAME = {"period", "next"}  # which every page looks at before its own: 404 for what is no period
TO_FIELD = "_to_field"  # refused before all others are looked at
IN_ADMIN = {
    "q",
    "o",
    "p",
    "e",
    "all",
    "pk",
    "id",
    "pk__in",
    "code__exact",
    TO_FIELD,
    "_popup",
    "_changelist_filters",
}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of parameters that are asked for."""
    names: set[str] = set()
    for method in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, method, _listening(getattr(QueryDict, method), names))
    return names


def _listening(method: Any, names: set[str]) -> Any:
    def asked(self: QueryDict, name: Any, *rest: Any, **more: Any) -> Any:
        names.add(str(name))
        return method(self, name, *rest, **more)

    return asked


class Asker:
    """Asks with bad values, and notes what failed or took long."""

    def __init__(self, person: User, *, allowed: Container[int] = range(500)) -> None:
        self.browser, self.allowed = browser_of(person), allowed
        self.wrong: list[str] = []

    def ask(self, path: str, names: Iterable[str], *bad: str) -> Any:
        """Ask with that value in each of these parameters; with several values, each in one after another."""
        query = "&".join(f"{quote(name)}={value}" for name, value in zip(sorted(names), cycle(bad), strict=False))
        began = time.thread_time()
        answer = self.browser.get(f"{path}?{query}")
        if answer.status_code not in self.allowed or time.thread_time() - began > SECONDS:
            self.wrong.append(f"{answer.status_code}: {path}?{query[:200]}")
        return answer

    def ask_until_taken(self, path: str, names: Iterable[str], bad: str) -> set[str]:
        """Leave out of each next question what the answer refused by its name; answers what is left at the end.

        So each parameter's value is refused, or gets past that check with no other in its way.
        """
        left = set(names)
        while named := named_by(self.ask(path, left, bad)) & left:
            left -= named
        return left


def named_by(answer: Any) -> set[str]:
    """The parameters that a refusal of the API names."""
    refused = answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"
    return {str(error["field"]) for error in answer.json()["errors"]} if refused else set()


def parameters_of(path: str) -> set[str]:
    """What an endpoint of the API says that it can be asked by."""
    found: Any = resolve(path).func
    view = found.cls(**found.initkwargs)
    view.request = RequestFactory().get(path)
    view.action = (getattr(found, "actions", None) or {}).get("get")
    return set(view.parameters())


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_refuses_what_no_parameter_can_be_at_every_address(
    part: int,
    world: dict[str, Any],  # noqa: F811
    root: User,
    heard: set[str],
) -> None:
    asker = Asker(root)
    for number, address in enumerate(list(DOORS)[part::8]):
        path = concrete(address, world).partition("?")[0]
        if address.startswith("api/v1/"):
            names = parameters_of(path)
            for bad in asked(SOME) if names else [ONE]:
                asker.ask_until_taken(path, names or ALWAYS, bad)
        elif re.search(r"^admin/.*(add|change|delete|history)/$", address):
            asker.ask(path, IN_ADMIN - {TO_FIELD}, *turned(asked(SOME), number))
            asker.ask(path, {TO_FIELD}, turned(asked(SOME), number)[0])
        else:
            heard.clear()
            asker.browser.get(path)
            own = heard - FRAME
            for bad in asked(SOME) if own else [ONE]:  # which is heard as well, if it is looked at
                asker.ask(path, (heard | ALWAYS | (IN_ADMIN if address.startswith("admin/") else set())) - FRAME, bad)
            asker.ask(path, FRAME, turned(asked(SOME), number)[0])
    assert not asker.wrong, "\n".join(asker.wrong)


def turned(values: list[str], number: int) -> list[str]:
    """The same values, each address's from another one on."""
    start = number % len(values)
    return values[start:] + values[:start]


def test_what_an_address_looks_at_is_heard(heard: set[str], stella: User) -> None:
    browser_of(stella).get("/initiatives/board/")
    assert "during" in heard - FRAME
    heard.clear()
    browser_of(stella).get("/help/kpis/")
    assert heard <= FRAME
    assert {"stage", "cursor", "page_size"} <= parameters_of("/api/v1/initiatives/")
    assert parameters_of("/api/v1/initiatives/lights/thank/") == set()


@pytest.mark.slow
def test_refuses_a_bad_filter_of_the_register_alone(stella: User) -> None:
    factories.initiative("lights")
    asker = Asker(stella, allowed={200, 400, 422})
    names = {"as_of", "during", "pain_period", "moves", "q", "sort", "stage", "owner"}
    for bad in asked(BAD):
        taken = asker.ask_until_taken("/api/v1/initiatives/", names, bad)
        for some in (names, taken, {"sort"}):
            asker.ask("/initiatives/", some, bad)
    assert not asker.wrong, "\n".join(asker.wrong)


def filter_sets(above: type = django_filters.FilterSet) -> Iterator[type]:
    """Every set of filters of the product."""
    for found in above.__subclasses__():
        if not found.__module__.startswith(("django_filters", "rest_framework")):
            yield found
        yield from filter_sets(found)


# Plain texts that are looked for as they are, or that a form's ``clean_`` reads: each has a test of its own above.
TEXTS = {"q", "region", "theme", "answers_theme", "source", "object", "act"}
READ_BY_FORM = {"moves", "pain_period", "during", "period"}


@pytest.mark.parametrize("found", sorted(set(filter_sets()), key=str), ids=lambda found: found.__name__)
def test_each_filter_has_a_declared_type(found: Any) -> None:
    for name, one in found.base_filters.items():
        if type(one) is not django_filters.CharFilter:
            continue
        assert name in TEXTS or hasattr(found._meta.form, f"clean_{name}"), f"{found.__name__}.{name} takes any text"
        assert (name in READ_BY_FORM) is hasattr(found._meta.form, f"clean_{name}")


@pytest.mark.parametrize("after", ["abc", "٥", "", "//elsewhere.example/", "https://elsewhere.example/"])
def test_the_admin_leads_on_to_addresses_of_ours_alone(after: str, root: User) -> None:
    assert factories.signed_in(root).get("/admin/login/", {"next": after})["Location"] == "/admin/"


TEXT_KEYS = ["abc", "9" * 30, "-1", "1.5", "x" * 3_000, "٥", "None", ""]


@pytest.mark.slow
def test_refuses_text_in_the_key_fields_of_the_admin(world: dict[str, Any], root: User) -> None:  # noqa: F811
    visitor, wrong = Visitor(root), []
    for name in MODELS:
        known: set[frozenset[str]] = set()
        for address in (f"/admin/{name}/add/", concrete(f"admin/{name}/<path:object_id>/change/", world)):
            form = visitor.get(address).context
            if form is None or "adminform" not in form:
                continue
            names = frozenset(filled(form, ""))
            keys = asked(TEXT_KEYS)[: 1 if names in known else None]  # the same fields are the same form
            known.add(names)
            answers = {key: visitor.post(address, filled(form, key)) for key in keys}
            wrong += [f"{address} {key[:20]}" for key, answer in answers.items() if answer.status_code >= 500]
    assert wrong == []


def filled(form: Any, key: str) -> dict[str, str]:
    """The form of a page of the admin with this text in each field, those of a row of each inline included."""
    sent = dict.fromkeys(form["adminform"].form.fields, key)
    for inline in form["inline_admin_formsets"]:
        prefix = inline.formset.prefix
        sent |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "1", f"{prefix}-0-id": key}
        sent |= {f"{prefix}-0-{field}": key for field in inline.formset.form.base_fields}
    return sent


@pytest.mark.parametrize("key", [key for key in TEXT_KEYS if key])
def test_there_is_nobody_under_a_key_that_is_none(key: str, root: User) -> None:
    browser = factories.signed_in(root)
    for address in (f"/admin/accounts/user/{key}/password/", f"/admin/accounts/user/{key}/change/"):
        assert browser.get(address).status_code in {302, 404}
        assert browser.post(address, {}).status_code in {302, 404}


def test_a_row_of_an_inline_that_is_not_there_is_refused(root: User, ines: User) -> None:
    sent = {
        "email": ines.email,
        "name": "Ines",
        "is_active": "on",
        "role_grants-TOTAL_FORMS": "1",
        "role_grants-INITIAL_FORMS": "1",
        "role_grants-0-id": "999999",
        "role_grants-0-user": str(ines.pk),
        "role_grants-0-role": "owner",
    }
    answer = factories.signed_in(root).post(f"/admin/accounts/user/{ines.pk}/change/", sent)
    assert (answer.status_code, answer.context["errors"]) != (200, [])


@pytest.mark.parametrize("day", [date.max, date(9998, 12, 31), date.min, date(1000, 1, 1)])
def test_no_page_fails_for_any_day_that_is_stored(day: date, stella: User) -> None:
    dates: dict[str, Any] = {"baseline_start": min(day, date(2011, 1, 1)), "baseline_due": day, "due": day}
    one = factories.initiative("lights", stage=Stage.IN_PROGRESS, **dates)
    factories.milestone(one, due=day)
    factories.initiative("done", stage=Stage.DONE, started_on=dates["baseline_start"], finished_on=day, **dates)
    browser = factories.signed_in(stella)
    pages = (
        "timeline/",
        "timeline/chart.json",
        "",
        "board/",
        "priorities/",
        "report/",
        "lights/",
        "done/",
        "lights/edit/",
    )
    for page in (*(f"/initiatives/{page}" for page in pages), "/my/", "/coverage/", "/api/v1/initiatives/"):
        assert browser.get(page).status_code == 200, page
