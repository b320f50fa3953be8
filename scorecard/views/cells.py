"""The scorecard's pages: parse the address, ask once, answer."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition
from django.views.decorators.vary import vary_on_headers

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import POST, PageRequest, page, period_or_404
from accounts.rights import Right
from core.editions import across_periods, asked_edition
from core.lists import FilteredList
from core.periods import Period
from core.registry import panels_of
from kpis.choices import Trigger
from kpis.models import Kpi, RollupRun
from kpis.reading.differences import explain_differences
from kpis.rollup.runs import request_rollup
from scorecard.forms.narratives import NarrativeForm, RemarkForm
from scorecard.pages import gathering as pages
from scorecard.pages.cell import show_story
from scorecard.pages.differences import show_differences
from scorecard.pages.events import events_panel
from scorecard.pages.facts import fact_page, may_read_facts, parse_query, require_reader
from scorecard.pages.matrix_parts import page_part
from scorecard.pages.narratives import with_form
from scorecard.pages.periods import Address, build_picker, cell_address_of, closed_words, matrix_address, of_period
from scorecard.pages.runs import ShownRun, show_run
from scorecard.pages.signals import show_signals
from scorecard.reading.caching import kept, kept_part, page_tag, state_of
from scorecard.reading.trend_events import TrendEvent, from_text, numbered

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
    context |= _bar_of(request, when, matrix_address(across_periods(request.GET).urlencode()))
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


@page(Right.READ)
@private
@unless_unchanged
def cell(request: PageRequest, period: str, kpi: str, tier: str) -> HttpResponse:
    """One cell explained."""
    return show_cell(request, period, kpi, tier)


def show_cell(
    request: PageRequest,
    period: str,
    kpi: str,
    tier: str,
    *,
    narrative: NarrativeForm | None = None,
    remark: RemarkForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a cell; with the form of a narrative or a remark that was refused."""
    found, user, edition = company_of(request), request.user, asked_edition(request.GET)
    story = pages.story_or_404(found, period, kpi, tier)
    reads, subject = may_read_facts(user), pages.subject_of(story, edition)
    signed = pages.cell_as_signed(story, found, request.path, request.GET) if state_of(request).edition else None
    then = signed.story if signed else None
    context: dict[str, Any] = {
        "story": story,
        "signed": signed,
        "as_signed": show_story(then, found.currency, beside=story.cell.actual) if then else None,
        "signals": show_signals(pages.history_of(story, found), found.currency),
        "shown": show_story(story, found.currency, may_read_facts=reads, beside=then.cell.actual if then else None),
        "events": events_panel(story, _events(request, period, kpi, tier), user, remark),
        "rail": with_form(panels_of(subject, user), subject, user, narrative),
        "matrix_url": matrix_address(edition)(story.period),
        "chart_url": reverse("cell_chart", args=[story.period.code, kpi, tier]),
        "difference_url": reverse("cell_difference", args=[story.period.code, kpi, tier]),
        "split_url": reverse("cell_split", args=[story.period.code, kpi, tier]),
    }
    across = asked_edition(across_periods(request.GET))
    context |= _bar_of(request, story.period, cell_address_of(kpi, tier, across))
    return render(request, "scorecard/cell.html", context, status=status)


@page(Right.READ)
@private
@unless_unchanged
def cell_chart(request: PageRequest, period: str, kpi: str, tier: str) -> HttpResponse:
    """The trend of actual and target over 24 months."""
    events = numbered(_events(request, period, kpi, tier))
    text = kept(request, lambda: pages.trend_text(company_of(request), period, kpi, tier, events))
    return HttpResponse(text, content_type="application/json")


def _events(request: PageRequest, period: str, kpi: str, tier: str) -> list[TrendEvent]:
    """What happened in the months of a cell's chart, which is read once for page and chart."""
    found = company_of(request)
    return from_text(
        kept(request, lambda: pages.events_text(found, period, kpi, tier), f"events {period} {kpi} {tier}")
    )


@page(Right.READ)
@private
@vary_on_headers("HX-Request")
@unless_unchanged
def cell_split(request: PageRequest, period: str, kpi: str, tier: str) -> HttpResponse:
    """What a cell's change is made of: a part of the cell's page for htmx, else a page of its own."""
    when, kpi_found, tier_found = pages.cell_or_404(company_of(request), period, kpi, tier)
    text = _split_texts(request, period, kpi, tier)["words"]
    if "HX-Request" in request.headers:
        return HttpResponse(text)
    context = {
        "text": text,
        "period": when,
        "kpi": kpi_found,
        "tier": tier_found,
        "cell_url": reverse("cell", args=[when.code, kpi, tier]),
    }
    return render(request, "scorecard/split.html", context)


