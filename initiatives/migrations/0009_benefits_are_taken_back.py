"""An approved benefit may be withdrawn, and knows the version that it superseded: taken back, that one stands again."""

from typing import Any

from django.db import migrations, models

from core.frozen import Frozen
from initiatives.models.frozen import COLUMNS, MESSAGE, install_sql, remove_sql

_BEFORE = Frozen("initiatives_benefit", MESSAGE, COLUMNS, ("approved", "superseded"))


def allow(apps: Any, schema_editor: Any) -> None:
    """The triggers let a state go on to withdrawn, and back."""
    for statement in (*remove_sql(schema_editor.connection), *install_sql(schema_editor.connection)):
        schema_editor.execute(statement, params=None)


def forbid(apps: Any, schema_editor: Any) -> None:
    """The triggers as they were."""
    db = schema_editor.connection
    for statement in (*_BEFORE.remove_sql(db), *_BEFORE.install_sql(db)):
        schema_editor.execute(statement, params=None)


def note(apps: Any, schema_editor: Any) -> None:
    """Of versions that count: the latest superseded one of their name before them."""
    rows = apps.get_model("initiatives", "Benefit").objects
    before: dict[tuple[int, str], int] = {}
    names = ("initiative_id", "name", "version", "state", "pk")
    decided = rows.filter(state__in=("approved", "superseded")).order_by(*names[:3])
    for initiative, name, version, state, pk in decided.values_list(*names):
        if state == "approved":
            rows.filter(pk=pk).update(supersedes=before.get((initiative, name)))
        else:
            before[initiative, name] = version


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0008_questions_stand_in_threads")]
    operations = [
        migrations.AddField(
            "benefit",
            "supersedes",
            models.PositiveIntegerField(
                blank=True,
                help_text="The version of the name that counted before; taken back, that one stands again",
                null=True,
            ),
        ),
        migrations.RunPython(allow, forbid),
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
