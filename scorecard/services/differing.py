"""Noting which closed periods say otherwise by now than their latest edition, for the inbox of those who close them."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from core.periods import FiscalCalendar, Period
from scorecard.models import Edition, EditionDifference
from scorecard.reading.editions import differences, latest_editions


def note_differences(calendar: FiscalCalendar, today: date) -> None:
    """Look at all closed periods, and note of each in how many cells it differs from its latest edition.

    What begins to differ, and what agrees again, has an entry; what differs otherwise keeps its day. Call it in a
    transaction. One query where nothing was closed.
    """
    editions = latest_editions()
    if not editions:
        return
    known = {row.edition_id: row for row in EditionDifference.objects.select_related("edition")}
    for edition in editions:
        cells = len(differences(edition, today, Period.parse(edition.period, calendar)))
        _note(edition, cells, known.pop(edition.pk, None))
    EditionDifference.objects.filter(pk__in=[row.pk for row in known.values()]).delete()  # of editions followed by one


def _note(edition: Edition, cells: int, row: EditionDifference | None) -> None:
    if row is None and cells:
        EditionDifference.objects.create(edition=edition, cells=cells, since=timezone.now())
        record(by=None, verb=Verb.DIFFERS, obj=edition, after={"cells": cells})
    elif row is not None and not cells:
        row.delete()
        record(by=None, verb=Verb.AGREES_AGAIN, obj=edition)
    elif row is not None and row.cells != cells:
        EditionDifference.objects.filter(pk=row.pk).update(cells=cells)
