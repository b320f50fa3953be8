"""Whatever stands in an address after its question mark, and in the key fields of a form, is refused or done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote

import django_filters
import pytest
from django.db import connection
from django.http import QueryDict

import config.urls  # noqa: F401 - with which every set of filters is there, also where this file runs alone
from accounts.models import User
from initiatives.choices import Stage
from tests import factories
from tests.accounts.audiences import MODELS
from tests.accounts.test_every_address import DOORS, concrete, world  # noqa: F401 - a fixture
from tests.walks import browser_of, taken_back

pytestmark = [pytest.mark.django_db]

SECONDS = 2.0  # of work: a busy machine takes longer
BAD = [
    *("%00", "%25", "%FF", "%ED%A0%80", quote("٥"), quote("\u2028")),
    *("abc", "", "-1", "0", "1e400", "NaN", "'", "true"),
    *("9" * 30, "9" * 3_000, "x" * 3_000),
    *("0001-01-01", "9998-12-31", "9999-12-31", "1000-01-01", "2011-02-30"),
    *("0001", "0002-01", "9997", "9999-12", "2011-13", "2011-Q5", "2011-Q3", "2011-09", "201109"),
]
# At every address: one of each kind
SOME = ["%00", "%25", quote("٥"), "abc", "", "9" * 30, "0001-01-01", "9998-12-31", "9999-12", "2011-09"]
# What a database may take otherwise than another does. The rest is refused or read before one is asked.
OTHERWISE = {
    "%00",
    "%25",
    "'",
    "9" * 30,
    "9" * 3_000,
    "x" * 3_000,
    "1e400",
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "9999-12",
}


def asked(values: list[str]) -> list[str]:
    """Of these values, those that this pass asks: ``make test`` asks all of them on SQLite (tests/databases.py)."""
    return [value for value in values if connection.vendor == "sqlite" or value in OTHERWISE]


# Asked for by a library, not by a view of ours, and so not heard of a first time
ALWAYS = {"page", "cursor", "page_size", "format", "sort", "period", "month", "as_of"}
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
    "_to_field",
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


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_refuses_what_no_parameter_can_be_at_every_address(
    part: int,
    world: dict[str, Any],  # noqa: F811
    root: User,
    heard: set[str],
) -> None:
    browser = browser_of(root)
    wrong = []
    for address in list(DOORS)[part::8]:
        path = concrete(address, world).partition("?")[0]
        heard.clear()
        browser.get(path)
        names = sorted((heard | ALWAYS | (IN_ADMIN if address.startswith("admin/") else set())) - {"next"})
        for bad in asked(SOME):
            began = time.thread_time()
            answer = browser.get(f"{path}?{'&'.join(f'{quote(name)}={bad}' for name in names)}")
            if answer.status_code >= 500 or time.thread_time() - began > SECONDS:
                wrong.append(f"{answer.status_code}: /{address} {bad[:40]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/initiatives/", "/api/v1/initiatives/"])
def test_refuses_a_bad_filter_of_the_register_alone(address: str, stella: User) -> None:
    factories.initiative("lights")
    browser = browser_of(stella)
    names = ("as_of", "during", "pain_period", "moves", "q", "sort", "stage", "owner")
    answers = {f"{name}={bad[:40]}": browser.get(f"{address}?{name}={bad}") for name in names for bad in asked(BAD)}
    assert {what: one.status_code for what, one in answers.items() if one.status_code not in {200, 400, 422}} == {}


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


TEXT_KEYS = ["abc", "9" * 30, "-1", "1.5", "x" * 3_000, "٥", "None", ""]


@pytest.mark.slow
def test_refuses_text_in_the_key_fields_of_the_admin(world: dict[str, Any], root: User) -> None:  # noqa: F811
    browser = browser_of(root)
    wrong = []
    for name in MODELS:
        for address in (f"/admin/{name}/add/", concrete(f"admin/{name}/<path:object_id>/change/", world)):
            form = browser.get(address).context
            if form is None or "adminform" not in form:
                continue
            for key in TEXT_KEYS:
                with taken_back():
                    if browser.post(address, filled(form, key)).status_code >= 500:
                        wrong.append(f"{address} {key[:20]}")
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
