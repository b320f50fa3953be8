"""Help: parse, ask once, answer."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scorecard.pages.help import help_page
from scorecard.pages.navigation import PLACES


@require_safe
def help_(request: HttpRequest) -> HttpResponse:
    """What there is, and how to begin; for everybody who has signed in."""
    return render(request, "help/help.html", {"places": PLACES})


@require_safe
def place(request: HttpRequest, place: str) -> HttpResponse:
    """What the numbers of a place are, and who may do what there."""
    page = help_page(place)
    if page is None:
        raise Http404("There is no help of that name.")
    return render(request, "help/place.html", {"page": page, "places": PLACES})
