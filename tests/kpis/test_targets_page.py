"""The grid of targets and the inbox of finance, as people use them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.forms.grid import read_submission
from kpis.models import Kpi, Target
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.cache_law import elsewhere
from tests.factories import signed_in
from tests.kept import kept
from tests.kpis.grid import GRID, name, shown, stored, write

pytestmark = pytest.mark.django_db


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def kpi(gold: Tier) -> Kpi:
    kpi = factories.kpi("revenue", name="Net revenue", decimals=1)
    for month in range(201101, 201113):
        factories.fact(kpi, factories.customer(tier=gold), month, month - 201100)
    roll_up_now()
    return kpi


def test_a_cell_is_saved_as_a_draft(kpi: Kpi, gold: Tier, stella: User) -> None:
    answer = write(stella, {name(kpi, gold, 201201): "1,234.5"})
    assert (answer.status_code, stored()) == (302, [(201201, "1234.5", "draft")])


def test_the_grid_shows_last_years_actual_and_what_holds(kpi: Kpi, gold: Tier, stella: User) -> None:
    factories.target(kpi, gold, 201201, 40, per=Per.YEAR)
    text = signed_in(stella).get(GRID).content.decode()
    assert "<span>2011: 6.0</span>" in text
    assert 'placeholder="10"' in text


def test_every_bad_cell_is_named_and_nothing_is_saved(gold: Tier, stella: User) -> None:
    tiers = [gold, *(factories.tier(f"T{number}") for number in range(2, 5))]
    kpis = [factories.kpi() for _ in range(40)]
    cells = {
        name(kpi, tier, month): "7" for kpi in kpis for tier in tiers for month in (201201, 201204, 201207, 201210)
    }
    bad = list(cells)[::64]
    assert (len(cells), len(bad)) == (40 * 16, 10)
    answer = write(stella, cells | dict.fromkeys(bad, "seven"))
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "10 cells cannot be saved" in text
    assert text.count('aria-invalid="true"') == 10
    assert all(f'id="why-{cell.removeprefix("value-")}"' in text for cell in bad)
    assert text.count('value="7"') == 630
    assert not Target.objects.exists()


def test_what_somebody_wrote_meanwhile_is_not_overwritten(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    browser = signed_in(stella)
    seen = shown(browser.get(GRID).content.decode())
    write(fay, {name(kpi, gold, 201201): "5"})
    answer = browser.post(GRID, {"shown": seen, name(kpi, gold, 201201): "6", "save": "1"})
    assert answer.status_code == 400
    assert "somebody wrote 5 here meanwhile" in answer.content.decode()
    assert stored() == [(201201, "5", "draft")]


def test_a_draft_that_is_emptied_goes_and_an_approved_target_does_not(kpi: Kpi, gold: Tier, stella: User) -> None:
    factories.target(kpi, gold, 201204, 9, per=Per.QUARTER)
    write(stella, {name(kpi, gold, 201201): "5"})
    write(stella, {name(kpi, gold, 201201): ""})
    assert stored() == [(201204, "9", "approved")]
    assert write(stella, {name(kpi, gold, 201204): ""}).status_code == 400


def test_a_range_has_two_fields(gold: Tier, stella: User) -> None:
    kpi = factories.kpi(direction="range")
    write(stella, {name(kpi, gold, 201201, "low"): "1", name(kpi, gold, 201201, "high"): "2"})
    target = Target.objects.get()
    assert (target.low, target.high, target.value) == (1, 2, None)
    assert write(stella, {name(kpi, gold, 201204, "low"): "1"}).status_code == 400


def test_last_year_and_some_percent_are_filled_in_and_not_saved(kpi: Kpi, gold: Tier, stella: User) -> None:
    answer = write(stella, {}, fill="last", percent="10")
    text = answer.content.decode()
    assert 'value="6.6"' in text
    assert "none is saved yet" in text
    assert not Target.objects.exists()


def test_a_part_of_last_year_is_named_and_not_copied(gold: Tier, stella: User) -> None:
    added, rated = factories.kpi("added"), factories.kpi("rated", customer_method="ratio", time_method="pool")
    acme = factories.customer(tier=gold)
    for month in (201101, 201102):
        factories.fact(added, acme, month, 10)
        factories.fact(rated, acme, month, 10, 5)
    roll_up_now()
    assert signed_in(stella).get(GRID).content.decode().count("<span>2 of 3 months</span>") == 4
    text = write(stella, {}, fill="last", percent="0").content.decode()
    assert 'value="20"' not in text
    assert f'name="{name(rated, gold, 201201)}" class="target" value="2"' in text
    assert "2 cells filled in, and none is saved yet" in text
    assert "2 cells left out: the actual before is of a part of its period, and adds up." in text


def test_a_range_that_holds_from_a_longer_row_is_hinted_at(gold: Tier, stella: User) -> None:
    kpi = factories.kpi(direction="range", customer_method="ratio", time_method="pool")
    factories.target(kpi, gold, 201201, low=2, high="3.5", per=Per.YEAR)
    text = signed_in(stella).get(GRID).content.decode()
    assert (text.count('placeholder="2"'), text.count('placeholder="3.5"')) == (4, 4)


def test_a_years_number_is_phased_by_last_years_season(kpi: Kpi, gold: Tier, stella: User) -> None:
    factories.target(kpi, gold, 201201, 100, per=Per.YEAR)
    address = "/targets/?year=2012&per=month"
    answer = write(stella, {}, address, fill="season")
    text = answer.content.decode()
    cells = dict(re.findall(rf'name="(value-{kpi.pk}-{gold.pk}-\d+)"\s+class="target"\s+value="([^"]*)"', text))
    assert sum(round(float(value) * 10_000) for value in cells.values()) == 1_000_000
    write(stella, cells, address)
    assert Target.objects.filter(per=Per.MONTH, state=TargetState.DRAFT).count() == 12


@time_machine.travel("2012-11-28", tick=False)
def test_before_the_year_is_over_the_season_is_that_of_the_year_before(kpi: Kpi, gold: Tier, stella: User) -> None:
    factories.target(kpi, gold, 201301, 780, per=Per.YEAR)
    factories.fact(kpi, factories.customer(tier=gold), 201201, 500)
    roll_up_now()
    text = write(stella, {}, "/targets/?year=2013&per=month", fill="season").content.decode()
    assert "2012 is not over: the season is that of 2011, the last whole year." in text
    months = re.findall(rf'name="value-{kpi.pk}-{gold.pk}-\d+"\s+class="target"\s+value="([^"]*)"', text)
    assert months == [str(10 * month) for month in range(1, 13)]


def test_phased_months_have_no_more_decimals_than_their_kpi(kpi: Kpi, gold: Tier, stella: User) -> None:
    factories.target(kpi, gold, 201201, 100, per=Per.YEAR)
    text = write(stella, {}, "/targets/?year=2012&per=month", fill="season").content.decode()
    months = re.findall(rf'name="value-{kpi.pk}-{gold.pk}-\d+"\s+class="target"\s+value="([^"]*)"', text)
    assert len(months) == 12
    assert all(len(month.partition(".")[2]) <= 1 for month in months)


def test_tiers_are_added_up_beside_the_plan(kpi: Kpi, gold: Tier, stella: User) -> None:
    everyone = factories.all_customers()
    factories.target(kpi, gold, 201201, "98.2", per=Per.QUARTER)
    factories.target(kpi, everyone, 201201, "100", per=Per.QUARTER, plan_value=100)
    assert "98.2 of plan 100" in signed_in(stella).get(GRID).content.decode()


def test_the_history_of_a_row_shows_every_version(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    factories.target(kpi, gold, 201201, 8, per=Per.QUARTER, version=1, state=TargetState.SUPERSEDED)
    factories.target(kpi, gold, 201201, 9, per=Per.QUARTER, version=2, decided_by=fay, decision_note="Agreed")
    text = signed_in(stella).get(f"/targets/{kpi.code}/T1/quarter/2012-01/").content.decode()
    assert "target per quarter, from January 2012" in text
    assert "Superseded" in text
    assert "Agreed" in text


def test_owners_write_in_their_own_rows_alone(kpi: Kpi, gold: Tier, omar: User) -> None:
    own = factories.kpi(owner=omar)
    assert write(omar, {name(own, gold, 201201): "5", name(kpi, gold, 201201): "6"}).status_code == 302
    assert list(Target.objects.values_list("kpi__code", flat=True)) == [own.code]


def test_an_executive_reads_and_writes_nothing(kpi: Kpi, gold: Tier, ines: User) -> None:
    assert '<input name="value-' not in signed_in(ines).get(GRID).content.decode()
    assert signed_in(ines).post(GRID, {name(kpi, gold, 201201): "5"}).status_code == 403


@pytest.mark.parametrize("seen", ["", "[]", "{", json.dumps({"1-1-1": [1]})])
def test_a_tampered_field_is_no_500(seen: str, kpi: Kpi, gold: Tier, stella: User) -> None:
    answer = signed_in(stella).post(GRID, {"shown": seen, name(kpi, gold, 201201): "5", "save": "1"})
    assert answer.status_code in {302, 400}


@pytest.mark.parametrize("count", [2, 40])
def test_the_grid_takes_the_same_queries_whatever_its_size(
    count: int, gold: Tier, stella: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        made = factories.kpi()
        factories.target(made, gold, 201201, 5, per=Per.QUARTER)
    browser = signed_in(stella)
    browser.get(GRID)
    with django_assert_num_queries(15):
        browser.get(GRID)


def test_a_draft_older_than_what_is_approved_is_not_shown_as_waiting(kpi: Kpi, gold: Tier, stella: User) -> None:
    factories.target(kpi, gold, 201201, 9, per=Per.QUARTER, state=TargetState.DRAFT)
    factories.target(kpi, gold, 201201, 10, per=Per.QUARTER, version=2)
    text = signed_in(stella).get(GRID).content.decode()
    assert 'value="10"' in text
    assert "Send to finance" not in text


def test_a_length_that_is_none_has_no_history(kpi: Kpi, gold: Tier, ines: User) -> None:
    browser = signed_in(ines)
    assert browser.get(f"/targets/{kpi.code}/T1/quarter/2012-01/").status_code == 200
    assert browser.get(f"/targets/{kpi.code}/T1/decade/2012-01/").status_code == 404


@pytest.mark.parametrize(
    "state", [TargetState.REJECTED, TargetState.WITHDRAWN, TargetState.APPROVED, TargetState.DRAFT]
)
def test_the_history_of_every_cell_is_one_click_away(kpi: Kpi, gold: Tier, ines: User, state: TargetState) -> None:
    factories.target(kpi, gold, 201201, 9, per=Per.QUARTER, state=state)
    history = f'href="/targets/{kpi.code}/T1/quarter/2012-01/">{state.label.lower()}</a>'
    assert history in signed_in(ines).get(GRID).content.decode()


def test_who_only_reads_is_told_why_once_and_reads_units(kpi: Kpi, gold: Tier, ines: User) -> None:
    share = factories.kpi(unit="percent", customer_method="ratio", time_method="pool")
    factories.target(share, gold, 201201, 58, per=Per.QUARTER)
    page = signed_in(ines).get(GRID).content.decode()
    assert ">58 %</span>" in page
    assert page.count("Not yours to propose") == 1


def test_a_retired_kpi_is_in_the_grids_of_its_years_alone(kpi: Kpi, stella: User) -> None:
    Kpi.objects.filter(pk=kpi.pk).update(retired_from=201204, department=factories.department())
    browser = signed_in(stella)
    for query in ("per=quarter", "per=quarter&department=sales"):
        assert "Net revenue" in browser.get(f"/targets/?year=2012&{query}").content.decode()
        assert "Net revenue" not in browser.get(f"/targets/?year=2013&{query}").content.decode()


def test_an_empty_range_says_what_holds_there(gold: Tier, stella: User, ines: User) -> None:
    kpi = factories.kpi(direction="range", time_method="mean", decimals=1)
    factories.target(kpi, gold, 201201, low=3, high=5, per=Per.YEAR)
    text = signed_in(stella).get(GRID).content.decode()
    assert 'placeholder="3"' in text
    assert 'placeholder="5"' in text
    read = signed_in(ines).get(f"{GRID}&plan=1").content.decode()
    assert read.count('<span class="value lowest held">3</span>') == 8  # the tier, and all customers
    assert '<span class="value plan">–</span>' in read  # the plan, which a target does not stand in for


def test_a_draft_that_another_wrote_is_changed_by_who_saw_it_and_overwritten_by_nobody(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    page = signed_in(fay).get(GRID).content.decode()
    write(stella, {name(kpi, gold, 201201): "12"})
    late = {"shown": shown(page), name(kpi, gold, 201201): "13", "save": "1"}
    answer = signed_in(fay).post(GRID, late)
    assert (answer.status_code, stored()) == (400, [(201201, "12", "draft")])
    assert "somebody wrote 12 here meanwhile" in answer.content.decode()
    write(fay, {name(kpi, gold, 201201): "13"})
    assert stored() == [(201201, "13", "draft")]
    assert [*Target.objects.get().earlier_writers.all()] == [stella]


def test_a_draft_that_another_writes_while_the_grid_is_saved_stays_and_nothing_typed_is_lost(
    kpi: Kpi, gold: Tier, stella: User, fay: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_and_be_overtaken(*args: Any) -> Any:
        found = read_submission(*args)
        with elsewhere():
            factories.target(kpi, gold, 201201, 12, per=Per.QUARTER, state=TargetState.DRAFT, created_by=stella)
        return found

    monkeypatch.setattr("kpis.pages.grid_writes.read_submission", read_and_be_overtaken)
    answer = write(fay, {name(kpi, gold, 201201): "13"})
    assert (answer.status_code, stored()) == (400, [(201201, "12", "draft")])
    text = answer.content.decode()
    assert "holds a draft that Stella wrote" in text
    assert 'value="13"' in text


GERMAN = ("45.000", "47.500,50", "52.250", "1.045.000")
QUARTERS = (201201, 201204, 201207, 201210)


def test_a_german_block_is_read_as_one(kpi: Kpi, gold: Tier, stella: User) -> None:
    cells = {name(kpi, gold, month): text for month, text in zip(QUARTERS, GERMAN, strict=True)}
    assert write(stella, cells).status_code == 302
    assert [value for _, value, _ in stored()] == ["45000", "47500.5", "52250", "1045000"]


def test_a_number_of_two_readings_is_asked_and_the_answer_counts(kpi: Kpi, gold: Tier, stella: User) -> None:
    cell = {name(kpi, gold, 201201): "45.000"}
    answer = write(stella, cell)
    text = answer.content.decode()
    assert (answer.status_code, stored()) == (400, [])
    assert "How is “45.000” meant?" in text
    assert 'value="45.000"' in text
    assert write(stella, cell, save="1", decimal=",").status_code == 302
    assert stored() == [(201201, "45000", "draft")]


def test_what_the_product_filled_in_is_no_sign_of_how_a_person_writes(kpi: Kpi, gold: Tier, stella: User) -> None:
    write(stella, {name(kpi, gold, 201201): "1234.5"})
    answer = write(stella, {name(kpi, gold, 201201): "1234.6", name(kpi, gold, 201204): "45.000"})
    assert "How is “45.000” meant?" in answer.content.decode()


def test_three_decimals_that_the_product_filled_in_are_saved_as_they_are(kpi: Kpi, gold: Tier, stella: User) -> None:
    Kpi.objects.update(decimals=3)
    filled = write(stella, {}, fill="last", percent="0,1").context["page"]
    cells = {f"value-{cell}": texts["value"] for cell, texts in filled.typed.items()}
    assert cells[name(kpi, gold, 201201)] == "6.0060"
    write(stella, cells, save="1", made=filled.made)
    assert stored()[0] == (201201, "6.006", "draft")


@pytest.mark.parametrize(("typed", "value"), [("€ 1.234,50", "1234.5"), ("(3,000.5)", "-3000.5"), ("17 EUR", "17")])
def test_signs_of_money_are_understood(typed: str, value: str, gold: Tier, stella: User) -> None:
    money = factories.kpi("margin", unit="currency", currency="EUR")
    write(stella, {name(money, gold, 201201): typed})
    assert stored() == [(201201, value, "draft")]


@pytest.mark.parametrize("typed", ["$5", "5 %", "45 k€"])
def test_another_unit_is_refused(typed: str, gold: Tier, stella: User) -> None:
    money = factories.kpi("margin", unit="currency", currency="EUR")
    answer = write(stella, {name(money, gold, 201201): typed})
    assert (answer.status_code, stored()) == (400, [])
    assert "which this field is not in" in answer.content.decode()


def test_a_field_says_its_unit_and_how_its_number_was_understood(gold: Tier, stella: User) -> None:
    money = factories.kpi("margin", unit="currency", currency="EUR")
    factories.fact(money, factories.customer(tier=gold), 201101, 1_700_000)
    roll_up_now()
    write(stella, {name(money, gold, 201201): "1700"})
    text = signed_in(stella).get(GRID).content.decode()
    assert "typed in € in full: 1 M€ of the matrix is 1,000,000" in text
    assert '<span class="understood">€1,700</span>' in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("6.1", ""),
        ("18", ""),
        ("18.1", "more than 3 times last year’s 6.0"),
        ("0.05", "less than a hundredth of last year’s 6.0: type it in full"),
    ],
)
def test_what_looks_mistyped_is_said_and_saved(typed: str, said: str, kpi: Kpi, gold: Tier, stella: User) -> None:
    write(stella, {name(kpi, gold, 201201): typed})
    text = signed_in(stella).get(GRID).content.decode()
    assert stored() == [(201201, typed, "draft")]
    assert ("looks mistyped" in text, said in text) == (bool(said), True)


def test_a_percentage_beyond_100_is_doubted(gold: Tier, stella: User) -> None:
    share = factories.kpi("share", unit="percent")
    write(stella, {name(share, gold, 201201): "840 %"})
    assert "outside 0–100 %" in signed_in(stella).get(GRID).content.decode()
    assert stored() == [(201201, "840", "draft")]


def test_the_grid_asks_with_numbers_before_a_colleagues_proposals_go(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    write(fay, {name(kpi, gold, month): "12" for month in (201201, 201204)})
    write(fay, {}, propose="1")
    asked = " ".join(write(stella, {}, withdraw="1").content.decode().split())
    assert 'Withdraw <a href="#proposals">2 proposals of Fay, of 1 KPI</a>?' in asked
    assert {state for _, _, state in stored()} == {"proposed"}


def test_what_is_typed_is_answered_as_saving_would_and_kept_nowhere(kpi: Kpi, gold: Tier, stella: User) -> None:
    cells = {name(kpi, gold, 201201): "1.000,5", name(kpi, gold, 201204): "many"}
    told = signed_in(stella).post("/targets/understood/?year=2012&per=quarter", cells).json()["cells"]
    first, second = (told[f"{kpi.pk}-{gold.pk}-{month}"] for month in (201201, 201204))
    assert (first["understood"], first["problem"]) == ("1,000.5", "")
    assert second["problem"] == "“many” is not a number"
    assert stored() == []
