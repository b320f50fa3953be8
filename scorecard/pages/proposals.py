"""A target that waits, as a page of decisions shows it: beside what it would replace and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from accounts.models import Company
from core.decisions import REJECT, Choices
from core.formatting import NOTHING, Style, goal, goal_in_full, month_name, period_name
from core.numbers import rounded
from core.periods import Kind, Month, Period, month_code
from customers.models import Tier
from kpis.choices import Direction, Per
from kpis.formulas.values import Goal
from kpis.models import Kpi, Target
from kpis.models.versions import VersionBook
from kpis.pages.effects import EffectWords, effect_words
from kpis.reading.comparisons import Compared, Comparisons
from kpis.reading.effects import Effects, Judged, Move
from kpis.reading.goals import GoalReader, Goals
from kpis.reading.target_history import history_address
from kpis.reading.targets import TargetBook
from kpis.rules.plausible import doubts
from kpis.rules.target import TargetCells, ends_before, is_overtaken
from kpis.wording import style_of
from scorecard.pages.proposal_line import Marks, marks_of, middle


@dataclass(frozen=True, slots=True)
class Weighed:
    """A proposal with its numbers, exact, and what it would do; how it is written comes after.

    ``held`` is what holds there by the four rules; ``elsewhere``: by a longer or shorter row, which then gives way.
    """

    target: Target
    period: Period
    last_year: Compared
    latest: Compared
    held: Goal | None
    elsewhere: bool
    overtaken: bool
    found: tuple[Judged, ...]
    odd: tuple[str, ...]
    ends: Month | None

    @property
    def goal(self) -> Goal:
        """What is proposed."""
        return goal_of(self.target)

    @property
    def measured(self) -> tuple[Fraction | None, ...]:
        """The numbers that tell in which scale the matrix writes the KPI; what is proposed where there is none."""
        known = [one for one in (self.last_year.number, self.latest.number, *(self.held or Goal()).parts) if one]
        return tuple(known) or self.goal.parts


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """One target that waits, in words. ``choice`` and ``reason`` are what the person marked and typed.

    ``proposed`` is in full, with its unit, where the scale of the columns would round it. ``notes`` are small print.
    """

    target: Target
    kpi: Kpi
    unit: str
    period: str
    last_year: str
    last_year_of: str
    latest: str
    latest_of: str
    latest_short: str
    in_force: str
    elsewhere: bool
    proposed: str
    difference: str
    marks: Marks | None
    plan: str
    odd: tuple[str, ...]
    effect: EffectWords
    to_plan: str
    weaker: bool
    notes: tuple[str, ...]
    overtaken: bool
    reaches: bool
    proposer: str
    history: str
    choice: str = ""
    reason: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """Which target, for a legend and a message."""
        return f"{self.kpi.name}, {self.target.tier.name}, {self.period}"

    @property
    def rejected(self) -> bool:
        """Whether it is marked to be rejected."""
        return self.choice == REJECT


class Desk:
    """What the rows of the page need, read once: the same queries however many wait."""

    def __init__(self, targets: Sequence[Target], company: Company, today: date) -> None:
        self.company, self.today, self.targets = company, today, targets
        self.library = list(Kpi.objects.all()) if targets else []
        self.versions = VersionBook.read(self.library)
        for target in targets:
            target.kpi = self.versions.of_target(target)
        self.tiers = list(Tier.objects.all())
        self.approved = {_key(one): one for one in _approved(targets)}
        self.compared = Comparisons(targets, self.library, self.versions, self.tiers, company.calendar, today)
        self.effects = Effects(targets, company.calendar, today)
        self.goals = GoalReader(self._book({self.period(target) for target in targets}), self.tiers)
        self.held: dict[tuple[int, Period], Goals] = {}

    def _book(self, periods: set[Period]) -> TargetBook:
        if not periods:
            return TargetBook(self.company.calendar, ())
        first, last = min(one.first for one in periods), max(one.last for one in periods)
        return TargetBook.read(self.company.calendar, first, last)

    def period(self, target: Target) -> Period:
        """The period that the row is for; of a month row the first."""
        return self.company.calendar.period(Kind(target.per), Month(target.from_month))

    def shown(self, choices: Choices) -> list[ShownProposal]:
        """All of them, each KPI in one scale."""
        weighed = [self.weighed(target) for target in self.targets]
        measured: dict[int, list[Fraction | None]] = {}
        for one in weighed:
            measured.setdefault(one.target.kpi_id, []).extend(one.measured)
        return [
            self._chosen(_written(one, self._style(one.target, measured[one.target.kpi_id])), choices)
            for one in weighed
        ]

    def weighed(self, target: Target) -> Weighed:
        """One of them with its numbers."""
        period, own = self.period(target), self.approved.get(_key(target))
        held = goal_of(own) if own else self._held(target, period)
        overtaken = own is not None and is_overtaken(target, [own])
        last_year, style = self.compared.last_year(target), style_of(target.kpi, self.company.currency)
        return Weighed(
            *(target, period, last_year, self.compared.latest(target)),
            held=held,
            elsewhere=held is not None and own is None,
            overtaken=overtaken,
            found=() if overtaken else self.effects.of([Move.approve(target)]),
            odd=tuple(doubts(goal_of(target).parts, last_year.whole, style)),
            ends=self._ends(target),
        )

    def together(self, targets: Iterable[Target]) -> tuple[Judged, ...]:
        """What approving these together does."""
        return self.effects.of([Move.approve(target) for target in targets])

    def _style(self, target: Target, measured: Iterable[Fraction | None]) -> Style:
        return style_of(target.kpi, self.company.currency, measured)

    def _chosen(self, row: ShownProposal, choices: Choices) -> ShownProposal:
        pk = row.target.pk
        choice, reason = choices.verdicts.get(pk, ""), choices.reasons.get(pk, "")
        return replace(row, choice=choice, reason=reason, problem=choices.problems.get(pk, ""))

    def _ends(self, target: Target) -> Month | None:
        cells = TargetCells(target.tier.code, Month(target.from_month), Per(target.per), target.until_month)
        return ends_before(target.kpi, cells, self.company.calendar, self.versions)

    def _held(self, target: Target, period: Period) -> Goal | None:
        """What holds there by the four rules, from rows of another length."""
        key = target.kpi_id, period
        if key not in self.held:
            kpi = self.versions.at(target.kpi, period.last)
            self.held[key] = self.goals.of_period(kpi, kpi.method, period, period.last, ())
        return self.held[key].get(target.tier_id)


def _written(one: Weighed, style: Style) -> ShownProposal:
    target, kpi = one.target, one.target.kpi
    against_plan, weaker = _to_plan(kpi, style, target)
    held = one.held or Goal()
    return ShownProposal(
        *(target, kpi, style.label, span_words(target, one.period)),
        last_year=style.bare(one.last_year.number),
        last_year_of=_span(one.last_year),
        latest=style.bare(one.latest.number),
        latest_of=_span(one.latest),
        latest_short=one.latest.short,
        in_force=_signed_goal(style, kpi, held),
        elsewhere=one.elsewhere,
        proposed=_in_full(style, kpi, one.goal) or _signed_goal(style, kpi, one.goal),
        difference=_difference(style, one.goal, one.held),
        marks=marks_of(one.last_year.number, one.latest.number, middle(held.parts), middle(one.goal.parts)),
        plan=NOTHING if target.plan_value is None else style.bare_target(target.plan_value),
        odd=one.odd,
        effect=effect_words(one.found, target.tier_id),
        to_plan=against_plan,
        weaker=weaker,
        notes=tuple(_notes(one)),
        overtaken=one.overtaken,
        reaches=bool(one.found),
        proposer=str(target.batch.proposed_by) if target.batch else "",
        history=history_address(kpi, target.tier, target.per, Month(target.from_month)),
    )


def _notes(one: Weighed) -> Iterable[str]:
    if one.overtaken:
        yield "A later version has been approved since: reject it, or have it withdrawn."
    if one.ends:
        yield f"Won’t count from {month_name(one.ends)} on: the KPI means something else then."
    for name, compared in (("Last year", one.last_year), ("Latest", one.latest)):
        if compared.number is not None and compared.part:
            yield f"{name}: {compared.part}."
    if one.target.note:
        yield one.target.note


def _span(compared: Compared) -> str:
    return ", ".join(filter(None, (compared.span, compared.part))) if compared.number is not None else ""


def _signed_goal(style: Style, kpi: Kpi, said: Goal) -> str:
    """``≥ 30``; ``none``."""
    found = goal(style, kpi.direction, *said.parts)
    return f"{found.sign} {found.number}".strip() if found else "none"


def _in_full(style: Style, kpi: Kpi, said: Goal) -> str:
    """The number as it would be agreed to, where the scale of the column leaves digits out; empty otherwise."""
    places = style.scale.decimals
    if places is None or all(one is None or _as_shown(style, one, places) for one in said.parts):
        return ""
    return goal_in_full(style, kpi.direction, *said.parts)


def _as_shown(style: Style, value: Fraction, places: int) -> bool:
    scaled = style.scale.apply(value)
    return Fraction(rounded(scaled, places)) == scaled


def _difference(style: Style, new: Goal, old: Goal | None) -> str:
    """``+2.0``; ``unchanged``; empty for ranges, and where nothing holds."""
    if old is None or new.value is None or old.value is None:
        return "unchanged" if old is not None and old == new else ""
    apart = new.value - old.value
    if not apart:
        return "unchanged"
    text = style.told_apart(new.value, [old.value]).bare(apart)
    return f"+{text}" if apart > 0 else text


def _to_plan(kpi: Kpi, style: Style, target: Target) -> tuple[str, bool]:
    """``2.0 points weaker than the plan``, and whether it is; empty where it is the plan, or there is none."""
    if target.plan_value is None or target.value is None or target.value == target.plan_value:
        return "", False
    apart = Fraction(target.value) - Fraction(target.plan_value)
    weaker = (apart < 0) == (kpi.direction == Direction.HIGHER)
    text = style.told_apart(Fraction(target.value), [Fraction(target.plan_value)]).bare(abs(apart))
    return f"{style.apart(text)} {'weaker' if weaker else 'stronger'} than the plan", weaker


def goal_of(target: Target) -> Goal:
    """What a version says."""
    return Goal(*(None if part is None else Fraction(part) for part in (target.value, target.low, target.high)))


def span_words(target: Target, period: Period) -> str:
    """``Quarter 3, 2026``, ``from July 2026 on``, ``from July 2026 to 2026-12``: the months that a row is for."""
    if target.per != Kind.MONTH.value:
        return period_name(period)
    until = f"to {month_code(Month(target.until_month))}" if target.until_month else "on"
    return f"from {period_name(period)} {until}"


def _approved(targets: Iterable[Target]) -> Iterable[Target]:
    """The approved versions of the same rows."""
    kpis, tiers, months = ({getattr(one, name) for one in targets} for name in ("kpi_id", "tier_id", "from_month"))
    return Target.objects.approved().filter(kpi__in=kpis, tier__in=tiers, from_month__in=months)


def _key(target: Target) -> tuple[int, int, int, str]:
    return target.kpi_id, target.tier_id, target.from_month, target.per
