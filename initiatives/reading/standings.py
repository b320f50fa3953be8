"""How initiatives stood at the end of a day: the one reading behind list, page, report, chart, API and mail.

A past day is asked from what was known on that day: what was changed later is rolled back, what was
entered later is left out. Loaded rows count from their own dates.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from accounts.company import company, today_of
from accounts.models import Company, ExchangeRate
from core.numbers import exact
from core.once import held_of, hold, once
from core.periods import FiscalCalendar, Kind, month_of
from initiatives.choices import Health, Level, ReasonKind, ScheduleStatus, Stage, Tracked
from initiatives.formulas import (
    MilestoneState,
    Plan,
    Scores,
    UpdateState,
    Verdict,
    cost_band,
    in_company_money,
    is_not_started,
    larger,
    schedule_status,
    stage_on,
)
from initiatives.models import Initiative, Milestone, Policy, StatusUpdate, TrackedChange
from initiatives.querysets import InitiativeQuerySet
from initiatives.reading.related import attach_names
from initiatives.reading.shared_days import STEP, SharedDays


@dataclass(frozen=True)
class Standing:
    """An initiative at the end of a day. ``verdict`` is None for what does not run.

    ``cost`` and ``spent`` are in the company's currency, None without a figure or a rate. Scores are
    those of now: they are opinions, not history.
    """

    initiative: Initiative
    as_of: date
    stage: Stage
    plan: Plan
    scores: Scores
    cost: Fraction | None
    spent: Fraction | None
    milestones: tuple[MilestoneState, ...] = ()
    latest: UpdateState | None = None
    verdict: Verdict | None = None

    @property
    def running(self) -> bool:
        """Whether it is in progress on the day."""
        return self.stage == Stage.IN_PROGRESS

    @property
    def status(self) -> ScheduleStatus | None:
        """The schedule status; None for what does not run."""
        return self.verdict.status if self.verdict else None

    @property
    def not_started(self) -> bool:
        """Approved and past its baseline start by more than a week."""
        return is_not_started(self.stage, self.plan, self.as_of)

    @property
    def silent(self) -> bool:
        """Whether it runs and nobody said a word for longer than its level allows, late or not."""
        return self.verdict is not None and any(reason.kind == ReasonKind.SILENT for reason in self.verdict.reasons)

    @property
    def without_rate(self) -> bool:
        """Whether it has a cost that sums have to leave out, for want of a rate."""
        return self.initiative.cost is not None and self.cost is None

    @property
    def progress(self) -> int | None:
        """Percent by the latest update; None where nobody said."""
        return self.latest.progress if self.latest else None

    @cached_property
    def tier_ids(self) -> frozenset[int]:
        """The tiers that it is for; empty: all."""
        return frozenset(tier.pk for tier in self.initiative.tiers.all())


def read_standings(initiatives: InitiativeQuerySet, *, as_of: date | None = None, steps: bool = True) -> list[Standing]:
    """Each of the initiatives as it stood at the end of a day (today where not given), in the query's order.

    A constant number of queries. Those that were entered after the day are left out. Without ``steps`` the
    milestones that are not overdue may be left out too: no verdict rests on them.
    """
    found = company()
    today = today_of(found)
    day = as_of or today
    rows = [row for row in initiatives if row.known_from is None or row.known_from <= day]
    if not rows:
        return []
    # a query within the query: a thousand keys in a list take longer to write down than to look up
    chosen = initiatives.order_by().values("pk")
    return _Reader(attach_names(rows, chosen), chosen, day, found, past=day < today, steps=steps).standings()


def read_standings_on(initiatives: InitiativeQuerySet, days: Sequence[date]) -> list[list[Standing]]:
    """How the initiatives stood at the end of each of these days, without steps: what is the same on all days is read
    once.
    """
    found = company()
    today, chosen = today_of(found), initiatives.order_by().values("pk")
    rows = attach_names(list(initiatives), chosen)
    scoring, shared = Scoring.read(found), SharedDays(chosen) if len(days) > 1 else None
    read = [
        _Reader(
            [row for row in rows if row.known_from is None or row.known_from <= day],
            *(chosen, day, found),
            past=day < today,
            steps=False,
            scoring=scoring,
            shared=shared,
        ).standings()
        for day in days
    ]
    if not initiatives.query.where:
        hold(_WHOLE, dict(zip(days, read, strict=True)))
    return read


_WHOLE = "the register"


def held_register() -> list[Standing] | None:
    """How all initiatives stand today, in their order and without the steps that no verdict rests on, where this
    reading has read that already; None where not.
    """
    held: dict[date, list[Standing]] = held_of(_WHOLE) or {}
    return held.get(today_of(company())) if held else None


def read_scores(initiative: Initiative) -> Scores:
    """The scores of one initiative, as they are now."""
    return Scoring.read().scores(initiative)


class _Reader:
    """What standings of a set of initiatives need, read once."""

    def __init__(
        self,
        rows: Sequence[Initiative],
        chosen: Any,
        day: date,
        found: Company,
        *,
        past: bool,
        steps: bool,
        scoring: Scoring | None = None,
        shared: SharedDays | None = None,
    ) -> None:
        self.rows = rows
        self.chosen = chosen
        self.shared = shared
        self.day = day
        self.past = past
        self.all_steps = steps or past
        self.changes = self._later_changes() if past else {}
        self.redated = self._redated()
        self.scoring = scoring or Scoring.read(found)
        self.silence = {level.value: self.scoring.policy.silence_of(level) for level in Level}

    def standings(self) -> list[Standing]:
        """All of them, verdicts included."""
        dated = [(row, *self._dated(row)) for row in self.rows]
        running = {row.pk for row, _, stage in dated if stage == Stage.IN_PROGRESS}
        milestones, updates = self._milestones(running), self._latest(running)
        return [
            self._standing(row, plan, stage, tuple(milestones.get(row.pk, ())), updates.get(row.pk))
            for row, plan, stage in dated
        ]

    def _dated(self, row: Initiative) -> tuple[Plan, Stage]:
        """Its dates and stage on the day."""
        later = self.changes.get((row.pk, None), {})
        started, due, finished = row.started_on, row.due, row.finished_on
        if later:
            started = _stood(later, Tracked.STARTED_ON, started)
            due, finished = _stood(later, Tracked.DUE, due), _stood(later, Tracked.FINISHED_ON, finished)
        redated = self.redated[row.pk, None]
        plan = Plan(row.baseline_start, row.baseline_due, started, due, finished, redated)
        return plan, stage_on(Stage(later.get(Tracked.STAGE, row.stage)), plan, self.day)

    def _standing(
        self,
        row: Initiative,
        plan: Plan,
        stage: Stage,
        steps: tuple[MilestoneState, ...],
        latest: UpdateState | None,
    ) -> Standing:
        """How it stood; what does not run has no verdict, and so no steps and no word that count."""
        cost, spent = (self.scoring.money.in_company(row, amount) for amount in (row.cost, row.spent))
        scores, silence = self.scoring.scores_at(row, cost), self.silence[row.level]
        runs = stage == Stage.IN_PROGRESS
        verdict = schedule_status(plan, steps, latest, self.day, silence) if runs else None
        return Standing(row, self.day, stage, plan, scores, cost, spent, steps, latest, verdict)

    def _later_changes(self) -> dict[tuple[int, int | None], dict[str, str]]:
        """What stood before the first change after the day, by initiative and milestone."""
        found: dict[tuple[int, int | None], dict[str, str]] = defaultdict(dict)
        for initiative, milestone, what, before in self._changed_later():
            found[initiative, milestone].setdefault(what, before)
        return found

    def _changed_later(self) -> Iterable[tuple[Any, ...]]:
        if self.shared:
            return self.shared.later(self.day)
        rows = TrackedChange.objects.filter(initiative__in=self.chosen, on__gt=self.day).order_by("on", "pk")
        return rows.values_list("initiative", "milestone", "what", "before")

    def _moved(self) -> Iterable[tuple[Any, ...]]:
        if self.shared:
            return self.shared.moved(self.day)
        kinds = [Tracked.DUE, Tracked.STAGE]
        rows = TrackedChange.objects.filter(initiative__in=self.chosen, what__in=kinds, on__lte=self.day)
        return rows.exclude(before="").order_by("on", "pk").values_list("initiative", "milestone", "what", "before")

    def _redated(self) -> Counter[tuple[int, int | None]]:
        """How often due dates were moved up to the day; what moved while it was a candidate was planning."""
        counted: Counter[tuple[int, int | None]] = Counter()
        for initiative, milestone, what, before in self._moved():
            if what == Tracked.DUE:
                counted[initiative, milestone] += 1
            elif before == Stage.CANDIDATE:
                counted[initiative, None] = 0
        return counted

    def _may_run(self) -> InitiativeQuerySet:
        """Those that may run on the day; those that do are picked from them."""
        chosen = Initiative.objects.filter(pk__in=self.chosen).order_by()
        if self.past:
            return chosen
        return chosen.filter(Q(stage=Stage.IN_PROGRESS) | Q(stage=Stage.DONE, finished_on__gt=self.day))

    def _milestones(self, running: Container[int]) -> dict[int, list[MilestoneState]]:
        found: dict[int, list[MilestoneState]] = defaultdict(list)
        for values in self._steps():
            state = self._milestone(*values) if values[0] in running else None
            if state is not None:
                found[values[0]].append(state)
        return found

    def _steps(self) -> Iterable[tuple[Any, ...]]:
        if self.shared:
            return self.shared.steps_on(self.day, all_steps=self.all_steps)
        known = Q(known_from=None) | Q(known_from__lte=self.day)
        rows = Milestone.objects.filter(known, initiative__in=self._may_run().values("pk")).order_by("due", "pk")
        if not self.all_steps:
            rows = rows.filter(due__lt=self.day).exclude(done_on__lte=self.day)
        return rows.values_list(*STEP)

    def _milestone(
        self, initiative: int, pk: int, title: str, due: date, done: date | None, dropped: date | None
    ) -> MilestoneState | None:
        """The milestone on the day; None where it had been dropped."""
        if later := self.changes.get((initiative, pk)):
            dropped = _stood(later, Tracked.DROPPED_ON, dropped)
            done = _stood(later, Tracked.DONE_ON, done)
            due = _stood(later, Tracked.DUE, due) or due
        if dropped and dropped <= self.day:
            return None
        done = done if done and done <= self.day else None
        return MilestoneState(pk, title, due, done, self.redated[initiative, pk])

    def _latest(self, running: Container[int]) -> dict[int, UpdateState]:
        known = Q(known_from=None) | Q(known_from__lte=self.day)
        said = StatusUpdate.objects.filter(known, on__lte=self.day, initiative=OuterRef("pk"))
        newest = Subquery(said.order_by("-on").values("pk")[:1])
        wanted = self._may_run().annotate(newest=newest).values("newest")
        rows = StatusUpdate.objects.filter(pk__in=wanted).values_list("initiative", *_SAID, *_PEOPLE)
        last = len(_SAID) + 1
        return {values[0]: _update(values[1:last], values[last:]) for values in rows if values[0] in running}


_SAID = ("pk", "on", "health", "progress", "note", "author")
_PEOPLE = ("author__name", "author__email", "load", "load__by", "load__by__name", "load__by__email")


def _update(said: tuple[Any, ...], people: tuple[Any, ...]) -> UpdateState:
    pk, on, health, progress, note, author = said
    name, email, load, loader, loader_name, loader_email = people
    loaded = loader_name or loader_email or "command" if load and loader != author else ""
    return UpdateState(pk, on, Health(health), progress, note, name or email, loaded)


def _stood(later: Mapping[str, str], what: Tracked, now: date | None) -> date | None:
    """A day before later changes; the present one where there were none."""
    return now if what not in later else date.fromisoformat(later[what]) if later[what] else None


def _rates() -> dict[tuple[str, int], Fraction]:
    """What a unit of a currency is worth in a fiscal year."""
    rows = ExchangeRate.objects.values_list("currency", "year", "rate")
    return {(currency, year): Fraction(rate) for currency, year, rate in rows}


@dataclass(frozen=True, slots=True)
class Money:
    """Amounts in the company's currency by finance's yearly rates: of the fiscal year in which the baseline starts."""

    currency: str
    calendar: FiscalCalendar
    today: date
    rates: Mapping[tuple[str, int], Fraction]

    @classmethod
    def read(cls, found: Company | None = None) -> Money:
        """With the rates as they are now; ``found`` is the company, where the caller has read it."""
        found = found or company()
        return cls(found.currency, found.calendar, today_of(found), once(ExchangeRate, _rates))

    def in_company(self, row: Initiative, amount: object) -> Fraction | None:
        """An amount of an initiative; None without one or without a rate for its year."""
        if amount is None:
            return None
        found = exact(amount) if isinstance(amount, Decimal) else Fraction(str(amount))
        if row.currency in {"", self.currency}:
            return found
        return in_company_money(found, self.rate(row.currency, row.baseline_start or self.today))

    def rate(self, currency: str, day: date) -> Fraction | None:
        """What a unit is worth in the fiscal year of a day; 1 for the company's own currency."""
        if currency in {"", self.currency}:
            return Fraction(1)
        return self.rates.get((currency, self.calendar.period(Kind.YEAR, month_of(day)).year))


def read_policy() -> Policy:
    """The company's thresholds, once a reading."""
    return once(Policy, lambda: Policy.objects.get(pk=1))


@dataclass(frozen=True, slots=True)
class Scoring:
    """What scores are made with: rates and the policy's thresholds."""

    money: Money
    policy: Policy
    limits: tuple[Fraction, ...]

    @classmethod
    def read(cls, found: Company | None = None) -> Scoring:
        """As they are now; ``found`` is the company, where the caller has read it."""
        return once("scoring", lambda: cls._read(found))

    @classmethod
    def _read(cls, found: Company | None) -> Scoring:
        policy = read_policy()
        return cls(Money.read(found), policy, tuple(Fraction(limit) for limit in policy.cost_bands))

    def scores(self, row: Initiative) -> Scores:
        """The scores of an initiative, which need not be stored."""
        return self.scores_at(row, self.money.in_company(row, row.cost))

    def scores_at(self, row: Initiative, cost: Fraction | None) -> Scores:
        """The same where its cost in the company's currency is known already."""
        band = cost_band(cost, self.limits)
        return Scores(larger(row.loyalty_impact, row.vendor_choice_impact), larger(row.effort, band))
