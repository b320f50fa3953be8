"""The migration that ends the keeping of results, in a database that has kept some and in one that never did."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "0007_no_results"
APP = "django_celery_results"
TABLES = [f"{APP}_{table}" for table in ("taskresult", "groupresult", "chordcounter")]


@pytest.fixture
def kept() -> Iterator[None]:
    """A database as an earlier release left it."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY, result text)")
            cursor.execute(f"INSERT INTO {table} VALUES (1, 'null')")  # noqa: S608 - our own names
    MigrationRecorder(connection).record_applied(APP, "0001_initial")
    kind = ContentType.objects.create(app_label=APP, model="taskresult")
    Permission.objects.create(content_type=kind, codename="view_taskresult", name="Can view task result")
    yield
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


def migrate() -> None:
    migration: Any = import_module(f"accounts.migrations.{NAME}").Migration(NAME, "accounts")
    state = MigrationLoader(connection).project_state(("accounts", NAME), at_end=False)
    with connection.schema_editor(atomic=True) as editor:
        migration.apply(state, editor)


def nothing_is_left() -> bool:
    told = MigrationRecorder.Migration.objects.filter(app=APP).exists()
    kinds = ContentType.objects.filter(app_label=APP).exists()
    rights = Permission.objects.filter(codename="view_taskresult").exists()
    return not (told or kinds or rights or set(TABLES) & set(connection.introspection.table_names()))


@pytest.mark.usefixtures("kept")
def test_what_was_kept_goes_with_its_tables_and_rights() -> None:
    assert not nothing_is_left()
    migrate()
    assert nothing_is_left()


def test_where_nothing_was_kept_nothing_happens() -> None:
    migrate()
    assert nothing_is_left()
