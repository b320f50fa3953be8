"""Early warnings and their record, once more from the rules alone: every customer at every month end, one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import comb

from tests.oracle.company import Company, Fact, Kpi
from tests.oracle.events import Life
from tests.oracle.months import last_day, later, run_of

USUAL_BAND = Fraction(10)
MONTH_ENDS = 24


@dataclass
class Scene:
    """A company, who joined and left, the KPI named for value, and those from whose activity lives were derived."""

    company: Company
    lifecycle: list[Life] = field(default_factory=list)
    value: str | None = None
    derived_from: frozenset[str] = frozenset()
    told: dict[int, dict[str, list[Change]]] = field(default_factory=dict)  # what was found of a month is kept

    @cached_property
    def lives(self) -> dict[str, list[Life]]:
        """Each customer's events in the order of their days."""
        found: dict[str, list[Life]] = defaultdict(list)
        for one in sorted(self.lifecycle, key=lambda one: one.on):
            found[one.customer].append(one)
        return found

    @cached_property
    def own_facts(self) -> dict[tuple[str, str], dict[int, Fact]]:
        """The facts that count, by month, of each KPI that has facts of its own and each customer."""
        found: dict[tuple[str, str], dict[int, Fact]] = defaultdict(dict)
        for (code, month), facts in self.company.facts_by_slice.items():
            for fact in facts:
                found[code, fact.customer][month] = fact
        return found

    @cached_property
    def spoken(self) -> set[tuple[str, int]]:
        """The months in which a KPI has a fact of anybody."""
        return {key for key, facts in self.company.facts_by_slice.items() if facts}

    @cached_property
    def customers(self) -> list[str]:
        """Everybody with a fact."""
        return sorted({fact.customer for fact in self.company.facts})

    def facts_of(self, kpi: Kpi, customer: str, months: Sequence[int]) -> list[Fact]:
        """The customer's facts that the KPI takes in these months."""
        own = self.own_facts.get((kpi.source, customer), {})
        return [own[month] for month in months if month in own]


@dataclass(frozen=True)
class Change:
    """Both values, and how much worse the later one is in bands; none where the band is 0."""

    kpi: str
    earlier: Fraction
    recent: Fraction
    worse_by: Fraction
    bands: Fraction | None


@dataclass(frozen=True)
class Record:
    """What became of the warned; ``tail`` is the probability of so many lost by chance."""

    warned: int
    lost: int
    base: Fraction | None
    lift: Fraction | None
    lead: Fraction | None
    tail: Fraction | None
    shown: bool
    sentence: str | None


def middle(numbers: Sequence[Fraction]) -> Fraction | None:
    """The median; of an even number the mean of the middle two."""
    ordered = sorted(numbers)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def looked_at(scene: Scene, month: int) -> list[Kpi]:
    """The leading KPIs that foretell by facts of their own."""
    barred = {scene.company.kpi(code).source for code in (*scene.derived_from, scene.value) if code}
    return [
        kpi
        for kpi in scene.company.kpis_of(month)
        if kpi.indicator == "leading"
        and not kpi.formula
        and not scene.company.is_entered(kpi)
        and kpi.direction != "range"
        and kpi.customer_method != "distinct"
        and kpi.source not in barred
    ]


def is_on_the_book(scene: Scene, customer: str, month: int) -> bool:
    """The last event up to the month's last day is joined or returned."""
    before = [one.kind for one in scene.lives.get(customer, []) if one.on <= last_day(month)]
    return bool(before) and before[-1] != "left"


def is_there(scene: Scene, customer: str, month: int) -> bool:
    """On the book; in a company without events with a fact of any KPI in the six months up to it."""
    if scene.lifecycle:
        return is_on_the_book(scene, customer, month)
    six = run_of(later(month, -5), 6)
    return any(scene.facts_of(kpi, customer, six) for kpi in scene.company.kpis)


def value(scene: Scene, kpi: Kpi, customer: str, months: Sequence[int]) -> Fraction | None:
    """The customer's value over some months, of at least two facts."""
    facts = scene.facts_of(kpi, customer, months)
    if len(facts) < 2:
        return None
    if kpi.customer_method == "sum" and kpi.absent == "zero":
        heard = [month for month in months if (kpi.source, month) in scene.spoken]
        if scene.lifecycle:
            heard = [month for month in heard if is_on_the_book(scene, customer, month)]
        total = sum((fact.numerator for fact in facts if fact.month in heard), Fraction(0))
        return total / len(heard) if heard else None
    total = sum((fact.numerator for fact in facts), Fraction(0))
    if kpi.customer_method in ("sum", "mean"):
        return total / len(facts)
    below = sum((fact.denominator or Fraction(0) for fact in facts), Fraction(0))
    return total / below * (100 if kpi.unit == "percent" else 1) if below else None


def change(scene: Scene, kpi: Kpi, customer: str, month: int) -> Change | None:
    """The last three months less the nine before, in near bands of the earlier value, more being worse."""
    recent = value(scene, kpi, customer, run_of(later(month, -2), 3))
    earlier = value(scene, kpi, customer, run_of(later(month, -11), 9))
    if recent is None or earlier is None:
        return None
    worse_by = earlier - recent if kpi.direction == "higher" else recent - earlier
    band = kpi.near_band_abs
    if band is None:
        band = abs(earlier) * (USUAL_BAND if kpi.near_band is None else kpi.near_band) / 100
    return Change(kpi.code, earlier, recent, worse_by, worse_by / band if band else None)


