"""Who runs the product already is not led to the set-up after an upgrade, whatever is there."""

from typing import Any

from django.db import migrations
from django.utils import timezone


def end_setup(apps: Any, schema_editor: Any) -> None:
    """Of a company in which somebody has signed in or something was loaded."""
    used = apps.get_model("accounts", "User").objects.exclude(last_login=None).exists()
    if used or apps.get_model("accounts", "Load").objects.exists():
        apps.get_model("accounts", "Company").objects.update(setup_ended_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_first_run_and_logo")]

    operations = [migrations.RunPython(end_setup, migrations.RunPython.noop)]
