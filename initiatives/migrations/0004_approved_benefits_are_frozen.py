"""A trigger keeps approved benefits from being changed or deleted."""

from typing import Any

from django.db import migrations

from initiatives.models.frozen import install_sql, remove_sql


def install(apps: Any, schema_editor: Any) -> None:
    """Create the triggers, in place of any that an emptied demo company left behind before this migration."""
    for statement in (*remove_sql(schema_editor.connection), *install_sql(schema_editor.connection)):
        schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    """Drop the triggers."""
    for statement in remove_sql(schema_editor.connection):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0003_reminders_handled")]
    operations = [migrations.RunPython(install, remove)]
