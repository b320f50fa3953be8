"""Events of customers: counted, and moved from one customer to another. Contacts follow their issues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kpis.choices import EventKind
from kpis.models import EVENT_MODELS
from kpis.services.event_touches import touch_events

_OWN = "e.customer_id IN (%s, %s)"
# The models whose rows name a customer.
_MODELS: dict[EventKind, Any] = {kind: model for kind, model in EVENT_MODELS.items() if kind != EventKind.CONTACTS}


class HappenedEvents:
    """The events of a customer, as a part of what there is of it."""

    name, noun = "happened", "event"

    def count(self, customer: Any) -> int:
        """How many, contacts aside: who has contacts has issues."""
        return sum(model._default_manager.filter(customer=customer).count() for model in _MODELS.values())

    def move(self, merge: Any) -> dict[str, Any]:
        """They are the kept customer's; answers which."""
        ids = {kind.value: self._ids(model, merge.gone_id) for kind, model in _MODELS.items()}
        self._touch(merge)
        for model in _MODELS.values():
            model._default_manager.filter(customer=merge.gone_id).update(customer=merge.kept_id)
        self._touch(merge)
        return {"moved": sum(map(len, ids.values())), "ids": ids}

    def changed(self, merge: Any, moved: Any) -> Iterator[str]:
        """Those that are another customer's by now, or gone: what else a load corrected of them goes back with them."""
        for kind, model in _MODELS.items():
            there = set(self._ids(model, merge.kept_id))
            gone = sum(pk not in there for pk in moved["ids"][kind.value])
            if gone:
                yield f"{gone} of the {kind.label.lower()} that were moved"

    def move_back(self, merge: Any, moved: Any) -> None:
        """Each is the other's again."""
        self._touch(merge)
        for kind, model in _MODELS.items():
            ids = moved["ids"][kind.value]
            for start in range(0, len(ids), 500):
                model._default_manager.filter(pk__in=ids[start : start + 500]).update(customer=merge.gone_id)
        self._touch(merge)

    def _ids(self, model: Any, customer: int) -> list[int]:
        return list(model._default_manager.filter(customer=customer).order_by("pk").values_list("pk", flat=True))

    def _touch(self, merge: Any) -> None:
        for kind in _MODELS:
            touch_events(kind, _OWN, [merge.kept_id, merge.gone_id])
