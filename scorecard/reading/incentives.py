"""Incentive goals as they stand: what each is measured at by the editions of its period, and what a statement says.

An edition is final, a further one makes an adjustment; before the first there is an estimate of what is live.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from accounts.models import User
from core.periods import FiscalCalendar, Period
from initiatives.models import Initiative
from kpis.models import Kpi
from scorecard.choices import GoalState, Measure, Standing
from scorecard.formulas.incentives import Points, pay_out, weighted
from scorecard.models import Edition, GoalConfirmation, GoalDecision, GoalVersion, IncentiveGoal
from scorecard.reading.edition_document import read_growth_section, read_matrix, read_work
from scorecard.reading.edition_evidence import read_evidence
from scorecard.reading.editions import document_of
from scorecard.reading.goal_values import ALL, Document, Measured, Terms, measure

WHOLE = Fraction(100)
NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a goal comes to by one edition, or (``edition`` None) as an estimate of what is live.

    ``paid`` is in percent of what the goal is worth; ``waits`` is what would be paid once it is confirmed or decided.
    ``difference`` is what it changes of the edition before it; None for the first.
    """

    measured: Measured
    standing: Standing
    paid: Fraction
    edition: Edition | None = None
    reason: str = ""
    waits: Fraction | None = None
    difference: Fraction | None = None
    confirmed: GoalConfirmation | None = None
    decision: GoalDecision | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A goal on a statement: the version that counts, else (``counts`` false) the one that waits for approval."""

    goal: IncentiveGoal
    version: GoalVersion
    terms: Terms
    outcomes: tuple[Outcome, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it was approved."""
        return self.version.state == GoalState.APPROVED

    @property
    def last(self) -> Outcome | None:
        """By the latest edition, or the estimate; None before the period begins, or without an approval."""
        return self.outcomes[-1] if self.outcomes else None

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        if not self.counts:
            return Standing.WAITING
        return self.last.standing if self.last else Standing.AHEAD

    @property
    def paid(self) -> Fraction:
        """In percent of what the goal is worth; 0 where nothing is known yet."""
        return self.last.paid if self.last else NOTHING

    @property
    def part(self) -> Fraction:
        """What it adds to the whole, in percent."""
        return self.terms.weight * self.paid / 100

    @property
    def adjustments(self) -> list[Outcome]:
        """What further editions changed, each once."""
        return [one for one in self.outcomes if one.difference is not None]


@dataclass(frozen=True, slots=True)
class Statement:
    """All goals of a person in a period. ``weights`` is what those approved weigh together: 100, or it says so."""

    person: User
    period: Period
    lines: tuple[Line, ...]
    editions: tuple[Edition, ...] = ()

    @property
    def counted(self) -> list[Line]:
        """Those that were approved."""
        return [line for line in self.lines if line.counts]

    @property
    def weights(self) -> Fraction:
        """What they weigh together, in percent."""
        return sum((line.terms.weight for line in self.counted), NOTHING)

    @property
    def whole(self) -> bool:
        """Whether the weights sum to 100."""
        return self.weights == WHOLE

    @property
    def total(self) -> Fraction:
        """What is paid, in percent of what all is worth."""
        return weighted((line.terms.weight, line.paid) for line in self.counted)

    @property
    def estimated(self) -> bool:
        """Whether it is an estimate: no edition was issued yet."""
        return not self.editions


# -- terms


def points_of(version: GoalVersion) -> Points:
    """The points of a version, exactly."""
    names = ("threshold", "target", "maximum", "at_threshold", "at_maximum")
    return Points(*(Fraction(getattr(version, name)) for name in names))


def terms_of(version: GoalVersion) -> Terms:
    """What a version says, as plain values; its members were prefetched, or take a query."""
    return Terms(
        Measure(version.measure),
        points_of(version),
        Fraction(version.weight),
        kpi=version.kpi.code if version.kpi else "",
        tier=version.tier.code if version.tier else ALL,
        initiatives=tuple(version.initiatives),
        members=frozenset(member.person_id for member in version.members.all()),
        frozen=version.frozen,
    )


def versions_shown(goals: Iterable[IncentiveGoal]) -> list[GoalVersion]:
    """Of each goal the approved version, else the latest one, with all that a line names: three queries."""
    rows = GoalVersion.objects.filter(goal__in=list(goals)).order_by("goal", "number")
    rows = rows.select_related("goal", "goal__person", "kpi", "tier", "written_by", "approved_by")
    found: dict[int, GoalVersion] = {}
    for row in rows.prefetch_related("members__person"):
        before = found.get(row.goal_id)
        if before is None or before.state != GoalState.APPROVED:
            found[row.goal_id] = row
    return sorted(found.values(), key=lambda row: (row.goal.period, row.goal.code))


# -- lines


