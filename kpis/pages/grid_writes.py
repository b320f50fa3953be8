"""What the grid's buttons do: drafts are saved, proposed and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from kpis.forms.grid import Submission, read_submission
from kpis.pages.grid import GridPage
from kpis.reading.grid import GridCell
from kpis.services.target_rows import RowKey, key_of, values_of
from kpis.services.targets import DraftsOfOthers, TargetsRefused, delete_draft, propose, save_drafts, withdraw


def save(page: GridPage, post: Mapping[str, str]) -> int:
    """Save what was typed as drafts: all of it or nothing, with every bad cell named. Answers how many changed."""
    found = read_submission(post, page.grid, page.company.currency)
    if not found.problems:
        try:
            return _write(found, page)
        except (TargetsRefused, DraftsOfOthers) as refused:
            names = list(found.drafts)
            for problem in refused.problems:
                found.problems.setdefault(names[problem.place], problem.reason)
    page.typed, page.problems, page.read, page.asked = found.typed, found.problems, found.drafts, found.asked
    page.made = post.get("made", "")
    return 0


@transaction.atomic
def _write(found: Submission, page: GridPage) -> int:
    for draft in found.cleared.values():
        delete_draft(target=draft, by=page.user)
    seen = _seen_drafts(page.grid.cells[name] for name in found.drafts)
    saved = save_drafts(cells=list(found.drafts.values()), by=page.user, seen=seen) if found.drafts else []
    return len(saved) + len(found.cleared)


def _seen_drafts(cells: Iterable[GridCell]) -> dict[RowKey, dict[str, Any]]:
    """The drafts that were shown, by their row's key; that the form showed them so was checked by their texts."""
    return {key_of(cell.pending): values_of(cell.pending) for cell in cells if cell.pending}


def send(page: GridPage, note: str) -> int:
    """Propose every draft of the page as one batch. Answers how many."""
    drafts = page.drafts
    propose(targets=[draft.pk for draft in drafts], by=page.user, note=note)
    return len(drafts)


def take_back(page: GridPage, *, of_others: bool) -> int:
    """Withdraw every proposal of the page that nobody has decided. Answers how many.

    Raises TransitionRefused, naming them, where some are a colleague's and the person did not say so.
    """
    waiting = page.waiting
    withdraw(targets=[target.pk for target in waiting], by=page.user, of_others=of_others)
    return len(waiting)
