"""The app of the scorecard's pages."""

from django.apps import AppConfig


class ScorecardConfig(AppConfig):
    """Registers where people begin, which pages and panels there are, and follows what changes verdicts."""

    name = "scorecard"

    def ready(self) -> None:
        """Say where people begin, which pages there are to be found, what of closed periods is whose, and how packs are
        made.
        """
        _register_pages()
        _register_people()
        _register_editions()
        _register_files()


def _register_pages() -> None:
    from core.registry import EVERY, register_landing, register_panel, register_search, register_subject
    from customers.reading.subjects import CUSTOMER
    from initiatives.reading.subjects import INITIATIVE
    from kpis.reading.subjects import CELL
    from scorecard.pages.landing import landing_of
    from scorecard.pages.moved import moved_panel
    from scorecard.pages.narratives import narrative_panels
    from scorecard.pages.search import find_pages
    from scorecard.pages.subscriptions import follow_panels
    from scorecard.pages.warnings import warning_panels
    from scorecard.reading.subjects import GOAL, resolve_goals

    register_landing(landing_of)
    register_search(find_pages)
    register_panel(INITIATIVE, moved_panel)
    register_panel(EVERY, follow_panels)
    register_panel(CELL, narrative_panels)
    register_panel(CUSTOMER, warning_panels)
    register_subject(GOAL, resolve_goals, confidential=True)


def _register_people() -> None:
    from core.records import register_customer_part, register_person, register_told
    from core.registry import register_asks
    from scorecard.reading.asks import edition_asks_of, goal_asks_of, narrated_asks_of
    from scorecard.reading.audit_names import TOLD
    from scorecard.services.handing import erase_from_scorecard, hand_over_narrated, narrated_actions_of
    from scorecard.services.warnings import WarningResponses

    register_asks(narrated_asks_of)
    register_asks(edition_asks_of)
    register_asks(goal_asks_of)
    register_told(TOLD)
    register_person(narrated_actions_of, hand_over_narrated, erase_from_scorecard)
    register_customer_part(WarningResponses())


def _register_editions() -> None:
    from core.editions import register_editions
    from core.scorecards import register_after_change, register_closed, register_covering, register_signed
    from core.setup import register_dated
    from scorecard.reading.audit_names import closed, covered, dated
    from scorecard.reading.frozen_matrix import signed_matrix
    from scorecard.reading.served_editions import serve_edition

    register_after_change(compare_after_commit)
    register_closed(closed)
    register_editions(serve_edition)
    register_covering(covered)
    register_signed(signed_matrix)
    register_dated(dated)


def _register_files() -> None:
    from accounts.services.jobs import JobKind, register_job_kind
    from core.registry import register_load_kind
    from scorecard.loads.incentives import IncentiveGoals
    from scorecard.pages.reports import address_of
    from scorecard.services.reports import REPORT
    from scorecard.tasks import run_report

    register_load_kind(IncentiveGoals())
    register_job_kind(JobKind(REPORT, "A board pack", run_report, address_of))


def compare_after_commit() -> None:
    """Have a worker look what is another once the transaction under way is committed."""
    from scorecard.tasks import request_comparison

    request_comparison()
