"""Customers' ids in one form of their accents, so that a file finds them however it was written."""

from typing import Any

from django.db import migrations

from core.key_migration import bring_into_one_form


def normalize(apps: Any, schema_editor: Any) -> None:
    """Rewrite them; those that would be one are listed."""
    bring_into_one_form(apps.get_model("customers", "Customer"), "external_id")


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_reserved_tiers")]
    operations = [migrations.RunPython(normalize, migrations.RunPython.noop)]
