"""The page of proposed moments of truth: what each would say, why, what a decision does, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.urls import reverse

from accounts.models import User
from accounts.pages.asking import Question
from accounts.pages.decisions import MOST, Decided, Desk, Group, Row, lately
from accounts.rights import Right
from core.decisions import USUAL, Choices, SendLine
from core.formatting import counted, day_name
from initiatives.access import moment_proposals_of
from initiatives.choices import CustomerRole, MomentStage
from initiatives.models import MomentProposal
from initiatives.services.moment_proposals import staying
from initiatives.services.moment_values import said_by
from kpis.choices import ProposalState

_WORDS = {
    "name": "Name",
    "stage": "Where",
    "role": "As whom",
    "tiers": "Tiers",
    "criterion": "Criterion",
    "kpis": "Metrics",
    "themes": "Pain",
    "initiatives": "Initiatives",
    "customer_win": "The customer wins",
    "our_win": "We win",
}


class MomentDesk(Desk):
    """Proposed moments that wait for a steward, and what was decided; owners see their own."""

    def __init__(self, user: User, choices: Choices) -> None:
        super().__init__(user, choices)
        self._rows = moment_proposals_of(user)

    @cached_property
    def _steward(self) -> bool:
        return self.user.has_perm(Right.MANAGE_LINKS)

    @cached_property
    def groups(self) -> list[Group]:
        """All that waits, the oldest first."""
        rows = [self._row(one) for one in self._rows.filter(state=ProposalState.PROPOSED).order_by("pk")]
        marks = f"Mark {len(rows)} as accepted" if self._steward else ""
        found = [Group(USUAL, "Proposed", "each as its owner wrote it", rows, marks)]
        return [group for group in found if group.rows]

    def _row(self, one: MomentProposal) -> Row:
        moment = one.moment
        effect = f"“{moment}” says so from then on." if moment else "It is a moment of truth from then on."
        return Row(
            one.pk,
            f"Change “{moment}”" if moment else str(one),
            self.choices,
            url=reverse("moment", args=[moment.code]) if moment else "",
            notes=(f"Proposed by {one.proposed_by}, {day_name(one.proposed_at.date())}",),
            effect=f"{effect} No number of a KPI changes.",
            facts=tuple(_facts(one)),
            quote=one.why,
            yes="Accept" if self._steward else "",
            no="Decline" if self._steward else "",
        )

    @property
    def line(self) -> SendLine:
        """What sending does."""
        accepted, declined = self.counted()
        does = f"writes {counted(len(accepted), 'moment')}" if accepted else "writes nothing"
        return SendLine(len(self.rows), len(accepted), len(declined), does, "proposal", "accepted", "declined")

    @cached_property
    def own(self) -> list[MomentProposal]:
        """Those of the person's own that they may still take back."""
        own = self._rows.filter(proposed_by=self.user, state=ProposalState.PROPOSED)
        return list(own.order_by("pk")) if self.user.has_perm(Right.PROPOSE_LINKS) else []

    @cached_property
    def decided(self) -> list[Decided]:
        """The latest first."""
        found = list(self._rows.filter(decided_at__gte=lately()).order_by("-decided_at", "-pk")[:MOST])
        why = staying(found)
        return [self._decision(one, why[one.pk]) for one in found]

    def _decision(self, one: MomentProposal, why: str) -> Decided:
        stays = why or ("" if self._steward else "a steward takes decisions back")
        url = reverse("moment", args=[one.moment.code]) if one.moment else ""
        assert one.decided_at is not None  # noqa: S101  it was decided
        return Decided(
            *(one.pk, str(one), url, one.look.label, one.look.shape, one.decided_at, str(one.decided_by)),
            reason=one.decision_note,
            stays=stays,
            said="" if stays else _said(one),
        )


def _said(one: MomentProposal) -> str:
    told = "who proposed it is told"
    if one.state == ProposalState.DECLINED:
        return f"It waits for a decision again; {told}."
    if one.before is None:
        return f"The moment of truth goes, and its proposal waits again; {told}."
    return f"The moment says what it said before, and the proposal waits again; {told}."


def _facts(one: MomentProposal) -> Iterable[tuple[str, str]]:
    """What it would say; of a change what is another alone, with what it is now."""
    now = said_by(one.moment) if one.moment else {}
    for name, words in _WORDS.items():
        new, old = one.values.get(name), now.get(name)
        if one.moment and new == old:
            continue
        told = _told(name, new)
        if one.moment:
            yield words, f"{_told(name, old) or 'nothing'} → {told or 'nothing'}"
        elif told:
            yield words, told


def _told(name: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name == "stage" and value in MomentStage.values:
        return MomentStage(value).label
    return CustomerRole(value).label if name == "role" and value in CustomerRole.values else str(value or "")


def withdrawing(row: MomentProposal) -> Question:
    """Before an owner takes a proposal back."""
    return Question(
        title=f"Take the proposal “{row}” back?",
        does=("1 proposal is withdrawn: no steward decides on it any more.",),
        undo="It can be proposed anew.",
        verb="Take it back",
        back=reverse("moment_proposals"),
        place="Proposed moments of truth",
    )
