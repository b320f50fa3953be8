"""What is new since a person last looked, as one line on the home page and as a page that lists all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from core.formatting import counted, month_name
from core.links import with_period
from core.periods import Month, Period
from initiatives.models import Initiative
from kpis.choices import Assurance, Signal, Status
from kpis.models import Restatement
from scorecard.choices import Aspect, Cause
from scorecard.models import Edition
from scorecard.reading.news import News, missed
from scorecard.reading.transitions import Changed

MOST = 4  # links of the line; the rest stands on the page
LONGEST = 200  # rows of a list


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is new: ``why`` says what is known of it."""

    title: str
    url: str
    said: str
    why: str = ""
    css_class: str = ""
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Things of a sort: ``words`` counts them, ``left`` how many are not listed."""

    code: str
    words: str
    lines: tuple[Line, ...]
    left: int = 0


@dataclass(frozen=True, slots=True)
class ShownNews:
    """All that is new; ``sections`` are empty where nothing is."""

    since: datetime
    sections: tuple[Section, ...]

    @property
    def first(self) -> tuple[Section, ...]:
        """Those of the line on the home page."""
        return self.sections[:MOST]

    @property
    def more(self) -> int:
        """How many sorts the line leaves out."""
        return len(self.sections[MOST:])


def show_news(news: News, period: Period) -> ShownNews:
    """What is new, what matters most first."""
    return ShownNews(news.since, tuple(_sections(news, period)))


def _sections(news: News, period: Period) -> Iterator[Section]:
    cells = [
        ("worse", news.worse, f"{counted(len(news.worse), 'number')} really got worse"),
        ("gaps", news.gaps, f"{counted(len(news.gaps), 'new capability gap')}"),
        ("better", news.better, f"{counted(len(news.better), 'number')} really got better"),
        ("verdicts", news.turned, _turned(news)),
    ]
    carried = period.code
    yield from (_section(code, words, [_cell(one, period) for one in found]) for code, found, words in cells if found)
    started, finished = ([_initiative(row, carried) for row in rows] for rows in (news.started, news.finished))
    late = [_initiative(one.initiative, carried, "late") for one in news.late]
    if late:
        yield _section("late", f"{counted(len(late), 'initiative')} became late", late)
    if finished:
        yield _section("finished", f"{counted(len(finished), 'initiative')} finished", finished)
    if started:
        yield _section("started", f"{counted(len(started), 'initiative')} started", started)
    if news.answers:
        lines = [Line(one.subject.title, one.url, one.words[-1].text) for one in news.answers]
        yield _section("answers", f"{counted(len(lines), 'answer')} to you", lines)
    if news.corrections:
        lines = [_correction(row, carried) for row in news.corrections]
        yield _section("corrections", f"{counted(len(lines), 'actual')} corrected", lines)
    if news.editions:
        yield _section("editions", f"{counted(len(news.editions), 'edition')} signed", [*map(_edition, news.editions)])


def _section(code: str, words: str, lines: list[Line]) -> Section:
    return Section(code, words, tuple(lines[:LONGEST]), max(0, len(lines) - LONGEST))


def _turned(news: News) -> str:
    words, to_missed = f"{counted(len(news.turned), 'verdict')} turned", missed(news.turned)
    return f"{words}, {to_missed} to missed" if to_missed else words


def _cell(one: Changed, period: Period) -> Line:
    """A cell of the period that is shown."""
    last = one.last
    url = reverse("cell", args=[period.code, last.kpi.code, last.tier.code])
    css_class, shape = _look(last.aspect, last.after)
    said = f"{_word(last.aspect, last.after)}, was {_word(last.aspect, one.before)}"
    return Line(f"{last.kpi.name}, {last.tier.name}", url, said, f"by {Cause(last.cause).label}", css_class, shape)


def _word(aspect: str, value: str) -> str:
    if aspect == Aspect.VERDICT:
        return Status(value).label
    if aspect == Aspect.SIGNAL:
        return Signal(value).label if value else "within the noise"
    return "capability gap" if value == Assurance.WILL_MISS else "no capability gap"


def _look(aspect: str, value: str) -> tuple[str, str]:
    if aspect == Aspect.VERDICT:
        return Status(value).css_class, Status(value).shape
    if aspect == Aspect.SIGNAL:
        return Signal(value).css_class, Signal(value).shape
    return "signal-gap", "■"


def _initiative(row: Initiative, period: str, said: str = "") -> Line:
    words = said or row.get_stage_display().lower()
    return Line(row.title, with_period(reverse("initiative", args=[row.code]), period), words)


def _correction(row: Restatement, period: str) -> Line:
    when = month_name(Month(row.month))
    url = with_period(reverse("kpi", args=[row.kpi.code]), period)
    return Line(f"{row.kpi.name}, {row.tier.name}, {when}", url, row.reason)


def _edition(row: Edition) -> Line:
    return Line(row.period, reverse("scorecard", args=[row.period]), f"edition {row.number}")
