"""Which tests ``make test`` runs once, on SQLite, and not on PostgreSQL as well.

A module runs on both unless it is named here, and then its subject is one that no database changes: what a page, a
mail or an answer says, who may do something, which text a file's cell or a form's field may hold, how a process ends.
How rows are found, counted, summed, ordered, kept apart, locked, refused by the database, migrated and taken back is
asked on both. So is every address of the product (accounts/test_bad_parameters.py: of its bad values, PostgreSQL is
asked those that a database may take otherwise than another), so that the SQL of a page that is named here has run on
both as well.
"""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parent
ONCE = {
    "accounts": (
        *("admin_audit", "admin_kpis", "admin_targets", "api_start", "audit_callers", "bad_addresses", "bodies"),
        *("closing_slash", "company_page"),
        *(
            "every_address",
            "every_answer",
            "forms_fuzzed",
            "headers",
            "kept_form",
            "private_answers",
            "refusals_logged",
            "rights",
        ),
        *("setup_page", "sign_in", "token_makers", "years_at_every_door"),
    ),
    "api": (
        *(
            "api_document",
            "bodies",
            "cell",
            "complete_months",
            "decisions_by_token",
            "fuzz",
            "generated_client",
            "health",
        ),
        *("initiatives_progress", "kpi_meaning", "kpi_proposals", "long_lists", "matrix", "matrix_shape"),
        *(
            "pain_and_benefits",
            "problems",
            "schema",
            "schema_agrees",
            "scopes",
            "strict",
            "target_rights",
            "tier_actuals",
        ),
    ),
    "initiatives": (
        *("access", "asks", "benefits_page", "coverage_page", "initiative_page", "moments_agree", "pain_points_page"),
        *("priorities_page", "recognition", "report_page", "responses", "rights_at_every_door", "stages"),
        *("semantics_moments", "stages_by_file", "wording", "words_by_file"),
        *("oracle_of_moments",),
    ),
    "kpis": (
        *(
            "actuals_page",
            "approvals_page",
            "cost_of_formulas",
            "formulas_of_kpis",
            "freshness_page",
            "kpi_asks",
            "library_pages",
        ),
        *(
            "link_formulas",
            "oracle_of_events",
            "oracle_of_links",
            "oracle_of_warnings",
            "warning_formulas",
        ),
        *("phasing", "polls_page", "proposals_page", "rules_of_events", "signal_formulas", "steps_page"),
        *("targets_page", "wording"),
    ),
    "loads": (
        *("as_a_spreadsheet_shows", "bad_rows", "bulk_rights", "commands", "differences", "files", "hostile_files"),
        *("pages", "rights_of_rows", "two_persons", "what_a_workbook_means", "what_csv_and_keys_mean"),
    ),
    # The file queue, the supervisor, the senders and the disk; what rollups do when killed is asked on both.
    "processes": (
        *("carriage", "full_disk", "full_setup", "full_start", "round_trip", "slow_senders", "supervised", "watchdog"),
    ),
    "scorecard": (
        *("cell_page", "charts", "demo", "demo_banner", "demo_command", "demo_initiatives", "demo_library"),
        *("doubts", "look", "growth_page", "headings", "home_page", "kept_texts", "landing", "matrix_page"),
        *("my_page", "navigation", "one_period", "pack_pptx", "pack_xlsx", "period_picker", "split_page"),
        *("tiers_page", "verdict"),
        *("goals_told_to_nobody", "oracle_of_incentives"),
    ),
}
RUN_ONCE = {TESTS / folder / f"test_{name}.py" for folder, names in ONCE.items() for name in names}
