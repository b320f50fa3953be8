"""Which modules the fast lane leaves out, and what the others cost: ``make test-fast``, for between two edits.

The lane asks what numbers mean (``test_semantics_...``), the rules, the services, files and the API row by row, and of
the pages the matrix. Beside what is marked ``slow`` or ``browser`` it leaves out the other modules whose tests take
more than 40 ms of processor each: they show whole pages of a company that was rolled up for them, close periods, race
each other, or ask every kind at every door. ``make test`` runs them all. A module that has become so slow is named at
the lane's end.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parent
LEFT_OUT = {
    "accounts": """
        admin_audit admin_kpis asked_first audit_callers audit_page bad_parameters company_page erasing guessing
        hand_over headers last_administrator people private_answers resets reverts setup_link setup_page sign_in
        years_at_every_door
    """,
    "api": """
        cell events initiatives kpi_meaning kpi_proposals matrix narratives schema scopes strict tables
        target_rights targets
    """,
    "customers": """
        moves_at_once
    """,
    "house": """
        private_steps sizes
    """,
    "initiatives": """
        at_once benefits_page coverage_page filters initiative_page moments_agree moves pain_points_page rail
        recognition register_page report_page responses rights_at_every_door stage_approvals stages_by_file
        update_form words_by_file
    """,
    "kpis": """
        actuals_page approvals_page changes_of_meaning cost_of_formulas deriving drafts explain_calculated
        freshness_page kpi_asks kpi_mails library_pages lifecycle link_formulas links months_not_begun
        order_of_the_matrix phasing polls_page proposal_decisions proposals_page retiering rollup_failures
        steps_page take_back targets_page weights_page
    """,
    "loads": """
        bad_rows bulk bulk_rights commands corrections differences files initiatives kinds kpi_versions months_ahead
        moves pages people_who_left proposed_links rights_of_rows rules_in_the_grid rules_of_codes rules_of_goals
        rules_of_initiatives rules_of_kpis rules_of_values sources targets two_persons undo
    """,
    "processes": """
        slow_senders
    """,
    "scorecard": """
        approvals_and_closed_periods asking_owners bridges cell_page charts closed_periods closing_at_once comparing
        customers_page digests doubts editions events_followed facts_page fifteen_changes further_editions
        goals_told_to_nobody growth_page home_headline home_page incentive_doors incentives incentives_agree
        kept_texts links_to_files moments_pages moved my_page narratives navigation one_reading pack pack_pptx pack_xlsx
        prepared_texts reports search split_page tiers_page transitions trend_events value_page warnings
    """,
}
LONG = {TESTS / folder / f"test_{name}.py" for folder, names in LEFT_OUT.items() for name in names.split()}
# A module is named where a test takes twice as much, and all of them some seconds: on a machine with other work to do
# the same takes longer.
SECONDS_A_TEST, SECONDS_ALTOGETHER = 0.08, 3.0
LANE = "not slow and not browser"
STAYS = ("semantics", "matrix_page")
BEGUN = pytest.StashKey[float]()
_spent: Counter[str] = Counter()
_tests: Counter[str] = Counter()


def weight(item: pytest.Item) -> int:
    """About how long a test takes, beside others."""
    marked = [*item.iter_markers("slow"), *item.iter_markers("browser")]
    left_out = item.path in LONG  # which is one mark of it
    return 50 if len(marked) > left_out else 3 if left_out else 1


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read these modules for the lane, for that takes seconds of each process."""
    return True if config.option.markexpr == LANE and collection_path in LONG else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests of these modules, before pytest chooses by the marks."""
    if item.path in LONG:
        item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note when a test begins."""
    item.stash[BEGUN] = time.process_time()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Say on the last report of a test of the lane what it took, for the process that sums up is another."""
    report = yield
    if call.when == "teardown" and weight(item) == 1:
        report.processor = time.process_time() - item.stash[BEGUN]
    return report


def pytest_runtest_logreport(report: Any) -> None:
    """Sum up by module."""
    if hasattr(report, "processor"):
        module = report.nodeid.partition("::")[0]
        _spent[module] += report.processor
        _tests[module] += 1


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what has become too slow for the lane."""
    for module, seconds in _spent.most_common():
        most = max(SECONDS_ALTOGETHER, _tests[module] * SECONDS_A_TEST)
        if seconds > most and not any(name in module for name in STAYS):
            told = f"{module}: {seconds:.1f} s of processor for {_tests[module]} tests. Make it cheaper, or name it in"
            terminalreporter.write_line(f"{told} tests/lane.py, which the fast lane leaves out.", yellow=True)
