"""Customer growth as its page writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from accounts.models import Company, User
from core.editions import PARAMETER as EDITION
from core.editions import EditionLine, Served, across_periods, edition_line
from core.formatting import MINUS, NOTHING, counted, month_name, number, period_name, short_day
from core.periods import Kind, Month, Period, month_of
from core.sentences import Phrase, Sentence
from core.sheets import Value
from customers.choices import TierScope
from customers.models import Tier
from customers.reading.growth import FLOWS, SIGNS, Growth, GrowthRow, MonthFlows, read_growth
from customers.reading.growth_check import known_breaches
from customers.reading.signed_growth import differing_rows, signed_growth
from kpis.models import Kpi
from kpis.reading.lifecycle import NotYetKnown, Records
from scorecard.pages.growth_customers import ShownPassage, Writer, sum_of
from scorecard.reading.growth import BookPeriod, Passage, Passages, of_tier, read_book, read_passages, readable

TOP = 3
DAGGER = "†"
TABLE = "#growth-by-tier"  # where the numbers of the first sentence stand
COLUMNS = ("tier", "opening", *FLOWS, "closing", "net")
BARS = {Kind.MONTH: 13, Kind.QUARTER: 10, Kind.YEAR: 10}
_WORDS = {"moved_in": "moved in", "moved_out": "moved out"}
_NOUNS = {Kind.MONTH: "month", Kind.QUARTER: "quarter", Kind.YEAR: "year"}


@dataclass(frozen=True, slots=True)
class ShownFlow:
    """A number of the table with its sign, and what it counts; ``said`` stands for a dash."""

    label: str
    text: str
    is_zero: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A tier: opening, flows, closing, net; ``url`` to who they are, empty for who may not read any customer."""

    row: GrowthRow
    name: str
    url: str
    opening: str
    flows: tuple[ShownFlow, ...]
    closing: str
    net: str
    is_total: bool


@dataclass(frozen=True, slots=True)
class ShownWorth:
    """What those of a tier who came, and who went, are worth."""

    name: str
    came: str
    since: str
    went: str
    before: str
    is_total: bool


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A month or another period of all customers; ``remark`` says what is special."""

    name: str
    url: str
    joined: str
    returned: str
    left: str
    closing: str
    net: str
    remark: str


@dataclass(frozen=True, slots=True)
class ShownGrowth:
    """All that the page shows. ``worth`` is empty where no KPI says what a customer is worth; ``unknown`` says, a
    sentence each, which closings hold customers whose leaving is not known yet. ``others_differ``: the table is as
    signed, and what stands below it is of today and counts others.
    """

    growth: Growth
    line: EditionLine | None
    others_differ: bool
    headline: Sentence
    opens: str
    closes: str
    rows: tuple[ShownRow, ...]
    unknown: tuple[str, ...]
    breaches: tuple[str, ...]
    known_breaches: tuple[str, ...]
    moved: Sentence
    months: tuple[ShownLine, ...]
    book: tuple[ShownLine, ...]
    by: Kind
    others: tuple[tuple[str, str], ...]
    worth: tuple[ShownWorth, ...]
    kpi: Kpi | None
    money: str
    came: tuple[ShownPassage, ...]
    went: tuple[ShownPassage, ...]
    came_url: str
    went_url: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show but why."""
        return not self.rows


def served_growth(served: Served, today: date) -> tuple[Growth, int]:
    """The growth that answers for a period, and how many of its tiers are others by now (0: none, or it is live)."""
    live = read_growth(served.period, today)
    if served.document is None:
        return live, 0
    return signed_growth(served.document, live), differing_rows(served.document, live)


def show_growth(
    company: Company, served: Served, today: date, user: User, kpi: Kpi | None, by: Kind, params: QueryDict
) -> ShownGrowth:
    """The growth of a period, beside the book by ``by``, as this person may read it: as it was signed, or live.

    Who came and went, their worth and the book over time are always live, and left out of the sentence where the
    edition counts others. ``params`` are the page's own: what leads to growth keeps the edition that they ask for, of
    other periods the live values alone.
    """
    period, edition = served.period, params.get(EDITION, "")
    (growth, differs), passages = served_growth(served, today), read_passages(period, today, kpi)
    writer = PageWriter(growth, passages, company, user, kpi, params, same=not differs)
    records = Records(today)
    silent, writer.starts = records.not_yet_known(growth.closes), records.start_months
    book = read_book(periods_of_the_book(period, by, today), today, writer.starts)
    writer.silent = sum((one.at for one in silent), Counter())
    return ShownGrowth(
        growth=growth,
        line=edition_line(served, counted(differs, "tier") if differs else "", reverse("growth"), params),
        others_differ=bool(differs),
        headline=writer.headline(),
        opens=short_day(growth.opens),
        closes=short_day(growth.closes),
        rows=tuple(map(writer.row, growth.rows)),
        unknown=tuple(map(_not_yet_known, silent)),
        breaches=tuple(_breach(row, growth) for row in growth.breaches),
        known_breaches=tuple(known_breaches()),
        moved=writer.moved(),
        months=tuple(writer.months()),
        book=tuple(map(writer.of_book, reversed(book))),
        by=by,
        others=tuple((f"By {_NOUNS[kind]}", growth_address(period, kpi, kind, edition)) for kind in Kind if kind != by),
        worth=tuple(writer.worth()) if kpi else (),
        kpi=kpi,
        money=writer.style.label,
        came=writer.top(passages.came),
        went=writer.top(passages.went),
        came_url=writer.who("came") if passages.came else "",
        went_url=writer.who("went") if passages.went else "",
    )


