"""Titles of milestones, and sources and themes of pain, in one form of their accents."""

from typing import Any

from django.db import migrations

from core.key_migration import bring_into_one_form


def normalize(apps: Any, schema_editor: Any) -> None:
    """Rewrite them; those that would be one are listed."""
    bring_into_one_form(apps.get_model("initiatives", "Milestone"), "title")
    bring_into_one_form(apps.get_model("initiatives", "PainPoint"), "source", "theme")
    bring_into_one_form(apps.get_model("initiatives", "Initiative"), "theme")


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0005_a_benefit_has_a_proposer")]
    operations = [migrations.RunPython(normalize, migrations.RunPython.noop)]
