"""Proposed links that wait for a steward, and what was decided."""

from __future__ import annotations

from functools import cached_property

from django.db.models import QuerySet
from django.urls import reverse

from accounts.company import today
from accounts.models import User
from accounts.pages.decisions import MOST, Decided, Desk, Group, Row, lately
from accounts.rights import Right
from core.decisions import USUAL, Choices, SendLine
from core.formatting import counted, day_name
from core.periods import month_of
from kpis.access import links_for
from kpis.choices import LinkSign, LinkStage
from kpis.models import Link
from kpis.reading.links import Makings
from kpis.services.linking import problems_of, staying
from kpis.wording import expected_of, looked_at

_EFFECT = "It is tested from now on, and whenever a month ends. No number changes."
_OUTCOMES = {LinkStage.WRITTEN: ("written down", "●"), LinkStage.DECLINED: ("declined", "■")}


class LinkDesk(Desk):
    """Proposed links; owners see their own."""

    def __init__(self, user: User, choices: Choices) -> None:
        super().__init__(user, choices)
        self._steward = user.has_perm(Right.MANAGE_LINKS)

    @property
    def _rows(self) -> QuerySet[Link]:
        rows = links_for(self.user)
        return rows if self._steward else rows.filter(by=self.user)

    @cached_property
    def groups(self) -> list[Group]:
        """All in one, the oldest first."""
        waiting = list(self._rows.filter(stage=LinkStage.PROPOSED).order_by("pk"))
        makings = Makings(month_of(today())) if waiting else None
        rows = [self._row(one, makings) for one in waiting]
        marks = f"Mark {len(rows)} to be written down" if self._steward else ""
        return [Group(USUAL, "Proposed", "tested once it is written down", rows, marks)] if rows else []

    def _row(self, one: Link, makings: Makings | None) -> Row:
        odd = tuple(reason for _, reason in problems_of(one, makings))
        return Row(
            *(one.pk, str(one), self.choices, reverse("link", args=[one.pk])),
            notes=(
                f"{LinkSign(one.sign).label}: {expected_of(one)}; {looked_at(one)}",
                f"Proposed by {one.by}, {day_name(one.at.date())}",
            ),
            odd=odd,
            effect="It cannot be written down as it is." if odd else _EFFECT,
            quote=one.mechanism,
            yes="Write it down" if self._steward and not odd else "",
            no="Decline" if self._steward else "",
        )

    @property
    def line(self) -> SendLine:
        """How many are tested then."""
        written, declined = self.counted()
        does = f"has {counted(len(written), 'link')} tested" if written else "changes nothing"
        return SendLine(
            len(self.rows), len(written), len(declined), does, "proposed link", "to be written down", "declined"
        )

    @cached_property
    def decided(self) -> list[Decided]:
        """The latest first."""
        rows = self._rows.filter(decided_at__gte=lately(), stage__in=list(_OUTCOMES))
        found = list(rows.order_by("-decided_at", "-pk")[:MOST])
        why = staying(found)
        return [self._decision(one, self._stays(one, why[one.pk])) for one in found]

    def _decision(self, one: Link, stays: str) -> Decided:
        assert one.decided_at is not None  # noqa: S101  it was decided
        outcome, shape = _OUTCOMES[LinkStage(one.stage)]
        return Decided(
            *(one.pk, str(one), reverse("link", args=[one.pk]), outcome, shape, one.decided_at, str(one.decided_by)),
            reason=one.decision_note,
            stays=stays,
            said="" if stays else "It waits for a decision again.",
        )

    def _stays(self, one: Link, why: str) -> str:
        if not self._steward:
            return why or "a steward takes decisions back"
        return why or ("it is yours: another steward takes it back" if one.by_id == self.user.pk else "")
