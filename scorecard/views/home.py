"""The home page: the verdict on one screen, and what is new since the reader last looked."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest, page, period_or_404
from accounts.rights import Right
from core.editions import PARAMETER as EDITION
from core.editions import Served
from core.figures import as_json
from core.links import with_period
from core.periods import Period
from kpis.reading.freshness import latest_period
from scorecard.charts.home import tiers_figure
from scorecard.pages.cells import data_span, serving_of
from scorecard.pages.home_customers import tier_bars
from scorecard.pages.home_parts import asked_part, news_part, shared_part
from scorecard.pages.news import show_news
from scorecard.pages.periods import build_picker, of_period
from scorecard.reading.caching import Part, kept, kept_part, page_tag, state_of
from scorecard.reading.home import read_home
from scorecard.reading.inbox import remember_asked
from scorecard.reading.news import late_today, read_news
from scorecard.services.visits import Looked, note_visit

private = cache_control(private=True, no_cache=True)


def looked(request: PageRequest) -> Looked:
    """Since when the reader is told what is new; that they look now is noted once for a request."""
    if not hasattr(request, "_looked"):
        request._looked = note_visit(request.user, timezone.now())  # type: ignore[attr-defined]
    found: Looked = request._looked  # type: ignore[attr-defined]
    return found


def home_tag(request: PageRequest) -> str | None:
    """The tag of a page about cells, with what else is new to this reader."""
    seen, tag = looked(request), page_tag(request)
    return tag and f'W/"{sha256(f"{tag} {seen}".encode()).hexdigest()[:32]}"'


@page(Right.READ)
@private
@condition(etag_func=home_tag)
def home(request: PageRequest) -> HttpResponse:
    """The verdict of the period that the address names, else of the latest; a company without data is told how to
    begin.
    """
    period = _period(request)
    if period is None:
        return render(request, "scorecard/begin.html")
    texts: dict[str, Any] = {}
    shared = _shared(request, period)
    news = news_part(company_of(request), period, request.user, looked(request), lambda: texts["late"])
    asked = asked_part(request.user, request.GET.get("period", ""))
    texts |= json.loads(kept_part(request, shared))
    asks, new = json.loads(kept_part(request, asked)), kept_part(request, news)
    remember_asked(request, asks["count"])
    context = {
        "texts": texts,
        "period": period,
        "news": new,
        "since": looked(request).since,
        "asked": asks["html"],
        "company": company_of(request),
    }
    return render(request, "scorecard/home.html", context | _bar_of(request, period, texts["closed"]))


@page(Right.READ)
@private
@condition(etag_func=page_tag)
def home_chart(request: PageRequest) -> HttpResponse:
    """Customers and value by tier, drawn: the numbers of the page's table."""
    company = company_of(request)
    period = _period(request) or latest_period(company)

    def make() -> str:
        return as_json(tiers_figure(tier_bars(read_home(period, today_of(company), _served(request, period)))))

    text = kept(request, make, f"home chart {period.code} {request.GET.get(EDITION, '')}")
    return HttpResponse(text, content_type="application/json")


@page(Right.READ)
@private
def news(request: PageRequest) -> HttpResponse:
    """All that is new since the reader last looked, as lists."""
    company = company_of(request)
    period, since = _period(request) or latest_period(company), looked(request).since
    found = read_news(period, since, request.user, company, late_today()) if since else None
    context = {"news": show_news(found, period) if found else None, "since": since, "period": period}
    return render(request, "scorecard/news.html", context)


def _period(request: PageRequest) -> Period | None:
    """The period of the address, by default the latest; None for a company without data."""
    company = company_of(request)
    if code := request.GET.get("period"):
        return period_or_404(code, company)
    if data_span(state_of(request)) is None:
        return None
    return period_or_404(kept(request, lambda: latest_period(company).code, "latest period"), company)


def _shared(request: PageRequest, period: Period) -> Part:
    """What everybody sees of the period."""
    asked = request.GET.get(EDITION, "")
    return shared_part(company_of(request), period, lambda: _served(request, period), asked)


def _served(request: PageRequest, period: Period) -> Served:
    """Whose values answer for the period."""
    return serving_of(period, request.GET, state_of(request))


def _bar_of(request: PageRequest, period: Period, closed: str) -> dict[str, Any]:
    """The picker of the bar, and what the page is of; ``closed`` says of which edition."""
    state, today = state_of(request), today_of(company_of(request))
    span = data_span(state)
    return {
        "picker": build_picker(period, span, today, lambda of: with_period(reverse("home"), of.code)),
        "of": of_period(period, span, state.finished, today, closed),
    }
