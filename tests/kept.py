"""What many tests begin with, made once and kept for the next test that begins with the same.

``@kept`` makes a fixture of a function that puts rows into the database. The tests of a module that ask for the same
of them run one after another, in one transaction; what a test itself does is taken back after it, and each test has
copies of its own of what the fixtures answer. What such a fixture asks for is kept as well, or ``db``; nothing else,
and no clock or setting that one test has and another has not.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from copy import deepcopy
from itertools import groupby
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction

Key = tuple[Any, ...]
_kept: set[Any] = set()


def kept(make: Callable[..., Any]) -> Any:
    """A fixture whose rows are kept from test to test."""
    _kept.add(make)
    return pytest.fixture(make)


class Beginning:
    """What the last test began with."""

    def __init__(self) -> None:
        self.key: Key = ()
        self.values: dict[str, Any] = {}
        self.open = ExitStack()

    def begin(self, item: Any, blocker: Any) -> None:
        """Have in the database what the test begins with, before its own transaction does."""
        names = names_of(item)
        if not names:
            return
        if not self.key:
            self.open.enter_context(blocker.unblock())
            self.open.enter_context(transaction.atomic())
            self.open.callback(transaction.set_rollback, True)
            self.key = key_of(item)
            for name in names:
                self._make(item, name)
        item.stash[COPIES] = deepcopy(self.values)

    def _make(self, item: Any, name: str) -> None:
        if name not in self.values and name not in GIVEN:
            fixture = item._fixtureinfo.name2fixturedefs[name][-1]
            for needed in fixture.argnames:
                self._make(item, needed)
            given = self.values | {"db": None, "request": _Asked(param_of(item, name))}
            self.values[name] = fixture.func(**{needed: given[needed] for needed in fixture.argnames})

    def end(self) -> None:
        """Take it out of the database."""
        self.key, self.values = (), {}
        self.open.close()


class _Asked(NamedTuple):
    param: Any


GIVEN = {"db", "request"}
BEGINNING = Beginning()
COPIES = pytest.StashKey[dict[str, Any]]()


def names_of(item: Any) -> list[str]:
    """The kept fixtures that a test asks for. Who begins with an empty company or with one that is kept otherwise
    (for a whole module; past the test's transaction) has none.
    """
    info = getattr(item, "_fixtureinfo", None)
    defined: dict[str, Any] = info.name2fixturedefs if info else {}
    marker = item.get_closest_marker("django_db")
    if {"transactional_db", "live_server"} & set(defined) or (marker and marker.kwargs.get("transaction")):
        return []
    if any(ours[-1].scope in {"module", "class", "package"} for ours in defined.values() if ours[-1].baseid):
        return []
    return [name for name in item.fixturenames if name in defined and _is_kept(defined, name)]


def _is_kept(defined: dict[str, Any], name: str) -> bool:
    fixture = defined[name][-1]
    needed = set(fixture.argnames) - GIVEN
    return fixture.func in _kept and all(_is_kept(defined, other) for other in needed)


def param_of(item: Any, name: str) -> Any:
    """What the test asks a fixture for."""
    return item.callspec.params.get(name) if hasattr(item, "callspec") else None


def key_of(item: Any) -> Key:
    """What tests have in common that begin with the same."""
    names = names_of(item)
    return (item.path, *sorted((name, str(param_of(item, name))) for name in names)) if names else ()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a module that begin with the same come one after another."""
    sorted_items: list[pytest.Item] = []
    for _, group in groupby(list(items), key=lambda item: item.path):
        tests = list(group)
        keys = [key_of(item) for item in tests]
        places = {key: place for place, key in reversed(list(enumerate(keys)))}
        sorted_items += [item for _, item in sorted(zip(keys, tests, strict=True), key=lambda pair: places[pair[0]])]
    items[:] = sorted_items


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Any:
    """Begin where the test first asks for the database; answer for a kept fixture with the test's own copy."""
    if fixturedef.argname == "_django_db_helper":
        BEGINNING.begin(request.node, request.getfixturevalue("django_db_blocker"))
    copies = request.node.stash.get(COPIES, {})
    if fixturedef.func not in _kept or fixturedef.argname not in copies:
        return None
    fixturedef.cached_result = (copies[fixturedef.argname], fixturedef.cache_key(request), None)
    return True  # made, whatever the answer is: None would have the fixture made once more


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """End where the next test begins with something else, or where a test has lost its connection."""
    try:
        return (yield)
    finally:
        if nextitem is None or key_of(nextitem) != BEGINNING.key or connection.closed_in_transaction:
            BEGINNING.end()
