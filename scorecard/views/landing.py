"""Where somebody lands who signs in without having asked for a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from scorecard.pages.landing import landing_of


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """To where the person's work is; those who signed in alone come here."""
    return redirect(landing_of(request.user))
