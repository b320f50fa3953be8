"""The two computed columns: all customers, and those without a tier."""

from typing import Any

from django.db import migrations


def reserve(apps: Any, schema_editor: Any) -> None:
    """Create the rows ``untiered`` and ``all``, ranked behind every tier."""
    tiers = apps.get_model("customers", "Tier").objects
    tiers.create(code="untiered", name="Untiered", rank=32766, scope="untiered")
    tiers.create(code="all", name="All customers", rank=32767, scope="all")


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [migrations.RunPython(reserve, migrations.RunPython.noop)]
