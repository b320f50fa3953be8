"""Facts of customers: found by the key, and moved from one customer to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from core.periods import Month, month_code
from kpis.choices import Source
from kpis.models import Fact, Kpi, MergedFact
from kpis.reading.fact_months import fact_months
from kpis.rules.merging import Double
from kpis.services.touches import touch_slices

Place = tuple[int, Month]


def facts_of_customer(customer: int, *, derived: bool = False) -> QuerySet[Fact]:
    """The facts of a customer, by the key of facts: a month, a KPI, a customer. Those that are ``derived`` from events
    are left out where not asked for: they are moved with the events, by being derived again.
    """
    kpis = Kpi.objects.filter(facts_of=None)
    owners = list((kpis if derived else kpis.exclude(source=Source.EVENTS)).values_list("pk", flat=True))
    return Fact.objects.filter(month__in=list(fact_months()), kpi__in=owners, customer=customer)


def doubles_of(kept: int, gone: int) -> list[Double]:
    """The facts that both customers have, KPI by KPI in the order of the matrix."""
    mine = {(fact.kpi_id, fact.month): fact for fact in facts_of_customer(kept)}
    both = [fact for fact in facts_of_customer(gone) if (fact.kpi_id, fact.month) in mine]
    kpis = {kpi.pk: kpi for kpi in Kpi.objects.in_matrix_order().filter(pk__in={fact.kpi_id for fact in both})}
    order = list(kpis)
    both.sort(key=lambda fact: (order.index(fact.kpi_id), fact.month))
    return [Double(kpis[fact.kpi_id], Month(fact.month), mine[fact.kpi_id, fact.month], fact) for fact in both]


class Facts:
    """The facts of a customer, as a part of what there is of it."""

    name, noun = "facts", "fact"

    def count(self, customer: Any) -> int:
        """How many facts."""
        return facts_of_customer(customer.pk, derived=True).count()

    def move(self, merge: Any) -> dict[str, int]:
        """They are the kept customer's; of those that both had the chosen one is. Answers how many of each."""
        doubles = {(one.kpi.pk, one.month): one for one in doubles_of(merge.kept_id, merge.gone_id)}
        moved = [self._moved(merge, fact, doubles.get((fact.kpi_id, Month(fact.month)))) for fact in self._of(merge)]
        MergedFact.objects.bulk_create(moved, batch_size=500)
        facts_of_customer(merge.gone_id).delete()
        fresh = [_fact(row, merge.kept_id, "") for row in moved if row.kept_numerator is None]
        Fact.objects.bulk_create(fresh, batch_size=500)
        for row in moved:
            if row.kept_numerator is not None:
                _say(_fact(row, merge.kept_id, ""))
        touch_slices(_places(moved))
        return {"moved": len(moved), "both": len(doubles)}

    def changed(self, merge: Any, moved: Any) -> Iterator[str]:
        """Facts that are others by now, or gone."""
        now = {(fact.kpi_id, fact.month): fact for fact in facts_of_customer(merge.kept_id)}
        codes = dict(Kpi.objects.values_list("pk", "code"))
        for row in self._rows(merge):
            fact = now.get((row.kpi_id, row.month))
            if fact is None or _said(fact) != _said(_fact(row, merge.kept_id, "")):
                yield f"the fact {codes.get(row.kpi_id, row.kpi_id)} | {month_code(Month(row.month))}"

    def move_back(self, merge: Any, moved: Any) -> None:
        """Each fact as it was, with the load that had written it."""
        rows = list(self._rows(merge))
        for row in rows:
            if row.kept_numerator is None:
                _same(_fact(row, merge.kept_id, "")).delete()
            else:
                _say(_fact(row, merge.kept_id, "kept_"))
        Fact.objects.bulk_create([_fact(row, merge.gone_id, "gone_") for row in rows], batch_size=500)
        touch_slices(_places(rows))

    def _of(self, merge: Any) -> QuerySet[Fact]:
        return facts_of_customer(merge.gone_id).order_by("month", "kpi_id")

    def _rows(self, merge: Any) -> QuerySet[MergedFact]:
        return MergedFact.objects.filter(merge_id=merge.pk).order_by("month", "kpi_id")

    def _moved(self, merge: Any, fact: Fact, double: Double | None) -> MergedFact:
        take = double.taken(merge.choices) if double else None
        left = double.result(take) if double and take else (fact.numerator, fact.denominator, fact.load_id)
        mine = double.kept if double else None
        return MergedFact(
            merge_id=merge.pk,
            month=fact.month,
            kpi_id=fact.kpi_id,
            gone_numerator=fact.numerator,
            gone_denominator=fact.denominator,
            gone_load_id=fact.load_id,
            kept_numerator=mine.numerator if mine else None,
            kept_denominator=mine.denominator if mine else None,
            kept_load_id=mine.load_id if mine else None,
            numerator=left[0],
            denominator=left[1],
            load_id=left[2],
        )


def _fact(row: MergedFact, customer: int, of: str) -> Fact:
    """The fact as it became, or as it was of one of the two (``kept_``, ``gone_``)."""
    values = {name: getattr(row, f"{of}{name}") for name in ("numerator", "denominator", "load_id")}
    return Fact(month=row.month, kpi_id=row.kpi_id, customer_id=customer, **values)


def _same(fact: Fact) -> QuerySet[Fact]:
    return Fact.objects.filter(month=fact.month, kpi_id=fact.kpi_id, customer_id=fact.customer_id)


def _say(fact: Fact) -> None:
    _same(fact).update(numerator=fact.numerator, denominator=fact.denominator, load_id=fact.load_id)


def _said(fact: Fact) -> tuple[Any, ...]:
    return fact.numerator, fact.denominator, fact.load_id


def _places(rows: list[MergedFact]) -> set[Place]:
    return {(row.kpi_id, Month(row.month)) for row in rows}