def periods_of_the_book(period: Period, by: Kind, today: date) -> tuple[Period, ...]:
    """Those that end with this one, or with the next where that has begun, in order."""
    last = period.calendar.period(by, period.last)
    if last.next.first_day <= today:
        last = last.next
    found = [last]
    while len(found) < BARS[by]:
        found.append(found[-1].previous)
    return tuple(reversed(found))


class PageWriter(Writer):
    """Writes the numbers of one page in one scale of money."""

    def __init__(
        self,
        growth: Growth,
        passages: Passages,
        company: Company,
        user: User,
        kpi: Kpi | None,
        params: QueryDict,
        *,
        same: bool = True,
    ) -> None:
        values = [sum_of(passages.came), sum_of(passages.went)]
        super().__init__(company, growth.period, user, kpi, values, params.get(EDITION, ""))
        self.growth, self.passages, self.same = growth, passages, same
        self.across = across_periods(params).get(EDITION, "")
        self.silent: Counter[int | None] = Counter()
        self.starts: frozenset[Month] = frozenset()

    def headline(self) -> Sentence:
        """``Quarter 3, 2026: 18 customers came, 15 went, 3 more on the book. …``"""
        total, name = self.growth.total, period_name(self.growth.period)
        if total is None:
            return (Phrase(f"{name} has not begun."),)
        came = total.joined + total.returned
        if not (came or total.left):
            still = Phrase(f"nobody came or went, {counted(total.closing, 'customer')} on the book", "", TABLE)
            return (Phrase(f"{name}: "), still, *self._and_moves("; "), Phrase("."))
        words = f"{counted(came, 'customer')} came, {number(total.left)} went, {_more(total.net)}"
        css = "status-met" if total.net > 0 else "status-missed" if total.net < 0 else ""
        return (Phrase(f"{name}: "), Phrase(words, css, TABLE), Phrase(". "), *self._worth_and_moves())

    def _worth_and_moves(self) -> Sentence:
        if not (self.kpi and self.passages.went and self.same):
            return (*self._and_moves(""), Phrase(".")) if self.growth.moves else ()
        gave = self._money(sum_of(self.passages.went))
        words = f"Those who went had brought {gave} in their last twelve months"
        return (Phrase(words, "status-near", self.who("went")), *self._and_moves("; "), Phrase("."))

    def _and_moves(self, between: str) -> Sentence:
        return (Phrase(between), *self.moved()) if self.growth.moves else ()

    def moved(self) -> Sentence:
        """``70 moved from Bronze to Silver``; of several ways the one that most went; empty where nobody moved."""
        moves = self.growth.moves
        if not moves:
            return ()
        (before, after), most = next(iter(moves.items()))
        way, total = f"from {self._name(before)} to {self._name(after)}", sum(moves.values())
        words = (
            f"{number(total)} moved {way}"
            if len(moves) == 1
            else f"{number(total)} moved between tiers, {number(most)} {way}"
        )
        return (Phrase(words, "", self.who("moved")),)

    def row(self, row: GrowthRow) -> ShownRow:
        """One line of the table by tier."""
        is_total = row.tier.scope == TierScope.ALL
        flows = tuple(_flow(flow, getattr(row, flow), is_total) for flow in FLOWS)
        what = "came" if row.joined or row.returned else "went" if row.left else "moved"
        somebody = row.joined or row.returned or row.left or row.moved_in or row.moved_out
        url = self.who(what, "" if is_total else row.tier.code) if somebody else ""
        return ShownRow(
            row, self._name(row.tier), url, number(row.opening), flows, self._closing(row), signed(row.net), is_total
        )

    def _closing(self, row: GrowthRow) -> str:
        """With a dagger where some of these may have left, which nobody knows yet."""
        at = row.tier.pk if row.tier.scope == TierScope.TIER else None
        silent = self.silent.total() if row.tier.scope == TierScope.ALL else self.silent[at]
        return f"{number(row.closing)}{DAGGER if silent else ''}"

    def months(self) -> Iterable[ShownLine]:
        """The months of the period, where there are several."""
        calendar = self.growth.period.calendar
        if self.growth.period.kind is not Kind.MONTH:
            for one in self.growth.months:
                period = calendar.period(Kind.MONTH, one.month)
                to_date = "to date" if period.last_day > self.growth.closes else ""
                remark = "start of record" if one.month in self.starts else to_date
                yield _line(period, one, growth_address(period, self.kpi, edition=self.across), remark)

    def of_book(self, one: BookPeriod) -> ShownLine:
        """A period of the book over time."""
        remark = "start of record" if one.is_start else "to date" if one.to_date else ""
        return _line(one.period, one, growth_address(one.period, edition=self.across), remark)

    def worth(self) -> Iterable[ShownWorth]:
        """A line per tier, then all."""
        for row in self.growth.rows:
            came, went = (of_tier(row.tier, some) for some in (self.passages.came, self.passages.went))
            yield ShownWorth(
                self._name(row.tier),
                number(len(came)),
                self.style.bare(sum_of(came)),
                number(len(went)),
                self.style.bare(sum_of(went)),
                row.tier.scope == TierScope.ALL,
            )

    def top(self, passages: Sequence[Passage]) -> tuple[ShownPassage, ...]:
        """The most valuable of those that the person may read by name."""
        if not self.reads or not passages:
            return ()
        return self.passages_of(readable(passages, self.user)[:TOP])

    def _name(self, tier: Tier) -> str:
        return _name(tier, self.growth)

    def _money(self, value: Fraction) -> str:
        return self.style.apart(self.style.bare(value))


