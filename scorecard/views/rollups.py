"""Rollups as they ran, and asking for one: parse, one call, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.http import POST, PageRequest, page
from accounts.rights import Right
from core.lists import FilteredList
from kpis.choices import Trigger
from kpis.models import RollupRun
from kpis.rollup.runs import request_rollup
from scorecard.pages.rollups import ShownRun, show_run


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
