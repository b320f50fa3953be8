"""Calculated KPIs: a formula over other KPIs' values of the same tier and period. Pure, no Django, no clock.

A formula has names of KPIs, numbers, ``+ - * /`` and parentheses; nothing else is understood. It is
read by simpleeval with just those nodes and operators, and computed in exact fractions.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

from simpleeval import SimpleEval

from kpis.choices import Unit

LONGEST = 500
DEEPEST = 100
MOST_STEPS = 20  # formulas over formulas: nobody can explain more of them to a board
_SEARCHED = 200  # KPIs that a search for a path back looks at
# No company measures more, and nothing beyond it can be drawn; formulas over formulas could grow without end.
LARGEST = 10**18
EXACTEST = 4096  # bits of a numerator or denominator

_NUMBER = re.compile(r"\d{1,12}(\.\d{1,4})?\Z|\.\d{1,4}\Z", re.ASCII)


def _held(work: Callable[..., Fraction]) -> Callable[..., Fraction]:
    """The same operator; OverflowError where its exact result would take more than a number needs."""

    def done(*numbers: Fraction) -> Fraction:
        found = work(*numbers)
        if max(found.numerator.bit_length(), found.denominator.bit_length()) > EXACTEST:
            raise OverflowError
        return found

    return done


_OPERATORS: dict[type[ast.AST], Callable[..., Fraction]] = {
    ast.Add: _held(operator.add),
    ast.Sub: _held(operator.sub),
    ast.Mult: _held(operator.mul),
    ast.Div: _held(operator.truediv),
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


class FormulaError(ValueError):
    """A formula that cannot be taken; the message is a sentence on what is wrong."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read: its text, and the codes of the KPIs that it takes, in order of appearance."""

    text: str
    tree: ast.expr
    inputs: tuple[str, ...]

    def value(self, values: Mapping[str, Fraction | None]) -> Fraction | None:
        """The value from those of its inputs; None where one is blank or something is divided by zero.

        None as well where it is larger than ``LARGEST``, or would take longer and longer to work out.
        """
        taken = {code: values.get(code) for code in self.inputs}
        if any(value is None for value in taken.values()):
            return None
        try:
            found = Fraction(_Evaluator(self.text, taken).of(self.tree))
        except (ZeroDivisionError, OverflowError):
            return None
        return found if abs(found) <= LARGEST else None


class _Evaluator(SimpleEval):  # type: ignore[misc]
    """simpleeval with numbers, names and four operators alone; numbers are exact."""

    def __init__(self, text: str, names: Mapping[str, Fraction | None]) -> None:
        super().__init__(operators=dict(_OPERATORS), functions={}, names=dict(names))
        self.text = text
        self.nodes = {
            ast.Constant: self._exact,
            ast.Name: self._eval_name,
            ast.BinOp: self._eval_binop,
            ast.UnaryOp: self._eval_unaryop,
        }

    def _exact(self, node: ast.Constant) -> Fraction:
        return Fraction(_digits(self.text, node))

    def of(self, tree: ast.expr) -> Any:
        """The value of a tree that was checked before."""
        return self.eval(self.text, previously_parsed=tree)


def read_formula(text: str) -> Formula:
    """Read a formula. Raises FormulaError with a sentence for anything but names, numbers, + - * / and ( )."""
    text = " ".join(text.split())
    if not text:
        raise FormulaError("The formula is empty.")
    if len(text) > LONGEST:
        raise FormulaError(f"The formula has {len(text):,} characters; {LONGEST} are allowed.")
    return _read(text)


@lru_cache(maxsize=1_000)
def _read(text: str) -> Formula:
    """The same of a text that is not too long: pages read the same formulas for each of many months."""
    if "#" in text:
        raise FormulaError("“#” is not allowed: a formula has no comments.")
    tree = _parsed(text)
    _check(text, tree, depth=0)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    inputs = tuple(dict.fromkeys(node.id for node in names))
    if not inputs:
        raise FormulaError("The formula takes no KPI: name at least one by its code.")
    return Formula(text, tree, inputs)


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(
            "The formula cannot be read: it may hold codes of KPIs, numbers, + - * / and parentheses."
        ) from error


def _check(text: str, node: ast.expr, depth: int) -> None:
    """Refuse whatever is neither a name, a number nor one of the four operators."""
    if depth > DEEPEST:
        raise FormulaError(f"The formula is nested more than {DEEPEST} deep.")
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        _check(text, node.left, depth + 1)
        _check(text, node.right, depth + 1)
    elif isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        _check(text, node.operand, depth + 1)
    elif isinstance(node, ast.Constant):
        _digits(text, node)
    elif not isinstance(node, ast.Name):
        part = ast.get_source_segment(text, node) or ""
        raise FormulaError(f"“{part[:60]}” is not allowed: a formula holds codes of KPIs, numbers, + - * / and ( ).")


def _digits(text: str, node: ast.Constant) -> str:
    """A number as it stands in the formula: read as a decimal, never as a float."""
    digits = ast.get_source_segment(text, node) or ""
    if not _NUMBER.match(digits):
        raise FormulaError(f"“{digits[:60]}” is no number with at most 12 digits and 4 decimals.")
    return digits


_Node = TypeVar("_Node", bound=Hashable)


def inputs_first(formulas: Mapping[_Node, Iterable[_Node]]) -> Iterator[_Node]:
    """Those with a formula and what they take, each once and after its inputs.

    What leads back to itself, and what takes such a one, is left out.
    """
    sorter = TopologicalSorter(formulas)
    with suppress(CycleError):  # what no cycle blocks can be sorted all the same
        sorter.prepare()
    while ready := sorter.get_ready():
        yield from ready
        sorter.done(*ready)


