"""What a month is like for each kind of customer: levels, with their story and a little weather."""

from __future__ import annotations

from typing import NamedTuple

from demo import behaviour
from demo.dice import dice
from demo.people import TIERS
from demo.timeline import Timeline

_STORY_STARTS = -5
_WEATHER = 0.012
_CALM = {
    "revenue": 0.008,
    "dso": 0.003,
    "margin_pct": 0.005,
    "attach_rate": 0.004,
    "renewal_rate": 0.004,
    "satisfaction": 0.004,
}


class Kin(NamedTuple):
    """Customers that behave alike: those of one home tier, the troubled apart."""

    home: str
    troubled: bool


class Climate:
    """The expected numbers of one month, by kin."""

    def __init__(self, timeline: Timeline, index: int) -> None:
        self.index = index
        self.quarter = timeline.quarters[index]
        self.season = behaviour.SEASON[timeline.months[index] % 100 - 1]
        self.levels = {
            (number, Kin(home, troubled)): level
            * story(number, home, self.quarter, troubled=troubled)
            * self._weather(number, home)
            for number, row in behaviour.LEVELS.items()
            for (home, _), level in zip(TIERS, row, strict=True)
            for troubled in (False, True)
        }
        self.stories = {
            (told.number, Kin(told.tier, troubled)): story(told.number, told.tier, self.quarter, troubled=troubled)
            for told in behaviour.STORIES
            for troubled in (False, True)
        }
        self.events = {
            (number, home): rate
            for number, row in behaviour.EVENTS.items()
            for (home, _), rate in zip(TIERS, row, strict=True)
        }
        self.markets = {home: self._weather("revenue", home) for home, _ in TIERS}

    def level(self, number: str, kin: Kin) -> float:
        """A rate or level of the month, in the KPI's unit."""
        return self.levels[number, kin]

    def rate(self, number: str, home: str) -> float:
        """Events for each customer of the month, as the plan has them."""
        return self.events[number, home]

    def sales_plan(self, home: str) -> float:
        """What the month brings in, against a month at rest, without any story."""
        growth = behaviour.CUSTOMERS[home][3]
        return self.season * (1 + growth) ** self.index

    def small_instruments(self, tier: str) -> int:
        """By how much a tier's systems are multiplied, since many of its customers took to a small instrument."""
        return behaviour.SMALL_INSTRUMENTS.get(tier, 1) if self.quarter >= behaviour.SMALL_SINCE_QUARTER else 1

    def story(self, number: str, kin: Kin) -> float:
        """The factor that a story puts on a number; 1 where none is told."""
        return self.stories.get((number, kin), 1.0)

    def _weather(self, number: str, home: str) -> float:
        return 1 + float(dice("weather", number, home, self.index).gauss(0, _CALM.get(number, _WEATHER)))


def story(number: str, home: str, quarter: int, *, troubled: bool) -> float:
    """The factor of a number in a quarter (0: the newest ended one)."""
    factor = 1.0
    for told in behaviour.STORIES:
        if told.number == number and told.tier == home and (troubled or not told.troubled):
            place = max(0, min(len(told.path) - 1, quarter - _STORY_STARTS))
            factor *= told.path[place]
    return factor
