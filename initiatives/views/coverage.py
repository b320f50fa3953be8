"""Coverage: parse, ask once, answer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest, page
from accounts.rights import Right
from core.figures import as_json
from core.periods import Period
from initiatives.charts import figures as charts
from initiatives.pages.coverage import ShownCoverage, show_coverage
from initiatives.reading.coverage import read_coverage
from initiatives.reading.moments import moments_of_themes
from initiatives.reading.periods import asked_period, pain_span, picker_of


@page(Right.READ)
def coverage(request: PageRequest) -> HttpResponse:
    """Customers' pain by department, theme and tier, beside what runs and its budget."""
    company = company_of(request)
    day, span = today_of(company), pain_span()
    period, page = _read(request)
    context = {
        "page": page,
        "period": period,
        "today": day,
        "picker": picker_of(period, span, day, request.path, request.GET.dict()),
        "to_date": period.is_to_date(day),
        "any_pain": span is not None,
        "chart_url": f"{reverse('coverage_chart')}?period={period.code}",
        "chart_height": charts.coverage_height(page.groups),
    }
    return render(request, "initiatives/coverage.html", context)


@page(Right.READ)
def coverage_chart(request: PageRequest) -> HttpResponse:
    """The same lines, drawn."""
    _, page = _read(request)
    return HttpResponse(as_json(charts.coverage(page.groups)), content_type="application/json")


def _read(request: PageRequest) -> tuple[Period, ShownCoverage]:
    """The period asked for, by default the latest, and what is shown of it."""
    company = company_of(request)
    period = asked_period(company, request.GET.get("period", ""))
    return period, show_coverage(read_coverage(period), company.currency, moments_of_themes())
