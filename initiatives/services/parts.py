"""What the register keeps of customers: initiatives for a key account, and views that are filtered by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict

from accounts.models import ListView
from initiatives.models import Initiative

_LIST = "initiatives"


class Initiatives:
    """Initiatives that name the customer."""

    name, noun = "initiatives", "initiative"

    def count(self, customer: Any) -> int:
        """How many, of all stages."""
        return Initiative.objects.filter(customer=customer).count()

    def move(self, merge: Any) -> list[int]:
        """They name the kept one; answers which."""
        rows = Initiative.objects.filter(customer=merge.gone)
        moved = list(rows.order_by("pk").values_list("pk", flat=True))
        rows.update(customer=merge.kept)
        return moved

    def changed(self, merge: Any, moved: list[int]) -> Iterator[str]:
        """Those that name another customer by now, or are gone."""
        left = set(Initiative.objects.filter(pk__in=moved, customer=merge.kept).values_list("pk", flat=True))
        codes = dict(Initiative.objects.filter(pk__in=moved).values_list("pk", "code"))
        yield from (f"the initiative {codes.get(pk, pk)}" for pk in moved if pk not in left)

    def move_back(self, merge: Any, moved: list[int]) -> None:
        """They name the other again."""
        Initiative.objects.filter(pk__in=moved).update(customer=merge.gone)


class Views:
    """Saved views of the register that are filtered by the customer."""

    name, noun = "views", "saved view"

    def count(self, customer: Any) -> int:
        """How many."""
        return len(_naming(customer.external_id))

    def move(self, merge: Any) -> dict[str, Any]:
        """They are filtered by the kept one; answers what they asked before."""
        rows = _naming(merge.gone.external_id)
        before = {str(row.pk): row.query for row in rows}
        for row in rows:
            row.query = _with(row.query, merge.kept.external_id)
            row.save(update_fields=["query"])
        return {"moved": len(rows), "before": before, "after": {str(row.pk): row.query for row in rows}}

    def changed(self, merge: Any, moved: dict[str, Any]) -> Iterator[str]:
        """None that matters: who changed or deleted a view since keeps it so."""
        return iter(())

    def move_back(self, merge: Any, moved: dict[str, Any]) -> None:
        """Those that nobody changed since ask as before."""
        for pk, query in moved["before"].items():
            ListView.objects.filter(pk=int(pk), list=_LIST, query=moved["after"][pk]).update(query=query)


def _naming(external_id: str) -> list[ListView]:
    rows = ListView.objects.filter(list=_LIST, query__contains="customer=")
    return [row for row in rows.order_by("pk") if QueryDict(row.query).get("customer") == external_id]


def _with(query: str, external_id: str) -> str:
    found = QueryDict(query, mutable=True)
    found["customer"] = external_id
    return str(found.urlencode())
