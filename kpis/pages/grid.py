"""The page of the grid: which year, length, department and page are chosen, and the grid of that choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlencode

from django.core.paginator import Page
from django.http import QueryDict

from accounts.company import today_of
from accounts.models import Company, Department, User
from core.formatting import Style
from core.lists import FilteredList
from core.periods import Month, Period
from core.typed import Ambiguous
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.filters import GridFilter
from kpis.forms.grid import (
    Texts,
    shown_json,
    texts_of,
)
from kpis.formulas.values import Goal
from kpis.models import Kpi, Target
from kpis.pages.typed_cells import doubts_of, takes, understood
from kpis.querysets import KpiQuerySet
from kpis.reading.actuals import year_before
from kpis.reading.comparisons import short_name
from kpis.reading.grid import Footer, Grid, GridBlock, GridCell, GridRow, read_grid
from kpis.reading.target_ends import TargetEnds
from kpis.reading.target_history import history_addresses
from kpis.rules.target import colleagues_of
from kpis.services.targets import (
    NewTarget,
)
from kpis.wording import style_of

ON_A_PAGE = 40


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a cell as the page writes it; ``hint`` is the target that holds there from another row,
    and of a cell that the person only reads whatever stands there: with its unit.
    """

    name: str
    word: str
    label: str
    text: str
    hint: str

    @property
    def prefix(self) -> str:
        """What stands before a field that is not simply the target."""
        return {"lowest": "from", "highest": "to", "plan": "plan"}.get(self.word, "")


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as the page writes it: its fields, what it says beside them, and what is wrong with it."""

    cell: GridCell
    fields: tuple[Field, ...]
    last_year: str
    plan: str
    understood: str
    doubts: str
    problem: str
    dirty: bool
    state: str
    history: str

    @property
    def css_class(self) -> str:
        """How the cell stands: bad, changed and unsaved, waiting for finance, or a draft."""
        if self.problem:
            return "bad"
        if self.dirty:
            return "dirty"
        return "waits" if self.cell.waits else "draft" if self.cell.pending else ""

    @property
    def beside(self) -> bool:
        """Whether anything stands below its fields."""
        return bool(self.last_year or self.plan or self.history or self.understood)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One tier of a KPI."""

    tier: Tier
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """One KPI: what its fields take, its rows, and for each period what its tiers add up to beside the plan."""

    block: GridBlock
    takes: str
    rows: tuple[ShownRow, ...]
    footers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """A KPI to go to: where its rows stand."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be saved: the field to go to, which cell it is, and why."""

    field: str
    where: str
    reason: str


