"""The composite of a column, once more from the rules alone."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.oracle.calculated import value
from tests.oracle.columns import column_codes
from tests.oracle.company import UNTIERED, Company, Kpi
from tests.oracle.months import Span
from tests.oracle.targets import target
from tests.oracle.verdicts import band, distance, status

Weights = dict[str, Fraction]


def score(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> Fraction | None:
    """Of a cell with a verdict: 100 where met, 50 at the edge of near, 0 from twice the band on."""
    aim = target(company, kpi, column, span, today)
    verdict = status(company, kpi, column, span, aim, today)
    if verdict == "met":
        return Fraction(100)
    if verdict not in ("near", "missed") or aim is None:
        return None
    actual = value(company, kpi, column, span, today).actual
    assert actual is not None
    wrong_by, bound = distance(kpi, actual, aim)
    around = band(kpi, bound)
    if around == 0:
        return Fraction(0)
    found = 100 - 50 * wrong_by / around
    return found if found > 0 else Fraction(0)


def composites(
    company: Company, weights: Weights, span: Span, today: date
) -> list[tuple[str, str | None, Fraction, set[str]]]:
    """Of each column but Untiered: its code, the index with one decimal, the weight with a verdict, who has none."""
    found = []
    standing = {kpi.code: kpi.meant_in(span.last) for kpi in company.kpis_of(span.last)}
    for column in column_codes(company, span, today):
        if column == UNTIERED:
            continue
        scores = {}
        for code in weights:
            if code in standing:
                one = score(company, standing[code], column, span, today)
                if one is not None:
                    scores[code] = one
        weighed = sum((weights[code] for code in scores), Fraction(0))
        index = None
        if weighed >= 75:
            index = one_decimal(sum((weights[code] * scores[code] for code in scores), Fraction(0)) / weighed)
        found.append((column, index, weighed, set(weights) - set(scores)))
    return found


def one_decimal(number: Fraction) -> str:
    """Rounded half away from zero."""
    tenths = (Decimal(number.numerator * 10) / Decimal(number.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{tenths / 10:.1f}"
