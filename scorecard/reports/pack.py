"""The board pack as one plain value: what every writer writes, and nothing that a writer has to look up.

``composing.compose_pack`` makes it of an edition's frozen document or, of an open period, of the same live readings;
then ``edition`` is None and every page says 'open'. Values are exact fractions in the KPI's unit (percent values times
100), None where there is none; beside them stands how they are written, so that PDF, workbook and slides agree to the
digit. Names of customers are those that the person who asked may read.

What is of the edition: matrix, growth, initiatives, coverage, benefits, what was waived, the summary. What is of today
(``made_on``), and says so: charts and splits (left out where their cell differs from the edition by now), definitions,
targets to come, questions and actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from core.formatting import Style
from core.periods import Month, Period
from core.sentences import Sentence
from customers.choices import TierScope
from initiatives.choices import ScheduleStatus, Stage
from kpis.choices import Signal, Status

TARGET_COLUMNS = (*("kpi", "tier", "from_month", "per", "until_month", "value", "low", "high", "state", "plan_value"),)
DIGITS = 12  # of the digest, as they are printed


@dataclass(frozen=True, slots=True)
class Column:
    """A tier, 'untiered' or 'all', with its cells by verdict; ``index`` is its composite, None without one."""

    code: str
    name: str
    scope: TierScope
    met: int
    near: int
    missed: int
    index: Fraction | None

    @property
    def judged(self) -> int:
        """Cells with a verdict."""
        return self.met + self.near + self.missed


@dataclass(frozen=True, slots=True)
class PackCell:
    """A KPI in a tier. ``shown`` and ``aim`` are the numbers as the matrix writes them, without the unit, which the row
    names; ``words`` says all of it, with units: ``missed: 20.3 %, at most 14 %``. ``months`` are those with data and
    those expected.
    """

    tier: str
    status: Status
    pace: Status | None
    actual: Fraction | None
    target: Fraction | None
    low: Fraction | None
    high: Fraction | None
    previous: Fraction | None
    shown: str
    aim: str
    change: str
    words: str
    signal: Signal | None
    is_gap: bool
    months: tuple[int, int]
    provisional: bool


@dataclass(frozen=True, slots=True)
class PackRow:
    """A KPI of the matrix, leading ones first. ``unit`` is the code, ``label`` what the row's head says (``%``,
    ``M€``); ``style`` writes its values in that scale, ``note`` says which of its months are missing.
    """

    kpi: str
    name: str
    indicator: str
    unit: str
    label: str
    direction: str
    style: Style
    cells: tuple[PackCell, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A month of a chart; ``low`` and ``high`` are its target's bounds (one of them None: no such bound)."""

    month: Month
    value: Fraction
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """The last months of a column, within the natural limits since the last step (``since``; None: not drawn)."""

    points: tuple[TrendPoint, ...]
    since: Month | None
    centre: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    words: str
    decimals: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A group of customers and what it gives of a change, as it is written: ``stayed in Gold``, ``+5.9 points``."""

    name: str
    effect: str
    customers: str


@dataclass(frozen=True, slots=True)
class Told:
    """A cell that really changed, or goes on missing. ``rank``: how many bands it lies from its target, the worse the
    more; ``why`` is the rule that found it, ``serving`` what ran for it at the period's end.

    ``trend`` is None and ``parts`` are empty where they are not of the same value any more, or cannot be; then
    ``unsaid`` says why. ``narrative`` is the owner's word, empty for none.
    """

    kpi: str
    name: str
    column: Column
    cell: PackCell
    rank: Fraction
    full: str
    target: str
    moved: str
    why: str
    serving: str
    is_served: bool
    trend: Trend | None
    split: str
    parts: tuple[Part, ...]
    unsaid: str
    narrative: str

    @property
    def title(self) -> str:
        """``Days sales outstanding, Platinum``."""
        return f"{self.name}, {self.column.name}"

    @property
    def served(self) -> str:
        """``On it at the period's end: 2 run, 1 late.``; empty where nothing is said of it."""
        return f"On it at the period's end: {self.serving[0].lower()}{self.serving[1:]}." if self.serving else ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of what is to come or asked: ``what``, why or how in ``detail``, who, and until when."""

    what: str
    detail: str = ""
    who: str = ""
    due: date | None = None
    days: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the board is asked, and what comes. ``more`` counts by list what there was no room for."""

    decisions: tuple[Item, ...]
    due: tuple[Item, ...]
    targets: tuple[Item, ...]
    asks: tuple[Item, ...]
    actions: tuple[Item, ...]
    waiting: str


