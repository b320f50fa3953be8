"""How the audit tells of the company, its people, and the record of what they did."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import models
from django.urls import reverse

from core.records import Told

Rows = Callable[[Collection[str], Any], Mapping[str, tuple[str, str]]]


def rows_of(model: type[models.Model], address: Callable[[Any], str] | None = None, *related: str) -> Rows:
    """What reads the rows of a model by their ids: each by its name, with the address of its page where it has one."""

    def read(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
        rows: Any = model._default_manager.filter(pk__in=[pk for pk in ids if pk.isdecimal()])
        found = rows.select_related(*related) if related else rows
        return {str(row.pk): (str(row), address(row) if address else "") for row in found}

    return read


def _loads(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
    """A load is its number, and its page tells the rest."""
    return {pk: (pk, reverse("import", args=[pk])) for pk in ids if pk.isdecimal()}


TOLD: Mapping[str, Told] = {
    "accounts.company": Told("company", {"kpi_mail_day": "day of mails about KPIs"}),
    "accounts.businessunit": Told("business unit"),
    "accounts.department": Told("department"),
    "accounts.user": Told("person", {"is_active": "can sign in", "is_superuser": "superuser"}),
    "accounts.rolegrant": Told("role"),
    "accounts.apitoken": Told("token"),
    "accounts.load": Told("load", rows=_loads),
    "accounts.exchangerate": Told("rate"),
    "accounts.thread": Told("question"),
    "accounts.listview": Told("saved view"),
    "accounts.action": Told("action", {"done_on": "done on"}),
}
