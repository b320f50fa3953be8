"""The demo company's customers: who they are, when they came and went, which tiers they had."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from math import exp
from random import Random

from customers.choices import LifecycleKind
from demo import behaviour, names, people
from demo.dice import dice
from demo.timeline import LENGTH, Timeline

TIER_CODES = tuple(code for code, _ in people.TIERS)
_HISTORY_YEARS = 14


@dataclass(slots=True)
class Firm:
    """A customer. Months are indexes into the timeline; ``moves`` begin with the first tier."""

    external_id: str
    name: str
    home: str
    unit: str
    region: str
    size: float
    temper: float
    pays: float
    systems: int
    connected: bool
    troubled: bool = False
    grower: bool = False
    acquired: bool = False
    manager: str = ""
    stays: list[tuple[int, int]] = field(default_factory=list)
    events: list[tuple[date, LifecycleKind]] = field(default_factory=list)
    moves: list[tuple[date, str | None]] = field(default_factory=list)

    def is_on_book(self, month: int) -> bool:
        """Whether it was a customer in that month."""
        return any(first <= month <= last for first, last in self.stays)

    def tier_on(self, day: date) -> str | None:
        """The tier that it had on a day; None: none."""
        return next((tier for since, tier in reversed(self.moves) if since <= day), None)


def population(timeline: Timeline) -> list[Firm]:
    """All customers that the company had in the thirty months, best tiers first."""
    firms = _create()
    _choose(firms)
    for firm in firms:
        _live(firm, timeline, dice("life", firm.external_id))
    for index in timeline.quarter_starts:
        _review(firms, timeline, index)
    _assign_managers(firms)
    return firms


def _create() -> list[Firm]:
    chosen = iter(names.company_names(sum(row[0] for row in behaviour.CUSTOMERS.values())))
    firms: list[Firm] = []
    for home, (count, *_) in behaviour.CUSTOMERS.items():
        create = partial(_firm, home=home)
        firms += [create(f"C{1001 + len(firms) + n}", next(chosen)) for n in range(count)]
    return firms


def _firm(external_id: str, name: str, *, home: str) -> Firm:
    throw = dice("firm", external_id)
    _, revenue, spread, *_ = behaviour.CUSTOMERS[home]
    level = dict(zip(TIER_CODES, behaviour.LEVELS["dso"], strict=True))[home]
    overseas = throw.random() < 0.12
    return Firm(
        external_id=external_id,
        name=name,
        home=home,
        unit=people.OVERSEAS if overseas else throw.choice([code for code, *_ in people.BUSINESS_UNITS[:-1]]),
        region=throw.choice(people.OVERSEAS_REGIONS if overseas else people.REGIONS),
        size=revenue * exp(throw.gauss(-spread * spread / 2, spread)),
        temper=throw.gauss(0, 0.7),
        pays=max(8.0, throw.gauss(level, 3.5)),
        systems=max(1, round(behaviour.SYSTEMS[home] * exp(throw.gauss(0, 0.35)))),
        connected=throw.random() < behaviour.CONNECTED[home],
    )


def _choose(firms: list[Firm]) -> None:
    """Who carries the stories: the troubled of Gold, the growers and the acquired of Bronze."""
    bronze = [firm for firm in firms if firm.home == "bronze"]
    for firm in bronze[: behaviour.GROWERS]:
        firm.grower, firm.pays = True, behaviour.GROWER_DSO + firm.temper
        firm.size = behaviour.CUSTOMERS["bronze"][1] * behaviour.GROWER_SIZE * (1 + firm.temper / 5)
    for firm in bronze[-behaviour.ACQUIRED :]:
        firm.acquired, firm.region, firm.unit = True, people.REGIONS[0], "environment"
    for number, firm in enumerate(firm for firm in firms if firm.home == "gold"):
        firm.troubled = number % 5 < 3


def _live(firm: Firm, timeline: Timeline, throw: Random) -> None:
    """Joins, perhaps leaves, perhaps returns: legal by date, whole months of facts in between."""
    first, joined = _joining(firm, timeline, throw)
    firm.events.append((joined, LifecycleKind.JOINED))
    firm.moves.append((joined, None if firm.acquired else firm.home))
    left = _leaving(firm, first, throw)
    if left is None:
        firm.stays.append((first, LENGTH - 1))
        return
    firm.stays.append((first, left))
    firm.events.append((_day_in(timeline, left, throw), LifecycleKind.LEFT))
    back = left + throw.randint(4, 8)
    if throw.random() < behaviour.RETURNS and back < LENGTH:
        firm.stays.append((back, LENGTH - 1))
        firm.events.append((_day_in(timeline, back, throw), LifecycleKind.RETURNED))


def _joining(firm: Firm, timeline: Timeline, throw: Random) -> tuple[int, date]:
    if firm.acquired:
        first = timeline.quarters.index(behaviour.ACQUIRED_QUARTER)
        return first, timeline.start_of(first)
    if throw.random() < behaviour.JOINS[firm.home] and not firm.grower:
        first = throw.randint(1, LENGTH - 1)
        return first, _day_in(timeline, first, throw)
    return 0, timeline.start_of(0) - timedelta(days=throw.randint(1, 365 * _HISTORY_YEARS))


def _leaving(firm: Firm, first: int, throw: Random) -> int | None:
    """The index of the month in which it leaves; the troubled of Gold leave late in the story."""
    chance, earliest = behaviour.LEAVES[firm.home], first + 4
    if firm.troubled:
        chance, earliest = chance * 1.5, max(earliest, LENGTH - 9)
    if firm.grower or throw.random() >= chance or earliest >= LENGTH:
        return None
    return throw.randint(earliest, LENGTH - 1)


def _day_in(timeline: Timeline, month: int, throw: Random) -> date:
    """A working-looking day of a month: between the 2nd and the 27th."""
    return timeline.start_of(month) + timedelta(days=throw.randint(1, 26))


def _review(firms: list[Firm], timeline: Timeline, index: int) -> None:
    """The tier review at the start of a quarter: the largest move up, the smallest down."""
    day, throw = timeline.start_of(index), dice("review", index)
    present = [firm for firm in firms if firm.is_on_book(index) and firm.events[0][0] < day]
    tiers = {code: [firm for firm in present if firm.tier_on(day) == code] for code in TIER_CODES}
    for firm in present:
        if firm.tier_on(day) is None:
            firm.moves.append((day, firm.home))
    if timeline.quarters[index] == 0:
        moved = [(firm, "silver") for firm in tiers["bronze"] if firm.grower]
    else:
        moved = _ups_and_downs(tiers, throw)
    for firm, tier in moved:
        firm.moves.append((day, tier))


def _ups_and_downs(tiers: dict[str, list[Firm]], throw: Random) -> list[tuple[Firm, str]]:
    moved: list[tuple[Firm, str]] = []
    for tier, firms in tiers.items():
        rank = TIER_CODES.index(tier)
        settled = sorted(
            (firm for firm in firms if not firm.grower), key=lambda firm: firm.size * throw.uniform(0.8, 1.25)
        )
        up, down = behaviour.MOVES_UP.get(tier, 0), behaviour.MOVES_DOWN.get(tier, 0)
        moved += [(firm, TIER_CODES[rank + 1]) for firm in settled[:down]]
        moved += [(firm, TIER_CODES[rank - 1]) for firm in settled[len(settled) - up :]]
    return moved


def _assign_managers(firms: list[Firm]) -> None:
    """Key accounts: all of Platinum and the larger third of Gold. Each has an account manager."""
    managers = [people.OWNER.email, *(people.address(name) for name in people.COLLEAGUES)]
    gold = sorted((firm for firm in firms if firm.home == "gold"), key=lambda firm: -firm.size)
    for number, firm in enumerate([*(firm for firm in firms if firm.home == "platinum"), *gold[:60]]):
        firm.manager = managers[number % len(managers)]
