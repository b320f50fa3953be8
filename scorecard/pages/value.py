"""Value by tier as its page writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from accounts.models import Company
from core.editions import EditionLine, Served, carrying, edition_line
from core.formatting import (
    NOTHING,
    Style,
    counted,
    month_name,
    months_words,
    number,
    period_name,
    sentence_list,
    short_day,
)
from core.links import PARAMETER as PERIOD
from core.links import with_period
from core.numbers import rounded
from core.periods import Month
from core.scales import scale_for
from core.sentences import Phrase, Sentence
from core.sheets import Files, Value, files_of
from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import Stage
from kpis.choices import ValueRole
from kpis.models import Kpi
from kpis.wording import style_of
from scorecard.reading.signed_value import ServedValue
from scorecard.reading.value import Done, TierValue, ValueByTier, sums_customers

TABLE = "#value-by-tier"
COLUMNS = (
    "tier",
    "customers",
    *(f"{role.value}{what}" for role in ValueRole for what in ("", "_share", "_per_customer")),
    *("initiatives", "budget", "budget_share", "benefits_a_year", "benefits_brought"),
)
# Of which two a tier's shares are told beside each other, the first that are named: much of the one, little of the
# other.
_PAIRS = (
    (ValueRole.COST, ValueRole.MARGIN),
    (ValueRole.COST, ValueRole.REVENUE),
    (ValueRole.REVENUE, ValueRole.MARGIN),
)


@dataclass(frozen=True, slots=True)
class ShownPart:
    """The head of a KPI's columns: three where it has shares, else its value alone."""

    role: str
    name: str
    url: str
    unit: str
    each_unit: str
    has_shares: bool


@dataclass(frozen=True, slots=True)
class ShownWorth:
    """What a KPI says of a tier; ``url`` leads to the cell. ``unit`` and ``each_unit`` name the numbers where the
    table's head is not in view.
    """

    name: str
    unit: str
    each_unit: str
    value: str
    share: str
    each: str
    url: str
    has_share: bool


@dataclass(frozen=True, slots=True)
class ShownDone:
    """What is done for a tier; ``url`` leads to the register."""

    initiatives: str
    budget: str
    budget_share: str
    planned: str
    realised: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownTier:
    """A line of the table."""

    name: str
    customers: str
    worth: tuple[ShownWorth, ...]
    done: ShownDone | None
    is_total: bool


@dataclass(frozen=True, slots=True)
class ShownValue:
    """All that the page shows; without ``parts`` no KPI is named. ``beside`` says, a sentence each, what stands in no
    edition, of a KPI that is retired that it says nothing, and of which months are missing; ``chart_url`` and
    ``files`` answer as the page does.
    """

    value: ValueByTier
    line: EditionLine | None
    beside: tuple[str, ...]
    headline: Sentence
    parts: tuple[ShownPart, ...]
    rows: tuple[ShownTier, ...]
    counted: str
    money: str
    without_cost: int
    chart_url: str
    files: Files


def show_value(found: ServedValue, served: Served, company: Company, params: QueryDict) -> ShownValue:
    """The value of a period by tier, as everybody may read it: as it was signed, or live."""
    value, code = found.value, found.value.period.code
    writer = _Writer(value, company, served)
    total = value.total
    return ShownValue(
        value=value,
        line=_line(found, served, params),
        beside=(*(_beside(found) if served.shown else _retired(value)), *_partial(value)),
        headline=headline(value),
        parts=tuple(writer.parts()),
        rows=tuple(map(writer.row, value.rows)),
        counted=short_day(value.counted),
        money=writer.money.label,
        without_cost=total.done.without_cost if total and total.done else 0,
        chart_url=carrying(with_period(reverse("growth_value_chart"), code), served),
        files=files_of("growth_value_export", urlencode({PERIOD: code, **served.asked})),
    )


def _line(found: ServedValue, served: Served, params: QueryDict) -> EditionLine | None:
    differs = counted(found.differs, "tier") if found.differs else ""
    return edition_line(served, differs, reverse("growth_value"), params)


