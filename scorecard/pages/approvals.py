"""The inbox of finance: batches of targets that wait, each row beside what it would replace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from accounts.company import today_of
from accounts.models import Company, User
from accounts.rights import Right
from core.formatting import Style, month_name, period_name, target_words
from core.periods import Kind, Month, Period, month_code, month_of, shift
from customers.models import Tier
from kpis.access import proposable_by
from kpis.choices import Per, TargetState
from kpis.formulas.values import Goal
from kpis.models import Kpi, Target, TargetBatch
from kpis.models.versions import VersionBook
from kpis.reading.actuals import part_words, read_actuals, year_before
from kpis.reading.cells import Actuals
from kpis.reading.freshness import months_with_data
from kpis.reading.goals import GoalReader, Goals
from kpis.reading.target_history import history_address
from kpis.reading.targets import TargetBook
from kpis.rules.target import TargetCells, colleagues_of, ends_before, is_overtaken, with_own
from kpis.wording import reach_words, style_of, words_of
from scorecard.pages.matrix import signed


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """One target that waits: what it says, what it would replace, the plan, the differences, and actuals:
    of its period a year before, and of the last period of its length that has ended.

    ``elsewhere`` tells that what it would replace is of a longer or shorter row, which then gives way.
    ``overtaken``: a later version of the row is approved, so this one can be rejected or withdrawn alone.
    ``before`` is the period that last year's actual is of, and whether it is of a part of it: of a month row
    the first month alone.
    """

    target: Target
    period: str
    new: str
    old: str
    elsewhere: bool
    last_year: str
    before: str
    latest: str
    latest_period: str
    plan: str
    difference: str
    to_plan: str
    decidable: bool
    withdrawable: bool
    history: str
    overtaken: bool
    back: str  # the ended months in which it would count; empty where in none
    whose: str  # the colleague who proposed it; empty where the person did
    ends: str = ""  # from where on it won't count, as its KPI means something else then
    choosable: bool = False  # by the buttons that its batch has for the person
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """A batch with its note, and what of it waits."""

    batch: TargetBatch
    rows: tuple[ShownProposal, ...]
    reason: str = ""

    @property
    def colleague(self) -> str:
        """Who proposed what the person may take back, where that is somebody else."""
        return next((row.whose for row in self.rows if row.choosable and row.whose), "")

    @property
    def decidable(self) -> bool:
        """Whether the person may decide on any of it."""
        return any(row.decidable for row in self.rows)

    @property
    def withdrawable(self) -> bool:
        """Whether the person may take any of it back."""
        return any(row.withdrawable for row in self.rows)


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was refused: what was ticked and typed, so that it stands there again."""

    batch: int | None
    chosen: Collection[int]
    reason: str


def waiting_batches(user: User, company: Company, refused: Refused | None = None) -> list[ShownBatch]:
    """Every batch of which something waits, the oldest first. A constant number of queries."""
    rows = Target.objects.filter(state=TargetState.PROPOSED, batch__isnull=False)
    named = with_own(rows, user).select_related("kpi__department", "tier", "batch__proposed_by", "created_by")
    targets = list(
        named.order_by("batch_id", "kpi__indicator", "kpi__position", "kpi__code", "tier__rank", "from_month")
    )
    desk = _Desk(targets, user, company)
    groups = groupby(targets, key=lambda target: target.batch)
    return [_shown(batch, [desk.shown(one) for one in group], refused) for batch, group in groups if batch]


def _shown(batch: TargetBatch, rows: Sequence[ShownProposal], refused: Refused | None) -> ShownBatch:
    """A batch of which the person may decide on anything has the buttons for that, and no other.

    All that can be chosen is ticked at first; of a refused form what the person had ticked, and nothing else.
    """
    decides = any(row.decidable for row in rows)
    choosable = (replace(row, choosable=row.decidable if decides else row.withdrawable) for row in rows)
    own = refused if refused is not None and refused.batch == batch.pk else None
    ticked = (
        replace(row, ticked=row.choosable and (row.target.pk in own.chosen if own else not row.overtaken))
        for row in choosable
    )
    return ShownBatch(batch, tuple(ticked), own.reason if own else "")


