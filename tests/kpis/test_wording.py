"""How a value came about: one sentence for each pair of methods, worked out by hand."""

from __future__ import annotations

import pytest

from core.formatting import Style
from core.periods import Month
from kpis.choices import CustomerMethod, TimeMethod
from kpis.formulas.values import Components, Method, Value, value_of_period
from kpis.models import Kpi
from kpis.wording import how, part_names

MONTHS = {
    Month(202607): Components(20_000, 40_000, 3, 2),  # 2 of 4 from 3 facts of 2 customers
    Month(202608): Components(20_000, 1_000_000, 5, 4),  # 2 of 100 from 5 facts of 4 customers
}
ENTERED = {month: Components(c.numerator, c.denominator, 1, 0, entered=True) for month, c in MONTHS.items()}
NUMBER, PERCENT = Style("number", decimals=2), Style("percent", decimals=2)
IN_THE_MONTHS = "The {} of 2 month values ({} in July 2026 and {} in August 2026), each {}: {}."

SENTENCES = {
    ("sum", "pool"): "4 in all from 8 facts, pooled over July to August 2026: 4.00.",
    ("sum", "ttm"): "4 in all from 8 facts, over the twelve months that end with the period: 4.00.",
    ("sum", "sum"): IN_THE_MONTHS.format("sum", "2.00", "2.00", "the sum of its facts", "4.00"),
    ("sum", "mean"): IN_THE_MONTHS.format("mean", "2.00", "2.00", "the sum of its facts", "2.00")
    + " An average of averages.",
    ("sum", "last"): "The value of August 2026, the last month that has one: the sum of its facts, 2.00.",
    ("mean", "pool"): "4 over 8 facts, pooled over July to August 2026: 0.50.",
    ("mean", "ttm"): "4 over 8 facts, over the twelve months that end with the period: 0.50.",
    ("mean", "sum"): IN_THE_MONTHS.format("sum", "0.67", "0.40", "the mean of its facts", "1.07"),
    ("mean", "mean"): IN_THE_MONTHS.format("mean", "0.67", "0.40", "the mean of its facts", "0.53")
    + " An average of averages.",
    ("mean", "last"): "The value of August 2026, the last month that has one: the mean of its facts, 0.40.",
    ("ratio", "pool"): "4 of 104, pooled over July to August 2026: 3.85 %.",
    ("ratio", "ttm"): "4 of 104, over the twelve months that end with the period: 3.85 %.",
    ("ratio", "sum"): IN_THE_MONTHS.format("sum", "50.00 %", "2.00 %", "the ratio of its sums", "52.00 %"),
    ("ratio", "mean"): IN_THE_MONTHS.format("mean", "50.00 %", "2.00 %", "the ratio of its sums", "26.00 %")
    + " An average of averages.",
    ("ratio", "last"): "The value of August 2026, the last month that has one: the ratio of its sums, 2.00 %.",
    ("distinct", "pool"): "5 different customers, pooled over July to August 2026: 5.00.",
    ("distinct", "ttm"): "5 different customers, over the twelve months that end with the period: 5.00.",
    ("distinct", "sum"): IN_THE_MONTHS.format("sum", "2.00", "4.00", "a count of different customers", "6.00"),
    ("distinct", "mean"): IN_THE_MONTHS.format("mean", "2.00", "4.00", "a count of different customers", "3.00")
    + " An average of averages.",
    ("distinct", "last"): "The value of August 2026, the last month that has one: its different customers, 4.00.",
}


def sentence(customer: str, time: str, months: dict[Month, Components], expected: int = 3) -> str:
    percent = customer == "ratio"
    method = Method(CustomerMethod(customer), TimeMethod(time), percent)
    value = value_of_period(method, months, expected, customers=5 if customer == "distinct" else None)
    return how(method, value, months, PERCENT if percent else NUMBER)


def test_there_is_a_sentence_for_each_pair_of_methods() -> None:
    assert set(SENTENCES) == {(c, t) for c in CustomerMethod.values for t in TimeMethod.values}


@pytest.mark.parametrize("pair", list(SENTENCES))
def test_a_sentence_tells_how_the_value_came_about(pair: tuple[str, str]) -> None:
    assert sentence(*pair, MONTHS) == SENTENCES[pair]


@pytest.mark.parametrize(
    ("customer", "told"),
    [
        ("sum", "2 in all from 3 facts in July 2026: 2.00."),
        ("mean", "2 over 3 facts in July 2026: 0.67."),
        ("ratio", "2 of 4 in July 2026: 50.00 %."),
        ("distinct", "5 different customers in July 2026: 5.00."),
    ],
)
def test_a_single_month_names_the_month(customer: str, told: str) -> None:
    assert sentence(customer, "pool", {Month(202607): MONTHS[Month(202607)]}, expected=1) == told


@pytest.mark.parametrize(
    ("customer", "told"),
    [
        ("sum", "4 in all from 2 entries, pooled over July to August 2026: 4.00."),
        ("mean", "4 over 104 observations, pooled over July to August 2026: 0.04."),
    ],
)
def test_actuals_that_were_entered_are_called_so(customer: str, told: str) -> None:
    assert sentence(customer, "pool", ENTERED) == told


def test_a_ratio_that_is_no_percentage_is_one_sum_over_the_other() -> None:
    method = Method(CustomerMethod.RATIO, TimeMethod.POOL)
    value = value_of_period(method, MONTHS, 3)
    assert how(method, value, MONTHS, NUMBER) == "4 over 104, pooled over July to August 2026: 0.04."


def test_no_data_is_said() -> None:
    nothing = Value(None, Components(), 0, 3, None)
    method = Method(CustomerMethod.SUM, TimeMethod.SUM)
    assert how(method, nothing, {}, NUMBER) == "There is nothing to compute a value from."


@pytest.mark.parametrize(
    ("definition", "names"),
    [
        ("Promoters (numerator), of all answers (denominator).", ("Promoters", "All answers")),
        ("Asked once a year. Contacts that customers needed (numerator), over issues solved (denominator).",
         ("Contacts that customers needed", "Issues solved")),
        ("Answers of 9 or 10 to “Would you recommend us?” (numerator) per answer (denominator): yearly",
         ("Answers of 9 or 10 to “Would you recommend us?”", "Answer")),
        ("Promoters, of all answers.", ("Numerator", "Denominator")),
        (f"{'Very ' * 20}long (numerator), of all (denominator)", ("Numerator", "Denominator")),
        ("", ("Numerator", "Denominator")),
    ],
)  # fmt: skip
def test_the_sums_of_a_ratio_are_called_as_its_definition_calls_them(definition: str, names: tuple[str, str]) -> None:
    assert part_names(Kpi(customer_method="ratio", definition=definition)) == names


def test_what_is_not_divided_keeps_its_own_name() -> None:
    definition = "Promoters (numerator), of all answers (denominator)."
    assert part_names(Kpi(customer_method="sum", definition=definition)) == ("Value", "")
