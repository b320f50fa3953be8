"""Coverage: parse, ask once, answer."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest, page, served_or_404
from accounts.rights import Right
from core.editions import PARAMETER, EditionLine, across_periods, edition_line
from core.figures import as_json
from core.formatting import counted
from core.links import PARAMETER as PERIOD
from core.periods import Period
from initiatives.charts import figures as charts
from initiatives.pages.coverage import ShownCoverage, show_coverage
from initiatives.reading.coverage import read_coverage
from initiatives.reading.moments import moments_of_themes
from initiatives.reading.periods import asked_period, pain_span, picker_of
from initiatives.reading.signed import differing_lines, signed_coverage


class _Read(NamedTuple):
    """The period asked for, what is shown of it, and of which edition that is."""

    period: Period
    page: ShownCoverage
    line: EditionLine | None


@page(Right.READ)
def coverage(request: PageRequest) -> HttpResponse:
    """Customers' pain by department, theme and tier, beside what runs and its budget."""
    company = company_of(request)
    day, span = today_of(company), pain_span()
    found = _read(request)
    asked = across_periods(request.GET).dict()
    chart = urlencode({PERIOD: found.period.code, PARAMETER: request.GET.get(PARAMETER, "")})
    context = {
        "page": found.page,
        "line": found.line,
        "period": found.period,
        "today": day,
        "picker": picker_of(found.period, span, day, request.path, asked),
        "to_date": found.period.is_to_date(day),
        "any_pain": span is not None,
        "chart_url": f"{reverse('coverage_chart')}?{chart}",
        "chart_height": charts.coverage_height(found.page.groups),
    }
    return render(request, "initiatives/coverage.html", context)


@page(Right.READ)
def coverage_chart(request: PageRequest) -> HttpResponse:
    """The same lines, drawn."""
    return HttpResponse(as_json(charts.coverage(_read(request).page.groups)), content_type="application/json")


def _read(request: PageRequest) -> _Read:
    """The period asked for, by default the latest: as it was signed, or live."""
    company = company_of(request)
    period = asked_period(company, request.GET.get(PERIOD, ""))
    served = served_or_404(period, request.GET.get(PARAMETER, ""))
    live, differs = read_coverage(period), 0
    shown = live
    if served.document:
        shown = signed_coverage(served.document, period)
        differs = differing_lines(shown, live)
    line = edition_line(served, counted(differs, "line") if differs else "", request.path, request.GET)
    return _Read(period, show_coverage(shown, company.currency, moments_of_themes()), line)
