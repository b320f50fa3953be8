"""Formulas over formulas cost what there are of them, however they are nested; new ones are nested 20 deep at most."""

# fractions are compared with whole numbers
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Company, User
from core.periods import Period
from customers.models import Tier
from kpis.filters import measured
from kpis.formulas.calculated import MOST_STEPS, longest_chains
from kpis.models import Kpi
from kpis.reading.explanations import explain_cell
from kpis.reading.matrix import build_matrix
from kpis.reading.previews import candidate_for, preview_formula
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import create_kpi, edit_kpi
from tests import factories
from tests.kept import kept
from tests.kpis.reading import LONG_AFTER, record
from tests.loads.files import Loader

pytestmark = pytest.mark.django_db

AT_ONCE = 2.0  # seconds of this process, however busy the machine is
HEADER = "code,name,indicator,unit,direction,customer_method,time_method,formula"
NEW = {"name": "New", "indicator": "trailing", "unit": "number", "direction": "higher", "code": "new"}


@contextmanager
def at_once() -> Iterator[None]:
    """What is in it takes less than two seconds; the collection of what other tests left is not counted."""
    gc.disable()
    began = time.process_time()
    try:
        yield
        took = time.process_time() - began
    finally:
        gc.enable()
    assert took < AT_ONCE


def calculated(code: str, formula: str) -> Kpi:
    return factories.kpi(code, formula=formula, customer_method="", time_method="")


def nest(steps: int, left: str = "{a} + {b}", right: str = "{a} - {b}") -> tuple[Kpi, Kpi]:
    """Two KPIs a step, each of both of the step before: as many ways lead down as 2 to the number of steps."""
    pair = factories.kpi("a0"), factories.kpi("b0")
    for step in range(1, steps + 1):
        codes = {"a": f"a{step - 1}", "b": f"b{step - 1}"}
        pair = calculated(f"a{step}", left.format(**codes)), calculated(f"b{step}", right.format(**codes))
    return pair


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@pytest.fixture
def load(company: Company, tmp_path: Path) -> Loader:
    return Loader(tmp_path)


@kept
def month(company: Company) -> Period:
    return Period.parse("2011-01", company.calendar)


@pytest.fixture(params=[20, 60])
def top(request: pytest.FixtureRequest, gold: Tier) -> Kpi:
    """Forty KPIs nested in 20 steps; 120 in 60, as they may be stored from before there was a limit."""
    top, _ = nest(request.param, right="{a} * 0 + {b}" if request.param > 20 else "{a} - {b}")
    acme = factories.customer(tier=gold)
    for code in ("a0", "b0"):
        record(Kpi.objects.get(code=code), acme, {201101: 3, 201012: 2})
    roll_up_now()
    return top


@pytest.mark.parametrize("top", [20], indirect=True)
def test_forty_kpis_nested_in_twenty_steps_make_the_matrix_at_once(top: Kpi, month: Period) -> None:
    with at_once():
        matrix = build_matrix(month, today=LONG_AFTER)
    cells = {row.kpi.code: row.cells[0].actual for row in matrix.rows}
    assert len(cells) == 42
    assert cells["a20"] == 3 * 2**10  # the sum and the difference: every second step doubles both


READERS: dict[str, Callable[[Kpi, Period], object]] = {
    "the matrix": lambda kpi, month: build_matrix(month, today=LONG_AFTER),
    "a cell and its trend": lambda kpi, month: explain_cell(month, kpi, Tier.objects.get(code="T1"), today=LONG_AFTER),
    "a preview": lambda kpi, month: preview_formula(candidate_for("b1", "a0 - b0", {}), Company.objects.get()),
    "what has data": lambda kpi, month: measured(list(Kpi.objects.all())),
}


@pytest.mark.parametrize("reader", READERS)
def test_whoever_walks_through_formulas_takes_each_once(top: Kpi, month: Period, reader: str) -> None:
    with at_once():
        READERS[reader](top, month)


