"""Search: parse, ask once, answer."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from accounts.http import PageRequest, page
from accounts.rights import Right
from core.registry import search_for
from core.searching import LONGEST
from scorecard.pages.search import exact

private = cache_control(private=True, no_store=True)


@page(Right.READ)
@private
def search(request: PageRequest) -> HttpResponseBase:
    """What is found; ``open`` says that somebody pressed Enter, upon which a whole code opens its page at once."""
    asked = request.GET.get("q", "")[:LONGEST].strip()
    found = search_for(asked, request.user)
    at_once = exact(found) if "open" in request.GET else None
    if at_once is not None:
        return HttpResponseRedirect(at_once.url)
    return render(request, "scorecard/search.html", {"asked": asked, "found": found, "longest": LONGEST})


@page(Right.READ)
@private
def search_results(request: PageRequest) -> HttpResponse:
    """The same as the options of the dialog, while somebody types."""
    asked = request.GET.get("q", "")[:LONGEST].strip()
    return render(request, "scorecard/search_results.html", {"asked": asked, "found": search_for(asked, request.user)})
