"""What is no choice, month, day, number, address or yes is refused alike at every door, in each field of each kind of
file: by file, single call and bulk, where a row has a bad value in every field at once.

Left out is what contract.md gives to a file's cells: an empty one takes its default. What a service is given is of its
type already; what forms say is asked by ``tests/core/test_words.py`` and, with the texts, by
``test_rules_of_codes.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.urls import resolve
from rest_framework.relations import ManyRelatedField
from rest_framework.serializers import ListField

from accounts.models import User
from core.loading import Column
from core.loading.cells import Due
from core.loading.columns import EMAIL
from core.registry import load_kinds
from tests.factories import signed_in
from tests.loads.doors import Doors, Row, by_api, by_bulk, by_file, same_reasons

LONG = "x" * 5_000
# By what a column holds: what it is not, as a text, and as JSON alone can say it.
TEXTS: dict[str, tuple[str, ...]] = {
    "choice": ("nonsense", "high er", LONG),
    "address": ("nobody", "a b@c.example", LONG),
    "month": ("2011-13", "1899-12", "2011", "2011-01-01", LONG),
    "day": ("2011-02-30", "1899-12-31", "1.2.2011", "2011-01-01T00:00", LONG),
    "number": ("many", "1.23456", "1000000000000", "1e3", "1 000", LONG),
    "whole": ("many", "1.5", "-7", "99999999999", "1e3", LONG),
    "yes": ("maybe", "2", LONG),
    "text": ("a\x07b", LONG * 10),
}
OTHERS: tuple[Any, ...] = (["2011-01"], {"a": 1}, True, 99_999_999_999, 1.23456)
# Which of those are good there.
GOOD: dict[str, tuple[Any, ...]] = {"yes": (True,), "number": (99_999_999_999,)}

BESIDE: dict[str, Row] = {
    "status_updates": {"on": "2011-01-01", "author": "omar@tierboard.example"},
    "initiatives": {"stage": "candidate"},
}


def sort_of(column: Column) -> str:
    """What a column holds."""
    if column.type is EMAIL or column.type.words:
        return "address" if column.type is EMAIL else "choice"
    if column.type.due is Due.NUMBER:
        return "whole" if column.type.value is int else "number"
    return {Due.MONTH: "month", Due.DATE: "day", Due.BOOLEAN: "yes"}.get(column.type.due, "text")


def call_of(kind: str) -> dict[str, Any]:
    """The fields of the single call that makes a row, but for lists, which have a test of their own: so has a goal's
    person, who may be a team in a file.
    """
    view: Any = resolve(f"/api/v1/{kind.replace('_', '-')}/").func
    fields = view.cls.bodies["create"]().fields.items()
    lists = {name for name, field in fields if isinstance(field, ListField | ManyRelatedField)} | {"person"}
    return {name: field for name, field in fields if name not in lists}


def bad_values(columns: list[Column], wanted: set[str]) -> Iterator[tuple[bool, dict[str, Any]]]:
    """A bad value for each column, until each has had all of its own, and whether a file can hold them.

    An empty cell is bad where the column is wanted; another is bad beside it, for a row of empty cells alone is none.
    """
    sorts = {column.name: sort_of(column) for column in columns}
    first = {name: TEXTS[sort][0] for name, sort in sorts.items()}
    for number in range(max(len(TEXTS[sort]) for sort in sorts.values())):
        yield True, {name: TEXTS[sort][number % len(TEXTS[sort])] for name, sort in sorts.items()}
    for filled in list(sorts)[:2]:
        yield True, first | {name: "" for name in wanted if name != filled}
    for other in OTHERS:
        yield False, first | {name: other for name, sort in sorts.items() if other not in GOOD.get(sort, ())}


@pytest.mark.parametrize("kind", load_kinds())
def test_what_is_no_value_is_refused_alike_at_every_door(kind: str, everyone: dict[str, User], root: User) -> None:
    by, calls = everyone["finance"] if kind == "incentive_goals" else root, kind.replace("_", "-")
    browser, fields = signed_in(by), call_of(kind)
    columns = [column for column in load_kinds()[kind].columns if column.name in fields]
    # What a file and a bulk call must have beside.
    beside = {name: text for name, text in BESIDE.get(kind, {}).items() if name not in fields}
    for in_file, bad in bad_values(columns, {one.name for one in columns if not (one.blank or one.optional)}):
        doors: Doors = {
            "API": partial(by_api, calls, bad, browser),
            "bulk": partial(by_bulk, calls, bad | beside, browser),
        }
        if in_file:
            doors["file"] = partial(by_file, kind, bad | beside, by)
        assert {name for name, _ in same_reasons(doors)} == bad.keys(), (kind, bad)
