"""``manage.py migrate``: Django's, in which each migration is whole or not there."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration


class WholeExecutor(MigrationExecutor):
    """Notes that a migration was made in the migration's own transaction.

    Django notes it afterwards where indexes or constraints are left for the end. Who is killed in between, or meets
    a full disk, has tables of which nobody knows, and every later `migrate` fails because they exist.
    """

    def apply_migration(self, state: Any, migration: Migration, *args: Any, **kwargs: Any) -> Any:
        """Make it, with all that it leaves for its end."""
        make = migration.apply

        def make_all(project_state: Any, schema_editor: Any, collect_sql: bool = False) -> Any:
            made = make(project_state, schema_editor, collect_sql)
            while schema_editor.deferred_sql:
                schema_editor.execute(schema_editor.deferred_sql.pop(0), None)
            return made

        migration.apply = make_all  # type: ignore[method-assign]
        try:
            return super().apply_migration(state, migration, *args, **kwargs)
        finally:
            migration.apply = make  # type: ignore[method-assign]


migrate.MigrationExecutor = WholeExecutor  # type: ignore[attr-defined]


class Command(migrate.Command):
    """Django's command with that executor."""
