"""Two editions of a period side by side."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest, page, period_or_404
from accounts.rights import Right
from core.periods import Period
from core.shapes import LIVE
from scorecard.models import Edition
from scorecard.pages.comparing import Comparison, side_of

private = cache_control(private=True, no_cache=True)


@page(Right.READ)
@private
def scorecard_compare(request: PageRequest, period: str) -> HttpResponse:
    """What two editions say otherwise, or one and what is live: ``?left=1&right=2``, ``?left=1&right=live``."""
    company = company_of(request)
    when, today = period_or_404(period, company), today_of(company)
    editions = list(Edition.objects.filter(period=when.code).select_related("signed_by").order_by("number"))
    context: dict[str, Any] = {"period": when, "editions": editions, "found": None}
    if editions:
        chosen = _chosen(request, when, editions)
        left, right = (side_of(one, when, company, today, request.user) for one in chosen)
        context["found"] = Comparison(left, right, company, everything=request.GET.get("all") == "1")
    return render(request, "scorecard/compare.html", context)


def _chosen(request: PageRequest, period: Period, editions: list[Edition]) -> list[Edition | None]:
    """The two that the address names, else the latest beside the one before it, or the only one beside today."""
    usual = (editions[-2], editions[-1]) if len(editions) > 1 else (editions[0], None)
    known: dict[str, Edition | None] = {str(one.number): one for one in editions} | {LIVE: None}
    found: list[Edition | None] = []
    for name, other in zip(("left", "right"), usual, strict=True):
        code = request.GET.get(name) or (str(other.number) if other else LIVE)
        if code not in known:
            raise Http404(f"{period.code} has no edition “{code}”: choose one of {', '.join(known)}.")
        found.append(known[code])
    return found
