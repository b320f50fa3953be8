"""What a person typed into the grid of targets: read, held against what was shown, and filled in by rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from core.numbers import NumberError, from_scaled, rounded
from core.typed import COMMA, POINT, Ambiguous, decimal_sign, plain, read_typed
from kpis.choices import Per, TargetState
from kpis.formulas.phasing import NoSeason, phased
from kpis.models import Kpi, Target
from kpis.reading.grid import Grid, GridCell
from kpis.services.targets import NewTarget
from kpis.wording import style_of

FIELDS = ("value", "low", "high", "plan_value")
Texts = dict[str, str]


@dataclass
class Submission:
    """What was typed, cell by cell: good drafts, drafts to throw away, and what is wrong with each bad cell.

    ``asked`` are the numbers that can be read two ways: the page asks which.
    """

    typed: dict[str, Texts] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, NewTarget] = field(default_factory=dict)
    cleared: dict[str, Target] = field(default_factory=dict)
    asked: list[Ambiguous] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not (self.drafts or self.cleared or self.problems)


def texts_of(target: Target | None) -> Texts:
    """A version's numbers as the grid's fields have them; empty where there is none."""
    return {name: plain(getattr(target, name, None)) for name in FIELDS}


def shown_json(grid: Grid) -> str:
    """What the grid shows, for a hidden field: a write over somebody else's is noticed by it."""
    shown = {name: list(texts_of(cell.standing).values()) for name, cell in grid.cells.items() if cell.standing}
    return json.dumps(shown, separators=(",", ":"))


def made_json(typed: Mapping[str, Texts]) -> str:
    """What the product filled in, for a hidden field: it is read as the product writes, whoever sends it."""
    return json.dumps({name: [texts[one] for one in FIELDS] for name, texts in typed.items()}, separators=(",", ":"))


def read_submission(post: Mapping[str, str], grid: Grid, currency: str = "") -> Submission:
    """Read the posted fields of a grid as one block; a cell as it was shown is left alone.

    ``currency`` is the company's, in which KPIs without their own are typed.
    """
    found, shown = Submission(), _shown(post.get("shown", ""))
    changed = _changed(found, post, grid, shown)
    block = _Block.of(post, {name: found.typed[name] for name in changed}, shown, currency)
    for name, before in changed.items():
        _take(found, grid.cells[name], before, block)
    return found


def _changed(found: Submission, post: Mapping[str, str], grid: Grid, shown: Mapping[str, Texts]) -> dict[str, Texts]:
    """The cells that are not as they were shown, with what was shown; what was typed goes to ``found``."""
    changed: dict[str, Texts] = {}
    for name, cell in grid.cells.items():
        fields = [one for one in _fields(cell) if f"{one}-{name}" in post]
        if not cell.editable or not fields:
            continue
        before = shown.get(name, dict.fromkeys(FIELDS, ""))
        typed = before | {one: post[f"{one}-{name}"].strip() for one in fields}
        if typed != before:
            found.typed[name], changed[name] = typed, before
    return changed


@dataclass(frozen=True)
class _Block:
    """How the numbers of one form are read: ``sign`` stands before decimals, where the block or the person tells.

    ``own`` are the texts that the product wrote into fields, by cell: they are no sign of how the person writes.
    """

    sign: str | None
    own: Mapping[str, tuple[Texts, ...]]
    currency: str

    @classmethod
    def of(
        cls, post: Mapping[str, str], typed: Mapping[str, Texts], shown: Mapping[str, Texts], currency: str
    ) -> _Block:
        """The block of a form: the person's answer goes before what the numbers tell."""
        made = _shown(post.get("made", ""))
        own = {name: tuple(texts[name] for texts in (shown, made) if name in texts) for name in typed}
        asked = post.get("decimal", "")
        told = decimal_sign(
            text for name, texts in typed.items() for one, text in texts.items() if _is_persons(one, text, own[name])
        )
        return cls(asked if asked in (POINT, COMMA) else told, own, currency)

    def number(self, cell: GridCell, field_name: str, text: str) -> Decimal | None:
        """What one field says; None where it is blank. Raises NumberError."""
        if not text:
            return None
        by_product = any(texts[field_name] == text for texts in self.own[cell.name])
        units = style_of(cell.kpi, self.currency).units
        return read_typed(text, POINT if by_product else self.sign, units)


def _is_persons(name: str, text: str, own: tuple[Texts, ...]) -> bool:
    """Whether a text shows how the person writes: not where the product wrote a point into the field before."""
    return not any(texts[name] == text or POINT in texts[name] for texts in own)


def _fields(cell: GridCell) -> tuple[str, ...]:
    return ("low", "high", "plan_value") if cell.ranged else ("value", "plan_value")


def _take(found: Submission, cell: GridCell, before: Texts, block: _Block) -> None:
    """Sort one changed cell: a draft, a draft that goes, or a problem."""
    typed = found.typed[cell.name]
    if texts_of(cell.standing) != before:
        found.problems[cell.name] = f"somebody wrote {_said(cell.standing)} here meanwhile"
    elif not any(typed[name] for name in ("value", "low", "high")):
        _take_blank(found, cell, typed)
    else:
        try:
            found.drafts[cell.name] = _draft(cell, typed, block)
        except NumberError as error:
            found.problems[cell.name] = str(error)
            found.asked += [error] if isinstance(error, Ambiguous) else []


def _draft(cell: GridCell, typed: Texts, block: _Block) -> NewTarget:
    """What the cell should be; a month row keeps its end. Raises NumberError."""
    value, low, high, plan = (block.number(cell, name, typed[name]) for name in FIELDS)
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
                filled[cell.name] = texts_of(cell.standing) | {"value": plain(from_scaled(part))}
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


def _rounded(value: Fraction, decimals: int) -> str:
    return plain(rounded(value, decimals))
