"""What is asked before somebody takes proposals back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from core.formatting import counted
from kpis.models import Target
from kpis.rules.target import colleagues_of


def asked_first(targets: Sequence[Target], user: User) -> dict[str, Any]:
    """The question with its numbers, for its page: ``28 proposals of Oskar, of 6 KPIs``."""
    names = colleagues_of(targets, user)
    kpis = counted(len({one.kpi_id for one in targets}), "KPI")
    asked = f"{counted(len(targets), 'proposal')} of {names or 'yours'}, of {kpis}"
    return {"targets": targets, "asked": asked, "names": names}
