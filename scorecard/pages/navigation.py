"""Where a page stands: five places with their sub-tabs, and which of them each address belongs to.

One table says it all. A tab without an address has no page yet: its place in the order is kept, and nothing is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from accounts.rights import Right


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a place. ``address`` is the name of its address (empty: it comes later), ``within`` the names of the
    addresses that stand behind it, ``of_today`` whether its numbers are as of today whatever period is carried,
    ``right`` what it asks for beyond the place's, ``own_right`` what will do as well for what is one's own.
    """

    title: str
    address: str = ""
    within: tuple[str, ...] = ()
    of_today: bool = False
    right: Right | None = None
    own_right: Right | None = None

    def opens_to(self, user: Any) -> bool:
        """Whether somebody who may enter the place may open it."""
        rights = [right for right in (self.right, self.own_right) if right is not None]
        return not rights or any(user.has_perm(right) for right in rights)

    @property
    def names(self) -> tuple[str, ...]:
        """All addresses of the tab."""
        return (self.address, *self.within) if self.address else ()


@dataclass(frozen=True, slots=True)
class Place:
    """One of the five; ``right`` is what its pages ask for."""

    code: str
    title: str
    tabs: tuple[Tab, ...]
    right: Right = Right.READ
    others: tuple[str, ...] = field(default=())  # addresses of the place that are behind none of its tabs

    @property
    def open_tabs(self) -> tuple[Tab, ...]:
        """Those that have a page."""
        return tuple(tab for tab in self.tabs if tab.address)


PLACES = (
    Place(
        "scorecard",
        "Scorecard",
        (
            Tab("Home", "home", ("home_chart", "news")),
            Tab(
                "Matrix",
                "matrix_latest",
                (
                    *("matrix", "matrix_chart", "cell", "cell_chart", "cell_split", "cell_split_chart"),
                    *("cell_difference", "cell_narrative", "cell_remark", "narrative_tick", "remark_take_back"),
                    *("facts", "facts_delete", "fact_events"),
                ),
            ),
            Tab(
                "Growth",
                "growth",
                (
                    *("growth_chart", "growth_customers", "growth_export"),
                    *("growth_value", "growth_value_chart", "growth_value_export", "growth_value_kpis"),
                ),
            ),
            Tab(
                "Editions",
                "scorecards",
                (
                    *("scorecard", "scorecard_ask", "scorecard_waive", "scorecard_unwaive", "scorecard_prepare"),
                    *("scorecard_withdraw", "scorecard_sign", "scorecard_refuse", "scorecard_compare"),
                ),
            ),
            Tab("Reports", "reports", ("report", "report_file", "verify")),
        ),
    ),
    Place(
        "initiatives",
        "Initiatives",
        (
            Tab(
                "Register",
                "initiatives",
                (
                    *("initiatives_export", "save_view", "delete_view", "initiative_new", "initiative"),
                    *("initiative_edit", "initiative_stage", "milestone_add", "milestone", "document_add"),
                    *("document_remove", "initiative_updates", "update_respond", "initiative_thank"),
                ),
                of_today=True,
            ),
            Tab("Board", "initiatives_board", of_today=True),
            Tab("Timeline", "initiatives_timeline", ("initiatives_timeline_chart",), of_today=True),
            Tab("Priorities", "priorities", ("priorities_chart",), of_today=True),
            Tab("Coverage", "coverage", ("coverage_chart",)),
            Tab("Report", "initiatives_report"),
            Tab(
                "Benefits",
                "benefits",
                (
                    *("benefits_decide", "benefits_effect", "benefit_take_back"),
                    *("benefit_withdraw", "benefit_new", "benefit_realise"),
                ),
                of_today=True,
            ),
        ),
        others=(
            *("initiative_settings", "initiative_policy", "initiative_rate"),
            *("recognition", "recognition_decide", "recognition_effect", "recognition_take_back"),
            *("stage_approvals", "stage_approvals_decide", "stage_approvals_effect", "stage_approvals_take_back"),
        ),
    ),
    Place(
        "customers",
        "Customers",
        (
            Tab(
                "Customers",
                "customers",
                (
                    *("customers_export", "customers_view", "customers_view_delete", "customer_new", "customer"),
                    *("customer_effect", "customer_edit", "customer_move", "customer_event", "customer_take_out"),
                    *("customer_retire", "customer_bring_back", "customer_delete", "customer_merge", "merge_undo"),
                ),
                of_today=True,
            ),
            Tab("Pain points", "pain_points", ("pain_point_new", "pain_point", "pain_point_delete")),
            Tab(
                "Warnings",
                "warnings",
                ("warnings_anew", "customer_warning", "warning_take_back", "warning_tick"),
                of_today=True,
                right=Right.READ_WARNINGS,
                own_right=Right.READ_OWN_WARNINGS,
            ),
            Tab(
                "Moments of truth",
                "moments",
                (
                    *("moment_new", "moment", "moment_edit", "moment_criterion", "moment_delete", "moment_propose"),
                    *("moment_proposals", "moment_proposals_decide", "moment_proposals_effect"),
                    *("moment_proposals_take_back", "moment_proposal_withdraw"),
                ),
            ),
            Tab(
                "Tiers",
                "tiers",
                (
                    *("tier", "tier_retire", "tier_bring_back", "lifecycle", "lifecycle_take_back"),
                    *("retiering", "retiering_matrix", "retiering_apply", "retiering_undo", "retiering_export"),
                ),
                right=Right.MANAGE_KPIS,
            ),
        ),
    ),
    Place(
        "kpis",
        "KPIs",
        (
            Tab(
                "Library",
                "kpis",
                (
                    *("kpi", "kpi_chart", "kpi_edit", "kpi_meaning", "kpi_take_back", "kpi_retire"),
                    *("kpi_publish", "kpi_bring_back", "kpi_step", "kpi_step_take_back", "kpi_seasonal"),
                    *("kpi_templates", "kpi_new", "kpi_proposals", "kpi_propose", "kpi_proposal"),
                    *("kpi_proposal_accept", "kpi_proposal_decline", "kpi_proposal_withdraw"),
                    *("kpi_proposals_decide", "kpi_proposals_effect", "kpi_proposals_take_back"),
                    *("kpi_weights", "kpi_weights_take_back"),
                ),
            ),
            Tab(
                "Targets",
                "targets",
                (
                    *("targets_understood", "target_history", "approvals", "approvals_decide", "approvals_effect"),
                    *("approvals_withdraw", "approvals_take_back"),
                ),
            ),
            Tab("Actuals", "actuals", ("actuals_month",)),
            Tab(
                "Links",
                "links",
                (
                    *("link", "link_chart", "link_new", "link_edit", "link_delete", "link_test", "links_test"),
                    *("link_withdraw", "link_proposals", "link_proposals_decide", "link_proposals_effect"),
                    "link_proposals_take_back",
                ),
                of_today=True,
            ),
            Tab("Polls", "polls", ("poll_new", "poll", "poll_option", "poll_act")),
        ),
    ),
    Place(
        "data",
        "Data",
        (
            Tab(
                "Imports",
                "imports",
                (
                    *("import_check", "import_bad_rows", "import_kinds", "import_sample", "import_export"),
                    *("import", "undo_load"),
                ),
            ),
            Tab("Freshness", "freshness", ("mark_complete",)),
            Tab("Rollups", "rollups", ("rollup", "roll_up")),
        ),
        right=Right.LOAD,
    ),
)

