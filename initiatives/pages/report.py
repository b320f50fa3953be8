"""The upward report as its page writes it: a headline, the gaps, and counts that lead to those counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.company import today
from core.formatting import counted, day_name, number, period_name, sentence_list
from core.sentences import Phrase, Sentence, listed
from initiatives.choices import Flow, Level, ScheduleStatus, Stage
from initiatives.pages.counts import Count, Query
from initiatives.reading.report import FEW, By, Held, Report, Tally
from initiatives.reading.standings import Standing

ORDER = tuple(ScheduleStatus)
_TITLES = {
    By.LEVEL: "By level",
    By.DEPARTMENT: "By department",
    By.TIER: "By customer tier",
    By.BUSINESS_UNIT: "By business unit",
    By.OWNER: "By owner",
}
_NOTES = {
    By.LEVEL: "where an initiative is: for one account, one unit, or all of the company",
    By.DEPARTMENT: "who does the work",
    By.TIER: "an initiative for several tiers counts in each of them, one for all tiers in all",
    By.BUSINESS_UNIT: "the product or region that it belongs to",
    By.OWNER: "who answers for it",
}
_NAMES = {Level.KEY_ACCOUNT: "for key accounts", Level.BUSINESS_UNIT: "in business units", Level.CORPORATE: "corporate"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of the strip that shows how a group's initiatives stand, in percent of its width."""

    css_class: str
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class ShownTally:
    """A line of the report."""

    tally: Tally
    running: Count
    statuses: tuple[tuple[ScheduleStatus, Count], ...]
    not_started: Count
    on_hold: Count
    flows: tuple[tuple[Flow, Count], ...]
    bars: tuple[Bar, ...]
    progress: tuple[Named, ...]

    @property
    def counts(self) -> tuple[Count, ...]:
        """Every number of the line."""
        pairs = (*self.statuses, *self.flows)
        return (self.running, self.not_started, self.on_hold, *(count for _, count in pairs))


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the report."""

    by: By
    title: str
    note: str
    rows: tuple[ShownTally, ...]

    @property
    def anchor(self) -> str:
        """Where it is on the page."""
        return f"by-{self.by.value}"

    @property
    def untold(self) -> str:
        """Whose initiatives are too many to be told by name, and where they are; empty where nobody's are."""
        many = [row.tally for row in self.rows if row.tally.running and not row.progress]
        if not many:
            return ""
        names = sentence_list(f"{one.name} ({one.running:,})" for one in many)
        return f"More than {FEW} run, and are not told by name: {names}. Their counts lead to the register."

    @property
    def tells_progress(self) -> bool:
        """Whether the progress of the few is told at once; elsewhere one asks for it."""
        return self.by == By.LEVEL


@dataclass(frozen=True, slots=True)
class HeldLevel:
    """What is on hold in a level: all of it counted, and by name the few that wait longest."""

    level: Level
    count: Count
    named: tuple[Named, ...]

    @property
    def others(self) -> int:
        """How many the register alone tells by name."""
        return self.count.number - len(self.named)


@dataclass(frozen=True, slots=True)
class ShownReport:
    """All that the page of the report shows."""

    report: Report
    headline: Sentence
    detail: Sentence
    gaps: tuple[str, ...]
    total: ShownTally
    sections: tuple[Section, ...]
    held: tuple[HeldLevel, ...]
    undated: str


def show_report(report: Report, query: Query) -> ShownReport:
    """The report as its page writes it. ``query`` are the filters that it was read with."""
    base = dict(query) | ({} if report.as_of == today() else {"as_of": report.as_of.isoformat()})
    total = show_tally(report.total, base, report)
    return ShownReport(
        report=report,
        headline=_headline(total),
        detail=_detail(report, total, base),
        gaps=tuple(_gaps(report)),
        total=total,
        sections=tuple(
            Section(by, _TITLES[by], _NOTES[by], tuple(_rows(by, tallies, base, report)))
            for by, tallies in report.groups.items()
        ),
        held=tuple(_held(report, base)),
        undated=_undated(report),
    )


def _rows(by: By, tallies: Iterable[Tally], base: Query, report: Report) -> Iterable[ShownTally]:
    for one in tallies:
        yield show_tally(one, {**base, **group_query(by, one.key)}, report)


def group_query(by: By, key: str | None) -> dict[str, str]:
    """The filter of the list that leaves a group."""
    return {by.value: key} if key is not None else {f"no_{by.value}": "true"}


def show_tally(tally: Tally, base: Query, report: Report) -> ShownTally:
    """A line; every number with the filters that leave those whom it counts."""
    during = {"during": report.period.code} if report.period else {}
    return ShownTally(
        tally=tally,
        running=Count(tally.running, {**base, "stage": Stage.IN_PROGRESS.value}),
        statuses=tuple((status, Count(tally.of(status), {**base, "status": status.value})) for status in ORDER),
        not_started=Count(tally.not_started, {**base, "not_started": "true"}),
        on_hold=Count(tally.on_hold, {**base, "stage": Stage.ON_HOLD.value}),
        flows=tuple((flow, Count(getattr(tally, flow.value), {**base, "flow": flow.value, **during})) for flow in Flow)
        if report.period
        else (),
        bars=tuple(_bars(tally)),
        progress=tuple(_progress(standing) for standing in tally.progress),
    )