def _beside(found: ServedValue) -> Iterator[str]:
    """What stands in no edition, where the page shows one."""
    if found.missing:
        names = sentence_list(kpi.name for kpi in found.missing)
        yield f"The edition has no values of {names}: named since, or not in the matrix when it was signed."
    if found.live_customers:
        yield "The edition does not say how many customers there were: they are counted as of today."


def _retired(value: ValueByTier) -> Iterator[str]:
    """Which of the KPIs that are named no longer count in the whole period."""
    for kpi in value.kpis.values():
        if kpi.retired_from is not None and kpi.retired_from <= value.period.last:
            yield f"{kpi.name} is retired from {month_name(Month(kpi.retired_from))} on: it says nothing from then on."


def _partial(value: ValueByTier) -> Iterator[str]:
    """Of which KPIs months are missing."""
    for role, worth in value.total.worth.items() if value.total else ():
        if worth.lacks_months:
            months = months_words(*worth.months)
            yield f"{value.kpis[role].name}: {months} have data; its sums and shares are of these alone."


def headline(value: ValueByTier) -> Sentence:
    """``Quarter 3, 2026. Bronze: 41 % of the cost of support, 9 % of the margin. 3 initiatives are for it …``"""
    name = period_name(value.period)
    if not value.kpis:
        return (Phrase(f"{name}: no KPI says yet what a tier is worth."),)
    told = _told_apart(value)
    if told is None:
        words = "no tier takes more than it brings" if _has_shares(value) else "what is named has no shares"
        return (Phrase(f"{name}: "), Phrase(words, "", TABLE), Phrase("."))
    row, words = told
    return (
        *(Phrase(f"{name}. "), Phrase(f"{row.tier.name}: {words}", "status-near", TABLE), Phrase(". ")),
        *_done_words(row),
    )


def export_rows(value: ValueByTier) -> Iterator[tuple[Value, ...]]:
    """A row per tier, in ``COLUMNS``; numbers rounded to four decimals, shares in percent."""
    for row in value.rows:
        worth = (row.worth.get(role) for role in ValueRole)
        numbers = ((one.value, _percent(one.share), one.each) if one else (None,) * 3 for one in worth)
        done = _done_numbers(row.done)
        flat = (_sheet(value) for three in numbers for value in three)
        yield (row.tier.code, row.customers, *flat, row.done.initiatives if row.done else None, *map(_sheet, done))


def share_decimals(shares: Iterable[Fraction | None]) -> int:
    """As few as let the shares add up to their sum as both are shown; one where two do not do it (three thirds)."""
    known = [share * 100 for share in shares if share is not None]
    whole = sum(known, Fraction(0))
    fits = (n for n in range(3) if sum(rounded(share, n) for share in known) == rounded(whole, n))
    return next(fits, 1)


class _Writer:
    """Writes the numbers of one page: each KPI in one scale, its shares with as many decimals as they need."""

    def __init__(self, value: ValueByTier, company: Company, served: Served) -> None:
        self.value, self.served = value, served
        self.styles = {role: self._style(role, kpi, company.currency) for role, kpi in value.kpis.items()}
        shares = {role: [row.worth[role].share for row in value.tiers] for role in value.kpis}
        self.decimals = {role: share_decimals(of_tiers) for role, of_tiers in shares.items()}
        amounts = [one for row in value.rows for one in _money_of(row.done)]
        self.money = Style("currency", company.currency, 0, scale_for(amounts))

    def _style(self, role: ValueRole, kpi: Kpi, currency: str) -> Style:
        return style_of(kpi, currency, [row.worth[role].value for row in self.value.rows])

    def _each_style(self, role: ValueRole) -> Style:
        kpi, style = self.value.kpis[role], self.styles[role]
        return Style(kpi.unit, style.currency, kpi.decimals, scale_for(row.worth[role].each for row in self.value.rows))

    def parts(self) -> Iterator[ShownPart]:
        """The heads of the KPIs' columns."""
        for role, kpi in self.value.kpis.items():
            units = self.styles[role].label, self._each_style(role).label
            yield ShownPart(role.label, kpi.name, reverse("kpi", args=[kpi.code]), *units, sums_customers(kpi))

    def row(self, row: TierValue) -> ShownTier:
        """A line."""
        is_total = row.tier.scope == TierScope.ALL
        worth = tuple(self._worth(row, role) for role in self.value.kpis)
        done = self._done(row.tier, row.done) if row.done else None
        return ShownTier(row.tier.name, f"{row.customers:,}", worth, done, is_total)

    def _worth(self, row: TierValue, role: ValueRole) -> ShownWorth:
        found, kpi = row.worth[role], self.value.kpis[role]
        share = NOTHING if found.share is None else f"{number(found.share * 100, self.decimals[role])} %"
        url = carrying(reverse("cell", args=[self.value.period.code, kpi.code, row.tier.code]), self.served)
        each, style = self._each_style(role), self.styles[role]
        return ShownWorth(
            name=kpi.name,
            unit=style.label,
            each_unit=each.label,
            value=style.bare(found.value),
            share=share,
            each=each.bare(found.each),
            url=url,
            has_share=sums_customers(kpi),
        )

    def _done(self, tier: Tier, done: Done) -> ShownDone:
        of_tier = {} if tier.scope == TierScope.ALL else {"tier": tier.code}
        asked = {"stage": Stage.IN_PROGRESS.value, "customer_focused": "true", **of_tier}
        return ShownDone(
            initiatives=f"{done.initiatives:,}",
            budget=self.money.bare(done.budget),
            budget_share=NOTHING if done.budget_share is None else f"{number(done.budget_share * 100)} %",
            planned=self.money.bare(done.planned),
            realised=self.money.bare(done.realised),
            url=f"{reverse('initiatives')}?{urlencode(asked)}",
        )


