"""Counts that lead to just those initiatives that they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Count:
    """A number, and the filters of the list that shows as many; no address where there is nothing to show."""

    number: int
    query: Query

    @property
    def url(self) -> str:
        """The list of those counted."""
        return list_address(self.query) if self.number else ""


def list_address(query: Query) -> str:
    """The register, filtered."""
    return f"{reverse('initiatives')}?{urlencode(query, doseq=True)}"
