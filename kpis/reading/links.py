"""What the changes of two KPIs say of a link, told from stored cells; and what was told when it was tested last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import F, Max, OuterRef, Subquery

from accounts.models import AuditEntry
from core.periods import Month, shift
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Direction, LinkSign, LinkState
from kpis.formulas.links import BACK, Evidence, LagTest, Look, Pair, changes_of, evidence_of, look_at, pairs_of
from kpis.models import Kpi, Link, LinkEvidence
from kpis.models.versions import VersionBook
from kpis.querysets import LinkQuerySet
from kpis.reading.calculations import Calculations
from kpis.reading.signals import read_book
from kpis.reading.step_proposals import read_seasonal
from kpis.rules.links import MadeOf

Changes = dict[Month, Fraction]


class Makings:
    """What KPIs are made of as they mean in a month, of the whole library: two queries."""

    def __init__(self, month: Month) -> None:
        library = list(Kpi.objects.all())
        versions = VersionBook.read(library)
        self._found = Calculations.of(versions.at(kpi, month) for kpi in library)

    def of(self, kpi: Kpi) -> MadeOf:
        """What one is made of."""
        return made_of(self._found, kpi.pk)


def made_of(found: Calculations, pk: int) -> MadeOf:
    """What a KPI is made of, by what is calculated from what."""
    behind = [found.kpis[one] for one in found.behind(pk)]
    return MadeOf(
        ranged=any(one.direction == Direction.RANGE for one in behind),
        looks_back=any(not one.calculated and one.method.counts_window for one in behind),
        facts=frozenset(found.kpis[leaf].source_id for leaf in found.leaves(pk)),
    )


class LinkBook:
    """What some links are told from, read once: the month values of their KPIs up to the last ended month."""

    def __init__(self, links: Collection[Link], last: Month) -> None:
        self.last = last
        kpis = {kpi.pk: kpi for link in links for kpi in (link.leading, link.trailing)}
        self._book = read_book(list(kpis.values()), last)
        self._kpis = kpis
        self._makings: dict[Month, Makings] = {}
        self._known: dict[tuple[int, int, Month, Month], Changes] = {}

    @property
    def tiers(self) -> list[Tier]:
        """All tiers of the company, by rank; neither All customers nor Untiered."""
        return [tier for tier in self._book.tiers if tier.scope == TierScope.TIER]

    def tiers_in(self, month: Month) -> list[Tier]:
        """Those that are not retired in a month."""
        return [tier for tier in self.tiers if tier.retired_from is None or month < tier.retired_from]

    def evidence(self, link: Link, month: Month) -> Evidence:
        """What is said of a link as of an ended month."""
        now, before = self.look(link, month), self.look(link, shift(month, -BACK))
        return evidence_of(now, before, seasonal_asked=bool(now.passing and self.seasonal_asked(link, month)))

    def look(self, link: Link, month: Month) -> Look:
        """All tests of a link as of a month."""
        series = {tier.pk: self.changes(link, tier, month) for tier in self.tiers_in(month)}
        leading = {pk: one for pk, (one, _) in series.items()}
        trailing = {pk: other for pk, (_, other) in series.items()}
        return look_at(leading, trailing, lags=link.months, sign=LinkSign(link.sign))

    def pairs(self, link: Link, tier: Tier, lag: int, month: Month) -> list[Pair]:
        """The pairs of a tier at a lag."""
        return pairs_of(*self.changes(link, tier, month), lag)

    def changes(self, link: Link, tier: Tier, month: Month) -> tuple[Changes, Changes]:
        """The changes of both KPIs in a tier up to a month, from the last step of either on."""
        if self._unfit(link, month):
            return {}, {}
        since = max(self._book.last_step(kpi, tier.pk, month) for kpi in (link.leading, link.trailing))
        return (self._changes(link.leading, tier, month, since), self._changes(link.trailing, tier, month, since))

    def seasonal_asked(self, link: Link, month: Month) -> list[Kpi]:
        """Those of the two that look seasonal, and of which no steward has said whether they are."""
        asked = [kpi for kpi in (link.leading, link.trailing) if read_seasonal(self._book, kpi, month)]
        decided = _seasonal_decided(asked)
        return [kpi for kpi in asked if kpi.pk not in decided]

    def _changes(self, kpi: Kpi, tier: Tier, month: Month, since: Month) -> Changes:
        key = kpi.pk, tier.pk, month, since
        if key not in self._known:
            values = self._book.values(kpi, tier.pk, month)
            found = {at: value for at, value in values.items() if at >= since}
            self._known[key] = changes_of(found, seasonal=kpi.seasonal)
        return self._known[key]

    def _unfit(self, link: Link, month: Month) -> bool:
        """Whether a KPI meant something of which no link is told, though it may be another thing today."""
        makings = self._makings.setdefault(month, Makings(month)) if self._book.changes else self._today
        return bool(makings.of(link.leading).unfit or makings.of(link.trailing).unfit)

    @cached_property
    def _today(self) -> Makings:
        return Makings(self.last)


def _seasonal_decided(kpis: Collection[Kpi]) -> set[int]:
    """Those of which a steward has said once whether they are seasonal. No query for none."""
    if not kpis:
        return set()
    ids = [str(kpi.pk) for kpi in kpis]
    said = AuditEntry.objects.filter(object_type="kpis.kpi", object_id__in=ids, after__has_key="seasonal")
    return {int(pk) for pk in said.exclude(before=None).values_list("object_id", flat=True).distinct()}


def read_evidence(link: Link, month: Month) -> Evidence:
    """What is said of one link as of an ended month, as things are now."""
    return LinkBook([link], month).evidence(link, month)


# -- what was kept


def with_state(links: LinkQuerySet) -> LinkQuerySet:
    """With the ``state`` that the last test of each told, and ``tested`` the month of it; None before the first."""
    told = LinkEvidence.objects.filter(link=OuterRef("pk"), sign=OuterRef("sign"), lags=OuterRef("lags"))
    newest = told.order_by("-month")
    return links.annotate(state=Subquery(newest.values("state")[:1]), tested=Subquery(newest.values("month")[:1]))


@dataclass(frozen=True, slots=True)
class Kept:
    """What the last test of a link said; ``latest`` is None before the first one.

    ``seen_until`` is the last month as of which it was seen, where it is not any more.
    """

    link: Link
    latest: LinkEvidence | None
    seen_until: Month | None

    @property
    def state(self) -> LinkState | None:
        """What it said."""
        return LinkState(self.latest.state) if self.latest else None

    @property
    def passing(self) -> list[dict[str, Any]]:
        """The tests that pass at the lag that the state is about."""
        if self.latest is None or self.latest.best_lag is None:
            return []
        return [one for one in self.latest.tests if one["passes"] and one["lag"] == self.latest.best_lag]


def kept_of(links: Iterable[Link]) -> list[Kept]:
    """What was told of links when they were tested last, in their order. Two queries; none for no links."""
    links = list(links)
    if not links:
        return []
    rows = LinkEvidence.objects.filter(link__in=links, sign=F("link__sign"), lags=F("link__lags"))
    newest = rows.filter(link=OuterRef("link")).order_by("-month").values("pk")[:1]
    latest = {row.link_id: row for row in rows.filter(pk=Subquery(newest))}
    seen = dict(
        rows.filter(state=LinkState.SEEN).order_by().values_list("link").annotate(last=Max("month"))  # one of each link
    )
    return [_kept(link, latest.get(link.pk), seen.get(link.pk)) for link in links]


def _kept(link: Link, latest: LinkEvidence | None, seen: int | None) -> Kept:
    over = latest is not None and seen is not None and latest.state != LinkState.SEEN
    return Kept(link, latest, Month(seen) if over and seen else None)


def links_of(kpis: Collection[int]) -> list[Kept]:
    """What is known of the links that begin or end with one of these KPIs."""
    if not kpis:
        return []
    rows = Link.objects.standing()
    return kept_of((rows.filter(leading__in=kpis) | rows.filter(trailing__in=kpis)).distinct())


def _as_kept(one: LagTest, codes: dict[int, str]) -> dict[str, Any]:
    """A test as it is stored, the tier by its code."""
    return {
        "tier": codes[one.tier],
        "lag": one.lag,
        "pairs": one.pairs,
        "r": one.r,
        "p": one.p,
        "effective": one.effective,
        "passes": one.passes,
        "untested": one.untested.value if one.untested else None,
    }


def tests_as_kept(tests: Sequence[LagTest], tiers: Iterable[Tier]) -> list[dict[str, Any]]:
    """All tests of a look as they are stored."""
    codes = {tier.pk: tier.code for tier in tiers}
    return [_as_kept(one, codes) for one in tests]
