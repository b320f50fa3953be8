"""A trigger keeps what an approved incentive goal says from being changed or deleted."""

from typing import Any

from django.db import migrations

from scorecard.models.frozen import goals


def install(apps: Any, schema_editor: Any) -> None:
    """Create the triggers."""
    for statement in goals.install_sql(schema_editor.connection):
        schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    """Drop the triggers."""
    for statement in goals.remove_sql(schema_editor.connection):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("scorecard", "0018_incentive_goals")]
    operations = [migrations.RunPython(install, remove)]