class _Desk:
    """What the rows of the inbox need, read once."""

    def __init__(self, targets: Sequence[Target], user: User, company: Company) -> None:
        self.user, self.company, self.today = user, company, today_of(company)
        self.decides = user.has_perm(Right.APPROVE_TARGETS)
        self.own = {target.pk for target in targets if vars(target)["own"]}
        self.mine = set(proposable_by(user, Kpi.objects.all()).values_list("pk", flat=True))
        self.approved = {_key(one): one for one in _approved(targets)}
        self.library = list(Kpi.objects.all()) if targets else []
        self.versions = VersionBook.read(self.library)
        self.tiers = list(Tier.objects.all())
        self.month = month_of(self.today)
        self.newest = max((one for one in months_with_data() if one < self.month), default=shift(self.month, -1))
        self.actuals = self._actuals(
            {one for target in targets for one in (self.year_before(target), self.latest(target))}
        )
        self.goals = GoalReader(self._book({self.period(target) for target in targets}), self.tiers)
        self.held: dict[tuple[int, Period], Goals] = {}

    def _actuals(self, periods: set[Period]) -> dict[Period, Actuals]:
        return read_actuals(periods, self.library, self.versions, self.tiers) if periods else {}

    def _book(self, periods: set[Period]) -> TargetBook:
        if not periods:
            return TargetBook(self.company.calendar, ())
        first, last = min(one.first for one in periods), max(one.last for one in periods)
        return TargetBook.read(self.company.calendar, first, last)

    def period(self, target: Target) -> Period:
        """The period that the row is for; of a month row the first."""
        return self.company.calendar.period(Kind(target.per), Month(target.from_month))

    def year_before(self, target: Target) -> Period:
        """The same period of the last fiscal year in which it is over: as long as the target's, and whole."""
        before = year_before(self.period(target))
        while before.is_to_date(self.today):
            before = year_before(before)
        return before

    def latest(self, target: Target) -> Period:
        """The newest ended period of the row's length that has data; without data the last that ended."""
        found = self.company.calendar.period(Kind(target.per), self.newest)
        return found.previous if found.is_to_date(self.today) else found

    def value(self, target: Target, period: Period) -> str:
        """The actual of the row's KPI and tier in a period, in the unit that the KPI has in it."""
        actual = self.actuals[period].get((target.kpi_id, target.tier_id))
        style = style_of(self.versions.at(target.kpi, period.last), self.company.currency)
        return style.full(actual.number if actual else None)

    def shown(self, target: Target) -> ShownProposal:
        """One row."""
        target.kpi, period = self.versions.of_target(target), self.period(target)
        style = style_of(target.kpi, self.company.currency)
        own = self.approved.get(_key(target))
        old = _goal(own) if own else self._held(target, period)
        return ShownProposal(
            target,
            period=_span(target, period),
            new=words_of(target, style),
            old=_words(target, old, style) if old else "none",
            elsewhere=bool(old and not own),
            last_year=self.value(target, self.year_before(target)),
            before=self._said(target, self.year_before(target)),
            latest=self.value(target, self.latest(target)),
            latest_period=self._said(target, self.latest(target)) or self.latest(target).code,
            plan="–" if target.plan_value is None else style.full_target(target.plan_value),
            difference=_difference(style, target.value, old.value if old else None),
            to_plan=_difference(style, target.value, target.plan_value),
            decidable=self.decides and target.pk not in self.own,
            withdrawable=target.kpi_id in self.mine,
            overtaken=own is not None and is_overtaken(target, [own]),
            back=reach_words([target], self.company.calendar, self.today),
            whose=colleagues_of([target], self.user),
            ends=self._ends(target),
            history=history_address(target.kpi, target.tier, target.per, Month(target.from_month)),
        )

    def _ends(self, target: Target) -> str:
        cells = TargetCells(target.tier.code, Month(target.from_month), Per(target.per), target.until_month)
        change = ends_before(target.kpi, cells, self.company.calendar, self.versions)
        return month_name(change) if change else ""

    def _said(self, target: Target, before: Period) -> str:
        """Of which period an actual is, and whether of a part of it; empty where there is none."""
        actual = self.actuals[before].get((target.kpi_id, target.tier_id))
        if actual is None or actual.number is None:
            return ""
        return ", ".join(filter(None, (before.code, part_words(actual, before, self.today))))

    def _held(self, target: Target, period: Period) -> Goal | None:
        """What holds there by the four rules, from rows of another length."""
        key = target.kpi_id, period
        if key not in self.held:
            kpi = self.versions.at(target.kpi, period.last)
            self.held[key] = self.goals.of_period(kpi, kpi.method, period, period.last, ())
        return self.held[key].get(target.tier_id)


def _approved(targets: Iterable[Target]) -> Iterable[Target]:
    """The approved versions of the same rows."""
    kpis, tiers, months = ({getattr(one, name) for one in targets} for name in ("kpi_id", "tier_id", "from_month"))
    return Target.objects.approved().filter(kpi__in=kpis, tier__in=tiers, from_month__in=months)


def _key(target: Target) -> tuple[int, int, int, str]:
    return target.kpi_id, target.tier_id, target.from_month, target.per


def _goal(target: Target) -> Goal:
    """What a version says."""
    return Goal(*(None if part is None else Fraction(part) for part in (target.value, target.low, target.high)))


def _words(target: Target, goal: Goal, style: Style) -> str:
    return target_words(style, target.kpi.direction, *goal.parts)


def _exact(value: object) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def _difference(style: Style, new: object, old: object) -> str:
    one, other = _exact(new), _exact(old)
    return "–" if one is None or other is None else signed(style, one - other)


def _span(target: Target, period: Period) -> str:
    """``July 2026 to December 2026``: the months that a row is for."""
    if target.per != Kind.MONTH.value:
        return period_name(period)
    until = f"to {month_code(Month(target.until_month))}" if target.until_month else "on"
    return f"from {period_name(period)} {until}"
