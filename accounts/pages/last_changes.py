"""The rail's panel of the last changes, and the same for pages without a rail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Model

from accounts.models import User
from accounts.reading.acts import address_of
from accounts.reading.last_changes import LastChange, entries_of
from accounts.rights import Right
from core.registry import Panel, PanelPlace, Subject


@dataclass(frozen=True, slots=True)
class ChangePanel:
    """The last changes, the latest first, none where nothing is recorded; addresses of loads are for those who may
    see loads, ``audit``, the whole story of the object, for administrators: empty for everybody else.
    """

    changes: tuple[LastChange, ...]
    audit: str


def changes_of(found: Sequence[LastChange], row: Model, reader: User) -> ChangePanel:
    """What a person may read of the last changes of an object."""
    loads = reader.has_perm(Right.LOAD)
    shown = tuple(one if loads or not one.url else LastChange(one.at, one.text) for one in found)
    return ChangePanel(shown, address_of(row) if reader.has_perm(Right.ADMINISTER) else "")


def change_panel(found: Sequence[LastChange], row: Model, reader: User) -> Panel:
    """The panel for a person, beside what ``row`` is."""
    shown = changes_of(found, row, reader)
    return Panel(PanelPlace.CHANGE, "components/rail_change.html", shown, "last-changes")


def row_changes(row: Model, reader: User) -> ChangePanel:
    """The last changes of a row, for the page of one that has no rail."""
    return changes_of(entries_of(row), row, reader)


def row_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside a subject whose ``about`` is the row itself."""
    yield change_panel(entries_of(subject.about), subject.about, reader)


def administered_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """The same, for administrators alone."""
    if reader.has_perm(Right.ADMINISTER):
        yield from row_panels(subject, reader)
