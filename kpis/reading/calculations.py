"""Values of calculated KPIs, from those of their inputs in the same tier and period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from kpis.formulas.calculated import Formula, inputs_first, read_formula
from kpis.models import Kpi
from kpis.reading.cells import Actual, Actuals, nothing

_Ids = frozenset[int]


@dataclass(frozen=True)
class Calculations:
    """The calculated KPIs among some, with their inputs' ids, in an order in which inputs come first.

    One whose inputs lead back to itself, or are not there, has no values. What is behind a KPI is worked out
    once for all of them and in that order: each formula is looked at once, however often it is taken.
    """

    kpis: Mapping[int, Kpi]
    formulas: Mapping[int, Formula]
    inputs: Mapping[int, tuple[int, ...]]

    @classmethod
    def of(cls, kpis: Iterable[Kpi]) -> Calculations:
        """Of KPIs as they mean in the period's last month."""
        found = {kpi.pk: kpi for kpi in kpis}
        ids = {kpi.code: kpi.pk for kpi in found.values()}
        formulas = {pk: read_formula(kpi.formula) for pk, kpi in found.items() if kpi.calculated}
        inputs = {pk: tuple(ids.get(code, 0) for code in formula.inputs) for pk, formula in formulas.items()}
        return cls(found, formulas, _inputs_first(inputs, found.keys() - formulas.keys()))

    def fill(self, actuals: Actuals, tiers: Iterable[int], length: int) -> None:
        """Add the calculated values of each tier to the stored ones of a period of ``length`` months."""
        tiers = list(tiers)
        for pk, inputs in self.inputs.items():
            for tier in tiers:
                if any((one, tier) in actuals for one in inputs):
                    taken = {one: actuals.get((one, tier)) or nothing(self.expected(one, length)) for one in inputs}
                    actuals[pk, tier] = self._calculated(pk, taken)

    def _calculated(self, pk: int, taken: Mapping[int, Actual]) -> Actual:
        """The value; months and facts are those of the input with the smallest share of months.

        Provisional where an input is.
        """
        numbers = {self.kpis[one].code: actual.number for one, actual in taken.items()}
        least = min(taken.values(), key=lambda actual: actual.share)
        number = self.formulas[pk].value(numbers)
        provisional = number is not None and any(actual.provisional for actual in taken.values())
        return Actual(number, least.months_with_data, least.months_expected, least.facts, None, provisional)

    def expected(self, pk: int, length: int) -> int:
        """The months expected of a KPI without any data in a period of ``length`` months.

        Of a calculated one those of the input that it names first: their shares are all nothing.
        """
        first = self._first_leaves.get(pk, pk)
        if first in self.formulas:
            return length
        return 12 if self.kpis[first].method.counts_window else length

    def leaves(self, pk: int) -> _Ids:
        """The KPIs with data of their own behind one; of one that is not calculated, itself."""
        return self._leaves.get(pk, frozenset()) if pk in self.formulas else frozenset({pk})

    def behind(self, pk: int) -> _Ids:
        """A KPI and all that its value is made of, step by step."""
        return self._behind.get(pk, frozenset({pk}))

    @cached_property
    def _first_leaves(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for pk, inputs in self.inputs.items():
            found[pk] = found.get(inputs[0], inputs[0])
        return found

    @cached_property
    def _leaves(self) -> dict[int, _Ids]:
        found: dict[int, _Ids] = {}
        for pk, inputs in self.inputs.items():
            found[pk] = frozenset().union(*(found.get(one, {one}) for one in inputs))
        return found

    @cached_property
    def _behind(self) -> dict[int, _Ids]:
        found: dict[int, _Ids] = {}
        for pk, inputs in self.inputs.items():
            found[pk] = frozenset({pk}).union(*(found.get(one, {one}) for one in inputs))
        return found


def _inputs_first(inputs: Mapping[int, tuple[int, ...]], measured: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The formulas that have values, inputs before those that take them."""
    known = set(measured)
    ordered: dict[int, tuple[int, ...]] = {}
    for pk in inputs_first(inputs):
        if pk in inputs and known.issuperset(inputs[pk]):
            known.add(pk)
            ordered[pk] = inputs[pk]
    return ordered
