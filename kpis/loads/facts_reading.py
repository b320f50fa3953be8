"""From a file's cells to rows for the stage: the one place in Python that every fact passes.

It is kept tight: each cell is one look-up of a text that was seen before (months, KPIs, customers
and most numbers come again and again), and some hundred rows are looked up column by column. Where
one of these cannot be, they are read one by one, and what is wrong is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from accounts.loads import LoadJob
from core.keys import EMPTY, LookAlikes, unknown_words, why_no_code
from core.loading import Column
from core.loading.cells import Due, SheetCell, Shown, refusal, text_due
from core.loading.columns import MONTH, key_in
from core.loading.limits import LONGEST_NUMBER
from core.loading.rows import header_names, note_bad_row
from core.loading.worksheet import hundredfold
from core.numbers import parse_scaled
from core.periods import Month
from customers.models import Customer
from kpis.models import Kpi
from kpis.rules.actual import NOT_BEGUN, month_problem, retired_problem
from kpis.rules.facts import broken_base
from kpis.services.touches import Slice

_LONGEST_CODE = int(Kpi._meta.get_field("code").max_length or 0)
# line, KPI id, month, customer, numerator, denominator: texts as the stage takes them, None only where that is its null
StagedRow = tuple[str, str, str, str, str | None, str | None]
_FileRow = tuple[int, list[str]]

_BATCH = 200  # with more the garbage collector walks through them
_REMEMBERED = 100_000
_CUSTOMER = Column("customer", key_in(Customer, "external_id"))
_MONTH = Column("month", MONTH)


@dataclass(frozen=True, slots=True)
class KpiRule:
    """Whether a KPI takes facts (``refusal`` says why not), and whether they need a denominator.

    ``no_percent`` says why a worksheet's percentage is no numerator of it; empty where it is the number shown.
    """

    pk: int
    needs_denominator: bool
    refusal: str = ""
    no_percent: str = ""
    retired_from: Month | None = None


class _Months(dict[str, str]):
    """Months by their text; ``early`` are those that have not begun, of which there are no facts."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.early: set[str] = set()

    def __missing__(self, text: str) -> str:
        if not text.strip():
            raise ValueError("must not be empty")
        month = MONTH.value(_MONTH.clean(text))
        if month_problem(month, self.today):
            self.early.add(str(month))
        self[text] = str(month)
        return self[text]


class _Numbers(dict[str, str | None]):
    """Scaled numbers by their text; empty ones are the stage's null."""

    def __init__(self, null: str | None, written: Callable[[str], str]) -> None:
        self.null, self.written = null, written

    def __missing__(self, text: str) -> str | None:
        if len(self) > _REMEMBERED:
            self.clear()
        number = text_due(text, Due.NUMBER) if isinstance(text, SheetCell) else self.written(text)
        if len(number) > LONGEST_NUMBER:
            raise ValueError(f"has more than {LONGEST_NUMBER} characters")
        found = self[text] = str(parse_scaled(number)) if number.strip() else self.null
        return found


class _Customers(dict[str, str]):
    def __init__(self, escape: Callable[[str], str]) -> None:
        self.escape = escape

    def __missing__(self, text: str) -> str:
        if len(self) > _REMEMBERED:
            self.clear()
        customer = self[text] = self.escape(_CUSTOMER.clean(text))
        return customer


class _Slices(dict[tuple[str, str], tuple[str, str, bool]]):
    """KPI id, month and whether a denominator is needed, by the two cells that say so."""

    def __init__(self, rules: dict[str, KpiRule], today: date) -> None:
        self.rules, self.months = rules, _Months(today)
        self.retired: dict[tuple[str, str], str] = {}  # why a KPI takes no facts of a month, by its id and the month

    def __missing__(self, cells: tuple[str, str]) -> tuple[str, str, bool]:
        rule = self.rules[_code(cells[0])]
        if rule.refusal:
            raise ValueError(rule.refusal)
        found = self[cells] = (str(rule.pk), self.months[cells[1]], rule.needs_denominator)
        if problem := retired_problem(rule.retired_from, Month(int(found[1]))):
            self.retired[found[:2]] = problem
        return found


