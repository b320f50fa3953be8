"""A merge of two customers before it is done: what moves, what is left, and which of their facts counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from accounts.models import User
from core.formatting import counted, sentence_list, short_month, trimmed
from core.numbers import exact
from customers.models import Customer, Tier
from customers.reading.customers import Standing, standings_of
from kpis.choices import Take
from kpis.models import Fact, Kpi
from kpis.rules.merging import OF_ALL, Double
from kpis.services.merging import MergePreview

_PREFIX = "take-"


@dataclass(frozen=True, slots=True)
class ShownDouble:
    """A fact that both have; ``chosen`` for it alone, empty: as its KPI."""

    month: str
    kept: str
    gone: str
    name: str
    chosen: str


@dataclass(frozen=True, slots=True)
class ShownKpi:
    """A KPI of which both have facts: the ways to decide, what is chosen, and what is wrong with it."""

    kpi: Kpi
    name: str
    takes: tuple[Take, ...]
    chosen: str
    rows: tuple[ShownDouble, ...]
    problem: str
    is_open: bool

    @property
    def words(self) -> str:
        """``3 months``."""
        return counted(len(self.rows), "month")


@dataclass
class MergePage:
    """What a merge would do; ``choices`` are those that were made, ``problems`` what is wrong with them."""

    preview: MergePreview
    choices: Mapping[str, str]
    today: date
    problems: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def refusal(self) -> str:
        """What is wrong with the merge as a whole; empty where nothing is."""
        return " ".join(text for name, texts in self.problems.items() if not name.startswith("kpi_") for text in texts)

    @property
    def moved(self) -> str:
        """``24 facts and 1 initiative``: what there is of the customer that is merged away; empty for nothing."""
        return sentence_list(use.words for use in self.preview.uses)

    @property
    def of_all(self) -> str:
        """What was chosen for all KPIs that have no choice of their own."""
        return self.choices.get(OF_ALL, "")

    @property
    def undecided(self) -> int:
        """How many KPIs nobody has decided about."""
        return sum(name.startswith("kpi_") for name in self.problems)

    @cached_property
    def _standings(self) -> dict[int, Standing]:
        return standings_of([self.preview.kept.pk, self.preview.gone.pk], self.today)

    @property
    def mine(self) -> Standing:
        """How the one that is kept stands today."""
        return self._standings[self.preview.kept.pk]

    @property
    def others(self) -> Standing:
        """How the other stands today."""
        return self._standings[self.preview.gone.pk]

    @property
    def tier(self) -> Tier | None:
        """The tier that results, today."""
        return self.mine.tier or self.others.tier

    @property
    def on_the_book(self) -> bool:
        """Whether it is on the book afterwards."""
        return self.mine.on_the_book or self.others.on_the_book

    @property
    def kpis(self) -> list[ShownKpi]:
        """The KPIs of which both have facts, those to decide on first."""
        found = [self._kpi(list(doubles)) for _, doubles in groupby(self.preview.doubles, lambda one: one.kpi.pk)]
        return sorted(found, key=lambda one: not one.is_open)

    def _kpi(self, doubles: list[Double]) -> ShownKpi:
        kpi = doubles[0].kpi
        return ShownKpi(
            kpi,
            f"{_PREFIX}{kpi.pk}",
            tuple(take for take in Take if take is not Take.SUM or doubles[0].adds_up),
            self.choices.get(str(kpi.pk), ""),
            tuple(_double(one, self.choices) for one in doubles),
            " ".join(self.problems.get(f"kpi_{kpi.pk}", ())),
            any(one.is_open for one in doubles),
        )


def _double(one: Double, choices: Mapping[str, str]) -> ShownDouble:
    kept, gone = (_words(fact) for fact in (one.kept, one.gone))
    return ShownDouble(short_month(one.month), kept, gone, f"{_PREFIX}{one.key}", choices.get(one.key, ""))


def _words(fact: Fact) -> str:
    above = trimmed(exact(fact.numerator), 4)
    return above if fact.denominator is None else f"{above} of {trimmed(exact(fact.denominator), 4)}"


def choices_in(post: Mapping[str, Any]) -> dict[str, str]:
    """What a person chose, by the id of the KPI or by the key of the fact."""
    return {name.removeprefix(_PREFIX): str(value) for name, value in _sent(post) if value}


def _sent(post: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in post.items() if name.startswith(_PREFIX))


def found_other(asked: str, kept: Customer, user: User) -> tuple[Customer | None, str]:
    """The customer with this number or exact name, beside the one that is kept; else why there is none."""
    if not asked:
        return None, ""
    readable = Customer.objects.visible_to(user).exclude(pk=kept.pk)
    rows = list(readable.filter(external_id=asked)[:1]) or list(readable.filter(name=asked)[:2])
    if len(rows) == 1:
        return rows[0], ""
    return (
        None,
        "More than one customer has this name; give the number." if rows else f"No other customer is “{asked}”.",
    )
