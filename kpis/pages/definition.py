"""What a KPI's own page shows: what it means and meant, its quarter and its months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import cast
from urllib.parse import urlencode

from django.db.models import Max, Min
from django.urls import reverse

from accounts.company import today_of
from accounts.models import Company, User
from accounts.rights import Right
from core.formatting import (
    Change,
    Style,
    change,
    goal_in_full,
    month_name,
    months_words,
    period_name,
    sentence_list,
    short_month,
    trimmed,
)
from core.links import with_period
from core.periods import Month, Period, month_code, month_of, shift
from core.picker import Picker, Span, build_picker
from core.registry import Panel, panels_of
from customers.models import Tier
from kpis.choices import Status, Unit
from kpis.formulas.calculated import read_formula
from kpis.formulas.values import DEFAULT_NEAR_BAND
from kpis.models import Kpi, KpiVersion, RolledSlice, Target
from kpis.models.versions import VersionBook
from kpis.pages.link_lines import LinkLine, lines_about
from kpis.reading.events import FromEvents, from_events
from kpis.reading.freshness import latest_period
from kpis.reading.matrix import Cell, builder_of
from kpis.reading.subjects import kpi_subject
from kpis.reading.trends import last_months, library_for, month_views
from kpis.rules.kpi import lacking
from kpis.services.versions import ALWAYS
from kpis.wording import computed_in_words, counted_in, style_of


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of the KPI's row: ``target`` with the sign of its direction and its unit; ``url`` leads to its page."""

    tier: Tier
    value: str
    target: str
    status: Status
    months: str
    change: Change | None
    url: str


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A meaning that holds, or held, from a month on; ``from_month`` is None where it is from the beginning.

    ``meant`` is the KPI as it was meant, ``version`` None where it was never changed.
    """

    since: str
    from_month: Month | None
    meant: Kpi
    counted_in: str
    direction: str
    computed: str
    reason: str
    version: KpiVersion | None


@dataclass(frozen=True, slots=True)
class TrendLine:
    """The values of one tier, month by month; None where there is none."""

    tier: Tier
    values: tuple[float | None, ...]
    words: tuple[str, ...]


class DefinitionPage:
    """Everything the page of one KPI shows."""

    def __init__(self, company: Company, kpi: Kpi, user: User, period: Period | None = None) -> None:
        """``period`` is that of the row; None: the latest."""
        self.company = company
        self.asked_period = period
        self.kpi = VersionBook.read([kpi]).at(kpi, month_of(today_of(company)))  # what it will mean stands below
        self.user = user
        self.style: Style = style_of(self.kpi, company.currency)

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of KPIs by code, where a formula needs them."""
        needed = self.kpi.calculated or self.kpi.versions_from is not None
        return dict(Kpi.objects.values_list("code", "name")) if needed else {}

    @property
    def computed(self) -> str:
        """How facts become values, in words."""
        return computed_in_words(self.kpi, self.names)

    @cached_property
    def from_events(self) -> FromEvents | None:
        """What is said of the events behind it, and of the row's last ended month; None where it takes none."""
        return from_events(self.kpi, self._last_shown, today_of(self.company), self.user)

    @property
    def facts_url(self) -> str:
        """The facts of that month."""
        return f"{reverse('facts')}?{urlencode({'kpi': self.kpi.code, 'month': month_code(self._last_shown)})}"

    @property
    def _last_shown(self) -> Month:
        return min(self.period.last, self.last)

    @property
    def counted_in(self) -> str:
        """What its values are counted in, in words."""
        return counted_in(self.kpi, self.style)

    @property
    def inputs(self) -> list[tuple[str, str, str]]:
        """Code, name and address of what the formula takes."""
        codes = read_formula(self.kpi.formula).inputs if self.kpi.calculated else ()
        return [(code, self.names.get(code, code), reverse("kpi", args=[code])) for code in codes]

    @property
    def band(self) -> str:
        """How far from the target is still near."""
        if self.kpi.near_band_abs is not None:
            points = f"{trimmed(self.kpi.near_band_abs, 4)} percentage points"
            shown = points if self.kpi.unit == Unit.PERCENT else self.style.full(self.kpi.near_band_abs)
            return f"Up to {shown} from the target is still near."
        percent = trimmed(DEFAULT_NEAR_BAND if self.kpi.near_band is None else self.kpi.near_band, 4)
        return f"Up to {percent} % of the target away from it is still near."

    @property
    def may_manage(self) -> bool:
        """Whether the person keeps the library."""
        return self.user.has_perm(Right.MANAGE_KPIS)

    @cached_property
    def links(self) -> list[LinkLine]:
        """What is known of where it leads, and of what leads to it."""
        return lines_about([self.kpi.pk]).get(self.kpi.pk, [])

    @property
    def may_link(self) -> bool:
        """Whether the person may write a link, or propose one."""
        return self.user.has_perm(Right.MANAGE_LINKS) or self.user.has_perm(Right.PROPOSE_LINKS)

    @cached_property
    def rail(self) -> list[Panel]:
        """Who is on it, and what it rests on."""
        return panels_of(kpi_subject(self.kpi), self.user)

    # -- the row of the matrix

    @cached_property
    def newest(self) -> Month | None:
        """The newest month with data of any KPI."""
        return cast("Month | None", RolledSlice.objects.filter(facts__gt=0).aggregate(last=Max("month"))["last"])

    @cached_property
    def period(self) -> Period:
        """The period of the row: the one asked for, else the latest of the company."""
        return self.asked_period or latest_period(self.company)

    @cached_property
    def last(self) -> Month:
        """The last ended month."""
        return shift(month_of(today_of(self.company)), -1)

    @property
    def picker(self) -> Picker:
        """The way to the same page in other periods."""
        first = RolledSlice.objects.filter(facts__gt=0).aggregate(first=Min("month"))["first"]
        span = Span(first, self.newest) if first and self.newest else None
        here = reverse("kpi", args=[self.kpi.code])
        return build_picker(self.period, span, today_of(self.company), lambda of: with_period(here, of.code))

    @property
    def to_date(self) -> bool:
        """Whether the period has not ended."""
        return self.period.is_to_date(today_of(self.company))

    @property
    def matrix_url(self) -> str:
        """The matrix that the row is taken from."""
        return reverse("matrix", args=[self.period.code])

    @cached_property
    def cells(self) -> list[ShownCell]:
        """The KPI's row in that quarter."""
        builder = builder_of([self.kpi], self.period, today_of(self.company))
        meant = builder.kpis[0]
        return [self._cell(meant, cell) for row in builder.build().rows for cell in row.cells]

    def _cell(self, meant: Kpi, cell: Cell) -> ShownCell:
        bounds = (cell.target, cell.low, cell.high)
        style = style_of(meant, self.company.currency).told_apart(cell.actual, bounds)
        return ShownCell(
            tier=cell.tier,
            value=style.full(cell.actual),
            target=goal_in_full(style, meant.direction, *bounds),
            status=cell.status,
            months=months_words(cell.months_with_data, cell.months_expected),
            change=change(style, meant.direction, cell.actual, cell.previous),
            url=reverse("cell", args=[self.period.code, self.kpi.code, cell.tier.code]),
        )

    # -- the trend

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """The months of the trend."""
        return last_months(min(self.last, self.newest or self.last))

    @property
    def month_names(self) -> list[str]:
        """The months as table and chart write them."""
        return [short_month(month) for month in self.months]

    @cached_property
    def lines(self) -> list[TrendLine]:
        """A line per tier that has any value, best tier first, then Untiered, all customers last."""
        tiers = list(Tier.objects.all())
        library = library_for(self.kpi)
        views = month_views([self.kpi], self.months, library, VersionBook.read(library), [one.pk for one in tiers])
        found = []
        for tier in tiers:
            actuals = [views[month].actuals.get((self.kpi.pk, tier.pk)) for month in self.months]
            numbers = [actual.number if actual else None for actual in actuals]
            if any(number is not None for number in numbers):
                meant = [views[month].meant[self.kpi.pk] for month in self.months]
                found.append(self._line(tier, numbers, meant))
        return found

    def _line(self, tier: Tier, numbers: Sequence[Fraction | None], meant: Sequence[Kpi]) -> TrendLine:
        """Each value in the unit of its month; those of another unit than today's stand in the table alone."""
        styles = [style_of(one, self.company.currency) for one in meant]
        values, words = [], []
        for value, style in zip(numbers, styles, strict=True):
            alike = (style.unit, style.currency) == (self.style.unit, self.style.currency)
            values.append(float(value) if value is not None and alike else None)
            words.append(style.full(value))
        return TrendLine(tier, tuple(values), tuple(words))

    @property
    def table(self) -> list[tuple[str, list[tuple[Tier, str]]]]:
        """The same by month, newest first: the value of each tier."""
        rows = [
            (name, [(line.tier, line.words[place]) for line in self.lines])
            for place, name in enumerate(self.month_names)
        ]
        return rows[::-1]

    # -- versions

    @cached_property
    def versions(self) -> list[ShownVersion]:
        """What it means and meant, newest first; of one that was never changed its only meaning."""
        rows = self.kpi.versions.select_related("by").order_by("-from_month") if self.kpi.versions_from else ()
        return [self._version(row) for row in rows] or [self._version(None)]

    def _version(self, row: KpiVersion | None) -> ShownVersion:
        if row is None:
            meant, since = self.kpi, ALWAYS
        else:
            since = Month(row.from_month)
            meant = VersionBook({self.kpi.pk: [row]}).at(self.kpi, since)
        return ShownVersion(
            since="from the beginning" if since == ALWAYS else f"from {month_name(since)}",
            from_month=None if since == ALWAYS else since,
            meant=meant,
            counted_in=counted_in(meant, style_of(meant, self.company.currency)),
            direction=meant.get_direction_display(),
            computed=computed_in_words(meant, self.names),
            reason=row.reason if row else "",
            version=row,
        )

    @property
    def targets_url(self) -> str:
        """The grid of targets of the KPI's department."""
        department = self.kpi.department.code if self.kpi.department else ""
        return f"{reverse('targets')}?{urlencode({'department': department})}" if department else reverse("targets")

    @property
    def period_words(self) -> str:
        """The quarter of the row."""
        return period_name(self.period)

    @property
    def before_words(self) -> str:
        """The quarter that its changes are since."""
        return period_name(self.period.previous)

    @property
    def lacks(self) -> str:
        """What a draft lacks before it is published by itself; empty where it waits for a draft that it takes."""
        return sentence_list(lacking(self.kpi, has_target=Target.objects.approved().filter(kpi=self.kpi).exists()))

    @property
    def retired_words(self) -> str:
        """Since when it is out of the matrix; empty where it is not."""
        return month_name(self.kpi.retired_from) if self.kpi.retired_from else ""