# What stands on the right, in no place: the inbox and what the name's menu holds.
INBOX = frozenset(
    {
        *("my", "my_reminders", "initiative_update"),
        *("asks", "thread_answer", "thread_reopen", "action_tick"),
    }
)
MENU = frozenset(
    {
        *("password_change", "password_change_done", "api_start", "api_docs", "help", "help_place"),
        *("profile", "profile_mail", "profile_sessions", "profile_token", "profile_token_revoke"),
        *("people", "people_invite", "person", "person_roles", "person_invite", "person_revoke"),
        *("setup", "setup_step", "setup_end", "company", "company_mail", "event_keeping"),
        *("audit", "audit_export", "audit_entry", "audit_revert"),
        *("subscriptions", "subscription_end", "follow", "unfollow", "deliveries", "delivery_again"),
        *("incentives", "incentive_statement", "incentive_statement_pdf", "incentive_goal", "incentive_goal_new"),
        *("incentive_goal_edit", "incentive_goal_approve", "incentive_goal_drop", "incentive_goal_confirm"),
        *("incentive_goal_decide", "incentive_goal_stop"),
        *("person_deactivate", "person_activate", "person_erase", "person_texts"),
    }
)
SEARCH = frozenset({"search", "search_results"})
# Signing in and out, what only programs ask, and what sends elsewhere.
NOWHERE = frozenset(
    {
        *("login", "logout", "password_reset", "password_reset_done", "password_reset_confirm"),
        *("password_reset_complete", "invitation", "first_administrator", "company_logo", "healthz", "readyz"),
        *("job", "job_state", "mail_stop"),
    }
)


def place_of(name: str) -> Place | None:
    """The place that an address belongs to, by its name; None for those that belong to none."""
    return _PLACES.get(name)


def tab_of(name: str) -> Tab | None:
    """The tab that an address stands behind, by its name; None for those behind none."""
    return _TABS.get(name)


_TABS = {name: tab for place in PLACES for tab in place.tabs for name in tab.names}
_PLACES = {name: place for place in PLACES for tab in place.tabs for name in tab.names}
_PLACES |= {name: place for place in PLACES for name in place.others}
