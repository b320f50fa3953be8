"""A version of a target knows which one it superseded: taken back, that one stands again."""

from typing import Any

from django.db import migrations, models


def note(apps: Any, schema_editor: Any) -> None:
    """Of versions that count: the latest superseded one before them, unless one was withdrawn in between."""
    rows = apps.get_model("kpis", "Target").objects
    before: dict[tuple[int, int, int, str], tuple[int, str]] = {}
    names = ("kpi_id", "tier_id", "from_month", "per", "version", "state", "pk")
    decided = rows.filter(state__in=("approved", "superseded", "withdrawn")).order_by(*names[:5])
    for kpi, tier, month, per, version, state, pk in decided.values_list(*names):
        number, then = before.get((kpi, tier, month, per), (0, ""))
        if state == "approved" and then == "superseded":
            rows.filter(pk=pk).update(supersedes=number)
        before[kpi, tier, month, per] = version, state


class Migration(migrations.Migration):
    dependencies = [("kpis", "0014_taken_back_facts_are_kept")]
    operations = [
        migrations.AddField(
            "target",
            "supersedes",
            models.PositiveIntegerField(
                blank=True,
                help_text="The version of the row that counted before; taken back, that one stands again",
                null=True,
            ),
        ),
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
