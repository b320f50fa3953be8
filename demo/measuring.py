"""Facts of the demo company: what each department measured of each customer in each month.

Values are whole ten-thousandths, as they are stored. What was planned is summed beside what
happened, so that targets can be agreed to that know nothing of the stories.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from core.numbers import SCALE
from core.periods import Month
from demo import behaviour
from demo.climate import Climate, Kin
from demo.dice import SteadyDice, dice
from demo.population import Firm
from demo.timeline import Timeline


class Measured(NamedTuple):
    """One fact, before it has keys of the database."""

    kpi: str
    customer: str
    month: Month
    numerator: int
    denominator: int | None


_Values = Iterator[tuple[str, int, int | None]]
_Entered = tuple[str, str, Month, int, int]
Plan = dict[tuple[str, str, Month], float]


@dataclass
class Measuring:
    """Walks through the months; ``plan`` and ``heads`` fill as the facts are read.

    ``plan``: (KPI, tier, month) to the sum expected without stories, in the KPI's unit.
    ``heads``: (tier, month) to the customers on the book.
    """

    timeline: Timeline
    firms: list[Firm]
    plan: Plan = field(default_factory=lambda: defaultdict(float))
    heads: dict[tuple[str, Month], int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self._dice = SteadyDice("measuring")
        self._unhappy = SteadyDice("detractors")
        self._tier, self._alike = "", (Kin("", False), "")  # of the customer being measured
        self._month = self.timeline.months[0]

    def facts(self) -> Iterator[Measured]:
        """All facts, month by month."""
        for index, month in enumerate(self.timeline.months):
            self._month, climate = month, Climate(self.timeline, index)
            order = [firm for firm in self.firms if firm.is_on_book(index)]
            dice("order", index).shuffle(order)
            holes, end = self._holes(index), self.timeline.end_of(index)
            for firm in order:
                self._tier = firm.tier_on(end) or "untiered"
                self.heads[self._tier, month] += 1
                for kpi, numerator, denominator in self._of(firm, climate):
                    if kpi not in holes:
                        yield Measured(kpi, firm.external_id, month, numerator, denominator)

    def _holes(self, index: int) -> frozenset[str]:
        """The KPIs that nobody measured in that month."""
        quarter, start = self.timeline.quarters[index], self.timeline.newest_quarter.first
        place = (index - self.timeline.index_of(start)) % 3
        holes = {kpi for kpi, hole, number in behaviour.HOLES if (hole, number) == (quarter, place)}
        if quarter > 0 or (quarter, place) == (0, 2):
            holes.add(behaviour.LEDGER_CLOSED_LATE)
        if self._month % 100 == behaviour.NO_SURVEYS_IN:
            holes |= {"satisfaction", "promoters_share", "detractors_share"}
        return frozenset(holes)

    def _of(self, firm: Firm, climate: Climate) -> _Values:
        kin = Kin(firm.home, firm.troubled)
        self._alike = (kin, self._tier)
        yield from self._sales(firm, climate, kin)
        yield from self._support(firm, climate, kin)
        yield from self._voice(firm, climate, kin)
        yield from self._services(firm, climate, kin)
        yield from self._money(firm, climate, kin)

    def _sales(self, firm: Firm, climate: Climate, kin: Kin) -> _Values:
        planned = climate.rate("deals_won", firm.home) * climate.season
        self.plan["deals_won", self._tier, self._month] += planned
        deals = self._dice.count(("deals", self._alike), planned * climate.story("deals_won", kin))
        if not deals:
            return
        yield "deals_won", deals * SCALE, None
        for kpi in ("deep_discount_share", "negotiation_share"):
            share = climate.level(kpi, kin) / 100
            yield kpi, self._dice.part((kpi, self._alike), deals, share) * SCALE, deals * SCALE

    def _support(self, firm: Firm, climate: Climate, kin: Kin) -> _Values:
        planned = climate.rate("complaints", firm.home)
        self.plan["complaints", self._tier, self._month] += planned
        complaints = self._dice.count(
            ("complaints", kin), planned * climate.story("complaints", kin), 1 - firm.temper / 3
        )
        if complaints:
            yield "complaints", complaints * SCALE, None
        issues = self._dice.count(("issues", self._alike), climate.rate("issues", firm.home), 1 - firm.temper / 4)
        if not issues:
            return
        extra = self._dice.count(("contacts", self._alike), issues * (climate.level("contacts_per_issue", kin) - 1))
        contacts = issues + extra
        repeats = self._dice.part(("repeats", self._alike), contacts, climate.level("repeat_contacts", kin) / 100)
        hours = self._dice.about(climate.level("first_answer_hours", kin), 0.35)
        yield "contacts_per_issue", contacts * SCALE, issues * SCALE
        yield "repeat_contacts", repeats * SCALE, contacts * SCALE
        yield "first_answer_hours", tenths(hours), None

    def _voice(self, firm: Firm, climate: Climate, kin: Kin) -> _Values:
        """What the customer says of us: surveys, referrals, reference calls."""
        if self._dice.count(("surveys", self._alike), climate.rate("surveys", firm.home)):
            score = self._dice.score(("satisfaction", self._alike), climate.level("satisfaction", kin), firm.temper)
            yield "satisfaction", score * SCALE, None
            if self._tier != behaviour.NOT_ASKED_TO_RECOMMEND:
                yield from self._recommendation(firm, climate, kin)
        if self._dice.count(("asked", self._alike), climate.rate("referral_asked", firm.home)):
            share = climate.level("referral_rate", kin) / 100
            yield (
                "referral_rate",
                self._dice.part(("referral", self._alike), 1, share, 1 + firm.temper / 2) * SCALE,
                SCALE,
            )
        planned = climate.rate("reference_calls", firm.home)
        self.plan["reference_calls", self._tier, self._month] += planned
        calls = self._dice.count(
            ("calls", self._alike), planned * climate.story("reference_calls", kin), 1 + firm.temper / 2
        )
        if calls:
            yield "reference_calls", calls * SCALE, None

    def _recommendation(self, firm: Firm, climate: Climate, kin: Kin) -> _Values:
        """Whether the customer would recommend us: a promoter, a detractor, or neither."""
        share = climate.level("promoters_share", kin) / 100
        promoter = self._dice.part(("promoters", self._alike), 1, share, 1 + firm.temper / 2)
        of_others = climate.level("detractors_share", kin) / 100 / (1 - share)
        detractor = 0 if promoter else self._unhappy.part(self._alike, 1, of_others, 1 - firm.temper / 2)
        yield "promoters_share", promoter * SCALE, SCALE
        yield "detractors_share", detractor * SCALE, SCALE

    def _services(self, firm: Firm, climate: Climate, kin: Kin) -> _Values:
        systems = firm.systems * climate.small_instruments(self._tier)
        covered = self._dice.part(("attach", self._alike), systems, climate.level("attach_rate", kin) / 100)
        yield "attach_rate", covered * SCALE, systems * SCALE
        due = self._dice.count(("due", self._alike), climate.rate("contracts_due", firm.home))
        if due:
            renewed = self._dice.part(("renewed", self._alike), due, climate.level("renewal_rate", kin) / 100)
            yield "renewal_rate", renewed * SCALE, due * SCALE
        if firm.connected:
            licensed = firm.systems * 160
            used = self._dice.about(licensed * climate.level("capacity_use", kin) / 100, 0.08)
            yield "capacity_use", tenths(min(used, licensed)), licensed * SCALE

    def _money(self, firm: Firm, climate: Climate, kin: Kin) -> _Values:
        silent = behaviour.CUSTOMERS["silver" if firm.grower else firm.home][4]
        planned = firm.size * climate.sales_plan(firm.home)
        share = climate.level("margin_pct", kin) / 100 / climate.story("margin_pct", kin)
        life = 12 * share * behaviour.YEARS_OF_LIFE[firm.home]
        self._plan_money(planned, planned * share, planned / climate.season * life)
        expected = planned * climate.story("revenue", kin) * climate.markets[firm.home]
        revenue = self._dice.amount(("revenue", self._alike), expected, 0.15, silent)
        if revenue:
            margin = revenue * self._dice.about(climate.level("margin_pct", kin) / 100, 0.06)
            yield "revenue", cents(revenue), None
            yield "margin_pct", cents(margin), cents(revenue)
        per_day = expected / 30
        drift = climate.level("dso", kin) / behaviour.LEVELS["dso"][_RANK[firm.home]]
        yield "dso", cents(per_day * firm.pays * drift * self._dice.about(1, 0.05)), cents(per_day)
        value = expected / climate.season * life * climate.story("margin_pct", kin)
        yield "clv", cents(self._dice.about(value, 0.03)), None
        yield from self._credit_note(climate, kin, planned)

    def _plan_money(self, revenue: float, margin: float, life: float) -> None:
        for kpi, value in (("revenue", revenue), ("margin_pct", margin), ("clv", life)):
            self.plan[kpi, self._tier, self._month] += value

    def _credit_note(self, climate: Climate, kin: Kin, revenue: float) -> _Values:
        rate = climate.rate("credit_notes", kin.home)
        self.plan["credit_notes", self._tier, self._month] += rate * revenue * 0.12
        if self._dice.count(("credit notes", self._alike), rate):
            yield "credit_notes", cents(self._dice.about(revenue * 0.12, 0.4)), None


_RANK = {home: rank for rank, home in enumerate(behaviour.CUSTOMERS)}


def cents(value: float) -> int:
    """Money with two decimals, in ten-thousandths."""
    return round(value * 100) * 100


def tenths(value: float) -> int:
    """A measure with one decimal, in ten-thousandths."""
    return round(value * 10) * 1000


def entered(timeline: Timeline) -> Iterator[_Entered]:
    """What is entered by tier: (KPI, tier, month, numerator, denominator)."""
    throw, visits = SteadyDice("entered"), SteadyDice("visits")
    for index, month in enumerate(timeline.months):
        climate = Climate(timeline, index)
        for home, asked in behaviour.PANEL.items():
            chosen = throw.part(("panel", home), asked, climate.level("first_choice", Kin(home, False)) / 100)
            yield "first_choice", home, month, chosen * SCALE, asked * SCALE
        yield from _ratings(throw, climate, month)
        yield from _reports(visits, climate, month, last=month == timeline.months[-1])


def _ratings(throw: SteadyDice, climate: Climate, month: Month) -> Iterator[_Entered]:
    """Ratings of the help pages: by tier for readers who are signed in, and of all readers."""
    others, level = behaviour.ANONYMOUS_READERS
    stars, readers = others * throw.about(level, 0.01), others
    for home, expected in behaviour.READERS.items():
        count = max(1, round(throw.about(expected, 0.1)))
        total = min(5 * count, round(count * throw.about(climate.level("help_rating", Kin(home, False)), 0.008)))
        stars, readers = stars + total, readers + count
        yield "help_rating", home, month, total * SCALE, count * SCALE
    yield "help_rating", "all", month, round(stars) * SCALE, readers * SCALE


def _reports(throw: SteadyDice, climate: Climate, month: Month, *, last: bool) -> Iterator[_Entered]:
    """Reports after visits, by tier; of the last month some are still to come."""
    kpi, lacking = behaviour.NOT_ENTERED
    for home, expected in behaviour.VISITS.items():
        count = max(1, round(throw.about(expected, 0.08)))
        in_time = throw.part(home, count, climate.level(kpi, Kin(home, False)) / 100)
        if not (last and home in lacking):
            yield kpi, home, month, in_time * SCALE, count * SCALE
