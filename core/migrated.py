"""Whether the database is ready for commands."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor


def require_migrations() -> None:
    """Raise CommandError (exit status 2), in one sentence, where the database is away or not migrated."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise CommandError(f"The database cannot be reached: {reason}", returncode=2) from error
    if waiting:
        raise CommandError(
            "The database has not been migrated: run “python manage.py migrate” and try again.", returncode=2
        )