@dataclass
class Book:
    """What the goals of one period are measured by: its editions with their documents, or what is live."""

    period: Period
    today: date
    versions: Sequence[GoalVersion] = ()
    confirmations: Mapping[int, list[GoalConfirmation]] = field(default_factory=dict)
    decisions: Mapping[int, list[GoalDecision]] = field(default_factory=dict)

    @classmethod
    def read(cls, period: Period, today: date, versions: Sequence[GoalVersion]) -> Book:
        """Of the goals whose versions these are, all of one period."""
        goals = [version.goal_id for version in versions]
        confirmations: dict[int, list[GoalConfirmation]] = defaultdict(list)
        decisions: dict[int, list[GoalDecision]] = defaultdict(list)
        for row in GoalConfirmation.objects.filter(goal__in=goals).select_related("by", "edition"):
            confirmations[row.goal_id].append(row)
        for one in GoalDecision.objects.filter(goal__in=goals).select_related("by", "agreed_by", "edition"):
            decisions[one.goal_id].append(one)
        return cls(period, today, versions, confirmations, decisions)

    @cached_property
    def editions(self) -> list[Edition]:
        """Those of the period, the first one first."""
        return list(Edition.objects.filter(period=self.period.code).order_by("number"))

    @cached_property
    def documents(self) -> list[Document]:
        """What they say, in the same order."""
        return [document_of(edition) for edition in self.editions]

    @cached_property
    def live(self) -> Document:
        """What is live of what these goals ask for, in the shape of an edition's document."""
        return read_live(self.period, self.today, [terms_of(one) for one in self.versions])

    def line(self, version: GoalVersion) -> Line:
        """A goal as it stands."""
        terms = terms_of(version)
        bare = Line(version.goal, version, terms)
        if not bare.counts or self.period.first_day > self.today:
            return bare
        if not self.editions:
            return replace(bare, outcomes=(self._estimate(terms),))
        found: list[Outcome] = []
        for edition, document in zip(self.editions, self.documents, strict=True):
            before = found[-1] if found else None
            found.append(self._by(edition, document, version, terms, before))
        return replace(bare, outcomes=tuple(found))

    def _estimate(self, terms: Terms) -> Outcome:
        measured = measure(terms, self.live, self.period)
        paid = NOTHING if measured.value is None else pay_out(terms.points, measured.value)
        return Outcome(measured, Standing.ESTIMATE, paid)

    def _by(
        self, edition: Edition, document: Document, version: GoalVersion, terms: Terms, before: Outcome | None
    ) -> Outcome:
        measured = measure(terms, document, self.period)
        reason = document.get("reason") or ""
        found = Outcome(measured, Standing.FINAL, NOTHING, edition, reason)
        if measured.value is None:
            found = self._undecided(found, version)
        else:
            found = self._confirmed(found, version, terms, measured.value, before)
        return found if before is None else replace(found, difference=found.paid - before.paid)

    def _undecided(self, found: Outcome, version: GoalVersion) -> Outcome:
        """0 until two of finance decided; what they decided of an edition holds in further ones."""
        assert found.edition is not None  # noqa: S101 - for the type checker
        rows = [one for one in self.decisions.get(version.goal_id, ()) if one.edition.number <= found.edition.number]
        decided = next((one for one in reversed(rows) if one.agreed_by_id), None)
        if decided is None:
            waiting = rows[-1] if rows else None
            return replace(found, standing=Standing.UNMEASURABLE, decision=waiting)
        return replace(found, standing=Standing.DECIDED, paid=Fraction(decided.percent), decision=decided)

    def _confirmed(
        self, found: Outcome, version: GoalVersion, terms: Terms, value: Fraction, before: Outcome | None
    ) -> Outcome:
        """What those whose goal it is entered themselves counts once it is confirmed; until then what did before."""
        assert found.edition is not None  # noqa: S101 - for the type checker
        paid = pay_out(terms.points, value)
        if not (found.measured.people & terms.members):
            return replace(found, paid=paid)
        rows = self.confirmations.get(version.goal_id, ())
        said = next(
            (one for one in rows if one.value == str(value) and one.edition.number <= found.edition.number), None
        )
        if said is not None:
            return replace(found, paid=paid, confirmed=said)
        kept = before.paid if before else NOTHING
        return replace(found, standing=Standing.UNCONFIRMED, paid=kept, waits=paid)


def read_live(period: Period, today: date, terms: Sequence[Terms]) -> dict[str, Any]:
    """What is live of a period, as far as goals ask for it, in the shape of an edition's document."""
    asked = {one.measure for one in terms}
    found: dict[str, Any] = {"period": period.code}
    kpis: list[Kpi] = []
    if asked & {Measure.CELL, Measure.COMPOSITE}:
        whole = Measure.COMPOSITE in asked
        kpis = list(Kpi.objects.filter(code__in={one.kpi for one in terms}).order_by("pk"))
        found["matrix"] = read_matrix(period, today, None if whole else kpis)
        found["composite"] = found["matrix"]["composite"]
        kpis = list(Kpi.objects.all()) if whole else kpis
    if Measure.GROWTH in asked:
        found["growth"] = read_growth_section(period, today)
    if kpis or Measure.GROWTH in asked:
        found["evidence"] = read_evidence(period, kpis)
    if any(one.names_initiatives for one in asked):
        named = {code for one in terms for code in one.initiatives}
        found |= read_work(Initiative.objects.filter(code__in=named).order_by("code"), min(period.last_day, today))
    return found


def lines_of(goals: Iterable[IncentiveGoal], calendar: FiscalCalendar, today: date) -> list[Line]:
    """Goals as they stand, period by period."""
    by_period: dict[str, list[GoalVersion]] = defaultdict(list)
    for version in versions_shown(goals):
        by_period[version.goal.period].append(version)
    books = (Book.read(Period.stored(code, calendar), today, versions) for code, versions in sorted(by_period.items()))
    return [book.line(version) for book in books for version in book.versions]


def statement_of(person: User, period: Period, today: date, lines: Iterable[Line]) -> Statement:
    """A person's statement of a period, of lines that may be of others and of other periods too."""
    own = tuple(line for line in lines if line.goal.period == period.code and person.pk in line.terms.members)
    editions = tuple(Edition.objects.filter(period=period.code).order_by("number").defer("document"))
    return Statement(person, period, own, editions)


def what_if(line: Line, value: Fraction) -> Fraction:
    """What a goal would pay at another value; nothing is kept."""
    return pay_out(line.terms.points, value)
