from django.apps import AppConfig

from core.registry import register_landing


class ScorecardConfig(AppConfig):
    name = "scorecard"

    def ready(self) -> None:
        """Say where people begin; nothing else is turned around."""
        from scorecard.pages.landing import landing_of

        register_landing(landing_of)
