"""The events behind a fact: parse, one call, answer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import PageRequest, page
from accounts.rights import Right
from scorecard.pages import traces
from scorecard.pages.facts import require_reader


@page(Right.READ)
def fact_events(request: PageRequest) -> HttpResponse:
    """What is behind the fact of a customer and month, for those who may read that customer."""
    require_reader(request.user)
    found = traces.fact_events(request.GET, request.user)
    return render(request, "scorecard/fact_events.html", {"page": found})
