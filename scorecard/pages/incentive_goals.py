"""The page of one incentive goal, and the lists of those who write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import Company, User
from accounts.pages.asking import Question
from core.formatting import period_name, sentence_list, short_day, trimmed
from core.periods import Period
from initiatives.choices import Stage
from initiatives.models import Initiative
from scorecard.access import is_executive, is_of_finance, may_write_goals
from scorecard.choices import GoalState, Measure, Standing
from scorecard.models import GoalVersion
from scorecard.pages.incentives import (
    ShownLine,
    ShownPoint,
    names_of,
    percent,
    points_shown,
    shown_line,
    title_of,
    unit_of,
)
from scorecard.reading.edition_evidence import Endings
from scorecard.reading.incentives import Line, Statement, points_of
from scorecard.reading.subjects import GOAL


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """Somebody with goals in a period, with what their statement comes to."""

    name: str
    url: str
    goals: int
    total: str
    state: str
    weights: str


def people_shown(statements: Iterable[Statement]) -> list[ShownPerson]:
    """Statements as a list, by name."""
    rows = sorted(statements, key=lambda one: str(one.person).casefold())
    return [
        ShownPerson(
            str(one.person),
            reverse("incentive_statement", args=[one.person.pk, one.period.code]),
            len(one.lines),
            percent(one.total),
            "estimate" if one.estimated else f"edition {one.editions[-1].number}",
            "" if one.whole else f"weighs {trimmed(one.weights, 4)} %",
        )
        for one in rows
    ]


@dataclass(frozen=True, slots=True)
class ShownGoal:
    """A goal in a list: of whom, of what, where it stands."""

    code: str
    url: str
    people: str
    title: str
    period: str
    weight: str
    standing: Standing


def goals_shown(lines: Iterable[Line]) -> list[ShownGoal]:
    """Goals as a list, in its order."""
    return [
        ShownGoal(
            one.goal.code,
            reverse("incentive_goal", args=[one.goal.code]),
            members_words(one.version),
            title_of(one.version),
            one.goal.period,
            f"{trimmed(one.terms.weight, 4)} %",
            one.standing,
        )
        for one in lines
    ]


def members_words(version: GoalVersion) -> str:
    """Whose goal it is: ``Ines Moreau``; ``Portal team: Ines Moreau and Igor Petrov``."""
    names = sentence_list(str(member.person) for member in version.members.all())
    return f"{version.goal.team_name}: {names}" if version.goal.team_name else names


# -- one goal


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version in the goal's history."""

    title: str
    state: str
    points: tuple[ShownPoint, ...]
    weight: str
    what: str
    written: str
    approved: str


@dataclass(frozen=True, slots=True)
class GoalPage:
    """One goal. What this person may do with it: ``writes`` a further version, ``approves`` or takes back the one that
    waits (``waits`` is its number), ``confirms``, ``decides``, ``agrees``; ``late``: an approval needs a reason.
    """

    code: str
    line: ShownLine
    people: str
    period: str
    heading: str
    versions: tuple[ShownVersion, ...]
    asks: str
    writes: bool
    waits: int
    approves: bool
    drops: bool
    late: bool
    edition: int
    confirms: bool
    decides: bool
    agrees: int


def goal_page(line: Line, versions: Sequence[GoalVersion], reader: User, company: Company, today: date) -> GoalPage:
    """A goal as a person sees it."""
    stranger = may_write_goals(reader) and not any(
        member.person_id == reader.pk for version in versions for member in version.members.all()
    )
    draft = versions[-1] if versions[-1].state == GoalState.DRAFT else None
    period, last = Period.stored(line.goal.period, company.calendar), line.last
    standing = line.standing
    finance = stranger and is_of_finance(reader)
    decision = last.decision if last and standing is Standing.UNMEASURABLE else None
    return GoalPage(
        code=line.goal.code,
        line=shown_line(line, company, names_of([line]), {}),
        people=members_words(line.version),
        period=period.code,
        heading=period_name(period),
        versions=tuple(_version(one, company) for one in reversed(versions)),
        asks=reverse("asks", args=[GOAL, line.goal.code]),
        writes=stranger,
        waits=draft.number if draft and stranger else 0,
        approves=bool(draft and stranger and draft.written_by_id != reader.pk),
        drops=bool(draft and stranger),
        late=today >= period.first_day,
        edition=last.edition.pk if last and last.edition else 0,
        confirms=stranger and standing is Standing.UNCONFIRMED,
        decides=finance and standing is Standing.UNMEASURABLE,
        agrees=decision.pk if decision and finance and decision.by_id != reader.pk else 0,
    )


@dataclass(frozen=True, slots=True)
class Stopped:
    """An initiative of a goal that was cancelled or put on hold, and that an executive may agree to."""

    code: str
    title: str
    stage: str


def stopped_shown(line: Line, reader: User) -> list[Stopped]:
    """Those that wait for the word of this executive; none for who is no executive, or whose goal it is."""
    if not is_executive(reader) or reader.pk in line.terms.members or line.terms.measure is not Measure.ON_TIME:
        return []
    rows = Initiative.objects.filter(code__in=line.terms.initiatives, stage__in=[Stage.CANCELLED, Stage.ON_HOLD])
    ended = Endings(date.max)
    waiting = (row for row in rows if ended.of(row.pk).stopped_on is None and row.owner_id != reader.pk)
    return [Stopped(row.code, row.title, row.get_stage_display().lower()) for row in waiting]


def _version(one: GoalVersion, company: Company) -> ShownVersion:
    approved = ""
    if one.approved_at is not None:
        late = f"; {one.why.rstrip('.')}" if one.why else ""
        approved = f"{one.approved_by}, {short_day(localdate(one.approved_at))}{late}"
    return ShownVersion(
        f"Version {one.number}",
        one.get_state_display(),
        points_shown(points_of(one), unit_of(one, company)),
        f"{trimmed(one.weight, 4)} %",
        title_of(one),
        f"{one.written_by or 'the command line'}, {short_day(localdate(one.written_at))}",
        approved,
    )


def dropping(version: GoalVersion) -> Question:
    """Before a version that waits is taken back."""
    return Question(
        title=f"Take version {version.number} of {version.goal.code} back?",
        does=("1 version that waits for approval goes.", "Approved versions stay and count as before."),
        undo="It cannot be undone by a button: write it again.",
        verb="Take it back",
        back=reverse("incentive_goal", args=[version.goal.code]),
        place=version.goal.code,
    )
