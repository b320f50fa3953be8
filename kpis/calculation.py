"""Values of calculated KPIs, from those of their inputs in the same tier and period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kpis.actuals import Actual, Actuals, nothing
from kpis.calculated import Formula, read_formula
from kpis.models import Kpi


@dataclass(frozen=True, slots=True)
class Calculations:
    """The calculated KPIs among some, with their inputs' ids, in an order in which inputs come first.

    One whose inputs lead back to itself, or are not there, has no values.
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
        waiting = {pk: tuple(ids.get(code, 0) for code in formula.inputs) for pk, formula in formulas.items()}
        known, ordered = found.keys() - waiting.keys(), dict[int, tuple[int, ...]]()
        while ready := [pk for pk, inputs in waiting.items() if set(inputs) <= known | ordered.keys()]:
            ordered |= {pk: waiting.pop(pk) for pk in ready}
        return cls(found, formulas, ordered)

    def fill(self, actuals: Actuals, tiers: Iterable[int], length: int) -> None:
        """Add the calculated values of each tier to the stored ones of a period of ``length`` months."""
        tiers = list(tiers)
        for pk, inputs in self.inputs.items():
            for tier in tiers:
                if any((one, tier) in actuals for one in inputs):
                    taken = {one: actuals.get((one, tier)) or nothing(self.expected(one, length)) for one in inputs}
                    actuals[pk, tier] = self._calculated(pk, taken)

    def _calculated(self, pk: int, taken: Mapping[int, Actual]) -> Actual:
        """The value; months and facts are those of the input with the smallest share of months."""
        numbers = {self.kpis[one].code: actual.number for one, actual in taken.items()}
        least = min(taken.values(), key=lambda actual: actual.share)
        number = self.formulas[pk].value(numbers)
        return Actual(number, least.months_with_data, least.months_expected, least.facts, None)

    def expected(self, pk: int, length: int) -> int:
        """The months expected of a KPI without any data in a period of ``length`` months.

        Of a calculated one those of the input that it names first: their shares are all nothing.
        """
        if pk in self.formulas:
            return self.expected(self.inputs[pk][0], length) if pk in self.inputs else length
        return 12 if self.kpis[pk].method.counts_window else length

    def leaves(self, pk: int) -> frozenset[int]:
        """The KPIs with data of their own behind one; of one that is not calculated, itself."""
        if pk not in self.formulas:
            return frozenset({pk})
        return frozenset().union(*(self.leaves(one) for one in self.inputs.get(pk, ())))

    def behind(self, pk: int) -> frozenset[int]:
        """A KPI and all that its value is made of, step by step."""
        return frozenset({pk}).union(*(self.behind(one) for one in self.inputs.get(pk, ())))
