"""The app of initiatives: what the company does for its customers, and whether it is on schedule."""

from __future__ import annotations

from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    """Registers the kinds of files that are about initiatives, and what the register asks of people."""

    name = "initiatives"

    def ready(self) -> None:
        """Make both known."""
        from core.registry import register_asks, register_load_kind
        from initiatives.loads.pain import PainPoints
        from initiatives.loads.progress import Milestones, StatusUpdates
        from initiatives.loads.register import Initiatives
        from initiatives.reading.asks import register_asks_of

        for kind in (Initiatives(), Milestones(), StatusUpdates(), PainPoints()):
            register_load_kind(kind)
        register_asks(register_asks_of)