class FactReader:
    """Reads a table of facts; ``null`` and ``escape`` are how the stage writes them.

    A row with an empty numerator is passed on too, so that its customer is looked for; it is
    counted as blank and is no fact.
    """

    def __init__(self, job: LoadJob, rules: dict[str, KpiRule], null: str | None, escape: Callable[[str], str]) -> None:
        self.names = header_names(job.table)
        self.job, self.rules, self.null = job, rules, null
        self.at = {name: self.names.index(name) for name in self.names}
        self.has_denominators = "denominator" in self.at
        self.seen, self.alike = _Slices(rules, job.today), LookAlikes(lambda: rules)
        self.numbers, self.customers = _Numbers(null, job.table.number), _Customers(escape)

    @property
    def slices(self) -> set[Slice]:
        """The (KPI id, month) pairs of the rows read so far."""
        return {(int(kpi), MONTH.value(f"{month[:4]}-{month[4:]}")) for kpi, month, _ in self.seen.values()}

    def batches(self) -> Iterator[list[StagedRow]]:
        """The rows of the file, some at a time."""
        for batch in self.job.ticking_batches(self.job.table.rows, _BATCH):
            try:
                yield self._at_once(batch)
            except (KeyError, ValueError):
                yield list(self._one_by_one(batch))

    def _at_once(self, batch: list[_FileRow]) -> list[StagedRow]:
        """The quick way, column by column. Raises KeyError or ValueError where any cell is bad."""
        lines, rows = zip(*batch, strict=True)
        columns = dict(zip(self.names, zip(*rows, strict=True), strict=True))
        slices = map(self.seen.__getitem__, zip(columns["kpi"], columns["month"], strict=True))
        kpis, months, needing = zip(*slices, strict=True)
        customers = list(map(self.customers.__getitem__, columns["customer"]))
        numerators = list(map(self.numbers.__getitem__, columns["numerator"]))
        if self.seen.months.early and not self.seen.months.early.isdisjoint(months):
            raise ValueError("a month has not begun")
        if self.seen.retired and not self.seen.retired.keys().isdisjoint(zip(kpis, months, strict=True)):
            raise ValueError("a KPI is retired")
        denominators = [self.null] * len(lines)
        if self.has_denominators:
            denominators = list(map(self.numbers.__getitem__, columns["denominator"]))
            if any(needing) and any(map(self._lacks_denominator, needing, numerators, denominators)):
                raise ValueError("a denominator is missing or negative")
        self.job.counts.blank += numerators.count(self.null)
        return list(zip(map(str, lines), kpis, months, customers, numerators, denominators, strict=True))

    def _one_by_one(self, batch: list[_FileRow]) -> Iterator[StagedRow]:
        """The slow way: the good rows; notes what is wrong with the others."""
        for line, row in batch:
            try:
                if len(row) != len(self.names):
                    raise ValueError("another number of cells")
                kpi, month, needs = self.seen[row[self.at["kpi"]], row[self.at["month"]]]
                customer, numerator = self.customers[row[self.at["customer"]]], self._numerator(row)
                denominator = self.numbers[row[self.at["denominator"]]] if self.has_denominators else self.null
            except (KeyError, ValueError):
                self._note(line, row)
                continue
            if self._note_early(line, row):
                continue
            if self.has_denominators and self._lacks_denominator(needs, numerator, denominator):
                self._note_denominator(line, row[self.at["denominator"]], numerator, denominator)
                continue
            self.job.counts.blank += numerator == self.null
            yield str(line), kpi, month, customer, numerator, denominator

    def _lacks_denominator(self, needed: bool, numerator: str | None, denominator: str | None) -> bool:
        return needed and broken_base(self._given(numerator), self._given(denominator)) is not None

    def _given(self, number: str | None) -> str | None:
        return None if number == self.null else number

    def _note(self, line: int, row: list[str]) -> None:
        """The slow way: say what is wrong with each cell."""
        if len(row) != len(self.names):
            note_bad_row(line, row, len(self.names), self.job.errors)
            return
        for column, read in (
            ("kpi", self._read_kpi),
            ("customer", self.customers.__getitem__),
            ("month", self.seen.months.__getitem__),
            ("numerator", lambda _: self._numerator(row)),
            ("denominator", self.numbers.__getitem__),
        ):
            if column in self.at:
                self._note_cell(line, column, row[self.at[column]], read)
        self._note_early(line, row)

    def _note_early(self, line: int, row: list[str]) -> bool:
        """Whether a row has a fact of a month that has not begun, or of a retired KPI; notes it. A blank is no fact."""
        text = row[self.at["month"]]
        if not row[self.at["numerator"]].strip():
            return False
        early = self.seen.months.get(text) in self.seen.months.early
        known = self.seen.get((row[self.at["kpi"]], text), ("", "", False))
        problem = NOT_BEGUN if early else self.seen.retired.get(known[:2], "")
        if problem:
            self.job.errors.add(line, "month", text, problem)
        return bool(problem)

    def _note_cell(self, line: int, column: str, text: str, read: Callable[[str], object]) -> None:
        try:
            read(text)
        except ValueError as error:
            self.job.errors.add(line, column, text, str(error))

    def _numerator(self, row: list[str]) -> str | None:
        """A worksheet's percentage is the number that it shows, where the KPI is in percent and no ratio."""
        cell = row[self.at["numerator"]]
        if not (isinstance(cell, SheetCell) and cell.kind is Shown.PERCENT):
            return self.numbers[cell]
        rule = self.rules.get(_code(row[self.at["kpi"]]))
        if rule is None or rule.no_percent:
            raise ValueError(refusal(cell, rule.no_percent if rule else ""))
        return str(parse_scaled(hundredfold(cell)))

    def _read_kpi(self, text: str) -> None:
        code = _code(text)
        rule = self.rules.get(code)
        if rule is None:
            why = why_no_code(code, _LONGEST_CODE) if code else EMPTY
            raise ValueError(why or unknown_words("KPI", self.alike.of(code)))
        if rule.refusal:
            raise ValueError(rule.refusal)

    def _note_denominator(self, line: int, text: str, numerator: str | None, denominator: str | None) -> None:
        if rule := broken_base(self._given(numerator), self._given(denominator)):
            self.job.errors.add(line, rule.field, text, rule.words)


def _code(cell: str) -> str:
    return text_due(cell, Due.TEXT) if isinstance(cell, SheetCell) else cell.strip()