def export_rows(growth: Growth) -> Iterable[tuple[Value, ...]]:
    """A row per tier, in ``COLUMNS``."""
    for row in growth.rows:
        yield (row.tier.code, *(getattr(row, name) for name in COLUMNS[1:]))


def signed(count: int) -> str:
    """``+5``, ``−2``, ``0``."""
    return f"{MINUS if count < 0 else '+' if count else ''}{number(abs(count))}"


def _flow(flow: str, number: int, is_total: bool) -> ShownFlow:
    label = _WORDS.get(flow, flow)
    if is_total and flow in _WORDS:
        return ShownFlow(label, NOTHING, True, "no moves")
    return ShownFlow(label, signed(SIGNS[flow] * number), not number)


def _name(tier: Tier, growth: Growth) -> str:
    return tier.name if tier.stands_in(month_of(growth.closes)) else f"{tier.name} (retired)"


def _not_yet_known(one: NotYetKnown) -> str:
    """``Leavers not yet known: 21 of those on the book have …``"""
    who, window = counted(one.at.total(), "customer"), counted(one.window, "month")
    since = "has" if one.at.total() == 1 else "have"
    return (
        f"Leavers not yet known: {who} on the book {since} had nothing in {one.kpi.name} in {month_name(one.end)}, for "
        f"less than {window}; who has nothing for {window} has left."
    )


def _more(net: int) -> str:
    if not net:
        return "as many on the book as before"
    return f"{number(abs(net))} {'more' if net > 0 else 'fewer'} on the book"


def _breach(row: GrowthRow, growth: Growth) -> str:
    makes = row.opening + sum(SIGNS[flow] * getattr(row, flow) for flow in FLOWS)
    when = period_name(growth.period)
    return (
        f"{_name(row.tier, growth)}, {when}: opening and flows make {number(makes)},"
        f" and {number(row.closing)} are on the book."
    )


def _line(period: Period, one: BookPeriod | MonthFlows, url: str, remark: str) -> ShownLine:
    return ShownLine(
        name=period_name(period),
        url=url,
        joined=number(one.joined),
        returned=number(one.returned),
        left=number(one.left),
        closing=number(one.closing),
        net=signed(one.joined + one.returned - one.left),
        remark=remark,
    )


def growth_address(period: Period, kpi: Kpi | None = None, by: Kind | None = None, edition: str = "") -> str:
    """The page of growth of a period, by what else it is asked for."""
    asked = {
        "period": period.code,
        "by": by.value if by else "",
        "kpi": kpi.code if kpi else "",
        EDITION: edition,
    }
    return f"{reverse('growth')}?{urlencode({name: value for name, value in asked.items() if value})}"
