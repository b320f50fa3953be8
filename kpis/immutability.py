"""Approved targets cannot be changed or deleted: a trigger says so to every door.

Only the state may go on (approved to superseded or withdrawn, and back to approved where a load
that superseded it is taken back), never the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

MESSAGE = "an approved target cannot be changed or deleted: a new version supersedes it"
_FROZEN = ("kpi_id", "tier_id", "from_month", "per", "version", "until_month", "value", "low", "high", "plan_value")
_DECIDED = "OLD.state IN ('approved', 'superseded', 'withdrawn')"


def _changed(differs: str) -> str:
    columns = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in _FROZEN)
    return f"{_DECIDED} AND ({columns} OR NEW.state NOT IN ('approved', 'superseded', 'withdrawn'))"


def install_sql(db: BaseDatabaseWrapper) -> list[str]:
    """The statements that create the triggers on this database."""
    if db.vendor == "postgresql":
        function = (
            "CREATE FUNCTION kpis_target_is_frozen() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        each = "ON kpis_target FOR EACH ROW"
        run = "EXECUTE FUNCTION kpis_target_is_frozen()"
        return [
            function,
            f"CREATE TRIGGER kpis_target_unchanged BEFORE UPDATE {each} WHEN ({_changed('IS DISTINCT FROM')}) {run}",
            f"CREATE TRIGGER kpis_target_kept BEFORE DELETE {each} WHEN ({_DECIDED}) {run}",
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    return [
        f"CREATE TRIGGER kpis_target_unchanged BEFORE UPDATE ON kpis_target WHEN {_changed('IS NOT')} {refuse}",
        f"CREATE TRIGGER kpis_target_kept BEFORE DELETE ON kpis_target WHEN {_DECIDED} {refuse}",
    ]


def remove_sql(db: BaseDatabaseWrapper) -> list[str]:
    """The statements that take the triggers away."""
    if db.vendor == "postgresql":
        return ["DROP FUNCTION IF EXISTS kpis_target_is_frozen() CASCADE"]
    return ["DROP TRIGGER IF EXISTS kpis_target_unchanged", "DROP TRIGGER IF EXISTS kpis_target_kept"]


@contextmanager
def lifted() -> Iterator[None]:
    """Without the triggers, for emptying a demo company and a test's database, inside a transaction."""
    with connection.cursor() as cursor:
        for statement in remove_sql(connection):
            cursor.execute(statement)
        yield
        for statement in install_sql(connection):
            cursor.execute(statement)
