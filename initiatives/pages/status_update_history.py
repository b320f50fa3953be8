"""The owner's words as a history, with what reviewers answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from accounts.models import User
from accounts.rights import Right
from initiatives.access import may_edit
from initiatives.choices import Response, ScheduleStatus
from initiatives.models import StatusUpdate, UpdateResponse
from initiatives.querysets import StatusUpdateQuerySet
from initiatives.reading.standings import Standing
from initiatives.rules.initiative import REPORTING

SHOWN = 5


@dataclass(frozen=True, slots=True)
class ShownUpdate:
    """One update. ``asks`` are questions, which stand in threads beside the initiative; ``acknowledged`` those who
    read it; ``waits`` says that a question is still to be answered.
    """

    update: StatusUpdate
    status: ScheduleStatus
    asks: tuple[UpdateResponse, ...]
    acknowledged: tuple[UpdateResponse, ...]
    may_respond: bool
    has_acknowledged: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class UpdatesPart:
    """The newest updates of an initiative; ``total`` counts all of them."""

    code: str
    updates: tuple[ShownUpdate, ...]
    total: int
    may_report: bool

    @property
    def more(self) -> int:
        """How many older ones the part leaves out."""
        return self.total - len(self.updates)


def build(standing: Standing, user: User) -> UpdatesPart:
    """The part of an initiative's page."""
    row = standing.initiative
    rows = StatusUpdate.objects.filter(initiative=row)
    total = rows.count()
    may_report = row.stage in REPORTING and may_edit(user, row)
    newest = show(history(rows)[:SHOWN], user)
    # Answers go to the newest word; those to older ones have a page of their own.
    shown = [one if place == 0 else replace(one, may_respond=False) for place, one in enumerate(newest)]
    return UpdatesPart(row.code, tuple(shown), total, may_report)


def history(rows: StatusUpdateQuerySet) -> StatusUpdateQuerySet:
    """The newest first, with what a list of them names."""
    return (
        rows.select_related("author", "load__by").prefetch_related("responses__by", "responses__thread").order_by("-on")
    )


def show(rows: Iterable[StatusUpdate], user: User) -> list[ShownUpdate]:
    """As pages show them."""
    reviews = user.has_perm(Right.COMMENT)
    return [_shown(row, user, reviews=reviews) for row in rows]


def _shown(row: StatusUpdate, user: User, *, reviews: bool) -> ShownUpdate:
    responses = list(row.responses.all())
    asks = tuple(one for one in responses if one.verb == Response.ASKED_BACK)
    read = tuple(one for one in responses if one.verb == Response.ACKNOWLEDGED)
    return ShownUpdate(
        row,
        ScheduleStatus(row.health),
        asks,
        read,
        may_respond=reviews and row.author_id != user.pk,
        has_acknowledged=any(one.by_id == user.pk for one in read),
        waits=any(one.thread is not None and one.thread.is_open for one in asks),
    )