@page(Right.READ)
@private
@vary_on_headers("HX-Request")
@unless_unchanged
def cell_difference(request: PageRequest, period: str, kpi: str, tier: str) -> HttpResponse:
    """The customers who made the difference: a part of the cell's page for htmx, else a page of its own."""
    found, user = company_of(request), request.user
    change = pages.change_or_404(found, period, kpi, tier, request.GET)
    reads = may_read_facts(user)
    shown = show_differences(explain_differences(change, user), found.currency) if reads else None
    context = {
        "shown": shown,
        "may_read_facts": reads,
        "period": change.period,
        "kpi": change.kpi,
        "tier": change.tier,
        "cell_url": reverse("cell", args=[change.period.code, kpi, tier]),
    }
    part = "HX-Request" in request.headers
    return render(request, "components/differences.html" if part else "scorecard/difference.html", context)


@page(Right.READ)
@private
@unless_unchanged
def cell_split_chart(request: PageRequest, period: str, kpi: str, tier: str) -> HttpResponse:
    """The parts of a change as a waterfall."""
    return HttpResponse(_split_texts(request, period, kpi, tier)["chart"], content_type="application/json")


def _split_texts(request: PageRequest, period: str, kpi: str, tier: str) -> dict[str, str]:
    """The words and the chart of one change, which is read once for both."""
    found, params = company_of(request), request.GET

    def make() -> str:
        return json.dumps(pages.split_texts(found, pages.change_or_404(found, period, kpi, tier, params)))

    texts: dict[str, str] = json.loads(kept(request, make, f"split {period} {kpi} {tier} {params.get('against', '')}"))
    return texts


def _bar_of(request: PageRequest, period: Period, address: Address) -> dict[str, Any]:
    """The picker of the bar, and what the page is of."""
    state, today = state_of(request), today_of(company_of(request))
    span = pages.data_span(state)
    closed = kept(request, lambda: closed_words(period, today), f"closed {period.code}")
    return {
        "picker": build_picker(period, span, today, address),
        "of": of_period(period, span, state.finished, today, closed),
    }


@page(Right.READ)
def facts(request: PageRequest) -> HttpResponse:
    """The facts behind a number, read only, for those who may read customers."""
    user = request.user
    require_reader(user)
    query = parse_query(request.GET)
    page = fact_page(query, user) if query else None
    context = {
        "page": page,
        "kpis": Kpi.objects.in_matrix_order(),
        "all_customers": user.has_perm(Right.READ_CUSTOMERS),
    }
    return render(request, "scorecard/facts.html", context)


@page(Right.READ)
def rollups(request: PageRequest) -> HttpResponse:
    """All runs, newest first."""
    found = FilteredList[RollupRun](request.GET, _runs(), per_page=30)
    return render(request, "scorecard/rollups.html", {"list": found, "runs": [_shown(run) for run in found.page]})


@page(Right.READ)
def rollup(request: PageRequest, number: int) -> HttpResponse:
    """One run; a part of the page alone where htmx asks for it again."""
    shown = _shown(get_object_or_404(_runs(), pk=number))
    template = "components/run.html" if request.headers.get("HX-Request") else "scorecard/rollup.html"
    response = render(request, template, {"shown": shown, "run": shown.run})
    # htmx asks again until it hears 286.
    return response if shown.is_running or "HX-Request" not in request.headers else _last_time(response)


def _last_time(response: HttpResponse) -> HttpResponse:
    response.status_code = 286
    return response


@page(Right.LOAD, methods=POST)
def roll_up(request: PageRequest) -> HttpResponse:
    """Wake a worker to roll up whatever was touched."""
    request_rollup(trigger=Trigger.PERSON, by=request.user)
    messages.success(
        request, "A rollup was asked for. A worker takes it up in a moment; where nothing has changed, there is no run."
    )
    return redirect("rollups")


def _runs() -> Any:
    return (
        RollupRun.objects.select_related("by")
        .order_by("-pk")
        .annotate(part_count=Count("parts"), staged_count=Count("parts", filter=Q(parts__staged_at__isnull=False)))
    )


def _shown(run: Any) -> ShownRun:
    return show_run(run, run.staged_count, run.part_count)
