"""What tables hold, for who asks whether anything has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Model


def rows_of(models: Iterable[type[Model]]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of each model by the model's name, as the database gives it, in the order of keys.

    The statement is written here: to make it of a model each time, with all that its rows are ordered by, takes
    many times as long as the database needs for a small table, and a walk through doors asks hundreds of times.
    """
    found = {}
    with connection.cursor() as cursor:
        for model in models:
            keys = ", ".join(connection.ops.quote_name(str(field.column)) for field in model._meta.pk_fields)
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table} ORDER BY {keys}")  # noqa: S608 - names of ours
            found[model.__name__] = cursor.fetchall()
    return found
