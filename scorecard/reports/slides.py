"""What the slides say: one message each as its title, made from the pack's value; no place, no colour, no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from core.formatting import counted, day_name, number, short_month
from core.sentences import plain
from customers.choices import TierScope
from kpis.choices import Signal
from scorecard.pages.signals import NO_PROOF
from scorecard.reports.layout_cells import changed_head, matrix_head
from scorecard.reports.pack import Item, Pack, Told, Trend

MOST = 15  # slides
TRENDS = 5  # of the signals, a slide each
_FIRST = 3  # decisions beside the answer
ROWS = 8  # of a table, so that it can be read from the back of the room


class Drawn(StrEnum):
    """How a chart is drawn."""

    STACKED = "stacked"
    BARS = "bars"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Line:
    """A series of a chart; ``look`` is the word of its colour, ``values`` one for each category, None where none."""

    name: str
    look: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart whose numbers stand in a data sheet. ``text`` says it to those who do not see it."""

    drawn: Drawn
    categories: tuple[str, ...]
    lines: tuple[Line, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; ``widths`` are the columns' shares of its breadth."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide. ``about`` are sentences below the title, ``notes`` say where its numbers are from."""

    title: str
    notes: str
    about: tuple[str, ...] = ()
    chart: Chart | None = None
    table: Table | None = None


def slides(pack: Pack) -> list[Slide]:
    """All of them, the answer first; what there is nothing to say about has none."""
    found = [_answer(pack), *_verdicts(pack), *_changed(pack), *_trends(pack), *_gaps(pack)]
    found += [*_initiatives(pack), *_growth(pack), *_coverage(pack), *_decisions(pack), *_coming(pack)]
    return found[:MOST]


def _notes(pack: Pack, what: str, cells: Iterable[Told] = ()) -> str:
    named = ", ".join(f"{one.kpi}@{one.column.code}" for one in cells)
    of = f" Cells: {named}." if named else ""
    return f"{what}{of} {pack.title}, {pack.state}. Digest {pack.digest}. {NO_PROOF}"


def _answer(pack: Pack) -> Slide:
    state = "not signed: values of " + day_name(pack.made_on) if pack.edition is None else pack.state
    about = (f"{pack.company} · {pack.title}{f' ({pack.months})' if pack.months else ''}", state, pack.summary)
    asked = pack.outlook.decisions[:_FIRST]
    return Slide(
        plain(pack.headline),
        _notes(pack, "Counts are of the tiers."),
        tuple(one for one in about if one),
        table=_items(asked, "What is asked for first", "Why") if asked else None,
    )


def _verdicts(pack: Pack) -> Iterator[Slide]:
    """Missed, near and met by tier."""
    tiers = [one for one in pack.tiers if one.judged]
    if not tiers:
        return
    names = tuple(one.name for one in tiers)
    lines = (
        Line("missed", "missed", tuple(float(one.missed) for one in tiers)),
        Line("near", "near", tuple(float(one.near) for one in tiers)),
        Line("met", "met", tuple(float(one.met) for one in tiers)),
    )
    text = "; ".join(f"{one.name}: {one.missed} missed, {one.near} near, {one.met} met" for one in tiers)
    chart = Chart(Drawn.STACKED, names, lines, f"Verdicts by tier. {text}.")
    yield Slide(matrix_head(pack.tiers), _notes(pack, "Cells with a verdict, by tier."), chart=chart)


def _own(found: Iterable[Told]) -> list[Told]:
    return [one for one in found if one.column.scope != TierScope.ALL]


def _changed(pack: Pack) -> Iterator[Slide]:
    """What goes beyond the noise, the furthest from its target first."""
    own = _own(pack.changes)
    if not own:
        yield Slide("No number really changed.", _notes(pack, "Signals of the tiers' cells."))
        return
    rows = tuple((one.title, _signal(one), one.full, one.target, one.serving or "nobody") for one in own[:ROWS])
    header = ("What", "Really", "Now", "Target", "Who was on it")
    about = (f"{counted(len(own[ROWS:]), 'more cell')} in the pack.",) if own[ROWS:] else ()
    table = Table(header, rows, (30, 12, 14, 18, 26))
    yield Slide(changed_head(pack), _notes(pack, "Signals of the tiers' cells.", own), about, table=table)


def _signal(one: Told) -> str:
    return Signal(one.cell.signal).label.removeprefix("really ") if one.cell.signal else ""


def _trends(pack: Pack) -> Iterator[Slide]:
    """The months of the signals that lie furthest from target, within their natural limits."""
    shown = [one for one in _own(pack.changes) if one.trend][:TRENDS]
    for one in shown:
        assert one.trend is not None  # noqa: S101  chosen so
        title = f"{one.title}: {one.full}{f', {one.target}' if one.target else ''}, {_really(one)}"
        about = tuple(text for text in (one.why, one.split or one.unsaid, one.narrative, one.served) if text)
        yield Slide(title, _notes(pack, "Months of the cell.", [one]), about, chart=_trend(one.trend))


def _really(one: Told) -> str:
    return Signal(one.cell.signal).label if one.cell.signal else "as it runs, it will go on missing"


def _trend(trend: Trend) -> Chart:
    points = trend.points
    lines = [Line("Value", "value", tuple(_plain(one.value) for one in points))]
    for name, values in (("Target, at least", [one.low for one in points]), ("at most", [one.high for one in points])):
        if any(value is not None for value in values):
            lines.append(Line(name, "target", tuple(_plain(value) for value in values)))
    within = [trend.since is not None and one.month >= trend.since for one in points]
    for name, limit in (("Natural limits, upper", trend.upper), ("lower", trend.lower)):
        if limit is not None:
            lines.append(Line(name, "limit", tuple(_plain(limit) if inside else None for inside in within)))
    return Chart(Drawn.LINES, tuple(short_month(one.month) for one in points), tuple(lines), trend.words)


def _plain(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _gaps(pack: Pack) -> Iterator[Slide]:
    """What misses its target as it runs, with who is on it."""
    own = _own(pack.gaps)
    if not own:
        return
    alone = sum(not one.is_served for one in own)
    nobody = f", {number(alone)} with nobody on it" if alone else ", each with somebody on it"
    title = f"{counted(len(own), 'cell')} will go on missing as {'it runs' if len(own) == 1 else 'they run'}{nobody}."
    rows = tuple((one.title, one.full, one.target, one.serving or "nobody") for one in own[:ROWS])
    about = (f"{counted(len(own[ROWS:]), 'more cell')} in the pack.",) if own[ROWS:] else ()
    table = Table(("What", "Now", "Target", "Who was on it"), rows, (34, 16, 20, 30))
    yield Slide(title, _notes(pack, "Capability gaps: no single month explains them.", own), about, table=table)


def _initiatives(pack: Pack) -> Iterator[Slide]:
    """How what runs stands, by level."""
    run = pack.running
    levels = [one for one in pack.levels if one.running]
    if not run.running:
        yield Slide("No initiative runs.", _notes(pack, f"Initiatives as of {day_name(pack.as_of)}."))
        return
    parts = [("late", "missed"), ("at_risk", "near"), ("not_reported", "partial"), ("on_schedule", "met")]
    lines = tuple(
        Line(name.replace("_", " "), look, tuple(float(getattr(one, name)) for one in levels)) for name, look in parts
    )
    text = "; ".join(f"{one.name}: {one.late} late of {one.running}" for one in levels)
    silent = f", {number(run.not_reported)} not reported" if run.not_reported else ""
    title = f"{number(run.late)} of {counted(run.running, 'initiative')} late{silent}."
    chart = Chart(Drawn.STACKED, tuple(one.name for one in levels), lines, f"Initiatives by level. {text}.")
    yield Slide(title, _notes(pack, f"Initiatives as of {day_name(pack.as_of)}."), chart=chart)


def _growth(pack: Pack) -> Iterator[Slide]:
    """Who came and who went, by tier."""
    total = next((one for one in pack.growth if one.code == "all"), None)
    tiers = [one for one in pack.growth if one.code != "all"]
    if total is None or not tiers or not (total.opening or total.closing):
        return
    won = "won" if total.net >= 0 else "lost"
    title = f"{counted(abs(total.net), 'customer')} {won} net: {number(total.opening)} became {number(total.closing)}."
    lines = (
        Line("joined and returned", "met", tuple(float(one.joined + one.returned) for one in tiers)),
        Line("left", "missed", tuple(float(-one.left) for one in tiers)),
        Line("moved in, less out", "partial", tuple(float(one.moved_in - one.moved_out) for one in tiers)),
    )
    text = "; ".join(f"{one.name}: {one.opening} to {one.closing}" for one in tiers)
    chart = Chart(Drawn.BARS, tuple(one.name for one in tiers), lines, f"Customers in and out by tier. {text}.")
    yield Slide(title, _notes(pack, "Customers on the book by their events."), chart=chart)


def _coverage(pack: Pack) -> Iterator[Slide]:
    """Pain beside what runs and is spent for it, by department."""
    lines = [one for one in pack.coverage if not one.theme and one.pain is not None][:ROWS]
    if not lines or pack.unanswered is None:
        return
    shares = (
        Line("share of pain", "missed", tuple(_percent(one.pain) for one in lines)),
        Line("share of what runs", "value", tuple(_percent(one.running) for one in lines)),
        Line("share of budget", "partial", tuple(_percent(one.budget) for one in lines)),
    )
    text = "; ".join(f"{one.department}: {number((one.pain or Fraction(0)) * 100)} % of the pain" for one in lines)
    title = f"{number(pack.unanswered * 100)} % of customers’ pain is answered by nothing that runs."
    chart = Chart(Drawn.BARS, tuple(one.department for one in lines), shares, f"Pain by department. {text}.")
    yield Slide(title, _notes(pack, "Pain is mentions × severity."), chart=chart)


def _percent(share: Fraction | None) -> float | None:
    return None if share is None else round(float(share * 100), 1)


def _decisions(pack: Pack) -> Iterator[Slide]:
    found = pack.outlook.decisions
    if found:
        title = f"{counted(len(found), 'decision')} {'is' if len(found) == 1 else 'are'} asked for."
        yield Slide(title, _notes(pack, "Found by rule."), _more(found), table=_items(found, "What", "Why"))


def _coming(pack: Pack) -> Iterator[Slide]:
    due, actions = pack.outlook.due, pack.outlook.actions
    found = (*due, *actions)
    if found:
        title = f"{counted(len(due), 'initiative')} fall due next, {counted(len(actions), 'action')} open."
        yield Slide(title, _notes(pack, "As of the day on which this was made."), _more(found), table=_items(found))


def _more(found: Sequence[Item]) -> tuple[str, ...]:
    return (f"{number(len(found[ROWS:]))} more in the pack.",) if found[ROWS:] else ()


def _items(found: Sequence[Item], what: str = "What", detail: str = "How") -> Table:
    rows = tuple((one.what, one.detail, one.who, day_name(one.due) if one.due else "") for one in found[:ROWS])
    return Table((what, detail, "Who", "Until"), rows, (34, 34, 18, 14))