def longest_chains(formulas: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """How many formulas the longest way through each KPI passes, from what is measured to what nobody takes.

    ``formulas`` holds the inputs of each calculated KPI by its code. Of a KPI in no formula 0; left out are
    those whose inputs lead back to themselves.
    """
    below: dict[str, int] = {}
    above: dict[str, int] = {}
    for code in inputs_first(formulas):
        below[code] = 1 + max((below[one] for one in formulas[code]), default=0) if code in formulas else 0
    for code in reversed(below):
        for one in formulas.get(code, ()):
            above[one] = max(above.get(one, 0), above.get(code, 0) + 1)
    return {code: steps + above.get(code, 0) for code, steps in below.items()}


def find_cycle(formulas: Mapping[str, Iterable[str]], start: str) -> tuple[str, ...] | None:
    """The shortest path from a KPI back to itself, both ends included.

    None where there is none, or none that is found among the nearest ``_SEARCHED`` KPIs.
    """
    came_from: dict[str, str] = {}
    nearest = [start]
    for code in nearest:  # grows while it is walked
        for taken in formulas.get(code, ()):
            if taken == start:
                return (start, *reversed(_way(came_from, code, start)), start)
            if taken not in came_from and len(nearest) < _SEARCHED:
                came_from[taken] = code
                nearest.append(taken)
    return None


def _way(came_from: Mapping[str, str], code: str, start: str) -> list[str]:
    """From a KPI back to the start, without it."""
    way = []
    while code != start:
        way.append(code)
        code = came_from[code]
    return way


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a value is a number of: powers of money and days, and for plain ones which kind.

    ``kind`` is the unit of a plain value (number, percent, score); empty for a literal or a quotient,
    which goes with any plain unit.
    """

    money: int = 0
    days: int = 0
    currency: str = ""
    kind: str = ""

    @property
    def plain(self) -> bool:
        """Whether it is neither money nor days."""
        return not (self.money or self.days)

    @property
    def words(self) -> str:
        """How a message names it."""
        if self.plain:
            return {"": "a plain number", "percent": "a percentage", "score": "a score"}.get(self.kind, "a number")
        parts = [self.currency or "money"] * abs(self.money) + ["days"] * abs(self.days)
        return " and ".join(dict.fromkeys(parts))


LITERAL = Dimension()


def dimension_of(unit: str, currency: str) -> Dimension:
    """The dimension of a KPI's unit."""
    if unit == Unit.CURRENCY:
        return Dimension(money=1, currency=currency)
    return Dimension(days=1) if unit == Unit.DAYS else Dimension(kind=unit)


def check_units(formula: Formula, units: Mapping[str, Dimension], result: Dimension) -> None:
    """Refuse what adds unlike things, mixes currencies, or yields another unit than the KPI's.

    ``units`` holds each input's dimension. Raises FormulaError saying which part is wrong. A literal
    takes the unit of what it is added to; a percentage of money is money; a score may be made of
    percentages (NPS = promoters − detractors).
    """
    found = _dimension(formula.text, formula.tree, units)
    same = (found.money, found.days, found.currency) == (result.money, result.days, result.currency)
    fits = same and (not found.plain or found.kind in {"", result.kind} or result.kind == Unit.SCORE)
    if not fits:
        raise FormulaError(f"The formula gives {found.words}, and the KPI's unit says {result.words}.")


def _dimension(text: str, node: ast.expr, units: Mapping[str, Dimension]) -> Dimension:
    if isinstance(node, ast.Name):
        return units[node.id]
    if isinstance(node, ast.UnaryOp):
        return _dimension(text, node.operand, units)
    if not isinstance(node, ast.BinOp):
        return LITERAL
    left, right = _dimension(text, node.left, units), _dimension(text, node.right, units)
    part = (ast.get_source_segment(text, node) or text)[:80]
    if isinstance(node.op, ast.Add | ast.Sub):
        return _added(part, node, left, right)
    return _multiplied(part, left, right, 1 if isinstance(node.op, ast.Mult) else -1)


def _added(part: str, node: ast.BinOp, left: Dimension, right: Dimension) -> Dimension:
    if isinstance(node.left, ast.Constant):
        return right
    if isinstance(node.right, ast.Constant) or left == right:
        return left
    if left.plain and right.plain and "" in {left.kind, right.kind}:
        return left if left.kind else right
    if left.money and right.money and left.currency != right.currency:
        raise FormulaError(f"“{part}” adds two currencies, {left.currency} and {right.currency}.")
    raise FormulaError(f"“{part}” adds {left.words} and {right.words}.")


def _multiplied(part: str, left: Dimension, right: Dimension, sign: int) -> Dimension:
    if left.currency and right.currency and left.currency != right.currency:
        raise FormulaError(f"“{part}” mixes two currencies, {left.currency} and {right.currency}.")
    money, days = left.money + sign * right.money, left.days + sign * right.days
    if abs(money) > 1 or abs(days) > 1:
        raise FormulaError(f"“{part}” multiplies {left.words} by {right.words}, which measures nothing.")
    if money or days:
        return Dimension(money, days, (left.currency or right.currency) if money else "")
    return _plain(left, right)


def _plain(left: Dimension, right: Dimension) -> Dimension:
    """A product or quotient without money and days: keeps a unit that only one side has, else goes with any."""
    kinds = [one.kind for one in (left, right) if one.plain and one.kind]
    return Dimension(kind=kinds[0]) if len(kinds) == 1 and left.plain and right.plain else LITERAL