def changes(scene: Scene, month: int) -> dict[str, list[Change]]:
    """Who could be warned, each with the changes, less what is usual of all of them in each KPI."""
    if month in scene.told:
        return scene.told[month]
    there = [customer for customer in scene.customers if is_there(scene, customer, month)]
    found: dict[str, list[Change]] = {}
    for kpi in looked_at(scene, month):
        own = {customer: one for customer in there if (one := change(scene, kpi, customer, month)) is not None}
        usual = middle([one.bands for one in own.values() if one.bands is not None])
        for customer, one in own.items():
            bands = None if one.bands is None or usual is None else one.bands - usual
            found.setdefault(customer, []).append(Change(one.kpi, one.earlier, one.recent, one.worse_by, bands))
    scene.told[month] = found
    return found


def counts(one: Change) -> bool:
    """A change of more than a band; with a band of 0 any change to the worse."""
    return one.worse_by > 0 if one.bands is None else one.bands > 1


def warned(scene: Scene, month: int) -> dict[str, list[Change]]:
    """Who is warned, with the reasons: KPIs that take the same facts are one."""
    found = {}
    for customer, own in changes(scene, month).items():
        reasons = [one for one in own if counts(one)]
        sources = {scene.company.kpi(one.kpi).source for one in reasons}
        if len(sources) >= 2 or any(one.bands is not None and one.bands > 3 for one in reasons):
            found[customer] = reasons
    return found


def worth(scene: Scene, customer: str, months: Sequence[int]) -> Fraction:
    """The sum of the KPI for value over some months."""
    if scene.value is None:
        return Fraction(0)
    facts = scene.facts_of(scene.company.kpi(scene.value), customer, months)
    return sum((fact.numerator for fact in facts), Fraction(0))


def ranked(scene: Scene, month: int) -> list[tuple[str, Fraction]]:
    """Who is warned, by the value of the twelve months, the greatest first; of equals by the code."""
    twelve = run_of(later(month, -11), 12)
    found = [(customer, worth(scene, customer, twelve)) for customer in warned(scene, month)]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def months_to_left(scene: Scene, customer: str, month: int) -> int | None:
    """After how many months, of six, the customer left; none where it didn't."""
    for after in range(1, 7):
        at = later(month, after)
        if any(one.kind == "left" and one.on.year * 100 + one.on.month == at for one in scene.lives.get(customer, [])):
            return after
    return None


def is_lost(scene: Scene, customer: str, month: int) -> bool:
    """Left in the six months after, or with less than half of the value of the six up to the month."""
    if months_to_left(scene, customer, month) is not None:
        return True
    twelve = run_of(later(month, -5), 12)
    if scene.value is None or any((scene.company.kpi(scene.value).source, at) not in scene.spoken for at in twelve):
        return False
    before, after = worth(scene, customer, twelve[:6]), worth(scene, customer, twelve[6:])
    return before > 0 and after * 2 < before


def month_ends(today: date) -> list[int]:
    """The month ends for which six months have passed, at most 24, the earliest first."""
    month = today.year * 100 + today.month
    while last_day(later(month, 6)) >= today:
        month = later(month, -1)
    return list(run_of(later(month, 1 - MONTH_ENDS), MONTH_ENDS))


def counting(scene: Scene, today: date) -> list[tuple[str, int]]:
    """Each customer at each month end at which it is warned, and was not at any of the six before."""
    ends = month_ends(today)
    at = {month: warned(scene, month) for month in run_of(later(ends[0], -6), len(ends) + 6)}
    return [
        (customer, month)
        for month in ends
        for customer in at[month]
        if not any(customer in at[later(month, -back)] for back in range(1, 7))
    ]


def share_lost(scene: Scene, month: int) -> Fraction:
    """Of all that could be warned at a month end, the share that was lost."""
    could = changes(scene, month)
    return Fraction(sum(is_lost(scene, customer, month) for customer in could), len(could))


def by_chance(count: int, lost: int, base: Fraction) -> Fraction:
    """The probability of so many or more lost of them, each with the base's."""
    a, b = base.numerator, base.denominator
    return Fraction(sum(comb(count, k) * a**k * (b - a) ** (count - k) for k in range(lost, count + 1)), b**count)


def record(scene: Scene, today: date) -> Record:
    """The record of all warnings that count."""
    counted = counting(scene, today)
    lost = [(customer, month) for customer, month in counted if is_lost(scene, customer, month)]
    shares = {month: share_lost(scene, month) for _, month in counted}
    months = [months_to_left(scene, customer, month) for customer, month in lost]
    lead = middle([Fraction(one) for one in months if one is not None])
    base = sum((shares[month] for _, month in counted), Fraction(0)) / len(counted) if counted else None
    return told(len(counted), len(lost), base, lead)


def told(count: int, lost: int, base: Fraction | None, lead: Fraction | None) -> Record:
    """The record with whether it is shown, and else the one sentence."""
    lift = Fraction(lost, count) / base if base else None
    tail = by_chance(count, lost, base) if base is not None else None
    shown = (
        count >= 30 and lost >= 10 and lift is not None and lift >= Fraction(3, 2) and (tail or 0) < Fraction(2, 100)
    )
    return Record(count, lost, base, lift, lead, tail, shown, None if shown else sentence(count, lost, base, lift))


def sentence(count: int, lost: int, base: Fraction | None, lift: Fraction | None) -> str:
    """Too few to tell: fewer than 30, or fewer than 10 lost of them though more than chance has; else the guess."""
    few = count < 30 or base is None or (lost < 10 and (lift is None or lift >= Fraction(3, 2)))
    if few or base is None:
        return f"warned {count}, lost {lost}: too few to tell"
    share, usual = whole_percent(Fraction(lost, count)), whole_percent(base)
    return f"warned {count}, lost {lost} ({share} %); of those that could be warned {usual} %: no better than guessing"


def whole_percent(share: Fraction) -> int:
    """A share in whole percent, half of one rounded up."""
    return int(share * 100 + Fraction(1, 2))