@pytest.mark.parametrize(
    "address", ["/kpis/", "/kpis/{0}/", "/matrix/2011-01/", "/matrix/2011-01/{0}/T1/", "/targets/"]
)
def test_no_page_waits_for_nested_formulas(top: Kpi, stella: User, address: str) -> None:
    browser = factories.signed_in(stella)
    with at_once():
        assert browser.get(address.format(top.code)).status_code == 200


def test_exact_values_do_not_grow_from_step_to_step(gold: Tier, month: Period) -> None:
    """Each step multiplies: after twenty the exact fraction would have millions of digits."""
    nest(20, "{a} * {b}", "{a} / {b}")
    acme = factories.customer(tier=gold)
    for code, value in (("a0", "1.0001"), ("b0", "0.9973")):
        record(Kpi.objects.get(code=code), acme, {201101: value})
    roll_up_now()
    with at_once():
        matrix = build_matrix(month, today=LONG_AFTER)
    cells = {row.kpi.code: row.cells[0].actual for row in matrix.rows}
    assert cells["a1"] == Fraction("1.0001") * Fraction("0.9973")
    assert cells["a20"] is None


# -- how deep a formula may be nested


def chain(length: int) -> str:
    """A file of KPIs, each calculated of the one before."""
    rows = [f"k{n},K {n},trailing,number,higher,,,k{n - 1} / 2" for n in range(1, length + 1)]
    return "\n".join([HEADER, "k0,K 0,trailing,number,higher,sum,sum,", *rows])


def test_twenty_formulas_over_one_another_are_taken_by_file(load: Loader) -> None:
    assert load("kpis", chain(MOST_STEPS)).ok


def test_a_file_that_nests_deeper_is_refused_in_a_sentence(load: Loader) -> None:
    report = load("kpis", chain(MOST_STEPS + 1))
    assert {error.column for error in report.errors} == {"formula"}
    assert "nests formulas 21 deep" in report.errors.first(1)[0].reason


def test_a_formula_that_would_be_one_too_deep_is_refused_when_it_is_saved(load: Loader, stella: User) -> None:
    load.good("kpis", chain(MOST_STEPS))
    with pytest.raises(ValidationError, match="21 deep"):
        create_kpi(by=stella, values=NEW | {"formula": "k20 / 2"})
    assert create_kpi(by=stella, values=NEW | {"formula": "k19 / 2"}).calculated


def test_a_formula_put_below_others_counts_with_those_above_it(load: Loader, stella: User) -> None:
    load.good("kpis", chain(MOST_STEPS))
    create_kpi(by=stella, values=NEW | {"formula": "k0 / 2"})
    report = load("kpis", f"{HEADER}\nk1,K 1,trailing,number,higher,,,new / 2")
    assert ["nests formulas 21 deep" in error.reason for error in report.errors] == [True]


def test_what_is_stored_deeper_can_still_be_described_and_loaded_back(load: Loader, stella: User) -> None:
    nest(30)
    kpi = edit_kpi(kpi=Kpi.objects.get(code="a30"), by=stella, values={"name": "The top"})
    assert kpi.name == "The top"
    assert load("kpis", load.export("kpis").read_text()).counts.changed == 0


def test_a_file_of_thousands_of_formulas_is_judged_at_once(load: Loader) -> None:
    with at_once():
        report = load("kpis", chain(2_000))
    assert report.errors.count == 2_000


def test_a_ring_of_thousands_is_refused_at_once(load: Loader) -> None:
    with at_once():
        report = load(
            "kpis",
            chain(2_000).replace("k0,K 0,trailing,number,higher,sum,sum,", "k0,K 0,trailing,number,higher,,,k2000"),
        )
    assert {error.reason for error in report.errors} == {"takes KPIs that lead back to themselves"}


def test_the_longest_way_through_a_kpi_counts_the_formulas_above_and_below() -> None:
    found = longest_chains({"b": ["a"], "c": ["b", "a"], "d": ["x"], "x": ["y"], "y": ["x"]})
    assert found == {"a": 2, "b": 2, "c": 2}
