"""Readings that every request makes, whose SQL is put together once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


class Prepared(Generic[M]):
    """The rows of one number or text, which is all that the query asks for.

    To put a query together takes the framework several times as long as to read the row that it finds.
    """

    def __init__(self, query: Callable[[Any], QuerySet[Any]], model: type[M]) -> None:
        self._query, self._model = query, model

    @cached_property
    def _sql(self) -> str:
        sql, (_,) = self._query(0).query.sql_with_params()
        return sql

    def read(self, value: int | str | None) -> list[M]:
        """The rows, as the query would read them now."""
        return list(self._model._base_manager.raw(self._sql, [value]))
