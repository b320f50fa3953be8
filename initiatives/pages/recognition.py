"""Thanks and turnarounds of an initiative; and the page on which executives confirm turnarounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from accounts.models import User
from accounts.pages.decisions import MOST, Decided, Desk, Group, Row, lately
from accounts.rights import Right
from core.decisions import USUAL, SendLine
from core.formatting import counted, day_name
from initiatives.choices import TurnaroundState
from initiatives.models import Initiative, Thanks, Turnaround
from initiatives.reading.standings import Standing
from initiatives.reading.turnarounds import undone_since
from initiatives.services.recognition import is_of


@dataclass(frozen=True, slots=True)
class RecognitionPart:
    """What an initiative was thanked for and what turned; ``may_thank`` and ``may_decide`` open the forms."""

    code: str
    thanks: tuple[Thanks, ...]
    turnarounds: tuple[Turnaround, ...]
    may_thank: bool
    may_decide: bool


def build(standing: Standing, user: User) -> RecognitionPart | None:
    """The part of an initiative's page; None where there is nothing to show or to do."""
    row = standing.initiative
    thanks = tuple(Thanks.objects.filter(initiative=row).select_related("by"))
    rows = Turnaround.objects.filter(initiative=row).exclude(state=TurnaroundState.DECLINED)
    turnarounds = tuple(rows.select_related("decided_by"))
    stranger = not is_of(user, row)
    may_thank = stranger and user.has_perm(Right.COMMENT)
    if not (thanks or turnarounds or may_thank):
        return None
    may_decide = stranger and user.has_perm(Right.APPROVE_INITIATIVES)
    return RecognitionPart(row.code, thanks, turnarounds, may_thank, may_decide)


SHAPES = {TurnaroundState.CONFIRMED: "●", TurnaroundState.DECLINED: "■", TurnaroundState.NOMINATED: "◆"}
_EFFECT = (
    "It stands with your name on the initiative’s page and on the page of each of its people, and its owner is told. "
    "No number changes."
)


class TurnaroundDesk(Desk):
    """Turnarounds that wait for an executive, and what was decided on others."""

    @cached_property
    def _executive(self) -> bool:
        return self.user.has_perm(Right.APPROVE_INITIATIVES)

    @cached_property
    def _own(self) -> set[int]:
        """The initiatives in which the person has a part: another executive decides."""
        return set(Initiative.objects.of_person(self.user).values_list("pk", flat=True))

    @cached_property
    def groups(self) -> list[Group]:
        """Those whose record changed since, the others, and those of the person's own initiatives."""
        rows = Turnaround.objects.filter(state=TurnaroundState.NOMINATED).order_by("nominated_on", "pk")
        waiting = list(rows.select_related("initiative__owner"))
        undone = undone_since(waiting)
        own = [one for one in waiting if one.initiative_id in self._own]
        others = [one for one in waiting if one.initiative_id not in self._own]
        usual = [one for one in others if one.pk not in undone]
        odd = self._shown((one for one in others if one.pk in undone), undone)
        found = [
            Group("odd", "Look at these first", "the record changed since they were nominated", odd),
            Group(
                USUAL,
                "As the record shows them",
                "each was nominated by itself",
                self._shown(usual, undone),
                f"Mark {len(usual)} as confirmed" if self._executive else "",
            ),
            Group("own", "Of your own initiatives", "another executive decides", self._shown(own, undone)),
        ]
        return [group for group in found if group.rows]

    def _shown(self, turnarounds: Iterable[Turnaround], undone: dict[int, str]) -> list[Row]:
        return [self._row(one, undone.get(one.pk, "")) for one in turnarounds]

    def _row(self, one: Turnaround, odd: str) -> Row:
        decides = self._executive and one.initiative_id not in self._own
        owner = one.initiative.owner
        return Row(
            one.pk,
            one.initiative.title,
            self.choices,
            url=reverse("initiative", args=[one.initiative.code]),
            under=one.get_kind_display(),
            notes=(*([f"Owner {owner}"] if owner else []), f"Nominated on {day_name(one.nominated_on)}"),
            odd=(odd,) if odd else (),
            effect=_EFFECT,
            facts=(("Evidence", one.evidence),),
            yes="Confirm" if decides else "",
            no="Decline" if decides else "",
        )

    @property
    def line(self) -> SendLine:
        """How many initiatives are recognised."""
        confirmed, declined = self.counted()
        does = f"recognises {counted(len(confirmed), 'turnaround')}" if confirmed else "recognises nothing"
        told = f"{does} and changes no number"
        return SendLine(self.yours, len(confirmed), len(declined), told, "turnaround", "confirmed", "declined")

    @cached_property
    def decided(self) -> list[Decided]:
        """The latest first."""
        rows = Turnaround.objects.filter(decided_at__gte=lately()).order_by("-decided_at", "-pk")
        return [self._decision(one) for one in rows.select_related("initiative", "decided_by")[:MOST]]

    def _decision(self, one: Turnaround) -> Decided:
        state, stays = TurnaroundState(one.state), self._stays(one)
        assert one.decided_at is not None  # noqa: S101  it was decided
        url = reverse("initiative", args=[one.initiative.code])
        return Decided(
            *(one.pk, one.initiative.title, url, state.label.lower(), SHAPES[state], one.decided_at),
            by=str(one.decided_by),
            words=one.get_kind_display(),
            reason=one.decision_note,
            stays=stays,
            said="" if stays else _said(state),
        )

    def _stays(self, one: Turnaround) -> str:
        if not self._executive:
            return "an executive takes decisions back"
        return "you have a part in it: another executive takes it back" if one.initiative_id in self._own else ""


def _said(state: TurnaroundState) -> str:
    if state == TurnaroundState.CONFIRMED:
        return "It waits for an executive again, and your colleagues read ‘nominated’ in its place; its owner is told."
    return "It waits for an executive again; its owner is told."
