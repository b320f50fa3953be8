"""The same row through each door of its kind, and the reasons that come back: nothing is kept of what was good."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from accounts.loads import load_file
from accounts.models import User
from kpis.services.actuals import ActualsRefused
from kpis.services.targets import TargetsRefused

Row = dict[str, str]
Doors = dict[str, Callable[[], "Reasons | None"]]
Reasons = set[tuple[str, str]]
CHECKED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
# Words that a door puts before a reason, where it has no place beside the field.
_BEGINNINGS = ("The formula: ", "This KPI ", "This month ")


def reason(field: str, text: str) -> tuple[str, str]:
    """A field and what is wrong with it, without what a door makes a sentence by."""
    for beginning in _BEGINNINGS:
        text = text.removeprefix(beginning)
    return field, f"{text[:1].lower()}{text[1:]}".rstrip(".")


def trying(door: Callable[[], Reasons | None]) -> Reasons | None:
    """What a door says; whatever it wrote is taken back."""
    with transaction.atomic():
        found = door()
        transaction.set_rollback(True)
    return found


def by_file(kind: str, row: Row, by: User) -> Reasons:
    """As a file of one row, brought by a person."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.csv"
        path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n", "utf-8")
        report = load_file(kind=kind, path=path, by=by)
    return {reason(error.column, error.reason) for error in report.errors}


def by_service(call: Callable[[], object]) -> Reasons:
    """As a call of a service."""
    try:
        call()
    except ValidationError as error:
        return {reason(name, text) for name, texts in error.message_dict.items() for text in texts}
    except (ActualsRefused, TargetsRefused) as refused:
        return {reason(one.field, one.reason) for one in refused.problems}
    return set()


def by_api(kind: str, row: dict[str, Any], browser: Client, change: str = "") -> Reasons:
    """As a single call, of a new row or of the one that is called ``change``."""
    call, address = (browser.patch, f"/api/v1/{kind}/{change}/") if change else (browser.post, f"/api/v1/{kind}/")
    answer = call(address, json.dumps(row), content_type="application/json")
    return _told(answer, {200, 201})


def by_bulk(kind: str, row: dict[str, Any], browser: Client) -> Reasons | None:
    """As a bulk call of one row; None where the kind has none."""
    address = f"/api/v1/{kind}/bulk/"
    try:
        one = resolve(address).kwargs  # the page of one row that is called so
    except Resolver404:
        return None
    if one:
        return None
    return _told(browser.post(address, json.dumps([row]), content_type="application/json"), {200})


def _told(answer: Any, good: Iterable[int]) -> Reasons:
    if answer.status_code in good:
        return set()
    assert answer.status_code == 422, (answer.status_code, answer.content)
    return {reason(error["field"] or "__all__", error["detail"]) for error in answer.json()["errors"]}


def by_form(address: str, values: dict[str, Any], browser: Client, shown: str = "form") -> Reasons:
    """As the form of a page, or of the admin, refuses it."""
    answer = browser.post(address, {name: value for name, value in values.items() if value is not None})
    if answer.status_code == 302:
        return set()
    context = answer.context
    form = context["adminform"].form if "adminform" in context else context[shown]
    return {reason(name, text) for name, texts in form.errors.items() for text in texts}


def one_of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


def same_reasons(doors: Doors) -> Reasons:
    """What all of these doors say: the same. A door that a kind does not have says nothing at all."""
    found = {name: said for name, door in doors.items() if (said := trying(door)) is not None}
    first, *others = found.values()
    assert all(reasons == first for reasons in others), found
    return first


def given_back(row: Row) -> dict[str, Any]:
    """A row of a file as JSON: an empty cell is null."""
    return {name: value or None for name, value in row.items()}
