"""What the home page shows: the verdict in a headline, the evidence in one table, and what is done about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Company
from core.editions import EditionLine, carrying
from core.formatting import counted, number, period_name, short_day
from core.links import with_period
from core.sentences import Sentence
from initiatives.choices import Level, ScheduleStatus, Stage
from initiatives.models import Initiative, Turnaround
from initiatives.pages.counts import list_address
from initiatives.reading.report import Tally
from initiatives.reading.running_initiatives import Serving
from kpis.choices import Beyond, Status
from kpis.reading.subjects import cell_key
from kpis.wording import style_of
from scorecard.pages.composite import ShownComposite, show_composites
from scorecard.pages.home_customers import MoneyRow, ShownFlows, ShownPain, show_flows, show_money, show_pain
from scorecard.pages.home_headline import headline, matrix_list
from scorecard.pages.home_moments import moments_line
from scorecard.pages.home_notes import closed_words_of, line_of, noise_of
from scorecard.pages.matrix import ShownCell, show_cell
from scorecard.pages.matrix_table import Roots, ShownRow, show_row
from scorecard.pages.verdict import JUDGED, head_name, tally
from scorecard.reading.home import Found, Gap, Home
from scorecard.reading.moved import MovedNumbers

PARTS = ("head", "table", "pain", "chart", "recognition", "side")
MOST = 4  # of what really changed, and of gaps, before the rest is folded
_SHORT = {Level.KEY_ACCOUNT: "Key account", Level.BUSINESS_UNIT: "Business unit", Level.CORPORATE: "Corporate"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a strip, in percent of its width; ``number`` where there is room for it."""

    css_class: str
    start: str
    width: str
    number: str = ""
    middle: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many cells, or initiatives, have a status, and where they are listed."""

    status: Status | ScheduleStatus
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its name in two parts (``head_name``), its cells by verdict, and the same as a strip."""

    name: tuple[str, str]
    url: str
    counts: tuple[Count, ...]
    strip: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A cell that really got worse or better: what it is, and who is on it."""

    title: str
    shown: ShownCell
    served: str
    nobody: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An initiative that waits: ``on hold``, with its address."""

    stage: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownGap:
    """A capability gap that nothing running serves: what waits for it, whom to ask, and a form for a new initiative
    where nothing waits.
    """

    title: str
    shown: ShownCell
    waiting: tuple[Waiting, ...]
    owner: str
    ask_url: str
    start_url: str


@dataclass(frozen=True, slots=True)
class ShownLevel:
    """A level: how many run, by schedule status, as numbers and as a strip."""

    name: str
    running: int
    url: str
    counts: tuple[Count, ...]
    strip: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ShownTurnaround:
    """The latest turnaround that was confirmed."""

    title: str
    url: str
    owner: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ShownHome:
    """All that everybody sees. ``worse`` and ``better`` are what really changed, ``folded`` the rest of the worse;
    ``worse_said`` counts the worse by verdict. ``turned`` is told of verdicts that are of another colour than before.
    ``late`` heads the initiatives, ``then`` is their number at the period's end.
    """

    home: Home
    name: str
    headline: Sentence
    line: EditionLine | None
    heads: tuple[Head, ...]
    composites: tuple[ShownComposite | None, ...]
    rows: tuple[ShownRow, ...]
    kpis: int
    matrix_url: str
    worse: tuple[Moved, ...]
    worse_count: int
    worse_said: str
    worse_url: str
    better: tuple[Moved, ...]
    better_count: int
    better_url: str
    turned: str
    gaps: tuple[ShownGap, ...]
    folded: tuple[ShownGap, ...]
    all_gaps: int
    gaps_url: str
    levels: tuple[ShownLevel, ...]
    counts: tuple[Count, ...]
    late: str
    then: str
    flows: ShownFlows | None
    money: tuple[MoneyRow, ...]
    pain: ShownPain | None
    turnaround: ShownTurnaround | None
    moved: str
    done_url: str
    chart_url: str

    @property
    def better_left(self) -> int:
        """How many that really got better are not named."""
        return self.better_count - len(self.better)

    @property
    def look(self) -> str:
        """The class of the table, by the number of its columns."""
        return "wide" if len(self.heads) > 6 else ""


