"""The register's settings: one row with its defaults."""

from typing import Any

from django.db import migrations


def found_policy(apps: Any, schema_editor: Any) -> None:
    """Create the row."""
    apps.get_model("initiatives", "Policy").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0001_initial")]

    operations = [migrations.RunPython(found_policy, migrations.RunPython.noop)]
