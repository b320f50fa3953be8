"""Entering actuals, as people do it: whose they are, what is missing, and a month's form."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.company import today
from accounts.models import User
from core.formatting import month_name
from core.periods import Month, month_code, month_of, shift
from customers.models import Tier
from kpis.models import Kpi, MonthCell, Restatement, TierActual
from kpis.pages.actuals import entered_kpis
from kpis.reading.missing import missing_months
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.kpis.test_semantics_versions import changed

pytestmark = pytest.mark.django_db
JANUARY = "/actuals/score/2011-01/"


def ago(months: int) -> Month:
    return shift(month_of(today()), -months)


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1", name="Gold")


@kept
def silver(db: None) -> Tier:
    return factories.tier("T2", name="Silver")


@kept
def score(omar: User) -> Kpi:
    return factories.kpi("score", name="Score", customer_method="mean", time_method="pool", owner=omar)


def text_of(by: User, address: str) -> str:
    return html.unescape(signed_in(by).get(address).content.decode())


def type_in(by: User, cells: dict[str, Any], address: str = JANUARY, shown: str | None = None) -> Any:
    """Open the form, type, save."""
    browser = signed_in(by)
    page = html.unescape(browser.get(address).content.decode())
    found = re.search(r'name="shown"\s+value="(.*?)">', page)
    assert found
    fields = dict(re.findall(r'name="((?:numerator|denominator|reason)-\d+)"\s+value="([^"]*)"', page))
    return browser.post(address, fields | {"shown": found[1] if shown is None else shown} | cells)


def stored() -> list[tuple[str, str, str]]:
    rows = TierActual.objects.order_by("tier__code")
    return [(row.tier.code, f"{row.numerator:.1f}", f"{row.denominator or 0:.1f}") for row in rows]


def test_an_owner_enters_a_month_by_tier_and_the_matrix_follows(
    score: Kpi, gold: Tier, silver: Tier, omar: User
) -> None:
    answer = type_in(omar, {f"numerator-{gold.pk}": "1,234.5", f"denominator-{gold.pk}": "100"})
    assert (answer.status_code, stored()) == (302, [("T1", "1234.5", "100.0")])
    roll_up_now()
    assert MonthCell.objects.get(tier=gold).entered
    assert "12.35" in text_of(omar, JANUARY)


def test_zero_is_a_value_and_blank_is_none(score: Kpi, gold: Tier, silver: Tier, omar: User) -> None:
    type_in(omar, {f"numerator-{gold.pk}": "0", f"denominator-{gold.pk}": "10"})
    assert stored() == [("T1", "0.0", "10.0")]


def test_last_month_stands_beside_each_field(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, 201012, 30, 4)
    assert "Last month: 30 of 4: 7.50" in text_of(omar, JANUARY)


def test_a_kpi_that_adds_up_asks_for_one_number(gold: Tier, omar: User) -> None:
    factories.kpi("score", owner=omar)
    page = text_of(omar, JANUARY)
    assert ">Value<" in page
    assert "denominator-" not in page


def test_bad_lines_are_named_and_nothing_is_saved(score: Kpi, gold: Tier, silver: Tier, omar: User) -> None:
    typed = {f"numerator-{gold.pk}": "3", f"denominator-{gold.pk}": "1", f"numerator-{silver.pk}": "many"}
    answer = type_in(omar, typed | {f"denominator-{silver.pk}": "2"})
    assert (answer.status_code, stored()) == (400, [])
    page = answer.content.decode()
    assert "Numerator “many” is not a number" in page
    assert 'value="many"' in page


def test_a_number_without_its_base_and_a_base_without_its_number_are_refused(
    score: Kpi, gold: Tier, silver: Tier, omar: User
) -> None:
    answer = type_in(omar, {f"numerator-{gold.pk}": "3"})
    assert "Denominator is missing" in answer.content.decode()
    answer = type_in(omar, {f"denominator-{gold.pk}": "3"})
    assert "blank is not zero" in answer.content.decode()
    assert stored() == []


def test_a_correction_needs_a_reason_and_keeps_the_old_value(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, 201101, 30, 4)
    answer = type_in(omar, {f"numerator-{gold.pk}": "32"})
    assert (answer.status_code, stored()) == (400, [("T1", "30.0", "4.0")])
    answer = type_in(omar, {f"numerator-{gold.pk}": "32", f"reason-{gold.pk}": "Two came late"})
    assert (answer.status_code, stored()) == (302, [("T1", "32.0", "4.0")])
    page = text_of(omar, JANUARY)
    assert "30 of 4: 7.50 became 32 of 4: 8.00" in page
    assert "Two came late" in page


def test_emptying_a_value_takes_it_away_with_a_reason(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, 201101, 30, 4)
    blank = {f"numerator-{gold.pk}": "", f"denominator-{gold.pk}": ""}
    assert type_in(omar, blank).status_code == 400
    assert type_in(omar, blank | {f"reason-{gold.pk}": "It was another month's"}).status_code == 302
    assert stored() == []
    assert Restatement.objects.get().old_numerator == 30


def test_somebody_elses_value_is_not_overwritten_unseen(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, 201101, 30, 4)
    typed = {f"numerator-{gold.pk}": "9", f"reason-{gold.pk}": "So it is"}
    for shown in ("{}", "nonsense", f'{{"{gold.pk}":["31","4"]}}'):
        assert type_in(omar, typed, shown=shown).status_code == 409
    assert stored() == [("T1", "30.0", "4.0")]


def test_each_page_is_for_who_may_enter_the_kpi(
    score: Kpi, gold: Tier, omar: User, stella: User, fay: User, ines: User
) -> None:
    other = factories.kpi("other")
    codes = {user.name: signed_in(user).get(JANUARY).status_code for user in (omar, stella, fay, ines)}
    assert codes == {"Omar": 200, "Stella": 200, "Fay": 403, "Ines": 403}
    assert signed_in(omar).get("/actuals/other/2011-01/").status_code == 403
    assert [one.kpi for one in entered_kpis(omar, today())] == [score]
    assert {one.kpi for one in entered_kpis(stella, today())} == {score, other}
    assert entered_kpis(fay, today()) == []
    assert "nothing for you to enter" in text_of(fay, "/actuals/")


def test_a_month_that_has_not_begun_and_nonsense_are_not_found(score: Kpi, omar: User) -> None:
    browser = signed_in(omar)
    for month in (month_code(ago(-1)), "soon"):
        assert browser.get(f"/actuals/score/{month}/").status_code == 404
    assert browser.get(f"/actuals/score/{month_code(ago(0))}/").status_code == 200


def test_calculated_kpis_and_those_with_facts_take_no_entries(score: Kpi, gold: Tier, stella: User) -> None:
    factories.kpi("double", formula="score * 2", customer_method="", time_method="")
    measured = factories.kpi("measured")
    factories.fact(measured, factories.customer(tier=gold), 201101, 5)
    assert "has facts of customers" in text_of(stella, "/actuals/measured/2011-01/")
    assert signed_in(stella).get("/actuals/double/2011-01/").status_code == 403
    roll_up_now()
    assert [one.kpi for one in entered_kpis(stella, today())] == [score]


def test_a_month_is_missing_where_a_tier_has_earlier_actuals(score: Kpi, gold: Tier, silver: Tier) -> None:
    for back in (5, 4, 2):
        factories.tier_actual(score, gold, ago(back), 3, 1)
    factories.tier_actual(score, silver, ago(3), 3, 1)
    found = [(one.month, one.names) for one in missing_months([score], today())[score.pk]]
    assert found == [(ago(1), "Gold and Silver"), (ago(2), "Silver"), (ago(3), "Gold")]


def test_retired_tiers_and_kpis_and_what_nobody_began_miss_nothing(score: Kpi, gold: Tier, silver: Tier) -> None:
    untouched = factories.kpi("untouched")
    factories.tier_actual(score, gold, ago(3), 3, 1)
    factories.tier_actual(score, silver, ago(3), 3, 1)
    Tier.objects.filter(pk=silver.pk).update(retired_from=ago(2))
    score.retired_from = ago(1)
    missing = missing_months([score, untouched], today())
    assert [(one.month, one.names) for one in missing[score.pk]] == [(ago(2), "Gold")]
    assert missing[untouched.pk] == ()


def test_the_list_leads_to_what_is_missing(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, ago(2), 3, 1)
    page = text_of(omar, "/actuals/")
    assert f'href="/actuals/score/{month_code(ago(1))}/">{month_name(ago(1))}<' in page
    assert f"last entered: {month_name(ago(2))}" in page


def test_the_pages_take_the_same_queries_whatever_there_is(
    score: Kpi, gold: Tier, silver: Tier, stella: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        factories.tier_actual(factories.kpi(f"k{number}"), gold, ago(2), 3)
    with django_assert_num_queries(4):  # the day, the roles, the KPIs, what was entered
        assert len(entered_kpis(stella, today())) == 21


def test_the_form_of_a_month_asks_for_what_the_kpi_meant_in_it(score: Kpi, gold: Tier, omar: User) -> None:
    changed(score, 201104, customer_method="sum", time_method="sum")
    assert "Observations" in text_of(omar, JANUARY)
    assert "Observations" not in text_of(omar, "/actuals/score/2011-04/")


def test_a_month_in_which_the_kpi_was_calculated_says_so(gold: Tier, omar: User) -> None:
    kpi = factories.kpi("score", owner=omar, formula="2 * other", customer_method="", time_method="")
    changed(kpi, 201104, formula="", customer_method="sum", time_method="sum")
    assert "calculated from others" in text_of(omar, JANUARY)
    assert ">Value<" in text_of(omar, "/actuals/score/2011-04/")


def test_a_months_numbers_are_read_as_one_block(gold: Tier, silver: Tier, omar: User) -> None:
    factories.kpi("score", owner=omar, unit="currency", currency="EUR")
    answer = type_in(omar, {f"numerator-{gold.pk}": "45.000", f"numerator-{silver.pk}": "€ 47.500,50"})
    assert (answer.status_code, stored()) == (302, [("T1", "45000.0", "0.0"), ("T2", "47500.5", "0.0")])


def test_a_number_of_two_readings_is_asked_and_the_answer_counts(gold: Tier, omar: User) -> None:
    factories.kpi("score", owner=omar)
    answer = type_in(omar, {f"numerator-{gold.pk}": "45.000"})
    assert (answer.status_code, stored()) == (400, [])
    assert "How is “45.000” meant?" in answer.content.decode()
    assert type_in(omar, {f"numerator-{gold.pk}": "45.000", "decimal": ","}).status_code == 302
    assert stored() == [("T1", "45000.0", "0.0")]


def test_a_stored_number_of_three_decimals_is_no_question(gold: Tier, silver: Tier, omar: User) -> None:
    kpi = factories.kpi("score", owner=omar)
    factories.tier_actual(kpi, gold, 201101, "45.125")
    assert type_in(omar, {f"numerator-{silver.pk}": "3,000"}).status_code == 400  # what is stored is no answer
    assert type_in(omar, {f"numerator-{silver.pk}": "3"}).status_code == 302


def test_counts_take_no_sign_of_money_or_percent(gold: Tier, omar: User) -> None:
    factories.kpi("score", owner=omar, unit="percent", customer_method="ratio", time_method="pool")
    answer = type_in(omar, {f"numerator-{gold.pk}": "84 %", f"denominator-{gold.pk}": "120"})
    assert (answer.status_code, stored()) == (400, [])


def test_what_looks_mistyped_is_said_and_stored(gold: Tier, omar: User) -> None:
    kpi = factories.kpi("score", owner=omar)
    factories.tier_actual(kpi, gold, 201001, 30)
    type_in(omar, {f"numerator-{gold.pk}": "91"})
    assert "it looks mistyped: more than 3 times last year’s 30" in text_of(omar, JANUARY)
    assert ("T1", "91.0", "0.0") in stored()


def test_who_comes_too_late_keeps_what_they_typed_and_sees_what_is_there(
    score: Kpi, gold: Tier, omar: User, stella: User
) -> None:
    page = signed_in(omar).get(JANUARY).content.decode()
    shown = re.search(r'name="shown"\s+value="(.*?)">', page)
    assert shown
    type_in(stella, {f"numerator-{gold.pk}": "9", f"denominator-{gold.pk}": "4"})
    typed = {f"numerator-{gold.pk}": "8", f"denominator-{gold.pk}": "4", f"reason-{gold.pk}": "Mine"}
    late = type_in(omar, typed, shown=html.unescape(shown[1]))
    assert late.status_code == 409
    text = late.content.decode()
    assert "Somebody entered another value for Gold meanwhile." in text
    assert 'value="8"' in text
    assert TierActual.objects.get().numerator == 9
    again = {name: late.context["form"].lines[0].typed[name] for name in ("numerator", "denominator", "reason")}
    sent = {f"{name}-{gold.pk}": value for name, value in again.items()} | {"shown": late.context["form"].shown}
    assert signed_in(omar).post(JANUARY, sent).status_code == 302
    assert TierActual.objects.get().numerator == 8