def home_texts(home: Home, company: Company, chart_height: int) -> dict[str, Any]:
    """What everybody sees, as HTML by its place on the page, with the ids of what is late today."""
    shown = show_home(home, company.currency)
    context = {"page": shown, "company": company, "chart_height": chart_height, "moments": moments_line(home)}
    texts: dict[str, Any] = {part: render_to_string(f"scorecard/parts/home_{part}.html", context) for part in PARTS}
    return texts | {"late": list(home.late), "closed": closed_words_of(home)}


def show_home(home: Home, currency: str) -> ShownHome:
    """The page as everybody sees it; money in the company's currency."""
    writer = Writer(home, currency)
    worse, better = home.beyond(Beyond.WORSE), home.beyond(Beyond.BETTER)
    gaps = tuple(writer.gap(gap) for gap in home.open_gaps)
    return ShownHome(
        home=home,
        name=period_name(home.period),
        headline=headline(home),
        line=line_of(home),
        heads=tuple(writer.heads()),
        composites=show_composites(home.matrix, home.before),
        rows=tuple(show_row(row, home.matrix, currency, writer.roots) for row in home.worst),
        kpis=len(home.matrix.rows),
        matrix_url=matrix_list(home),
        worse=tuple(writer.moved(one) for one in worse[:MOST]),
        worse_count=len(worse),
        worse_said=_by_verdict(worse),
        worse_url=matrix_list(home, signal=Beyond.WORSE.value),
        better=tuple(writer.moved(one) for one in better[:MOST]),
        better_count=len(better),
        better_url=matrix_list(home, signal=Beyond.BETTER.value),
        turned=noise_of(home),
        gaps=gaps[:MOST],
        folded=gaps[MOST:],
        all_gaps=len(home.gaps),
        gaps_url=matrix_list(home, signal=Beyond.GAP.value),
        levels=tuple(writer.level(one) for one in home.levels),
        counts=tuple(writer.counts(home.now, {})),
        late=_late(home.now),
        then=_then(home),
        flows=show_flows(home),
        money=tuple(show_money(home, currency)),
        pain=show_pain(home, currency),
        turnaround=_recognised(home.turnaround, home.period.code),
        moved=_moved(home.moved),
        done_url=with_period(list_address({"stage": Stage.DONE.value}), home.period.code),
        chart_url=carrying(with_period(reverse("home_chart"), home.period.code), home.served),
    )


class Writer:
    """Writes cells and initiatives of one period."""

    def __init__(self, home: Home, currency: str) -> None:
        self.home, self.currency = home, currency
        self.roots = Roots.of(home.period, home.served)

    def heads(self) -> Iterator[Head]:
        """A column each, with links to the cells that its numbers count."""
        for one in tally(self.home.matrix.tiers, self.home.matrix.rows):
            code = one.tier.code
            counts = tuple(
                Count(status, one.counts[status], matrix_list(self.home, status=status.value, tier=code))
                for status in reversed(JUDGED)
            )
            strip = pieces([(count.status.css_class, count.number) for count in counts])
            yield Head(head_name(one.tier), matrix_list(self.home, tier=code), counts, strip)

    def moved(self, one: Found) -> Moved:
        """A line of what really changed."""
        served = self.home.serving.of(one.kpi.pk, one.cell.tier)
        return Moved(_title(one), self._cell(one), _served(served), not served.running)

    def gap(self, gap: Gap) -> ShownGap:
        """A line of what will go on missing."""
        one = gap.found
        kpi, tier = one.kpi, one.cell.tier
        key = cell_key(kpi, tier, self.home.period)
        query = f"kpis={kpi.code}%40{tier.code}&title=Close+the+gap"
        return ShownGap(
            title=_title(one),
            shown=self._cell(one),
            waiting=tuple(self._waiting(row) for row in gap.planned),
            owner=getattr(kpi, "owned_by", None) or "",
            ask_url=with_period(reverse("asks", args=["cell", key]), self.home.period.code),
            start_url="" if gap.planned else self._carried(f"{reverse('initiative_new')}?{query}"),
        )

    def level(self, one: Tally) -> ShownLevel:
        """A level's line."""
        query = {"level": one.key or ""}
        counts = tuple(self.counts(one, query))
        return ShownLevel(
            name=_SHORT[Level(one.key or "")],
            running=one.running,
            url=self._carried(list_address({**query, "stage": "in_progress"})),
            counts=counts,
            strip=pieces([(count.status.css_class, count.number) for count in counts], numbers=True),
        )

    def counts(self, one: Tally, query: dict[str, str]) -> Iterator[Count]:
        """What runs by its schedule status, each with its list."""
        for status in ScheduleStatus:
            url = self._carried(list_address({**query, "status": status.value}))
            yield Count(status, one.of(status), url)

    def _cell(self, one: Found) -> ShownCell:
        url, style = self.roots.cell(one.kpi, one.cell.tier), style_of(one.kpi, self.currency)
        return show_cell(one.kpi, one.cell, self.home.matrix, style, url)

    def _waiting(self, row: Initiative) -> Waiting:
        url = self._carried(reverse("initiative", args=[row.code]))
        return Waiting(row.get_stage_display().lower(), row.title, url)

    def _carried(self, url: str) -> str:
        return with_period(url, self.home.period.code)


