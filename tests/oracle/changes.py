"""Why a value changed, in parts, once more: each customer looked up in plain lists, one rule a function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.calculated import value
from tests.oracle.company import ALL, UNTIERED, Company, Fact, Kpi
from tests.oracle.months import Span, last_day
from tests.oracle.values import expected_months
from tests.oracle.verdicts import value_then

Parts = dict[tuple[str, str | None], "Part"]


@dataclass(frozen=True)
class Part:
    """What a group gives, its rate and mix where they are told, and how many customers it has now and before."""

    effect: Fraction
    rate: Fraction | None
    mix: Fraction | None
    now: int
    before: int


@dataclass(frozen=True)
class Reversal:
    """Each tier one way, the whole the other, and the tier whose share grew."""

    tiers: str
    all: str
    group: str
    share_before: Fraction
    share_now: Fraction


@dataclass(frozen=True)
class Halves:
    """The facts that count in the cell before and now, and the months that they are of."""

    before: list[Fact]
    now: list[Fact]
    months_before: tuple[int, ...]
    months_now: tuple[int, ...]


def is_split(company: Company, kpi: Kpi, column: str, span: Span, then: Span, today: date) -> bool:
    """Entered and calculated values, withheld changes, and values that are made of month values are not split."""
    if kpi.formula or company.is_entered(kpi):
        return False
    if value(company, kpi, column, span, today).actual is None:
        return False
    if value_then(company, kpi, column, span, then, today) is None:
        return False
    if span.kind == "month" or kpi.time_method in ("pool", "ttm", "last"):
        return True
    return kpi.time_method == "sum" and kpi.customer_method == "sum"


def months_of(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> tuple[int, ...]:
    """The months whose facts make the value; of the last value the one that the cell names."""
    if kpi.time_method != "last":
        return expected_months(kpi, span, today)
    named = value(company, kpi, column, span, today).last_month
    return () if named is None else (named,)


def counting(company: Company, kpi: Kpi, column: str, months: tuple[int, ...]) -> list[Fact]:
    """The facts of a column in some months; a count of different customers takes those above 0."""
    facts = [fact for month in months for fact in company.facts_in(kpi, column, month)]
    return [fact for fact in facts if fact.numerator > 0] if kpi.customer_method == "distinct" else facts


def halves(company: Company, kpi: Kpi, column: str, span: Span, then: Span, today: date) -> Halves:
    """Both sides of a change."""
    before = months_of(company, kpi, column, then, today)
    now = months_of(company, kpi, column, span, today)
    return Halves(counting(company, kpi, column, before), counting(company, kpi, column, now), before, now)


def numerator(facts: list[Fact]) -> Fraction:
    """ΣN."""
    return sum((fact.numerator for fact in facts), Fraction(0))


def base(kpi: Kpi, facts: list[Fact]) -> Fraction:
    """ΣD; of a mean the number of facts."""
    if kpi.customer_method == "mean":
        return Fraction(len(facts))
    return sum((fact.denominator or Fraction(0) for fact in facts), Fraction(0))


def people(facts: list[Fact]) -> set[str]:
    """Whose facts they are."""
    return {fact.customer for fact in facts}


def of(facts: list[Fact], customers: set[str]) -> list[Fact]:
    """The facts of some customers."""
    return [fact for fact in facts if fact.customer in customers]


def elsewhere(company: Company, kpi: Kpi, column: str, months: tuple[int, ...]) -> set[str]:
    """Who has a fact in another tier in these months; nobody, seen from all customers."""
    if column == ALL:
        return set()
    everywhere = counting(company, kpi, ALL, months)
    return {fact.customer for fact in everywhere if company.tier_on(fact.customer, last_day(fact.month)) != column}


def known_until(company: Company, kpi: Kpi, month: int) -> set[str]:
    """Who has a fact up to a month."""
    facts = [fact for fact in company.facts if fact.kpi == kpi.source and fact.month <= month]
    return {fact.customer for fact in facts if kpi.customer_method != "distinct" or fact.numerator > 0}


def groups_of_customers(
    company: Company, kpi: Kpi, column: str, sides: Halves
) -> dict[tuple[str, str | None], set[str]]:
    """Each customer of the cell, now or before, in one group."""
    before, now = people(sides.before), people(sides.now)
    other_before = elsewhere(company, kpi, column, sides.months_before)
    other_now = elsewhere(company, kpi, column, sides.months_now)
    known = known_until(company, kpi, max(sides.months_before, default=0))
    both, came, went = before & now, now - before, before - now
    return {
        ("stayed", None): both - other_before - other_now,
        ("partly_here", None): both & (other_before | other_now),
        ("came", "moved"): came & other_before,
        ("came", "first"): came - other_before - known,
        ("came", "back"): (came - other_before) & known,
        ("went", "moved"): went & other_now,
        ("went", "silent"): went - other_now,
    }


def times(kpi: Kpi) -> int:
    """A ratio in percent is told times 100."""
    return 100 if kpi.customer_method == "ratio" and kpi.unit == "percent" else 1


def effect_of(kpi: Kpi, sides: Halves, before: list[Fact], now: list[Fact]) -> Fraction:
    """What a group gives of the change."""
    if kpi.customer_method == "sum":
        return numerator(now) - numerator(before)
    if kpi.customer_method == "distinct":
        return Fraction(len(people(now)) - len(people(before)))
    whole_before, whole_now = base(kpi, sides.before), base(kpi, sides.now)
    rate = numerator(sides.before) / whole_before
    gives_now = (numerator(now) - rate * base(kpi, now)) / whole_now
    gave_before = (numerator(before) - rate * base(kpi, before)) / whole_before
    return (gives_now - gave_before) * times(kpi)


def rate_of(kpi: Kpi, sides: Halves, before: list[Fact], now: list[Fact]) -> Fraction:
    """D₁/ΣD₁ × (N₁/D₁ − N₀/D₀); nothing where one of the two denominators is not above 0."""
    if base(kpi, before) <= 0 or base(kpi, now) <= 0:
        return Fraction(0)
    values = numerator(now) / base(kpi, now) - numerator(before) / base(kpi, before)
    return base(kpi, now) / base(kpi, sides.now) * values * times(kpi)


def part(kpi: Kpi, sides: Halves, before: list[Fact], now: list[Fact], rate: Fraction | None) -> Part:
    """A group's part; what of it isn't rate is mix."""
    effect = effect_of(kpi, sides, before, now)
    mix = None if rate is None else effect - rate
    return Part(effect, rate, mix, len(people(now)), len(people(before)))


def parts(company: Company, kpi: Kpi, column: str, sides: Halves) -> Parts:
    """All parts of a change; groups of nobody are left out."""
    if kpi.customer_method in ("ratio", "mean") and column == ALL:
        return parts_of_tiers(company, kpi, sides)
    found = {}
    for name, group in groups_of_customers(company, kpi, column, sides).items():
        if group:
            rate = None
            if name[0] == "stayed" and kpi.customer_method in ("ratio", "mean"):
                each = ((of(sides.before, {one}), of(sides.now, {one})) for one in group)
                rate = sum((rate_of(kpi, sides, *both) for both in each), Fraction(0))
            found[name] = part(kpi, sides, of(sides.before, group), of(sides.now, group), rate)
    return found


def in_tier(company: Company, facts: list[Fact], tier: str) -> list[Fact]:
    """The facts that count in a tier."""
    return [fact for fact in facts if company.tier_on(fact.customer, last_day(fact.month)) == tier]


def by_tier(company: Company, sides: Halves) -> dict[str, tuple[list[Fact], list[Fact]]]:
    """The facts before and now of each tier that has some, the tiers by rank, Untiered last."""
    codes = [*(tier.code for tier in sorted(company.tiers, key=lambda t: (t.rank, t.code))), UNTIERED]
    found = {code: (in_tier(company, sides.before, code), in_tier(company, sides.now, code)) for code in codes}
    return {code: both for code, both in found.items() if both[0] or both[1]}


def parts_of_tiers(company: Company, kpi: Kpi, sides: Halves) -> Parts:
    """All customers of a ratio or a mean: the tiers, each with rate and mix."""
    return {
        (code, None): part(kpi, sides, before, now, rate_of(kpi, sides, before, now))
        for code, (before, now) in by_tier(company, sides).items()
    }


def reversal(company: Company, kpi: Kpi, sides: Halves) -> Reversal | None:
    """Every tier with a value in both went strictly one way, at least two of them, and the whole the other."""
    tiers = by_tier(company, sides)
    valued = {code: both for code, both in tiers.items() if base(kpi, both[0]) > 0 and base(kpi, both[1]) > 0}
    moved = [numerator(n) / base(kpi, n) - numerator(b) / base(kpi, b) for b, n in valued.values()]
    whole = numerator(sides.now) / base(kpi, sides.now) - numerator(sides.before) / base(kpi, sides.before)
    rise = len(moved) > 1 and all(move > 0 for move in moved) and whole < 0
    fall = len(moved) > 1 and all(move < 0 for move in moved) and whole > 0
    if not rise and not fall:
        return None
    found = parts_of_tiers(company, kpi, sides)
    shares = {
        code: (base(kpi, before) / base(kpi, sides.before), base(kpi, now) / base(kpi, sides.now))
        for code, (before, now) in tiers.items()
    }
    grown = [code for code, (before, now) in shares.items() if now > before]
    weights = {code: (found[code, None].mix or Fraction(0)) * (-1 if rise else 1) for code in grown}
    cause = max(grown, key=lambda code: weights[code])
    return Reversal(*(("higher", "lower") if rise else ("lower", "higher")), cause, *shares[cause])
