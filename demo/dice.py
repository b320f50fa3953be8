"""Chance that can be repeated: the same on every machine, and steady in sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from math import exp
from random import Random

_PULL = 0.3


def dice(*names: object) -> Random:
    """Dice of that name: the same throws each time."""
    return Random("Norrvik " + " ".join(map(str, names)))  # noqa: S311 - a demo's noise keeps no secret


class SteadyDice:
    """Throws that differ from customer to customer while their sum stays near what was expected.

    A tier of sixty customers would be all noise if each of them threw on its own. So the shortfall
    or surplus so far (``owed``, by key) pulls the next throws gently back.
    """

    def __init__(self, *names: object) -> None:
        self.random = dice(*names)
        self._owed: dict[Hashable, float] = defaultdict(float)

    def count(self, key: Hashable, expected: float, lean: float = 1.0) -> int:
        """How often something happens that happens ``expected`` times on average (0 or more).

        ``lean`` is how much more often it happens to this customer than to others.
        """
        owed = self._owed[key]
        enough, throw, count = exp(-expected * lean * _pull(owed, expected)), self.random.random(), 0
        while throw > enough:
            throw *= self.random.random()
            count += 1
        self._owed[key] = owed + expected - count
        return count

    def part(self, key: Hashable, whole: int, share: float, lean: float = 1.0) -> int:
        """How many out of a whole, where ``share`` (0 to 1) of all are expected."""
        owed = self._owed[key]
        chance = share * lean * _pull(owed, whole * share)
        found = sum(self.random.random() < chance for _ in range(whole))
        self._owed[key] = owed + whole * share - found
        return found

    def score(self, key: Hashable, level: float, lean: float, top: int = 10) -> int:
        """An answer from 1 to ``top`` of a customer that leans above or below the level."""
        owed = self._owed[key]
        answer = max(1, min(top, round(self.random.gauss(level + lean, 0.9) + owed / 4)))
        self._owed[key] = owed + level - answer
        return answer

    def amount(self, key: Hashable, expected: float, spread: float, silent: float) -> float:
        """A sum of money around ``expected`` on average, nothing in a share of the throws (``silent``)."""
        owed, paid = self._owed[key], 0.0
        if self.random.random() >= silent:
            paid = self.about(expected / (1 - silent), spread) * (1 + max(-0.1, min(0.1, owed / expected / 10)))
        self._owed[key] = owed + expected - paid
        return paid

    def about(self, value: float, spread: float) -> float:
        """A positive number about as large as value, give or take ``spread`` (0.1 is ten percent)."""
        return value * exp(self.random.gauss(-spread * spread / 2, spread))


def _pull(owed: float, expected: float) -> float:
    """The factor that makes up for a shortfall or surplus of so many events, about a third of it at once."""
    return exp(max(-2.0, min(2.0, _PULL * owed / max(1.0, expected))))
