from django.apps import AppConfig

from core.registry import register_landing, register_search


class ScorecardConfig(AppConfig):
    name = "scorecard"

    def ready(self) -> None:
        """Say where people begin and which pages there are to be found, and follow what changes verdicts."""
        from core.scorecards import register_after_change
        from scorecard.pages.landing import landing_of
        from scorecard.pages.search import find_pages

        register_landing(landing_of)
        register_search(find_pages)
        register_after_change(compare_after_commit)


def compare_after_commit() -> None:
    """Have a worker look what is another once the transaction under way is committed."""
    from scorecard.tasks import request_comparison

    request_comparison()
