"""Help, a page for each place: what its numbers are, and who may do what, told from the table of rights."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.choices import Role
from accounts.rights import GRANTS, Right
from accounts.wording import WORDS
from scorecard.pages.navigation import PLACES, Place

OF_PLACE: dict[str, tuple[Right, ...]] = {
    "scorecard": (
        *(Right.READ, Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS),
        *(Right.COMMENT, Right.NOTE_OWN_ACTIONS, Right.NOTE_ACTIONS, Right.SUBSCRIBE),
        *(Right.PREPARE_CLOSINGS, Right.CLOSE_PERIODS, Right.INCENTIVE_GOALS),
    ),
    "initiatives": (
        *(Right.READ, Right.COMMENT, Right.CREATE_CANDIDATE, Right.EDIT_OWN_INITIATIVES, Right.EDIT_INITIATIVES),
        *(Right.APPROVE_INITIATIVES, Right.APPROVE_TARGETS),
    ),
    "customers": (
        *(Right.READ, Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS, Right.MANAGE_KPIS),
        *(Right.READ_WARNINGS, Right.READ_OWN_WARNINGS, Right.MANAGE_LINKS, Right.PROPOSE_LINKS),
    ),
    "kpis": (
        *(Right.READ, Right.PROPOSE_KPIS, Right.MANAGE_KPIS, Right.PROPOSE_OWN_TARGETS, Right.PROPOSE_TARGETS),
        *(Right.APPROVE_TARGETS, Right.ENTER_OWN_ACTUALS, Right.ENTER_ACTUALS, Right.SET_STEPS),
        *(Right.PROPOSE_LINKS, Right.MANAGE_LINKS),
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
