"""The pack as a workbook: real numbers in the formats of their units, tables, verdicts as words with their colours.

Its sheet *Targets* has the columns of the file ``targets``, and the workbook carries the pack's mark: brought back at
``/imports/`` it is read from that sheet alone.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from core.figures import PALETTE
from core.formatting import currency_sign
from core.loading.workbook import PACK_MARK, PACK_SHEET
from core.scales import WHOLE
from core.sentences import plain
from core.sheets import workbook, write_cell
from kpis.choices import Signal, Status
from scorecard.reports.pack import TARGET_COLUMNS, Pack, PackCell, PackRow

_WIDEST = 46
_NUMBER = 9  # characters that a number takes
_ACROSS = 16  # columns that can be read on one page
_LOOKS = {
    **{status.label: (status.value, f"{status.value}-fill") for status in (Status.NEAR, Status.MISSED)},
    Status.MET.label: ("met", "met-fill"),
    Status.PARTIAL.label: ("partial", "partial-fill"),
    Signal.WORSE.label: ("missed", ""),
    Signal.BETTER.label: ("met", ""),
    "late": ("missed", "missed-fill"),
    "at risk": ("near", "near-fill"),
    "on schedule": ("met", ""),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet with one table. ``words`` are the columns, by place, whose words are coloured; ``held`` how many
    columns stand still beside the rest.
    """

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    words: Sequence[int] = ()
    held: int = 1
    formats: Sequence[Sequence[str]] = field(default=())


def write_xlsx(pack: Pack, paper: str = "a4") -> bytes:
    """The bytes of the workbook; the same from the same values."""
    file = io.BytesIO()
    with workbook(file) as book:
        _Writer(book, pack, paper).write()
    return file.getvalue()


