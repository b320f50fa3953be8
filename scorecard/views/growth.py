"""Customer growth: parse the address, ask once, answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest, page, period_or_404
from accounts.rights import Right
from core.editions import PARAMETER as EDITION
from core.editions import Served, across_periods, asked_edition, unheld_line
from core.figures import as_json
from core.links import with_period
from core.lists import FilteredList
from core.periods import Kind, Period, month_of
from core.picker import Span, build_picker
from core.sheets import DOWNLOADS, export, files_of
from customers.models import Customer
from kpis.models import Kpi
from kpis.reading.freshness import latest_period
from kpis.reading.lifecycle import Records
from scorecard.charts import growth as charts
from scorecard.filters import PASSAGES, GrowthFilter, PassageFilter
from scorecard.pages.cells import serving_of
from scorecard.pages.facts import require_reader
from scorecard.pages.growth import (
    COLUMNS,
    export_rows,
    growth_address,
    periods_of_the_book,
    served_growth,
    show_growth,
)
from scorecard.pages.growth_customers import Writer
from scorecard.reading.caching import kept, page_tag, state_of
from scorecard.reading.growth import (
    Passage,
    first_event,
    of_tier,
    read_book,
    read_moves,
    read_passages,
    readable,
    value_kpis,
)

private = cache_control(private=True, no_cache=True)
unless_unchanged = condition(etag_func=page_tag)


@page(Right.READ)
@private
@unless_unchanged
def growth(request: PageRequest) -> HttpResponse:
    """How many customers came, went and moved, by tier, and the book over time."""
    company, today, period = company_of(request), today_of(company_of(request)), _period(request)
    kpis, served, edition = value_kpis(), _served(request, period), request.GET.get(EDITION, "")
    asked = FilteredList[Customer](request.GET, (), GrowthFilter(request.GET, kpis=kpis))
    kpi, by = _kpi(asked, kpis), _by(asked, period)
    own = by if by != period.kind else None
    reads = "all" if request.user.has_perm(Right.READ_CUSTOMERS) else request.user.pk
    begun = first_event()

    def make() -> str:
        params = QueryDict(urlsplit(growth_address(period, kpi, own, edition)).query)
        shown = show_growth(company, served, today, request.user, kpi, by, params)
        heights = {"tiers_height": charts.tiers_height(shown.growth.rows), "book_height": charts.BOOK_HEIGHT}
        urls = {"chart_url": f"{reverse('growth_chart')}?period={period.code}{_asked(request)}"}
        more = {"period": period, "kpis": kpis, "begun": begun, "asked": _asked(request), "edition": edition}
        parts = {"page": shown, "files": files_of("growth_export", f"period={period.code}{_asked(request)}")}
        return render_to_string("scorecard/parts/growth.html", {**parts, **heights, **urls, **more})

    context = {
        "list": asked,
        "text": kept(request, make, f"growth {period.code} {kpi.code if kpi else ''} {by} {reads} {edition}"),
        "period": period,
        "picker": build_picker(
            period, _span(begun, today), today, lambda of: growth_address(of, kpi, own, _across(request))
        ),
        "to_date": period.is_to_date(today),
        "today": today,
    }
    return render(request, "scorecard/growth.html", context)


@page(Right.READ)
@private
@unless_unchanged
def growth_chart(request: PageRequest) -> HttpResponse:
    """The same numbers drawn: by tier, or (``of=book``) of all customers over time."""
    today, period = today_of(company_of(request)), _period(request)
    by = _by(FilteredList[Customer](request.GET, (), GrowthFilter(request.GET)), period)
    served = _served(request, period)

    def make() -> str:
        if request.GET.get("of") == "book":
            starts = Records(today).start_months
            return as_json(charts.book(read_book(periods_of_the_book(period, by, today), today, starts)))
        return as_json(charts.came_and_went(served_growth(served, today)[0].rows))

    of_book = request.GET.get("of") == "book"
    text = kept(request, make, f"growth chart {of_book} {period.code} {by} {_asked(request)}")
    return HttpResponse(text, content_type="application/json")


@export("growth/", "growth_export")
@page(Right.READ)
def growth_export(request: PageRequest, form: str) -> HttpResponseBase:
    """The table by tier, as a spreadsheet's file, in the API's columns."""
    period = _period(request)
    served = _served(request, period)
    rows = export_rows(served_growth(served, today_of(company_of(request)))[0])
    edition = f"-edition-{served.shown.number}" if served.shown else ""
    return DOWNLOADS[form](f"growth-{period.code}{edition}", COLUMNS, rows)


@page(Right.READ)
@private
def growth_customers(request: PageRequest) -> HttpResponse:
    """Who came, went or moved, by name, for those who may read customers."""
    require_reader(request.user)
    company, today, period = company_of(request), today_of(company_of(request)), _period(request)
    kpis = value_kpis()
    found = FilteredList[Passage](request.GET, (), PassageFilter(request.GET, kpis=kpis))
    what, kpi, tier = found.cleaned.get("what") or "came", _kpi(found, kpis), found.cleaned.get("tier")
    passages = readable(of_tier(tier, _passages(period, today, kpi, what)), request.user)
    found.rows_found, across = passages, FilteredList[Passage](across_periods(request.GET))
    writer = Writer(company, period, request.user, kpi, [one.value for one in passages])
    context = {
        "list": found,
        "rows": writer.passages_of(list(found.page)),
        "what": what,
        "lists": [
            (label, f"?{found.with_params(period=[period.code], what=[code])}", code == what)
            for code, label in PASSAGES.items()
        ],
        "all_tiers_url": f"?{found.with_params(period=[period.code], tier=None)}",
        "tier": tier,
        "kpi": kpi if what != "moved" else None,
        "money": writer.style.label,
        "period": period,
        "picker": build_picker(
            period, _span(first_event(), today), today, lambda of: f"?{across.with_params(period=[of.code])}"
        ),
        "growth_url": growth_address(period, edition=request.GET.get(EDITION, "")),
        "line": unheld_line(
            _served(request, period),
            "counts customers and does not name them",
            "Growth as signed",
            with_period(reverse("growth"), period.code),
        ),
        "some_left_out": not request.user.has_perm(Right.READ_CUSTOMERS),
    }
    return render(request, "scorecard/growth_customers.html", context)


def _period(request: PageRequest) -> Period:
    """The period of the address, by default the latest."""
    company = company_of(request)
    code = request.GET.get("period")
    return period_or_404(code, company) if code else latest_period(company)


def _served(request: PageRequest, period: Period) -> Served:
    """What answers for the period."""
    return serving_of(period, request.GET, state_of(request))


def _asked(request: PageRequest) -> str:
    """The edition that the address asks for, as the end of another address; empty for none."""
    asked = asked_edition(request.GET)
    return f"&{asked}" if asked else ""


def _kpi(asked: FilteredList[Any], kpis: list[Kpi]) -> Kpi | None:
    """The KPI by which customers are valued: that of the address, else the first; None where there is none."""
    code = asked.cleaned.get("kpi")
    return next((kpi for kpi in kpis if kpi.code == code), kpis[0] if kpis else None)


def _by(asked: FilteredList[Any], period: Period) -> Kind:
    """How long the periods of the book are: as the address says, else as the page's."""
    return Kind(asked.cleaned.get("by") or period.kind)


def _passages(period: Period, today: date, kpi: Kpi | None, what: str) -> Sequence[Passage]:
    """Those who came, went or moved."""
    if what == "moved":
        return read_moves(period, today)
    found = read_passages(period, today, kpi)
    return found.came if what == "came" else found.went


def _span(begun: date | None, today: date) -> Span | None:
    """From the month of the first event to today's; None before there is one."""
    return Span(min(month_of(begun), month_of(today)), month_of(today)) if begun else None


def _across(request: PageRequest) -> str:
    """The edition that the same page of another period is asked for: the live values, or none."""
    return across_periods(request.GET).get(EDITION, "")