@dataclass(frozen=True, slots=True)
class Undertaking:
    """An initiative as of the period's end; ``status`` is None of what does not run."""

    code: str
    title: str
    level: str
    department: str
    customer: str
    owner: str
    stage: Stage
    status: ScheduleStatus | None
    reasons: str
    progress: int | None
    due: date | None
    slip: int
    redated: int
    cost: Fraction | None
    money: str


@dataclass(frozen=True, slots=True)
class LevelCount:
    """A level or a department: how what runs stands, and what began and ended in the period."""

    code: str
    name: str
    running: int
    on_schedule: int
    at_risk: int
    late: int
    not_reported: int
    started: int
    finished_on_time: int
    finished_late: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class GrowthLine:
    """A tier's customers: opening + in − out = closing, and its revenue, where a steward named one."""

    code: str
    name: str
    opening: int
    joined: int
    returned: int
    moved_in: int
    left: int
    moved_out: int
    closing: int
    net: int
    revenue: Fraction | None
    value: str
    share: str


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """A department or a theme of one: its share of all pain beside its share of what runs and of its budget."""

    department: str
    theme: str
    pain: Fraction | None
    running: Fraction | None
    budget: Fraction | None
    serving: str
    revenue: str
    is_orphaned: bool
    unanswered: Fraction


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """An approved benefit: planned by the period's end beside realised, in words."""

    initiative: str
    name: str
    planned: str
    to_date: str
    realised: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What a KPI means and how it is computed, as of today."""

    name: str
    unit: str
    meaning: str
    computed: str
    owner: str


@dataclass(frozen=True, slots=True)
class Pack:
    """All of it. ``digest`` is the edition's, of an open period that of the values that the pack is made of.

    ``targets`` are the approved ones of its fiscal year and later, in the columns of the file ``targets``
    (``TARGET_COLUMNS``), as of today. ``missing`` are what was missing when it was closed, and the reasons for which
    that was let go.
    """

    company: str
    currency: str
    logo: bytes
    period: Period
    title: str
    months: str
    edition: int | None
    editions: int
    digest: str
    at: datetime
    signed: str
    as_of: date
    made_on: date
    to_date: bool
    headline: Sentence
    summary: str
    reason: str
    missing: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[PackRow, ...]
    told: tuple[Told, ...]
    outlook: Outlook
    running: LevelCount
    levels: tuple[LevelCount, ...]
    departments: tuple[LevelCount, ...]
    undertakings: tuple[Undertaking, ...]
    growth: tuple[GrowthLine, ...]
    value_name: str
    benefits: tuple[BenefitLine, ...]
    pain: int
    unanswered: Fraction | None
    coverage: tuple[CoverageLine, ...]
    orphans: tuple[CoverageLine, ...]
    definitions: tuple[Definition, ...]
    targets: tuple[tuple[str, ...], ...]

    @property
    def state(self) -> str:
        """``edition 1, signed 29 October 2026``; ``open``; ``open, to date``."""
        if self.edition is not None:
            return f"edition {self.edition}, {self.signed}"
        return "open, to date" if self.to_date else "open"

    @property
    def mark(self) -> str:
        """The characters of the digest that every page carries."""
        return self.digest[:DIGITS]

    @property
    def tiers(self) -> tuple[Column, ...]:
        """The columns that sentences count: the tiers, for 'all' holds the same facts again."""
        return tuple(one for one in self.columns if one.scope == TierScope.TIER)

    @property
    def changes(self) -> tuple[Told, ...]:
        """What really changed in the tiers and in all, the furthest from its target first."""
        return tuple(one for one in self.told if one.cell.signal)

    @property
    def gaps(self) -> tuple[Told, ...]:
        """What goes on missing as it runs."""
        return tuple(one for one in self.told if one.cell.is_gap)
