"""The register as a list, a board, a timeline and a file: views of the same filter."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from accounts.http import PageRequest, page
from accounts.rights import Right
from core.figures import as_json
from core.sheets import DOWNLOADS, export
from initiatives.charts import timeline
from initiatives.pages import register_export
from initiatives.pages.board import build_board
from initiatives.pages.listing import PER_TIMELINE, Register
from initiatives.pages.timeline import show_lines
from initiatives.reading.names import Names

private = cache_control(private=True, no_cache=True)


@page(Right.READ)
@private
def initiatives(request: PageRequest) -> HttpResponse:
    """All improvement work, filtered and sorted, a line each."""
    register = Register(request)
    context = {"register": register, "here": "initiatives"}
    return render(request, "initiatives/list.html", context)


@page(Right.READ)
@private
def board(request: PageRequest) -> HttpResponse:
    """What runs, in columns by schedule status."""
    register = Register(request)
    names = Names.of(register.user, [one.initiative for one in register.standings])
    columns = build_board(register.standings, names, register.company.currency)
    context = {"register": register, "here": "initiatives_board", "columns": columns}
    return render(request, "initiatives/board.html", context)


@page(Right.READ)
@private
def timeline_page(request: PageRequest) -> HttpResponse:
    """Baseline, current dates and milestones of a page of the list."""
    register = Register(request, PER_TIMELINE, steps=True)
    context = {
        "register": register,
        "here": "initiatives_timeline",
        "lines": show_lines(list(register.page)),
        "height": timeline.timeline_height(len(register.page)),
        "chart_query": register.page_query + f"page={register.page.number}",
    }
    return render(request, "initiatives/timeline.html", context)


@page(Right.READ)
@private
def timeline_chart(request: PageRequest) -> HttpResponse:
    """The same lines drawn."""
    register = Register(request, PER_TIMELINE, steps=True)
    figure = timeline.timeline(show_lines(list(register.page)), register.day)
    return HttpResponse(as_json(figure), content_type="application/json")


@export("initiatives/", "initiatives_export")
@page(Right.READ)
@private
def initiatives_export(request: PageRequest, form: str) -> HttpResponseBase:
    """What the list shows, all its pages, as a spreadsheet's file."""
    register = Register(request)
    names = Names.of(request.user, [one.initiative for one in register.standings])
    rows = register_export.rows(register.standings, names, register.company.currency)
    return DOWNLOADS[form](register_export.file_name(register.day), list(register_export.COLUMNS), rows)
