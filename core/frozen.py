"""Rows that must not change once something was decided about them: triggers say so to every door.

ORM, admin, a file and plain SQL meet the same refusal. Only the state may go on, never what was decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Frozen:
    """What of a table is kept: ``columns`` of rows whose state is one of ``states``, and the rows themselves.

    From a state of ``states`` a row may go on to another of them alone; without states each row stays as it was
    written. ``message`` is what the database says.
    """

    table: str
    message: str
    columns: Sequence[str] = ()
    states: Sequence[str] = ()

    def install_sql(self, db: BaseDatabaseWrapper) -> list[str]:
        """The statements that create the triggers on this database."""
        if db.vendor != "postgresql":
            return self._install_sqlite()
        function = (
            f"CREATE FUNCTION {self.table}_is_frozen() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{self.message}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        each = f"ON {self.table} FOR EACH ROW"
        run = f"EXECUTE FUNCTION {self.table}_is_frozen()"
        changed = self._changed("IS DISTINCT FROM")
        return [
            function,
            f"CREATE TRIGGER {self.table}_unchanged BEFORE UPDATE {each} WHEN ({changed}) {run}",
            f"CREATE TRIGGER {self.table}_kept BEFORE DELETE {each} WHEN ({self._decided}) {run}",
        ]

    def _install_sqlite(self) -> list[str]:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        on = f"ON {self.table} WHEN"
        return [
            f"CREATE TRIGGER {self.table}_unchanged BEFORE UPDATE {on} {self._changed('IS NOT')} {refuse}",
            f"CREATE TRIGGER {self.table}_kept BEFORE DELETE {on} {self._decided} {refuse}",
        ]

    def remove_sql(self, db: BaseDatabaseWrapper) -> list[str]:
        """The statements that take the triggers away."""
        if db.vendor == "postgresql":
            return [f"DROP FUNCTION IF EXISTS {self.table}_is_frozen() CASCADE"]
        return [f"DROP TRIGGER IF EXISTS {self.table}_{what}" for what in ("unchanged", "kept")]

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Without the triggers, inside a transaction: for emptying a demo company or a test's database, or erasing."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # which takes no trigger off a table with checks to come
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            for statement in self.remove_sql(connection):
                cursor.execute(statement)
            yield
            for statement in self.install_sql(connection):
                cursor.execute(statement)

    @property
    def _states(self) -> str:
        return ", ".join(f"'{state}'" for state in self.states)

    @property
    def _decided(self) -> str:
        return f"OLD.state IN ({self._states})" if self.states else "TRUE"

    def _changed(self, differs: str) -> str:
        if not self.states:
            return "TRUE"
        columns = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in self.columns)
        return f"{self._decided} AND ({columns} OR NEW.state NOT IN ({self._states}))"
