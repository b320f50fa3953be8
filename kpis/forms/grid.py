"""What a person typed into the grid of targets: read, held against what was shown, and filled in by rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from core.numbers import NumberError, from_scaled, parse_scaled, rounded
from kpis.choices import Per, TargetState
from kpis.formulas.phasing import NoSeason, phased
from kpis.models import Kpi, Target
from kpis.reading.grid import Grid, GridCell
from kpis.services.targets import NewTarget

FIELDS = ("value", "low", "high", "plan_value")
Texts = dict[str, str]

# As spreadsheets write numbers, here and there: 1,234.5 and 1 234.5, then 1.234,5 and 1 234,5 and 12,5. Where
# both may be meant, 1,234 has a thousand and 1.234 decimals; what begins with 0 is no thousand.
_POINT = re.compile(r"-?[1-9]\d{0,2}(?:([,\u0020\u00a0\u202f'’])\d{3})(?:\1\d{3})*(?:\.\d+)?")
_COMMA = re.compile(
    r"-?(?:\d+|[1-9]\d{0,2}(?:([.\u0020\u00a0\u202f'’])\d{3})(?:\1\d{3})*),\d+|-?[1-9]\d{0,2}(?:\.\d{3}){2,}"
)
_SEPARATORS = re.compile(r"[.,\s'’]")


@dataclass
class Submission:
    """What was typed, cell by cell: good drafts, drafts to throw away, and what is wrong with each bad cell."""

    typed: dict[str, Texts] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, NewTarget] = field(default_factory=dict)
    cleared: dict[str, Target] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not (self.drafts or self.cleared or self.problems)


def texts_of(target: Target | None) -> Texts:
    """A version's numbers as the grid's fields have them; empty where there is none."""
    return {name: _text(getattr(target, name, None)) for name in FIELDS}


def shown_json(grid: Grid) -> str:
    """What the grid shows, for a hidden field: a write over somebody else's is noticed by it."""
    shown = {name: list(texts_of(cell.standing).values()) for name, cell in grid.cells.items() if cell.standing}
    return json.dumps(shown, separators=(",", ":"))


def read_submission(post: Mapping[str, str], grid: Grid) -> Submission:
    """Read the posted fields of a grid; a cell as it was shown is left alone."""
    found, shown = Submission(), _shown(post.get("shown", ""))
    for name, cell in grid.cells.items():
        fields = [one for one in _fields(cell) if f"{one}-{name}" in post]
        if not cell.editable or not fields:
            continue
        before = shown.get(name, dict.fromkeys(FIELDS, ""))
        typed = before | {one: post[f"{one}-{name}"].strip() for one in fields}
        if typed != before:
            found.typed[name] = typed
            _take(found, cell, typed, before)
    return found


def _fields(cell: GridCell) -> tuple[str, ...]:
    return ("low", "high", "plan_value") if cell.ranged else ("value", "plan_value")


def _take(found: Submission, cell: GridCell, typed: Texts, before: Texts) -> None:
    """Sort one changed cell: a draft, a draft that goes, or a problem."""
    if texts_of(cell.standing) != before:
        found.problems[cell.name] = f"somebody wrote {_said(cell.standing)} here meanwhile"
    elif not any(typed[name] for name in ("value", "low", "high")):
        _take_blank(found, cell, typed)
    else:
        try:
            found.drafts[cell.name] = _draft(cell, typed)
        except NumberError:
            found.problems[cell.name] = "is no number with at most four decimals"


def _draft(cell: GridCell, typed: Texts) -> NewTarget:
    """What the cell should be; a month row keeps its end. Raises NumberError."""
    value, low, high, plan = (parse_number(typed[name]) if typed[name] else None for name in FIELDS)
    until = cell.standing.until_month if cell.standing else None
    per = Per(cell.period.kind.value)
    return NewTarget(cell.kpi, cell.tier, cell.period.first, per, value, low, high, until, plan)


def _take_blank(found: Submission, cell: GridCell, typed: Texts) -> None:
    pending = cell.pending
    if typed["plan_value"]:
        found.problems[cell.name] = "has a plan value and no target: give it one"
    elif pending is not None and pending.state == TargetState.DRAFT:
        found.cleared[cell.name] = pending
    elif cell.waits:
        found.problems[cell.name] = "waits for finance; withdraw the proposal before you change it"
    elif cell.approved is not None:
        found.problems[cell.name] = "is approved and stays until another value supersedes it"


