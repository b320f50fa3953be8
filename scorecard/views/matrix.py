"""The matrix: parse the address, ask once, answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest, page, period_or_404
from accounts.rights import Right
from core.editions import across_periods
from core.periods import Period
from scorecard.pages import cells as pages
from scorecard.pages.matrix_parts import page_part
from scorecard.pages.periods import Address, build_picker, closed_words, matrix_address, of_period
from scorecard.reading.caching import kept, kept_part, page_tag, state_of

private = cache_control(private=True, no_cache=True)
unless_unchanged = condition(etag_func=page_tag)


@page(Right.READ)
def matrix_latest(request: PageRequest) -> HttpResponse:
    """To the matrix of the period that the address names, else of the latest; a company without data is told how to
    begin.
    """
    company = company_of(request)
    if code := request.GET.get("period"):
        return redirect("matrix", period_or_404(code, company).code)
    period = pages.landing_period(company, state_of(request))
    return redirect("matrix", period.code) if period else render(request, "scorecard/begin.html")


@page(Right.READ)
@private
@unless_unchanged
def matrix(request: PageRequest, period: str) -> HttpResponse:
    """Target versus actual of each KPI in each tier, as a table, or drawn as a heatmap."""
    company, state = company_of(request), state_of(request)
    when = period_or_404(period, company)
    text = kept_part(request, page_part(company, when, request.GET, state))
    context = {
        "period": when,
        "text": text,
        "empty": None if text else pages.matrix_page(company, when, request.GET, state),
    }
    context |= bar_of(request, when, matrix_address(across_periods(request.GET).urlencode()))
    if text and pages.is_heatmap(request.GET):
        context["chart_url"] = pages.chart_url(when, request.GET)
    return render(request, "scorecard/matrix.html", context)


@page(Right.READ)
@private
@unless_unchanged
def matrix_chart(request: PageRequest, period: str) -> HttpResponse:
    """The heatmap of the same cells."""
    found = company_of(request)
    when = period_or_404(period, found)
    text = kept(request, lambda: pages.heatmap_text(found, when, request.GET, state_of(request)))
    return HttpResponse(text, content_type="application/json")


def bar_of(request: PageRequest, period: Period, address: Address) -> dict[str, Any]:
    """The picker of the bar, and what the page is of."""
    state, today = state_of(request), today_of(company_of(request))
    span = pages.data_span(state)
    closed = kept(request, lambda: closed_words(period, today), f"closed {period.code}")
    return {
        "picker": build_picker(period, span, today, address),
        "of": of_period(period, span, state.finished, today, closed),
    }