def _bars(tally: Tally) -> Iterable[Bar]:
    start = 0
    for status in ORDER:
        if number := tally.of(status):
            yield Bar(status.css_class, _percent(start, tally.running), _percent(number, tally.running))
            start += number


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%"


def _headline(shown: ShownTally) -> Sentence:
    """``104 initiatives are running: 60 on schedule, 20 at risk, 15 late, 9 not reported.``"""
    total = shown.tally
    if total.is_gap:
        return (Phrase("Nothing is running."),)
    verb = "is" if total.running == 1 else "are"
    begin = Phrase(f"{counted(total.running, 'initiative')} {verb} running", "", shown.running.url)
    told = [
        Phrase(f"{number(count.number)} {status.label}", status.css_class, count.url)
        for status, count in shown.statuses
        if count.number
    ]
    rest = [phrase for one in told for phrase in (Phrase(", "), one)]
    return (begin, Phrase(": "), *rest[1:], Phrase("."))


def _detail(report: Report, shown: ShownTally, base: Query) -> Sentence:
    """Who it is for, what happened in the period, and what waits."""
    parts = (_focused(shown.tally, base), _happened(report, shown), _beside(shown))
    told = [part for part in parts if part]
    return tuple(phrase for place, part in enumerate(told) for phrase in ((Phrase(" "),) * (place > 0) + part))


def _focused(total: Tally, base: Query) -> Sentence:
    if not total.running:
        return ()
    if total.customer_focused == total.running:
        return (Phrase("All of them are for customers."),)
    count = Count(total.customer_focused, {**base, "stage": Stage.IN_PROGRESS.value, "customer_focused": "true"})
    verb = "is" if total.customer_focused == 1 else "are"
    return (Phrase(f"{number(count.number)} of them", "", count.url), Phrase(f" {verb} for customers."))


def _happened(report: Report, shown: ShownTally) -> Sentence:
    """``In Quarter 3, 2026: 4 started, 3 finished by the baseline date, 1 finished late, 0 cancelled.``"""
    if not report.period:
        return ()
    told = [Phrase(f"{number(count.number)} {flow.label.lower()}", "", count.url) for flow, count in shown.flows]
    rest = [phrase for one in told for phrase in (Phrase(", "), one)]
    return (Phrase(f"In {period_name(report.period)}: "), *rest[1:], Phrase("."))


def _beside(shown: ShownTally) -> Sentence:
    waiting = ((shown.not_started, "approved and not started in time"), (shown.on_hold, "on hold"))
    told = [Phrase(f"{number(count.number)} {words}", "", count.url) for count, words in waiting if count.number]
    return (Phrase("Beside them "), *listed(told), Phrase(".")) if told else ()


def _gaps(report: Report) -> Iterable[str]:
    """Levels, departments and tiers in which nothing runs, in a sentence each."""
    for by, tallies in report.groups.items():
        empty = [one for one in tallies if one.is_gap]
        if by in _GAPS and empty and len(empty) < len(tallies):
            yield _GAPS[by](empty)


def _level_gap(empty: Sequence[Tally]) -> str:
    return f"Nothing runs {sentence_list(_NAMES[Level(one.key or '')] for one in empty)}."


def _department_gap(empty: Sequence[Tally]) -> str:
    if len(empty) > 6:
        return f"{len(empty)} departments run nothing: they are marked as gaps below."
    return f"No initiative is run by {sentence_list(one.name for one in empty)}."


def _tier_gap(empty: Sequence[Tally]) -> str:
    return f"Nothing runs for customers in {sentence_list(one.name for one in empty)}."


_GAPS = {By.LEVEL: _level_gap, By.DEPARTMENT: _department_gap, By.TIER: _tier_gap}


def _undated(report: Report) -> str:
    if not report.undated:
        return ""
    were = "was" if report.undated == 1 else "were"
    return f"{counted(report.undated, 'initiative')} {were} done or cancelled on a day that nobody told: in no period."


@dataclass(frozen=True, slots=True)
class Named:
    """An initiative by name: its status where it runs, how far it is or since when it waits."""

    title: str
    url: str
    status: ScheduleStatus | None
    progress: int | None
    words: str


def _progress(standing: Standing) -> Named:
    told = "no progress told" if standing.progress is None else f"{standing.progress} %"
    return Named(*_name(standing), standing.status, standing.progress, told)


def _held(report: Report, base: Query) -> Iterable[HeldLevel]:
    """The levels in which something is on hold; a day that no file told comes after those that are known."""
    waiting = sorted(report.held, key=lambda one: one.since or date.max)
    for level in Level:
        found = [one for one in waiting if one.standing.initiative.level == level]
        query = {**base, By.LEVEL.value: level.value, "stage": Stage.ON_HOLD.value}
        if found:
            yield HeldLevel(level, Count(len(found), query), tuple(_waiting(one) for one in found[:FEW]))


def _waiting(held: Held) -> Named:
    words = f"since {day_name(held.since)}, by {held.by or 'a file'}" if held.since else "since a day that no file told"
    return Named(*_name(held.standing), None, held.standing.progress, words)


def _name(standing: Standing) -> tuple[str, str]:
    return standing.initiative.title, reverse("initiative", args=[standing.initiative.code])
