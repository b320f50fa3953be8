"""Help, a page for each place: what its numbers are, and who may do what, told from the table of rights."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.choices import Role
from accounts.rights import GRANTS, Right
from scorecard.pages.navigation import PLACES, Place

# What a right lets one do, as one would say it.
WORDS: dict[Right, str] = {
    Right.READ: "Read the pages of this place",
    Right.READ_CUSTOMERS: "See customers by name, and their facts",
    Right.READ_OWN_CUSTOMERS: "See the customers of own initiatives and own key accounts by name",
    Right.COMMENT: "Ask, answer and thank",
    Right.NOTE_ACTIONS: "Note an action beside a question or an answer: what, who, until when",
    Right.NOTE_OWN_ACTIONS: "Note an action beside a question about own KPIs and initiatives",
    Right.CREATE_CANDIDATE: "Start a candidate initiative",
    Right.EDIT_INITIATIVES: "Edit any initiative, report on it, tick its milestones",
    Right.EDIT_OWN_INITIATIVES: "Edit own initiatives (as owner, team or deputy), report on them",
    Right.APPROVE_INITIATIVES: "Approve an initiative, override a “reconsider”, confirm a turnaround",
    Right.MANAGE_KPIS: "Keep the KPI library, polls, tiers, customers and pain points; mark a month complete",
    Right.SET_STEPS: "Set and take back steps of signals, say which KPIs are seasonal",
    Right.PROPOSE_KPIS: "Propose a KPI",
    Right.ENTER_ACTUALS: "Enter the actuals of any KPI",
    Right.ENTER_OWN_ACTUALS: "Enter the actuals of own KPIs",
    Right.PROPOSE_TARGETS: "Propose targets of any KPI",
    Right.PROPOSE_OWN_TARGETS: "Propose targets of own KPIs",
    Right.APPROVE_TARGETS: "Approve or reject targets and benefits (never one’s own)",
    Right.CLOSE_PERIODS: "Close a period",
    Right.LOAD: "Load files, take a load back, start a rollup",
    Right.ADMINISTER: "Keep people, roles, tokens of others and the company",
}
OF_PLACE: dict[str, tuple[Right, ...]] = {
    "scorecard": (
        *(Right.READ, Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS),
        *(Right.COMMENT, Right.NOTE_OWN_ACTIONS, Right.NOTE_ACTIONS),
    ),
    "initiatives": (
        *(Right.READ, Right.COMMENT, Right.CREATE_CANDIDATE, Right.EDIT_OWN_INITIATIVES, Right.EDIT_INITIATIVES),
        *(Right.APPROVE_INITIATIVES, Right.APPROVE_TARGETS),
    ),
    "customers": (Right.READ, Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS, Right.MANAGE_KPIS),
    "kpis": (
        *(Right.READ, Right.PROPOSE_KPIS, Right.MANAGE_KPIS, Right.PROPOSE_OWN_TARGETS, Right.PROPOSE_TARGETS),
        *(Right.APPROVE_TARGETS, Right.ENTER_OWN_ACTUALS, Right.ENTER_ACTUALS, Right.SET_STEPS),
    ),
    "data": (Right.LOAD, Right.MANAGE_KPIS, Right.ADMINISTER),
}
# An integrator's rights come with a token and its scopes, never with a page.
PEOPLE = tuple(role for role in Role if role is not Role.INTEGRATOR)


@dataclass(frozen=True, slots=True)
class RightRow:
    """What one may do, and whether each of ``PEOPLE`` may, in their order."""

    words: str
    may: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class HelpPage:
    """The help of a place."""

    place: Place
    roles: tuple[str, ...]
    rights: tuple[RightRow, ...]

    @property
    def text(self) -> str:
        """The template with its words."""
        return f"help/{self.place.code}.html"


def help_page(code: str) -> HelpPage | None:
    """The help of the place with that code; None where there is no such place."""
    place = next((one for one in PLACES if one.code == code), None)
    if place is None:
        return None
    rows = tuple(RightRow(WORDS[right], tuple(role in GRANTS[right] for role in PEOPLE)) for right in OF_PLACE[code])
    return HelpPage(place, tuple(role.label for role in PEOPLE), rows)
