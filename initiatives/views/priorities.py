"""Priorities: parse, ask once, answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.context import company_of
from accounts.http import PageRequest, page
from accounts.rights import Right
from core.figures import as_json
from core.lists import FilteredList
from initiatives.charts import figures as charts
from initiatives.filters.register import InitiativeFilter
from initiatives.forms.priorities import BudgetForm
from initiatives.models import Initiative
from initiatives.pages.priorities import ShownPriorities, show_priorities
from initiatives.reading.links import links_behind
from initiatives.reading.priorities import rank

_ROWS = 100
_OWN = ("budget", "page", "sort", "period")


@page(Right.READ)
def priorities(request: PageRequest) -> HttpResponse:
    """What is open, ranked; with a budget, where it ends and what runs below the line."""
    filters, budget, page = _read(request)
    ranked = FilteredList[Any](request.GET, page.rows, filters, _ROWS)
    context = {
        "page": page,
        "ranked": ranked,
        "budget": budget,
        "chart_url": f"{reverse('priorities_chart')}?{ranked.query}",
        "chart_height": charts.PRIORITIES_HEIGHT,
    }
    return render(request, "initiatives/priorities.html", context)


@page(Right.READ)
def priorities_chart(request: PageRequest) -> HttpResponse:
    """The same list as bubbles."""
    _, _, page = _read(request)
    return HttpResponse(as_json(charts.priorities(page.rows)), content_type="application/json")


def _read(request: PageRequest) -> tuple[InitiativeFilter, BudgetForm, ShownPriorities]:
    budget = BudgetForm(request.GET)
    filters = InitiativeFilter(request.GET, Initiative.objects.all(), request=request)
    filters.kept_of = company_of(request)
    filters.form.fields["department"].empty_label = "All departments"
    ranking = rank(filters.standings(), budget.amount)
    query: dict[str, Any] = {name: values for name, values in request.GET.lists() if name not in _OWN and any(values)}
    return filters, budget, show_priorities(ranking, company_of(request).currency, query, links_behind())
