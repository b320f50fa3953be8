"""The audit as a page: lines of acts, filtered; one entry in full; all of it as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.timezone import localtime

from accounts.filters import AuditFilter
from accounts.models import AuditEntry, User
from accounts.reading.acts import ToldAct, ToldEntry, tell, tell_acts, with_people
from accounts.services.reverts import may_be_given_back, why_not
from core.forms import id_of
from core.lists import FilteredList
from core.sheets import Value

_CHUNK = 1_000
MOST_IN_A_WORKBOOK = 100_000


class AuditList(FilteredList[AuditEntry]):
    """The entries that an address asks for, newest first: a page at a time, from ``before`` on, without a count."""

    def __init__(self, params: QueryDict, reader: User) -> None:
        filters = AuditFilter(params, with_people(AuditEntry.objects.order_by("-pk")))
        self.reader, self.is_flat = reader, filters.is_flat
        rows = filters.qs if self.is_flat else filters.qs.filter(act=None)
        super().__init__(params, rows, filters, export="audit_export")

    @cached_property
    def before(self) -> int | None:
        """The entry before which the page begins; None for the newest."""
        return id_of(self.params.get("before") or "")

    @cached_property
    def _found(self) -> list[AuditEntry]:
        rows = self.rows_found.filter(pk__lt=self.before) if self.before else self.rows_found
        return list(rows[: self.per_page + 1])

    @cached_property
    def acts(self) -> list[ToldAct]:
        """The lines of the page."""
        shown = self._found[: self.per_page]
        return [ToldAct(one) for one in tell(shown, self.reader)] if self.is_flat else tell_acts(shown, self.reader)

    @property
    def older(self) -> str:
        """The address of the next page; empty on the last."""
        return f"?{self.page_query}before={self._found[self.per_page - 1].pk}" if self._goes_on else ""

    @property
    def newest(self) -> str:
        """The address of the first page; empty there."""
        return f"?{self.query}" if self.before else ""

    @property
    def _goes_on(self) -> bool:
        return len(self._found) > self.per_page

    def said(self, name: str, value: Any) -> str:
        """An object by what its entries call it."""
        if name == "object":
            return self.acts[0].first.name if self.acts else "nothing that is kept"
        return f"entry {value} and its parts" if name == "act" else super().said(name, value)


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry in full. ``parts`` counts the other entries of its act, ``gives_back`` whether the reader may give it
    back, ``why_not`` the reason where such an entry is given back in general.
    """

    told: ToldEntry
    act: int
    parts: int
    gives_back: bool
    why_not: str
    given_back_by: int | None


def entry_page(entry: AuditEntry, reader: User) -> EntryPage:
    """An entry for a reader."""
    act = entry.act or entry.pk
    reason = why_not(entry, reader) if may_be_given_back(entry) else ""
    later = AuditEntry.objects.filter(reverts=entry.pk).order_by("-pk").values_list("pk", flat=True).first()
    return EntryPage(
        told=tell([entry], reader)[0],
        act=act,
        parts=AuditEntry.objects.filter(act=act).count(),
        gives_back=may_be_given_back(entry) and not reason,
        why_not="" if later else reason,
        given_back_by=later,
    )


COLUMNS: dict[str, Callable[[ToldEntry], Value]] = {
    "Entry": lambda told: told.entry.pk,
    "Act": lambda told: told.entry.act or told.entry.pk,
    "When": lambda told: f"{localtime(told.entry.at):%Y-%m-%d %H:%M:%S}",
    "Who": lambda told: told.who,
    "Did": lambda told: told.entry.verb,
    "Kind": lambda told: told.thing,
    "What": lambda told: told.about,
    "Changes": lambda told: "; ".join(told.lines),
    "Reason": lambda told: told.reason,
    "Way in": lambda told: told.entry.get_via_display(),
    "Token": lambda told: f"{told.entry.token.prefix} {told.entry.token.name}" if told.entry.token else "",
    "Session": lambda told: told.entry.session,
    "Address": lambda told: told.entry.address or "",
    "Reverts entry": lambda told: told.entry.reverts,
}


def exported(params: QueryDict) -> QuerySet[AuditEntry]:
    """All entries that an address asks for, newest first, each part of an act for itself."""
    filters = AuditFilter(params, with_people(AuditEntry.objects.order_by("-pk")))
    filters.one_by_one = True
    found: QuerySet[AuditEntry] = filters.qs
    return found


def export_rows(entries: QuerySet[AuditEntry], reader: User) -> Iterator[Sequence[Value]]:
    """The entries as rows, read and told a thousand at a time."""
    rows = entries.iterator(chunk_size=_CHUNK)
    while chunk := list(islice(rows, _CHUNK)):
        for told in tell(chunk, reader):
            yield [read(told) for read in COLUMNS.values()]
