"""One cell of the matrix: parse the address, ask once, answer."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.vary import vary_on_headers

from accounts.context import company_of
from accounts.http import PageRequest, page
from accounts.rights import Right
from core.editions import across_periods, asked_edition
from core.registry import panels_of
from kpis.reading.differences import explain_differences
from scorecard.forms.narratives import NarrativeForm, RemarkForm
from scorecard.pages import cells as pages
from scorecard.pages.cell import show_story
from scorecard.pages.differences import show_differences
from scorecard.pages.events import events_panel
from scorecard.pages.facts import may_read_facts
from scorecard.pages.narratives import with_form
from scorecard.pages.periods import cell_address_of, matrix_address
from scorecard.pages.signals import show_signals
from scorecard.reading.caching import kept, state_of
from scorecard.reading.trend_events import TrendEvent, from_text, numbered
from scorecard.views.matrix import bar_of, private, unless_unchanged


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
    context |= bar_of(request, story.period, cell_address_of(kpi, tier, across))
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
