"""Whatever an endpoint of the API does not know it refuses by its name: every endpoint, every verb."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.choices import Role
from accounts.models import AuditEntry, User
from core.strict import Strict
from initiatives.models import Initiative
from tests import factories
from tests.accounts.test_every_address import DOORS, concrete, world  # noqa: F401 - a fixture
from tests.factories import signed_in

JSON = "application/json"
WRITES = ("post", "put", "patch", "delete")


def endpoints(patterns: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Each address of the API with its view's class."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        whole = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns, whole)
        elif isinstance(pattern, URLPattern) and whole.startswith("api/v1/"):
            yield whole, pattern.callback


def verbs_of(view: Any) -> set[str]:
    """The methods that a view answers."""
    actions = getattr(view, "actions", None)
    return set(actions) - {"head"} if actions else {name for name in ("get", *WRITES) if hasattr(view.cls, name)}


ENDPOINTS = dict(endpoints())
# A superuser as such is not let in.
BY_ROLE = {f"api/v1/incentive-goals/{part}" for part in ("", "bulk/", "<str:code>/")}


def send(browser: Client, verb: str, address: str, body: Any = None) -> Any:
    return getattr(browser, verb)(address, **({} if body is None else {"data": body, "content_type": JSON}))


def errors(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, (answer.status_code, answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    return {error["field"]: error["detail"] for error in answer.json()["errors"]}


def test_no_endpoint_is_built_without_the_mechanism() -> None:
    assert len(ENDPOINTS) > 50
    assert [address for address, view in ENDPOINTS.items() if not issubclass(view.cls, Strict)] == []


def walked(world: dict[str, Any], by: User) -> Iterator[tuple[str, str, Client, set[str]]]:  # noqa: F811
    """Each endpoint as it is written and as it leads to something, a browser, and its verbs."""
    browser, finance = signed_in(by), signed_in(factories.person("Finn", Role.FINANCE))
    for address, view in ENDPOINTS.items():
        yield address, concrete(address, world), finance if address in BY_ROLE else browser, verbs_of(view)


def named(answer: Any) -> set[str] | tuple[int, bytes]:
    """The fields that a refusal names, or what was answered instead."""
    refused = answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"
    return set(errors(answer)) if refused else (answer.status_code, answer.content[:200])


def test_an_unknown_parameter_is_named_by_every_verb(world: dict[str, Any], root: User) -> None:  # noqa: F811
    wrong, before = {}, AuditEntry.objects.count()
    for address, place, browser, verbs in walked(world, root):
        asked = f"{place}{'&' if '?' in place else '?'}no_such_parameter=1"
        for verb in verbs:
            told = named(send(browser, verb, asked, {} if verb != "get" else None))
            if told != {"no_such_parameter"} or AuditEntry.objects.count() != before:
                wrong[f"{verb} {address}"] = told
    assert wrong == {}


def test_an_unknown_field_is_named_by_every_verb_that_writes(world: dict[str, Any], root: User) -> None:  # noqa: F811
    wrong, before = {}, AuditEntry.objects.count()
    for address, place, browser, verbs in walked(world, root):
        bulk = address.endswith("/bulk/")  # which tells what else its row lacks as well
        for verb in verbs - {"get"}:
            told = named(send(browser, verb, place, [{"no_such_field": 1}] if bulk else {"no_such_field": 1}))
            right = "no_such_field" in told if bulk else told == {"no_such_field"}
            if not right or AuditEntry.objects.count() != before:
                wrong[f"{verb} {address}"] = told
    assert wrong == {}


def test_a_write_without_the_closing_slash_finds_nothing(world: dict[str, Any], root: User) -> None:  # noqa: F811
    wrong, verbs = {}, cycle(WRITES)  # in turn: there is no view yet to which they could differ
    for address, place, browser, _ in walked(world, root):
        answer = send(browser, next(verbs), place.split("?")[0].rstrip("/"), {})
        told = answer.json()["detail"] if answer["Content-Type"] == "application/problem+json" else ""
        if answer.status_code != 404 or "ends with a slash" not in told:
            wrong[address] = (answer.status_code, answer.content[:200])
    assert wrong == {}


def test_a_read_without_the_closing_slash_is_led_on(ines: User) -> None:
    answer = signed_in(ines).get("/api/v1/kpis?q=x")
    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/kpis/?q=x")


CASES = [
    ("initiatives/?departement=support", "departement", "department"),
    ("initiatives/?limit=5", "limit", ""),
    ("pain-points/?perod=2026-Q3", "perod", "period"),
    ("initiatives/summary/?by=level&asof=2020-01-01", "asof", "as_of"),
    ("matrix/?period=2026-Q3&editon=1", "editon", "edition"),
    ("matrix/?period=2026-Q3&period=2026-Q2", "period", ""),
    ("coverage/?period=2026-Q3&format=json", "format", ""),
    ("customers/?is_key_acount=true", "is_key_acount", "is_key_account"),
    ("kpis/?format=json", "format", ""),
    ("kpis/?department=a&department=b", "department", ""),
    ("kpis/?cursor=a&cursor=b", "cursor", ""),
    ("kpis/?page_size=0", "page_size", ""),
    ("kpis/?page_size=501", "page_size", ""),
    ("kpis/?page_size=x", "page_size", ""),
    ("initiatives/?sort=code", "sort", ""),
    ("schema/?lang=de", "lang", ""),
]


@pytest.mark.parametrize(("asked", "field", "meant"), CASES)
def test_a_parameter_is_named_with_what_was_probably_meant(asked: str, field: str, meant: str, ines: User) -> None:
    told = errors(signed_in(ines).get(f"/api/v1/{asked}"))
    assert set(told) == {field}
    assert (f"did you mean “{meant}”?" in told[field]) is bool(meant)


@pytest.mark.parametrize("sent", ["%25", "%25s", "%25(x)s", "50%25"])
def test_a_filter_is_refused_by_its_name_also_with_a_percent_sign_in_it(sent: str, ines: User) -> None:
    told = errors(signed_in(ines).get(f"/api/v1/complete-months/?since={sent}&until={sent}"))
    assert set(told) == {"since", "until"}
    assert unquote(sent) in told["since"]


def test_a_list_of_choices_may_be_given_several_times(ines: User) -> None:
    assert signed_in(ines).get("/api/v1/initiatives/?stage=done&stage=candidate").status_code == 200


def test_a_target_names_each_field_that_it_does_not_know(stella: User) -> None:
    factories.kpi("complaints")
    factories.tier("T1")
    body = {"kpi": "complaints", "tier": "T1", "from_month": "2027-01", "per": "month", "value": "50"}
    wrong = {"untill_month": "2027-03", "plan": "60", "state": "approved"}
    told = errors(signed_in(stella).post("/api/v1/targets/", body | wrong, content_type=JSON))
    assert set(told) == set(wrong)
    assert "until_month" in told["untill_month"]
    assert "/targets/propose/" in told["state"]


def test_an_initiative_is_not_moved_by_a_field_that_says_so(stella: User) -> None:
    row = factories.initiative("lights")
    body = {"revision": row.revision, "titel": "x", "stage": "done", "progres": 100}
    told = errors(signed_in(stella).patch("/api/v1/initiatives/lights/", body, content_type=JSON))
    assert set(told) == {"titel", "stage", "progres"}
    assert Initiative.objects.get().stage == row.stage


def test_what_a_change_repeats_of_the_row_as_it_was_read_is_let_pass(stella: User) -> None:
    factories.initiative("lights")
    browser = signed_in(stella)
    read = browser.get("/api/v1/initiatives/lights/").json()
    body = {name: value for name, value in read.items() if name not in {"code", "customer_name", "customer"}}
    answer = browser.patch("/api/v1/initiatives/lights/", body | {"title": "Lamps"}, content_type=JSON)
    assert answer.status_code == 200, answer.content
    moved = body | {"stage": "done", "revision": answer.json()["revision"]}
    assert set(errors(browser.patch("/api/v1/initiatives/lights/", moved, content_type=JSON))) == {"stage"}


def test_fields_within_a_field_are_looked_at_too(omar: User) -> None:
    factories.initiative("lights", owner=omar)
    redated = [{"milestone": 1, "due": "2027-01-01", "reason": "x", "reson": "y"}]
    body = {"initiative": "lights", "health": "late", "progress": 1, "redated": redated}
    assert set(errors(signed_in(omar).post("/api/v1/status-updates/", body, content_type=JSON))) == {"redated.0.reson"}


def test_a_number_is_no_text(stella: User) -> None:
    told = errors(signed_in(stella).post("/api/v1/departments/", {"code": "x", "name": 5}, content_type=JSON))
    assert told == {"name": "Is a number without quotation marks; a text is due."}


def test_of_very_many_unknown_names_the_first_are_told(stella: User) -> None:
    body = json.dumps({f"x{number}": 1 for number in range(5_000)})
    answer = signed_in(stella).post("/api/v1/departments/", body, content_type=JSON)
    assert len(errors(answer)) == 50
    assert len(answer.content) < 20_000


def test_an_action_without_a_body_takes_an_empty_form_and_no_full_one(stella: User) -> None:
    benefit = factories.benefit(factories.initiative("lights"), state="draft")
    browser, address = signed_in(stella), f"/api/v1/benefits/{benefit.pk}/submit/"
    assert set(errors(browser.post(address, {"why": "x"}))) == {"why"}
    assert browser.post(address).status_code == 200


def test_who_may_not_learns_no_names(noor: User) -> None:
    assert signed_in(noor).get("/api/v1/kpis/?nonsense=1").status_code == 403
    assert Client().get("/api/v1/kpis/?nonsense=1").status_code == 401


def test_every_address_of_the_walk_is_one_of_the_api() -> None:
    assert {address for address in DOORS if re.match(r"api/v1/", address)} == set(ENDPOINTS)
