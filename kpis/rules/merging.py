"""What may be merged: two customers that are there, with a decision on each fact that both have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.periods import Month, month_code
from core.writes import Problem
from customers.models import Customer
from kpis.choices import CustomerMethod, Take
from kpis.models import Fact, Kpi

LIMIT = Decimal(10) ** 12

Choices = Mapping[str, str]
OF_ALL = "all"  # the choice for whatever has none of its own


@dataclass(frozen=True, slots=True)
class Double:
    """A fact that both customers have."""

    kpi: Kpi
    month: Month
    kept: Fact
    gone: Fact

    @property
    def key(self) -> str:
        """Under which a choice for this fact alone is kept: ``7|2026-03``."""
        return f"{self.kpi.pk}|{month_code(self.month)}"

    @property
    def adds_up(self) -> bool:
        """Whether the sum of the two could be meant."""
        return self.kpi.customer_method == CustomerMethod.SUM

    @property
    def is_open(self) -> bool:
        """Whether somebody has to decide: not where both say the same and the sum is no question."""
        mine, other = ((fact.numerator, fact.denominator) for fact in (self.kept, self.gone))
        return self.adds_up or mine != other

    def taken(self, choices: Choices) -> Take | None:
        """What is chosen: for this fact, else for its KPI, else for all; None where nothing is, or what cannot be."""
        asked = choices.get(self.key) or choices.get(str(self.kpi.pk)) or choices.get(OF_ALL)
        found = asked or ("" if self.is_open else Take.KEPT)
        allowed = {Take.KEPT, Take.GONE, *([Take.SUM] if self.adds_up else [])}
        return Take(found) if found in allowed else None

    def result(self, take: Take) -> tuple[Decimal, Decimal | None, int]:
        """Numerator, denominator and load of the fact that is left."""
        if take is not Take.SUM:
            fact = self.kept if take is Take.KEPT else self.gone
            return fact.numerator, fact.denominator, fact.load_id
        bases = [fact.denominator for fact in (self.kept, self.gone) if fact.denominator is not None]
        load = max(self.kept.load_id, self.gone.load_id)
        return self.kept.numerator + self.gone.numerator, sum(bases, Decimal(0)) if bases else None, load


def merge_problems(kept: Customer, gone: Customer) -> list[Problem]:
    """What is wrong with the two customers."""
    return [("gone", "is the same customer; choose another")] if kept.pk == gone.pk else []


def choice_problems(doubles: Iterable[Double], choices: Choices) -> Iterator[Problem]:
    """The KPIs of whose facts nobody said which one counts, and sums that are too large for a fact."""
    undecided: dict[int, Kpi] = {}
    for double in doubles:
        take = double.taken(choices)
        if take is None:
            undecided[double.kpi.pk] = double.kpi
        elif abs(double.result(take)[0]) >= LIMIT:
            yield f"kpi_{double.kpi.pk}", f"adds up to more than a fact may hold in {month_code(double.month)}"
    for kpi in undecided.values():
        yield f"kpi_{kpi.pk}", "has facts of both customers: say which one counts"
