"""Rows that are made from the database as they come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState


class QuickRow(models.Model):
    """A model of many columns that is read by the hundred: its rows take their values in one go.

    The framework sets each value by itself, for defaults, signals and names of relations that a row from the
    database has no use for. Rows of which columns are left out are made in its way.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """The row of a query's values."""
        names = _columns(cls)
        if len(values) != len(names):
            return super().from_db(db, field_names, values, **options)
        row = cls.__new__(cls)
        row._state = state = ModelState()
        row.__dict__.update(zip(names, values, strict=True))
        state.adding, state.db = False, db
        return row


@cache
def _columns(model: type[models.Model]) -> Sequence[str]:
    return [field.attname for field in model._meta.concrete_fields]