def pieces(parts: Sequence[tuple[str, int]], *, numbers: bool = False) -> tuple[Piece, ...]:
    """A strip of which each part takes its share; parts of nothing are left out."""
    total, start, found = sum(size for _, size in parts), Fraction(0), []
    for css_class, size in parts:
        if size:
            width = Fraction(size * 100, total)
            told = number(size) if numbers and width >= 6 else ""
            found.append(Piece(css_class, _share(start), _share(width), told, _share(start + width / 2)))
            start += width
    return tuple(found)


def _share(value: Fraction) -> str:
    """For an attribute of a drawing: never in the reader's signs."""
    return f"{float(value):.2f}"


def _title(one: Found) -> str:
    return f"{one.kpi.name}, {one.cell.tier.name}"


def _served(serving: Serving) -> str:
    """``2 run, 1 late``; ``1 runs, late``."""
    runs = f"{number(serving.running)} {'runs' if serving.running == 1 else 'run'}"
    if not serving.late:
        return runs
    late = "" if serving.running == 1 else "all " if serving.late == serving.running else f"{number(serving.late)} "
    return f"{runs}, {late}late"


def _by_verdict(found: Sequence[Found]) -> str:
    """``8 missed, 1 near, 2 still met``."""
    words = {Status.MISSED: "missed", Status.NEAR: "near", Status.MET: "still met"}
    counts = {status: sum(one.cell.status == status for one in found) for status in words}
    return ", ".join(f"{number(counts[status])} {word}" for status, word in words.items() if counts[status])


def _late(now: Tally) -> str:
    """``5 of 34 initiatives late``."""
    if not now.running:
        return "No initiative runs"
    return f"{number(now.late) if now.late else 'None'} of {counted(now.running, 'initiative')} late"


def _then(home: Home) -> str:
    """``today; 30 Sep 2026: 3 of 35``."""
    if home.then is None:
        return "today"
    return f"today; {short_day(home.coverage.as_of)}: {number(home.then.late)} of {number(home.then.running)}"


def _moved(found: MovedNumbers) -> str:
    """``2 of 5 that finished moved their number; too early to say of 3``; empty where none finished."""
    early = f"too early to say of {number(found.too_early)}" if found.too_early else ""
    if not found.asked:
        return f"Did what finished move its number? {early.capitalize()}" if early else ""
    said = f"{number(found.yes)} of {number(found.asked)} that finished moved their number"
    return f"{said}; {early}" if early else said


def _recognised(found: Turnaround | None, period: str) -> ShownTurnaround | None:
    if found is None:
        return None
    row = found.initiative
    url = with_period(reverse("initiative", args=[row.code]), period)
    return ShownTurnaround(row.title, url, str(row.owner or ""), found.evidence)
