"""Where initiatives stand on their way, as the rules of stages ask it: of one, or of many in a constant number of
queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from initiatives.choices import Quadrant, Stage, Tracked
from initiatives.models import Initiative, TrackedChange
from initiatives.reading.standings import Standing, read_scores
from initiatives.rules.stages import Course, counts_as_approved


def course_of(row: Initiative) -> Course:
    """Where it stands, for the rules of stages."""
    return _course(row, read_scores(row).quadrant, approved=was_approved(row))


def courses_of(standings: Sequence[Standing]) -> dict[int, Course]:
    """The same of many, by id: two queries."""
    ids = [one.initiative.pk for one in standings if one.initiative.stage == Stage.ON_HOLD]
    held = held_from(ids) if ids else {}
    started = started_among(ids)
    return {
        one.initiative.pk: _course(
            one.initiative,
            one.scores.quadrant,
            approved=_approved(one.initiative, held, started=one.initiative.pk in started),
        )
        for one in standings
    }


def _course(row: Initiative, quadrant: Quadrant | None, *, approved: bool) -> Course:
    return Course(
        stage=Stage(row.stage),
        quadrant=quadrant,
        approved=approved,
        approved_as=row.approved_as,
        justification=row.justification,
        overridden=row.override_by_id is not None,
        dated=bool(row.baseline_start and row.baseline_due and row.due),
    )


def was_approved(row: Initiative) -> bool:
    """Whether somebody approved it since it last was a candidate; loaded stages count as they stand."""
    held = row.stage == Stage.ON_HOLD
    before = held_from([row.pk]) if held else {}
    return _approved(row, before, started=held and bool(started_among([row.pk])))


def _approved(row: Initiative, held: Mapping[int, str], *, started: bool) -> bool:
    decided = row.approved_at is not None
    return counts_as_approved(Stage(row.stage), decided=decided, held_from=held.get(row.pk, ""), started=started)


def held_from(initiatives: Iterable[int]) -> dict[int, str]:
    """The stage before each of these, by id, was last put on hold; those that came so are left out. One query."""
    held = TrackedChange.objects.filter(initiative__in=initiatives, what=Tracked.STAGE, after=Stage.ON_HOLD)
    return dict(held.order_by("on", "pk").values_list("initiative", "before"))


def started_among(initiatives: Sequence[int]) -> set[int]:
    """Those of these on which work began: one query, none of none."""
    if not initiatives:
        return set()
    return set(Initiative.objects.filter(pk__in=initiatives).started().values_list("pk", flat=True))


def wants_approval_again(row: Initiative, quadrant: Quadrant | None) -> bool:
    """Whether it is a major bet that nobody approved as one: it became one later, or a file took it over, running
    or not.
    """
    became = quadrant == Quadrant.MAJOR_BET and row.approved_as != Quadrant.MAJOR_BET
    return became and row.stage in {Stage.APPROVED, Stage.ON_HOLD, Stage.IN_PROGRESS}