class _Writer:
    """Writes the sheets one after another."""

    def __init__(self, book: Any, pack: Pack, paper: str) -> None:
        self.book, self.pack, self.paper = book, pack, paper
        self._formats: dict[str, Any] = {}

    def write(self) -> None:
        """All of them, the summary first."""
        pack = self.pack
        made = pack.at.replace(tzinfo=None)
        about = {"title": f"Board pack, {pack.title}", "company": pack.company, "comments": pack.state, "created": made}
        self.book.set_properties(about)
        self.book.set_custom_property(PACK_MARK, pack.digest)
        self._summary()
        for place, sheet in enumerate(_sheets(pack), 1):
            self._table(sheet, place)

    def _summary(self) -> None:
        sheet, pack = self.book.add_worksheet("Summary"), self.pack
        wrap = self.book.add_format({"text_wrap": True, "valign": "top", "bold": True, "font_size": 14})
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 6, 14)
        sheet.merge_range(0, 0, 0, 6, plain(pack.headline), wrap)
        sheet.set_row(0, 78)
        lines = [
            ("Company", pack.company),
            ("Period", f"{pack.title} ({pack.months})" if pack.months else pack.title),
            ("State", pack.state if pack.edition else f"{pack.state}: nobody has signed these values"),
            ("Digest", pack.digest),
            ("Initiatives as of", pack.as_of),
        ]
        for row, (name, value) in enumerate(lines, 2):
            sheet.write_string(row, 0, name, self._format(bold=True))
            write_cell(sheet, row, 1, value)
        self._print(sheet)

    def _table(self, one: Sheet, number: int) -> None:
        sheet = self.book.add_worksheet(one.name)
        last = max(len(one.rows), 1)
        columns = [{"header": title} for title in _different(one.header)]
        look = {"columns": columns, "name": f"Table{number}", "style": "Table Style Light 1"}
        sheet.add_table(0, 0, last, len(one.header) - 1, look)
        widths = [len(title) for title in one.header]
        for row, values in enumerate(one.rows, 1):
            for column, value in enumerate(values):
                format = one.formats[row - 1][column] if one.formats else ""
                write_cell(sheet, row, column, value, self._format(num_format=format) if format else None)
                widths[column] = max(widths[column], min(_length(value), _WIDEST))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width, _WIDEST) + 3)
        for column in one.words:
            self._colour(sheet, 1, last, column)
        sheet.freeze_panes(1, one.held)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0, one.held - 1)
        self._print(sheet, 1 + len(one.header) // _ACROSS)

    def _colour(self, sheet: Any, first: int, last: int, column: int) -> None:
        """Words have the colours that they have on the pages; the word says it without them."""
        for word, (ink, fill) in _LOOKS.items():
            look = {"font_color": PALETTE[f"--{ink}"], **({"bg_color": PALETTE[f"--{fill}"]} if fill else {})}
            rule = {"type": "text", "criteria": "begins with", "value": word, "format": self._format(**look)}
            sheet.conditional_format(first, column, last, column, rule)

    def _print(self, sheet: Any, across: int = 1) -> None:
        sheet.set_landscape()
        sheet.set_paper(1 if self.paper == "letter" else 9)
        sheet.fit_to_pages(across, 0)
        shown = f"{self.pack.company} · {self.pack.title} · {self.pack.state}".replace("&", "&&")[:180]
        sheet.set_footer(f"&L{shown}&C{self.pack.mark}&R&P of &N")

    def _format(self, **look: Any) -> Any:
        key = repr(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]


def _length(value: Any) -> int:
    return _NUMBER if isinstance(value, Fraction | float) else len(str(value or ""))


def _different(titles: Sequence[str]) -> list[str]:
    """The titles of a table, which have to differ whatever case they are in."""
    found: list[str] = []
    for title in titles:
        name, number = title, 2
        while name.casefold() in {one.casefold() for one in found}:
            name, number = f"{title} ({number})", number + 1
        found.append(name)
    return found


def _sheets(pack: Pack) -> list[Sheet]:
    return [
        _matrix(pack),
        _changes(pack),
        _initiatives(pack),
        _growth(pack),
        _coverage(pack),
        _definitions(pack),
        _targets(pack),
    ]


def _matrix(pack: Pack) -> Sheet:
    """A line a KPI; of each column the actual, the target, the verdict, and whether it really changed."""
    header = ["KPI", "Code", "Indicator", "Unit"]
    for column in pack.columns:
        header += [f"{column.name} {what}" for what in ("actual", "target", "verdict", "signal")]
    rows, formats = [], []
    for row in pack.rows:
        line: list[Any] = [row.name, row.kpi, row.indicator, row.unit]
        for cell in row.cells:
            line += [cell.actual, _aim(cell), cell.status.label, _signal(cell)]
        rows.append(line)
        formats.append([*[""] * 4, *(one for cell in row.cells for one in _number_formats(row, cell, pack.currency))])
    verdicts = [4 + 4 * place + part for place in range(len(pack.columns)) for part in (2, 3)]
    return Sheet("Matrix", header, rows, verdicts, 1, formats)


def _aim(cell: PackCell) -> Fraction | str | None:
    """The target as a number; of a range both bounds, as they are written."""
    return cell.aim if cell.low is not None else cell.target


def _signal(cell: PackCell) -> str:
    told = [Signal(cell.signal).label] if cell.signal else []
    return ", ".join([*told, *(["will go on missing"] if cell.is_gap else [])])


def _number_formats(row: PackRow, cell: PackCell, currency: str) -> tuple[str, str, str, str]:
    """Those of a cell's four columns: the actual with as many decimals as tell it from its target, the target with
    those that were agreed.
    """
    style = replace(row.style, scale=WHOLE).told_apart(cell.actual, (cell.target, cell.low, cell.high))
    agreed = next((n for n in range(4) if cell.target is not None and (cell.target * 10**n).denominator == 1), 4)
    return _number_format(row, style.decimals, currency), _number_format(row, agreed, currency), "", ""


def _number_format(row: PackRow, decimals: int, currency: str) -> str:
    """The format of a KPI's numbers, unscaled, with its unit."""
    digits = "#,##0" + (f".{'0' * decimals}" if decimals else "")
    money = f' "{currency_sign(row.style.currency or currency)}"'
    return digits + {"percent": ' "%"', "currency": money, "days": ' "days"'}.get(row.unit, "")


def _changes(pack: Pack) -> Sheet:
    header = ["KPI", "Tier", "Signal", "Goes on missing", "Value", "Target", "Verdict", "Change", "Why", "Split", "Who"]
    rows = [
        [
            *(one.name, one.column.name, Signal(one.cell.signal).label if one.cell.signal else ""),
            *("yes" if one.cell.is_gap else "", one.full, one.target, one.cell.status.label, one.moved, one.why),
            " ".join([one.split, *(f"{part.name}: {part.effect};" for part in one.parts), one.unsaid]).strip(),
            one.serving,
        ]
        for one in pack.told
    ]
    return Sheet("What really changed", header, rows, (2, 6), 2)


def _initiatives(pack: Pack) -> Sheet:
    header = ["Initiative", "Code", "Level", "Department", "Customer", "Owner", "Stage", "Status", "Reasons"]
    header += ["Progress, %", "Due", "Slip, days", f"Cost, {pack.currency}"]
    rows = [
        [
            *(one.title, one.code, one.level.replace("_", " "), one.department, one.customer, one.owner),
            *(one.stage.label, one.status.label if one.status else "", one.reasons, one.progress, one.due, one.slip),
            one.cost,
        ]
        for one in pack.undertakings
    ]
    formats = [[*[""] * 12, "#,##0.00"] for _ in rows]
    return Sheet("Initiatives", header, rows, (7,), 1, formats)


def _growth(pack: Pack) -> Sheet:
    header = ["Tier", "Opening", "Joined", "Returned", "Moved in", "Left", "Moved out", "Closing", "Net"]
    rows = [
        [
            *(one.name, one.opening, one.joined, one.returned, one.moved_in, one.left, one.moved_out, one.closing),
            *(one.net, one.revenue),
        ]
        for one in pack.growth
    ]
    return Sheet("Growth", [*header, pack.value_name or "Value"], rows, formats=[[*[""] * 9, "#,##0.00"] for _ in rows])


def _coverage(pack: Pack) -> Sheet:
    header = ["Department", "Theme", "Share of pain", "Share of running", "Share of budget", "Unanswered", "Serve it"]
    lines = [*pack.coverage, *pack.orphans]
    rows = [[o.department, o.theme, o.pain, o.running, o.budget, o.unanswered, o.serving] for o in lines]
    return Sheet("Coverage", header, rows, formats=[["", "", *["0.0%"] * 4, ""] for _ in rows])


def _definitions(pack: Pack) -> Sheet:
    rows = [[one.name, one.unit, one.meaning, one.computed, one.owner] for one in pack.definitions]
    return Sheet("Definitions", ["KPI", "Unit", "What it tells", "How it is computed", "Owner"], rows)


def _targets(pack: Pack) -> Sheet:
    """As the file ``targets``: numbers plain, so that they are read as they stand."""
    numbers = {TARGET_COLUMNS.index(name) for name in ("value", "low", "high", "plan_value")}
    rows = [
        [Fraction(value) if place in numbers and value else value for place, value in enumerate(row)]
        for row in pack.targets
    ]
    return Sheet(PACK_SHEET, TARGET_COLUMNS, rows, held=2)
