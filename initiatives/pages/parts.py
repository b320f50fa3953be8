"""The parts of an initiative's page that have builders of their own."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from initiatives.pages import benefits, recognition, status_update_history
from initiatives.pages import kpis_to_move as kpis
from initiatives.reading.standings import Standing


def build_parts(standing: Standing, user: User) -> dict[str, Any]:
    """Each part by its name; None where there is nothing to show."""
    builders = {
        "updates": status_update_history.build,
        "recognition": recognition.build,
        "kpis": kpis.build,
        "benefits": benefits.build,
    }
    return {name: build(standing, user) for name, build in builders.items()}
