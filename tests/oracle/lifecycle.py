"""When a customer joined, left and returned, told from the months in which it was active: by walking through them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

Event = tuple[int, str]


def life(active: Collection[int], record: Sequence[int], window: int, running: int | None = None) -> list[Event]:
    """The events of a customer by month; ``running`` is the month that has not ended, in which nobody left."""
    events: list[Event] = []
    on, silent = False, 0
    for month in record:
        if month in active:
            if not on:
                events.append((month, "returned" if events else "joined"))
            on, silent = True, 0
        elif on:
            silent += 1
            if silent == window and month != running:
                events.append((month, "left"))
                on = False
    return events
