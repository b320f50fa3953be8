from django.apps import AppConfig


class ScorecardConfig(AppConfig):
    name = "scorecard"

    def ready(self) -> None:
        """Say where people begin, which pages there are to be found, and what of closed periods is whose."""
        from core.registry import register_landing, register_person, register_search, register_told
        from core.setup import register_dated
        from scorecard.pages.landing import landing_of
        from scorecard.pages.search import find_pages
        from scorecard.reading.told import TOLD, dated
        from scorecard.services.handing import erase_from_editions, hand_over_nothing, nothing_owned

        register_landing(landing_of)
        register_search(find_pages)
        register_dated(dated)
        register_told(TOLD)
        register_person(nothing_owned, hand_over_nothing, erase_from_editions)
