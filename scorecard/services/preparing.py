"""Making texts of pages before anybody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scorecard.models import PreparedText


def prepare(wanted: Mapping[str, Callable[[], str]]) -> int:
    """Make what is not there yet of the texts that are ``wanted``, by key, and take away all others; how many it made.

    Two queries where nothing is missing. Of two workers at once the second may make the same again.
    """
    there = set(PreparedText.objects.values_list("key", flat=True))
    made = [PreparedText(key=key, text=make()) for key, make in wanted.items() if key not in there]
    PreparedText.objects.bulk_create(made, ignore_conflicts=True)
    if old := there - wanted.keys():
        PreparedText.objects.filter(key__in=old).delete()
    return len(made)