def parse_number(text: str) -> Decimal:
    """A number as people and spreadsheets write it; a percent sign says nothing that the unit doesn't.

    Raises NumberError.
    """
    plain = text.strip().removesuffix("%").strip().replace("−", "-")
    for form, sign in ((_POINT, "."), (_COMMA, ",")):
        if form.fullmatch(plain):
            whole, _, decimals = plain.partition(sign)
            return from_scaled(parse_scaled(f"{_SEPARATORS.sub('', whole)}.{decimals or 0}"))
    return from_scaled(parse_scaled(plain))


def copied(grid: Grid, percent: Decimal) -> tuple[dict[str, Texts], int]:
    """Last year's actuals and so many percent, for each cell that can be written and has one.

    Answers beside it how many were left out: what adds up over a period and is of a part of it would make
    a target that is too small.
    """
    factor = 1 + Fraction(percent) / 100
    parts = {name for name, cell in grid.cells.items() if cell.part and _adds_up(cell.kpi)}

    def number(cell: GridCell) -> Fraction | None:
        return None if cell.last_year is None or cell.name in parts else cell.last_year * factor

    return _filled(grid, number), sum(_fillable(grid.cells[name]) for name in parts)


def _adds_up(kpi: Kpi) -> bool:
    """Whether a part of the period has a part of the value; of a calculated one nobody knows."""
    method = kpi.method
    return kpi.calculated or method.additive or method.counts_or_sums


def _fillable(cell: GridCell) -> bool:
    return cell.editable and not cell.ranged and not cell.waits


def _filled(grid: Grid, number: Callable[[GridCell], Fraction | None]) -> dict[str, Texts]:
    filled = {}
    for name, cell in grid.cells.items():
        value = number(cell) if _fillable(cell) else None
        if value is not None:
            filled[name] = texts_of(cell.standing) | {"value": _rounded(value, cell.kpi.decimals)}
    return filled


def by_season(grid: Grid, yearly: Mapping[tuple[int, int], Target], before: Grid) -> tuple[dict[str, Texts], list[str]]:
    """The year's number of each KPI and tier over its months, by the season of a year before; and why some have none.

    ``yearly`` holds the year's target row by KPI id and tier id, ``before`` is the grid beside whose cells that
    season stands: the same one where last year is over.
    """
    filled: dict[str, Texts] = {}
    why: list[str] = []
    seasons = {(block.kpi.pk, row.tier.pk): row.season for block in before.blocks for row in block.rows}
    for block in grid.blocks:
        for row in block.rows:
            total = yearly.get((block.kpi.pk, row.tier.pk))
            if total is None or total.value is None or not block.editable or not block.kpi.method.scales:
                continue
            try:
                parts = _in_steps(total.value, block.kpi, seasons[block.kpi.pk, row.tier.pk])
            except NoSeason as error:
                why.append(f"{block.kpi.name}, {row.tier.name}: {error}")
                continue
            for cell, part in zip(row.cells, parts, strict=True):
                filled[cell.name] = texts_of(cell.standing) | {"value": _text(from_scaled(part))}
    return filled, why


def _in_steps(total: Decimal, kpi: Kpi, season: Sequence[Fraction | None]) -> list[int]:
    """The months in ten-thousandths; with no more decimals than the KPI has, where the year has no more."""
    scaled, step = int(total.scaleb(4)), 10 ** (4 - kpi.decimals)
    step = 1 if scaled % step else step
    return [part * step for part in phased(scaled // step, season)]


def _shown(text: str) -> dict[str, Texts]:
    """What the page had shown; nothing where the field was tampered with."""
    try:
        return {name: dict(zip(FIELDS, map(str, texts), strict=True)) for name, texts in json.loads(text).items()}
    except (ValueError, AttributeError, TypeError):
        return {}


def _said(target: Target | None) -> str:
    texts = texts_of(target)
    return texts["value"] or (f"{texts['low']} to {texts['high']}" if texts["low"] else "nothing")


def _text(value: Decimal | None) -> str:
    """A number as a person would type it: ``1234.5``."""
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _rounded(value: Fraction, decimals: int) -> str:
    return _text(rounded(value, decimals))
