"""Saved views of the register become views of a list like any other, and back; each keeps its number if it can."""

from __future__ import annotations

from typing import Any

from django.core.management.color import no_style
from django.db import migrations

_LIST = "initiatives"
_FIELDS = ("user_id", "name", "query", "shared")


def move(apps: Any, editor: Any) -> None:
    """The register's views under the name of its list."""
    views = apps.get_model("accounts", "ListView")
    taken = set(views.objects.values_list("pk", flat=True))
    rows = list(apps.get_model("initiatives", "SavedView").objects.order_by("pk").values("pk", *_FIELDS))
    views.objects.bulk_create([views(list=_LIST, **row) for row in rows if row["pk"] not in taken])
    _count_on(editor, views)
    for row in rows:
        if row.pop("pk") in taken:
            views.objects.create(list=_LIST, **row)


def move_back(apps: Any, editor: Any) -> None:
    """Those of the register's list to a table of their own."""
    views, saved = apps.get_model("accounts", "ListView").objects, apps.get_model("initiatives", "SavedView")
    rows = views.filter(list=_LIST)
    saved.objects.bulk_create([saved(**row) for row in rows.values("pk", *_FIELDS)])
    rows.delete()
    _count_on(editor, saved)


def _count_on(editor: Any, model: Any) -> None:
    """Have the next number of the table be one that no row has."""
    for statement in editor.connection.ops.sequence_reset_sql(no_style(), [model]):
        editor.execute(statement)
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    """The rows go over, and the table goes."""

    dependencies = [("accounts", "0031_views_may_be_shared"), ("initiatives", "0010_turnarounds_say_why")]

    operations = [migrations.RunPython(move, move_back), migrations.DeleteModel(name="SavedView")]
