"""Rows that a person may not change by hand, and so not by a file: the same whether taken in or taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.loads.taking import Change, LoadJob, UndoRefused
from accounts.loads.undoing import named
from accounts.models import Load
from accounts.rights import Right


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that is not the person's to make, and why; ``column`` is empty for the whole row."""

    change: Change
    reason: str
    column: str = ""


def lacking(right: Right) -> str:
    """Why a row is refused of who lacks the right that its page asks for."""
    return f"asks for the right “{right.label}”, which you do not have here"


def note_refusals(job: LoadJob, changes: list[Change], refusals: Iterable[Refusal]) -> list[Change]:
    """Note each refused row; answers the changes that are left."""
    refused = set()
    for refusal in refusals:
        cell = (refusal.change.after or {}).get(refusal.column, "") if refusal.column else refusal.change.name
        job.errors.add(refusal.change.line, refusal.column, cell, refusal.reason)
        refused.add(refusal.change.key)
    return [change for change in changes if change.key not in refused]


def refuse_undoing(load: Load, refusals: Iterable[Refusal]) -> None:
    """Raise UndoRefused where a row of the load is not the person's to change."""
    found = list(refusals)
    if found:
        names = named(list(dict.fromkeys(refusal.change.name for refusal in found)))
        raise UndoRefused(f"Load {load.pk} cannot be taken back by you: {names} {found[0].reason}. Nothing was changed")
