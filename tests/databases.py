"""Which tests ``make test`` runs once, on SQLite, and not on PostgreSQL as well.

A module runs on both unless it is named here, and then its subject is one that no database changes: what a page, a
mail or an answer says, who may do something, which text a file's cell or a form's field may hold, what a rule makes of
numbers that were read, how a process ends. Where that is so of some tests of a module alone, these are named by it:
the others reach the same SQL. Of what is tried with hundreds of invented companies, PostgreSQL is asked in
kpis/test_properties.py whether the cells are right and no order of writes changes them, in test_semantics_changes.py
how a change is split, and in test_deriving.py what facts are made of events.

How rows are found, counted, summed, ordered, kept apart, locked, refused by the database, migrated and taken back is
asked on both. So is every address of the product (accounts/test_bad_parameters.py: of its bad values, PostgreSQL is
asked those that a database may take otherwise than another), so that the SQL of a page that is named here has run on
both as well.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ONCE = {
    "acceptance": ("growth", "links", "projects", "signals", "split"),
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
        *("register_page", "report_counts", "semantics_as_of"),
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
        *("changes_of_meaning", "effects", "scale", "semantics_calculated", "semantics_composite"),
        *("semantics_confirmed", "semantics_missing", "semantics_periods", "semantics_status", "semantics_targets"),
        *("semantics_versions",),
    ),
    "loads": (
        *("as_a_spreadsheet_shows", "bad_rows", "bulk_rights", "commands", "differences", "files", "hostile_files"),
        *("pages", "rights_of_rows", "two_persons", "what_a_workbook_means", "what_csv_and_keys_mean"),
        *("rules_of_codes", "rules_of_initiatives", "rules_of_values"),
    ),
    # The file queue, the supervisor, the senders and the disk; what rollups do when killed is asked on both.
    "processes": (
        *("carriage", "full_disk", "full_setup", "full_start", "round_trip", "slow_senders", "supervised", "watchdog"),
    ),
    "scorecard": (
        *("cell_page", "charts", "demo", "demo_banner", "demo_command", "demo_initiatives", "demo_library"),
        *("doubts", "look", "growth_page", "headings", "home_page", "kept_texts", "landing", "links_to_files"),
        *("matrix_page", "my_page", "navigation", "one_period", "pack_pptx", "pack_xlsx", "period_picker"),
        *("split_page", "tiers_page", "verdict"),
        *("goals_told_to_nobody", "oracle_of_incentives"),
        *("bridges_of_all", "comparing", "moments_pages", "pack"),
    ),
}
RUN_ONCE = {TESTS / folder / f"test_{name}.py" for folder, names in ONCE.items() for name in names}
# Of modules that run on both: tests by their names without ``test_``, as patterns of a shell.
TESTS_ONCE = {
    "api/targets": ("every_bad_field_*", "a_draft_is_not_made_wrong_*", "a_filter_that_means_nothing_*"),
    "api/targets_decisions": ("ten_thousand_are_approved_together",),
    "api/kpis": ("a_token_that_may_read_*", "only_stewards_write*", "everybody_with_a_role_*", "a_body_that_is_*"),
    "api/tables": ("roles*", "scopes_*", "refuses_by_field_*"),
    "initiatives/serving": ("every_cell_is_served_by_those_whom_the_list_shows",),
    "initiatives/stage_approvals": ("nobody_else_*", "what_is_on_hold_*"),
    "initiatives/update_form": (
        *("a_new_due_*", "a_question_*", "deputy_*", "others_may_not_*", "sending_it_*", "the_number_of_queries_*"),
        *("what_is_wrong_*",),
    ),
    "kpis/kpi_mails": (
        *("a_calculated_*", "a_look_*", "a_recovery_*", "it_waits_*", "missed_cells_*", "nobody_is_told_*"),
        *("the_quarters_mail_*", "what_recovered_*", "who_reads_*"),
    ),
    "kpis/links": ("a_whole_company_has_the_links_*", "the_pages_say_*", "of_another_sign_*"),
    "kpis/merging": ("taking_back_leaves_every_row_*",),
    "kpis/properties": (
        *("every_cell_of_every_matrix_*", "a_change_of_meaning_marks_*", "pooling_*", "rolling_up_twice_*"),
        *("the_tiers_components_*", "tiers_and_untiered_*"),
    ),
    "kpis/semantics_signals": ("invented_companies_*",),
    "kpis/warnings_agree": ("the_record",),
    "loads/big_files": ("many_bad_rows_*",),
    # Rows in JSON are those of a file once they are read.
    "loads/bulk": (
        *("*-application/*", "*_in_json_*", "ten_thousand_*", "nulls_*", "a_dry_run_*", "a_field_that_no_kind_has_*"),
    ),
    "loads/importing": ("six_counts_add_up_*",),
    "loads/initiatives": ("*bad_row*",),
    "loads/kinds": ("loading_twice_*", "a_dry_run_*"),
    "loads/kpi_versions": ("a_file_says_which_verdicts_*",),
    "loads/months_ahead": ("refuses_*",),
    "loads/properties": ("loading_twice_*", "counts_add_up_*"),
    "loads/rules_of_kpis": ("*_refused_alike_at_every_door*",),
    "scorecard/bridges": ("the_bridge_costs_*",),
    "scorecard/customers_page": ("whatever_a_number_*", "three_customers_and_sixty_*"),
    "scorecard/editions": (
        *("a_heatmap_*", "scorecards_are_listed_*", "the_command_lists_*", "two_people_close_a_quarter_on_its_page"),
        *("who_may_prepare_*",),
    ),
    "scorecard/home_headline": ("each_clause_is_a_link_*",),
    "scorecard/incentive_doors": ("who_reads_a_goal_walked_*",),
    "scorecard/narratives": (
        *("a_reference_shows_*", "an_unknown_reference_*", "nothing_typed_becomes_markup", "the_checklist_*"),
        *("the_machine_says_*", "who_may_write*"),
    ),
    "scorecard/reports": ("nobody_else_*", "what_cannot_be_made_*", "what_are_no_*", "a_program_*", "the_command_*"),
    "scorecard/search": ("every_page_that_is_found_opens",),
    "scorecard/warnings": ("each_role_reads_*",),
}


def runs_once(path: Path, test: str) -> bool:
    """Whether no database changes what a test of a file asks."""
    named = TESTS_ONCE.get(f"{path.parent.name}/{path.stem.removeprefix('test_')}", ())
    return path in RUN_ONCE or any(fnmatchcase(test, f"test_{pattern}") for pattern in named)
