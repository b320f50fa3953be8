"""The rail's panel of the last change."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from accounts.reading.last_changes import LastChange
from accounts.rights import Right
from core.registry import Panel, PanelPlace


@dataclass(frozen=True, slots=True)
class ChangePanel:
    """The last change, None where nothing is recorded; ``url`` leads to its load, for those who may see loads."""

    change: LastChange | None
    url: str


def change_panel(found: LastChange | None, reader: User) -> Panel:
    """The panel for a person."""
    url = found.url if found and reader.has_perm(Right.LOAD) else ""
    return Panel(PanelPlace.CHANGE, "components/rail_change.html", ChangePanel(found, url), "last-change")