@dataclass
class GridPage:
    """Everything the grid's page shows. ``typed`` and ``problems`` are of what was posted and not saved, ``read``
    what of it is good; ``asked`` are numbers that can be read two ways, ``made`` what the product filled in.
    ``only`` are the KPIs of a question about a few cells; None for a page.
    """

    company: Company
    user: User
    params: QueryDict
    typed: dict[str, Texts] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    read: dict[str, NewTarget] = field(default_factory=dict)
    asked: list[Ambiguous] = field(default_factory=list)
    made: str = ""
    only: frozenset[int] | None = None
    styles: dict[tuple[int, str, str], Style] = field(default_factory=dict, repr=False)

    @cached_property
    def today(self) -> date:
        """The company's day."""
        return today_of(self.company)

    @cached_property
    def choice(self) -> FilteredList[Kpi]:
        """The KPIs that the address asks for, in matrix order, and what else it asks."""
        rows = Kpi.objects.in_matrix_order().select_related("department", "owner")
        asked = GridFilter(self.params, rows)
        return FilteredList(self.params, asked.qs, asked, ON_A_PAGE)

    @cached_property
    def year(self) -> Period:
        """The fiscal year asked for; the running one where the address names none."""
        found: Period = self.choice.filter.fiscal_year
        return found

    @cached_property
    def per(self) -> Per:
        """The length of its periods: quarters unless the address says otherwise."""
        return Per(self.choice.cleaned.get("per") or Per.QUARTER)

    @property
    def with_plan(self) -> bool:
        """Whether plan values can be typed as well."""
        return bool(self.choice.cleaned.get("plan"))

    @cached_property
    def departments(self) -> list[Department]:
        """Those that have KPIs."""
        return list(Department.objects.filter(kpis__isnull=False).distinct())

    @property
    def department(self) -> str:
        """The code of the department asked for; empty for all."""
        found: Department | None = self.choice.cleaned.get("department")
        return found.code if found else ""

    @property
    def page(self) -> Page[Kpi]:
        """The KPIs of this page."""
        return self.choice.page

    @property
    def _kpis(self) -> KpiQuerySet:
        found: Any = self.choice.found
        return cast("KpiQuerySet", found)

    @property
    def jumps(self) -> list[Jump]:
        """Every KPI of the choice, on whichever page it is."""
        named = enumerate(self._kpis.values_list("pk", "name"))
        return [Jump(name, f"{self._page_of(place // ON_A_PAGE + 1)}#kpi-{pk}") for place, (pk, name) in named]

    def _page_of(self, number: int) -> str:
        return "" if number == self.page.number else self.address(page=number)

    @cached_property
    def grid(self) -> Grid:
        """The grid of these KPIs."""
        kpis = list(self.page.object_list if self.only is None else self._kpis.filter(pk__in=self.only))
        return read_grid(year=self.year, per=self.per, kpis=kpis, user=self.user, today=self.today)

    @property
    def shown(self) -> str:
        """What the grid shows, for the form's hidden field."""
        return shown_json(self.grid)

    @property
    def wrong(self) -> list[Wrong]:
        """What cannot be saved, in the order of the grid, each with the field to go to."""
        cells = ((name, self.grid.cells[name]) for name in self.grid.cells if name in self.problems)
        return [
            Wrong(f"{'low' if cell.ranged else 'value'}-{name}", _where(cell), self.problems[name])
            for name, cell in cells
        ]

    @property
    def editable(self) -> bool:
        """Whether the person can write any cell of it."""
        return any(block.editable for block in self.grid.blocks)

    @property
    def why_not(self) -> str:
        """Why the person can write nowhere here, where the reason is one; empty otherwise."""
        reasons = {block.why_not for block in self.grid.blocks}
        return reasons.pop() if len(reasons) == 1 else ""

    @property
    def before(self) -> str:
        """The code of the fiscal year before, whose actuals stand beside the cells."""
        return year_before(self.year).code

    @cached_property
    def drafts(self) -> list[Target]:
        """The drafts on this page that the person may propose."""
        return self._pending(TargetState.DRAFT)

    @property
    def ending(self) -> list[tuple[Target, Month]]:
        """Of the drafts those that won't count from a month on, as their KPI means something else then."""
        return TargetEnds().among(self.drafts)

    @cached_property
    def waiting(self) -> list[Target]:
        """The proposals on this page that the person may withdraw."""
        return self._pending(TargetState.PROPOSED)

    @property
    def colleagues(self) -> str:
        """Who else proposed what the person may withdraw; empty where all is theirs."""
        return colleagues_of(self.waiting, self.user)

    def _pending(self, state: TargetState) -> list[Target]:
        cells = (cell for cell in self.grid.cells.values() if cell.editable and cell.pending)
        return [cell.pending for cell in cells if cell.pending and cell.pending.state == state]

    def address(self, **changes: Any) -> str:
        """The query of another choice."""
        chosen = {"year": self.year.code, "per": self.per.value, "department": self.department}
        chosen |= {"plan": "1"} if self.with_plan else {}
        merged = {**chosen, **changes}
        return "?" + urlencode({key: value for key, value in merged.items() if value})

    @property
    def other_plan(self) -> str:
        """The query of this page with, or without, fields for plan values."""
        return self.address(plan="" if self.with_plan else "1")

    @property
    def earlier(self) -> str:
        """The query of the page of KPIs before; empty on the first."""
        return self.address(page=self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def later(self) -> str:
        """The query of the next page of KPIs; empty on the last."""
        return self.address(page=self.page.next_page_number()) if self.page.has_next() else ""

    @property
    def here(self) -> str:
        """The query of this page."""
        return self.address(page=self.page.number if self.page.number > 1 else "")

    @cached_property
    def blocks(self) -> tuple[ShownBlock, ...]:
        """The grid as the page writes it."""
        return tuple(self._block(block) for block in self.grid.blocks)

    def _block(self, block: GridBlock) -> ShownBlock:
        style = style_of(block.kpi, self.company.currency)
        rows = tuple(self._row(block, row) for row in block.rows)
        footers = tuple((short_name(footer.period), footer_words(footer, style)) for footer in block.footers)
        return ShownBlock(block, takes(block, style), rows, footers if any(words for _, words in footers) else ())

    def _row(self, block: GridBlock, row: GridRow) -> ShownRow:
        addresses = history_addresses(block.kpi, row.tier, self.per.value, [cell.period.first for cell in row.cells])
        return ShownRow(row.tier, tuple(self.show(cell, addresses[cell.period.first]) for cell in row.cells))

    @property
    def doubtful(self) -> int:
        """How many cells look mistyped."""
        return sum(bool(cell.doubts) for block in self.blocks for row in block.rows for cell in row.cells)

    def show(self, cell: GridCell, history: str) -> ShownCell:
        """A cell with what was typed into it, if anything was, in the unit that the KPI has in its first month."""
        standing, style = cell.standing, self._style(cell.kpi)
        written = self.read.get(cell.name) if cell.name in self.typed else standing
        plan = standing.plan_value if standing and not self.with_plan else None
        return ShownCell(
            cell,
            tuple(self._fields(cell, style)),
            last_year=style.full(cell.last_year) if cell.last_year is not None else "",
            plan=style.full_target(plan) if plan is not None else "",
            understood=understood(cell, written, style),
            doubts=doubts_of(cell, written, style),
            problem=self.problems.get(cell.name, ""),
            dirty=cell.name in self.typed,
            state=_state(cell),
            history=history if cell.latest else "",
        )

    def _style(self, kpi: Kpi) -> Style:
        key = kpi.pk, kpi.unit, kpi.currency
        if key not in self.styles:
            self.styles[key] = style_of(kpi, self.company.currency)
        return self.styles[key]

    def _fields(self, cell: GridCell, style: Style) -> Iterator[Field]:
        texts = self.typed.get(cell.name) or texts_of(cell.standing)
        said = (None if cell.standing else cell.holds) if cell.editable else cell.standing or cell.holds
        where = _where(cell)
        for name, word in (("low", "lowest"), ("high", "highest")) if cell.ranged else (("value", "target"),):
            yield Field(f"{name}-{cell.name}", word, f"{where}: {word}", texts[name], _hint(said, name, style))
        if self.with_plan:
            hint = "" if cell.editable else _hint(said, "plan_value", style)
            yield Field(f"plan_value-{cell.name}", "plan", f"{where}: plan", texts["plan_value"], hint)


def _where(cell: GridCell) -> str:
    return f"{cell.kpi.name}, {cell.tier.name}, {cell.period.code}"


def _hint(said: Target | Goal | None, name: str, style: Style) -> str:
    number = getattr(said, name, None)
    return "" if number is None else style.full_target(number)


def _state(cell: GridCell) -> str:
    """``draft``, ``waits``, ``approved``; of a cell with earlier versions alone what became of the latest."""
    if cell.waits:
        return "waits"
    version = cell.standing or cell.latest
    return str(version.get_state_display()).lower() if version else ""


def footer_words(footer: Footer, style: Style) -> str:
    """``98.2 of plan 100``; what the tiers add up to where there is no plan; empty where a tier has no number."""
    if footer.total is None:
        return ""
    total = style.full_target(footer.total)
    return total if footer.plan is None else f"{total} of plan {style.full_target(footer.plan)}"
