"""Who belongs to which tier by rank, from the rules alone: customers sorted, counted and compared one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

Fact = tuple[int, Fraction, Fraction | None]  # month, numerator, denominator


def value(customer_method: str, time_method: str, facts: Sequence[Fact]) -> Fraction | None:
    """The KPI's value for one customer over a window."""
    if not facts:
        return None
    if time_method == "pool":
        return month_value(customer_method, facts)
    months = [one for fact in sorted(facts) if (one := month_value(customer_method, [fact])) is not None]
    if not months:
        return None
    if time_method == "last":
        return months[-1]
    return sum(months, Fraction(0)) / (len(months) if time_method == "mean" else 1)


def month_value(method: str, facts: Sequence[Fact]) -> Fraction | None:
    """The customer method over facts as though they were of one month."""
    above = sum((fact[1] for fact in facts), Fraction(0))
    if method == "sum":
        return above
    if method == "mean":
        return above / len(facts)
    if method == "distinct":
        return Fraction(int(any(fact[1] > 0 for fact in facts)))
    below = sum((fact[2] or Fraction(0) for fact in facts), Fraction(0))
    return above / below if below else None


def placed(
    values: Mapping[str, Fraction | None], by: str, cuts: Sequence[Fraction], *, higher: bool
) -> tuple[dict[str, int], list[Fraction | None]]:
    """The tier of each by rank, 0 the best, and the value of each cut."""
    known = sorted((one for one in values.values() if one is not None), reverse=higher)
    amounts: list[Fraction | None] = []
    for cut in cuts:
        if by == "value":
            amounts.append(cut)
            continue
        count = int(len(values) * cut / 100) if by == "share" else int(cut)
        amounts.append(known[min(count, len(known)) - 1] if min(count, len(known)) > 0 else None)
    places = {}
    for customer, one in values.items():
        place = len(cuts)
        for number, amount in reversed(list(enumerate(amounts))):
            if one is not None and amount is not None and (one >= amount if higher else one <= amount):
                place = number
        places[customer] = place
    return places, amounts


def settled(
    now: int,
    customer: str,
    values: Mapping[str, Fraction | None],
    rankings: Sequence[Mapping[str, int]],
    amounts: Sequence[Fraction | None],
    percent: Fraction | None,
    *,
    higher: bool,
) -> int:
    """The tier of a customer who is in one: a step over each cut that it is past, or beyond which it ranked each time.

    ``rankings`` are those of the last month ends, the latest first; those before it are not asked where it is alone.
    """
    wanted, tier = rankings[0][customer], now
    while tier != wanted:
        up = wanted < tier
        cut = tier - 1 if up else tier
        free = percent is None and len(rankings) == 1
        past = percent is not None and is_past(values[customer], amounts[cut], percent, up=up, higher=higher)
        often = len(rankings) > 1 and all(
            customer in one and (one[customer] <= cut if up else one[customer] > cut) for one in rankings
        )
        if not (free or past or often):
            break
        tier += -1 if up else 1
    return tier


def is_past(one: Fraction | None, amount: Fraction | None, percent: Fraction, *, up: bool, higher: bool) -> bool:
    """Whether a value is so much of the cut's amount beyond the cut."""
    if one is None or amount is None:
        return True
    reach = abs(amount) * percent / 100
    rising = up == higher
    return one >= amount + reach if rising else one <= amount - reach
