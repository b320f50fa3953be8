"""How rights are said: the same on help's pages and where an administrator gives roles."""

from __future__ import annotations

from accounts.choices import Role
from accounts.rights import GRANTS, Right

# What a right lets one do, as one would say it.
WORDS: dict[Right, str] = {
    Right.READ: "Read the pages of this place",
    Right.READ_CUSTOMERS: "See customers by name, and their facts",
    Right.READ_OWN_CUSTOMERS: "See the customers of own initiatives and own key accounts by name",
    Right.READ_WARNINGS: "See which customers are warned of, and what was done about it",
    Right.READ_OWN_WARNINGS: "See which of one’s own key accounts are warned of",
    Right.COMMENT: "Ask, answer and thank",
    Right.SUBSCRIBE: "Have digests sent, and follow a cell, KPI, tier, initiative or theme by mail",
    Right.NOTE_ACTIONS: "Write narratives, note actions (what, who, until when), remark on charts",
    Right.NOTE_OWN_ACTIONS: "Write narratives, note actions and remark on charts of what is one’s own",
    Right.CREATE_CANDIDATE: "Start a candidate initiative",
    Right.EDIT_INITIATIVES: "Edit any initiative, report on it, tick its milestones",
    Right.EDIT_OWN_INITIATIVES: "Edit own initiatives (as owner, team or deputy), report on them",
    Right.APPROVE_INITIATIVES: "Approve an initiative, override a “reconsider”, confirm a turnaround",
    Right.MANAGE_KPIS: "Keep the KPI library, polls, tiers, customers and pain points; mark a month complete",
    Right.SET_STEPS: "Set and take back steps of signals, say which KPIs are seasonal and what KPIs weigh",
    Right.PROPOSE_KPIS: "Propose a KPI",
    Right.ENTER_ACTUALS: "Enter the actuals of any KPI",
    Right.ENTER_OWN_ACTUALS: "Enter the actuals of own KPIs",
    Right.PROPOSE_TARGETS: "Propose targets of any KPI",
    Right.PROPOSE_OWN_TARGETS: "Propose targets of own KPIs",
    Right.APPROVE_TARGETS: "Approve or reject targets and benefits (never one’s own)",
    Right.PREPARE_CLOSINGS: "Prepare the closing of a period, waive what is missing, say why a further edition",
    Right.CLOSE_PERIODS: "Sign a closing that somebody else prepared",
    Right.MANAGE_LINKS: "Write moments of truth, links from leading to trailing KPIs, and rules of events",
    Right.PROPOSE_LINKS: "Propose moments of truth, links and rules of events; word the criterion of a moment",
    Right.INCENTIVE_GOALS: "Write, load, export and approve incentive goals (never one’s own, nor what one wrote)",
    Right.LOAD: "Load files, take a load back, start a rollup",
    Right.ADMINISTER: "Set the product up; keep people, roles, tokens of others and the company",
}


def words_of_role(role: str) -> list[str]:
    """What a role lets one do, a sentence a right, in the order of the rights."""
    words = WORDS | {Right.READ: "Read scorecard, matrix, KPIs, initiatives and coverage"}
    return [words[right] for right in Right if Role(role) in GRANTS[right]]
