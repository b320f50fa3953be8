"""What every test may ask for: the company, its people, and a database that survives being emptied."""

from __future__ import annotations

import gc
import os
import shutil
from collections import Counter
from collections.abc import Generator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.test.client import ClientHandler
from hypothesis import HealthCheck
from hypothesis import settings as settings_of_properties

from accounts.choices import Role
from accounts.company import company as the_company
from accounts.models import Company, User
from accounts.models.frozen import lifted as entries_lifted
from core.kept import forget_all
from core.management.commands import migrate
from initiatives.models.frozen import lifted as benefits_lifted
from kpis.models.frozen import lifted as targets_lifted
from scorecard.models.frozen import goals_lifted
from scorecard.models.frozen import lifted as editions_lifted
from tests import cache_law, factories, lane, servers
from tests import kept as beginnings
from tests.databases import RUN_ONCE, runs_once
from tests.kept import kept
from tests.migrated import migrated_once

# Data that migrations put into the database, by (module, function): flushing takes it out.
MIGRATED_DATA = (
    ("accounts.migrations.0002_company", "found_company"),
    ("customers.migrations.0002_reserved_tiers", "reserve"),
    ("initiatives.migrations.0002_policy", "found_policy"),
    ("kpis.migrations.0019_kpis_of_value", "found"),
)
# The acceptance tests need data that do not belong to the repository: see .ci/run.
collect_ignore = [] if os.environ.get("SHARED_DATA") else ["acceptance"]
# Other work may run beside the tests, so that no clock says how good a property is; what a fixture made stays as it is.
# All else is as the library has it where nobody looks on (CI), or where somebody does.
settings_of_properties.register_profile(
    "shared",
    settings_of_properties.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings_of_properties.load_profile("shared")
_answer = ClientHandler.__call__
_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def empty_database(case: TransactionTestCase) -> None:
    """Flush, past the triggers that keep what was decided and done, and put the migrations' own rows back."""
    with transaction.atomic():
        if connection.vendor == "sqlite":
            with entries_lifted(), targets_lifted(), benefits_lifted(), editions_lifted(), goals_lifted():
                _flush(case)
        else:
            _flush(case)
    for module, function in MIGRATED_DATA:
        getattr(import_module(module), function)(apps, None)


def answer_lawfully(handler: ClientHandler, environ: dict[str, Any]) -> Any:
    """Answer a test's request, and hold the law of the cache against it."""
    with cache_law.held(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"):
        return _answer(handler, environ)


def pytest_configure(config: pytest.Config) -> None:
    """Cheap passwords, and teardown that fits the product's own rules."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    TransactionTestCase._fixture_teardown = empty_database  # type: ignore[attr-defined]
    migrate.Command.handle = migrated_once(migrate.Command.handle)  # type: ignore[method-assign]
    ClientHandler.__call__ = answer_lawfully  # type: ignore[method-assign,assignment]
    config.pluginmanager.register(beginnings, "kept")
    config.pluginmanager.register(lane, "lane")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The second pass of ``make test`` leaves out what no database could change."""
    parser.addoption("--database-only", action="store_true", help="only what databases differ in: tests/databases.py")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A module that runs once is not read by the second pass: to read them all takes each process seconds."""
    return (config.getoption("--database-only") and collection_path in RUN_ONCE) or None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out or skip, with the reason, what cannot run here; the modules that take longest come first."""
    if config.getoption("--database-only"):
        both = [item for item in items if depends_on_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(both)])
        items[:] = both
    costs: Counter[Path] = Counter()
    for item in items:
        costs[item.path] += lane.weight(item)
    items.sort(key=lambda item: -costs[item.path])
    absent = {
        "postgres": None if connection.vendor == "postgresql" else "DATABASE_URL names no PostgreSQL server",
        "redis": None if servers.find_redis() else "redis-server was not found",
        "spreadsheet": None if servers.find_soffice() else "soffice was not found",
        "browser": None if servers.find_chromium() else "chromium was not found",
    }
    for item in items:
        for marker, reason in absent.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What was collected stays: looking through it again for what nobody holds takes a twentieth of the tests' time.

    Nothing is looked for meanwhile, for hardly anything goes; later what requests leave is looked through less often
    than is Python's custom.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(200_000, 10, 10)
        gc.enable()


def depends_on_database(item: pytest.Item) -> bool:
    """Whether a test uses the database, by its marker or a fixture, and asks what may differ between databases."""
    if item.get_closest_marker("postgres"):
        return True
    if item.get_closest_marker("browser") or runs_once(item.path, item.name):
        return False
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or item.get_closest_marker("django_db"))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server that is nobody else's: that of ``make test``, or one for this run alone."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
    else:
        with servers.redis() as url:
            yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where this machine's Chromium is."""
    found = servers.find_chromium()
    assert found is not None
    return str(found)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove this run's own folder: config.environment made it for the tests."""
    if "tierboard-test-" in str(settings.VAR_DIR):
        shutil.rmtree(settings.VAR_DIR.parent, ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Texts and counts that another test's pages left behind: a test's database begins with the same numbers. So do
    the rows of content types, of which one that was taken back is remembered under a number that nothing has, and
    people, whose calls of the API are counted for a minute.
    """
    shutil.rmtree(settings.VAR_DIR / "calls", ignore_errors=True)
    caches["texts"].clear()
    caches["counts"].clear()
    forget_all()
    ContentType.objects.clear_cache()


@kept
def company(db: None) -> Company:
    """The one company, its fiscal year starting in January."""
    return the_company()


@kept
def ines(db: None) -> User:
    """The executive."""
    return factories.person("Ines", Role.EXECUTIVE)


@kept
def omar(db: None) -> User:
    """The project owner."""
    return factories.person("Omar", Role.OWNER)


@kept
def fay(db: None) -> User:
    """From finance."""
    return factories.person("Fay", Role.FINANCE)


@kept
def stella(db: None) -> User:
    """The KPI steward."""
    return factories.person("Stella", Role.STEWARD)


@kept
def ivo(db: None) -> User:
    """The integrator, a program's person."""
    return factories.person("Ivo", Role.INTEGRATOR)


@kept
def ada(db: None) -> User:
    """The administrator."""
    return factories.person("Ada", Role.ADMINISTRATOR)


@kept
def noor(db: None) -> User:
    """A person with no role: may sign in and see nothing."""
    return factories.person("Noor")


@kept
def root(db: None) -> User:
    """A superuser, who may do everything."""
    return User.objects.create_superuser("root@tierboard.example", factories.PASSWORD, name="Root")


@kept
def everyone(ines: User, omar: User, fay: User, stella: User, ivo: User, ada: User, noor: User) -> dict[str, Any]:
    """One person per role by the role's code, and ``none``: the person without one."""
    people = {role.value: user for role, user in zip(Role, (ines, omar, fay, stella, ivo, ada), strict=True)}
    return people | {"none": noor}
