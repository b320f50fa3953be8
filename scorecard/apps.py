from django.apps import AppConfig

from core.registry import register_landing, register_search


class ScorecardConfig(AppConfig):
    name = "scorecard"

    def ready(self) -> None:
        """Say where people begin, and which pages there are to be found."""
        from scorecard.pages.landing import landing_of
        from scorecard.pages.search import find_pages

        register_landing(landing_of)
        register_search(find_pages)
