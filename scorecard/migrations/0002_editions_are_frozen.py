"""A trigger keeps editions from being changed or deleted."""

from typing import Any

from django.db import migrations

from scorecard.models.frozen import install_sql, remove_sql


def install(apps: Any, schema_editor: Any) -> None:
    """Create the triggers."""
    for statement in install_sql(schema_editor.connection):
        schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    """Drop the triggers."""
    for statement in remove_sql(schema_editor.connection):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("scorecard", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
