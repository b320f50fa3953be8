"""A change, split: parts that add up to it exactly, as the product's rules say, by the product and by the oracle."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.choices import CustomerMethod, TimeMethod
from kpis.formulas.changes import GROUPS, STAYED, Group, Side, split
from kpis.formulas.values import Method
from kpis.rollup.runs import roll_up_now
from tests.kpis.test_properties import examples, rolled_back
from tests.oracle import Company
from tests.oracle.agreement import split_differences
from tests.oracle.database import store
from tests.oracle.invented import companies, questions
from tests.oracle.meanings import changing_companies


@pytest.mark.slow
@examples(12)
@given(st.data())
@pytest.mark.django_db
def test_every_change_of_invented_companies_is_split_as_the_oracle_splits_it(data: st.DataObject) -> None:
    company: Company = data.draw(st.one_of(companies(), companies(), changing_companies()))
    with rolled_back():
        store(company)
        roll_up_now()
        for _ in range(2):
            span, today = data.draw(questions(company.calendar))
            assert split_differences(span, company, today) == []


def invented_side(chance: random.Random) -> Side:
    """Somebody's numbers, or nobody's."""
    if chance.random() < 0.2:
        return Side()
    return Side(chance.randint(-(10**9), 10**12), chance.choice([0, chance.randint(1, 10**9)]), chance.randint(1, 50))


def invented_group(chance: random.Random, name: str, why: str | None) -> Group:
    """A group whose pairs, where it stayed, are what it is made of."""
    if name != STAYED:
        return Group(name, why, invented_side(chance), invented_side(chance))
    pairs = tuple((invented_side(chance), invented_side(chance)) for _ in range(chance.randint(0, 6)))
    before, now = (
        Side(sum(s.numerator for s in sides), sum(s.base for s in sides), sum(s.customers for s in sides))
        for sides in ([before for before, _ in pairs], [now for _, now in pairs])
    )
    return Group(name, why, before, now, pairs)


@pytest.mark.slow
def test_the_parts_of_ten_thousand_invented_cells_add_up_exactly() -> None:
    chance = random.Random(13)
    split_cells = 0
    while split_cells < 10_000:
        method = Method(chance.choice(list(CustomerMethod)), TimeMethod.POOL, chance.random() < 0.5)
        found = split(method, [invented_group(chance, *one) for one in GROUPS], by_tier=chance.random() < 0.5)
        if found is None:
            continue
        split_cells += 1
        assert sum((part.effect for part in found.parts), Fraction(0)) == found.now - found.before
        assert all(
            part.rate + part.mix == part.effect
            for part in found.parts
            if part.rate is not None and part.mix is not None
        )
        assert all(part.customers_now or part.customers_before for part in found.parts)