def _told_apart(value: ValueByTier) -> tuple[TierValue, str] | None:
    """The tier whose shares differ most, and its shares in words; None where none takes more than it brings."""
    tiers = [row for row in value.tiers if row.tier.scope == TierScope.TIER]
    for much, little in _PAIRS:
        gaps = [(gap, row) for row in tiers if (gap := _gap(row, much, little)) is not None]
        if gaps:
            gap, row = max(gaps, key=lambda one: one[0])
            return (row, _shares(value, row, (much, little))) if gap > 0 else None
    for role in value.kpis:
        held = [(share, row) for row in tiers if (share := row.worth[role].share) is not None]
        if held:
            row = max(held, key=lambda one: one[0])[1]
            return row, _shares(value, row, (role,))
    return None


def _has_shares(value: ValueByTier) -> bool:
    return any(worth.share is not None for row in value.tiers for worth in row.worth.values())


def _gap(row: TierValue, much: ValueRole, little: ValueRole) -> Fraction | None:
    more, less = (row.worth[role].share if role in row.worth else None for role in (much, little))
    return None if more is None or less is None else more - less


def _shares(value: ValueByTier, row: TierValue, roles: Sequence[ValueRole]) -> str:
    """``41 % of the cost of support, 9 % of the margin``."""
    shares = ((role, (row.worth[role].share or Fraction(0)) * 100) for role in roles)
    return ", ".join(f"{number(share)} % of {_said(value.kpis[role])}" for role, share in shares)


def _said(kpi: Kpi) -> str:
    """A KPI's name within a sentence: ``the cost of support``; names that begin with capitals stay."""
    name = kpi.name
    return f"the {name[0].lower()}{name[1:]}" if name[1:2].islower() else name


def _done_words(row: TierValue) -> Sentence:
    done = row.done
    if done is None:
        return ()
    if not done.initiatives:
        return (Phrase("Nothing that runs is for it."),)
    share = "" if done.budget_share is None else f", {number(done.budget_share * 100)} % of the budget"
    verb = "is" if done.initiatives == 1 else "are"
    return (Phrase(f"{counted(done.initiatives, 'running initiative')} {verb} for it{share}", "", TABLE), Phrase("."))


def _money_of(done: Done | None) -> tuple[Fraction, ...]:
    return (done.budget, done.planned, done.realised) if done else ()


def _done_numbers(done: Done | None) -> tuple[Fraction | None, ...]:
    if done is None:
        return (None,) * 4
    return done.budget, _percent(done.budget_share), done.planned, done.realised


def _percent(share: Fraction | None) -> Fraction | None:
    return None if share is None else share * 100


def _sheet(value: Fraction | None) -> Value:
    return None if value is None else float(rounded(value))
