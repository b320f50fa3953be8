"""Who came, went and moved, as the pages of growth write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Company, User
from core.editions import PARAMETER as EDITION
from core.formatting import NOTHING, Style, short_day
from core.periods import Period
from customers.choices import TierScope
from customers.models import Customer, Tier
from kpis.models import Kpi
from kpis.wording import style_of
from scorecard.pages.facts import may_read_facts
from scorecard.reading.growth import Passage


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A customer who came, went or moved."""

    name: str
    key: str
    tier: str
    before: str
    day: str
    value: str


class Writer:
    """Writes customers for one reader, what they are worth in the scale of some values. ``edition`` is the one that
    the page was asked for, which its lists keep for the way back.
    """

    def __init__(
        self,
        company: Company,
        period: Period,
        user: User,
        kpi: Kpi | None,
        values: Sequence[Fraction | None],
        edition: str = "",
    ) -> None:
        self.period, self.user, self.kpi, self.edition = period, user, kpi, edition
        self.style = style_of(kpi, company.currency, values) if kpi else Style()
        self.reads = may_read_facts(user)

    def who(self, what: str, tier: str = "") -> str:
        """The list of those who came, went or moved; empty for who may not read any customer."""
        if not self.reads:
            return ""
        kpi = self.kpi.code if self.kpi else ""
        asked = {"period": self.period.code, "what": what, "tier": tier, "kpi": kpi, EDITION: self.edition}
        return f"{reverse('growth_customers')}?{urlencode({name: value for name, value in asked.items() if value})}"

    def passages_of(self, passages: Sequence[Passage]) -> tuple[ShownPassage, ...]:
        """With the names of today. The reader's right to them is asked before."""
        customers = Customer.objects.in_bulk([one.customer for one in passages])
        tiers = {tier.pk: tier.name for tier in Tier.objects.real()}
        return tuple(self._passage(one, customers[one.customer], tiers) for one in passages)

    def _passage(self, one: Passage, customer: Customer, tiers: Mapping[int, str]) -> ShownPassage:
        value = NOTHING if one.value is None else self.style.bare(one.value)
        at, before = _named(one.at, tiers), _named(one.before, tiers)
        return ShownPassage(customer.name, customer.external_id, at, before, short_day(one.on), value)


def sum_of(passages: Iterable[Passage]) -> Fraction:
    """The value of all of them."""
    return sum((one.value for one in passages if one.value is not None), Fraction(0))


def _named(at: int | None, tiers: Mapping[int, str]) -> str:
    return TierScope.UNTIERED.label if at is None else tiers[at]
