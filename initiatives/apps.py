"""The app of initiatives: what the company does for its customers, and whether it is on schedule."""

from __future__ import annotations

from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    """Registers the kinds of files that are about initiatives."""

    name = "initiatives"

    def ready(self) -> None:
        """Make what the register asks of people known."""
        from core.registry import register_asks
        from initiatives.asks import register_asks_of

        register_asks(register_asks_of)
