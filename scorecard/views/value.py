"""Value by tier: parse the address, ask once, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, PageRequest, page, period_or_404
from accounts.pages.stale import TooLate, too_late
from accounts.rights import Right
from core.editions import PARAMETER as EDITION
from core.editions import Served, across_periods
from core.figures import as_json
from core.forms import show_refusal
from core.periods import Period
from core.picker import Span, build_picker
from core.sheets import DOWNLOADS, export
from core.writes import StaleWrite
from kpis.forms.value import ValueKpisForm
from kpis.models import ValueKpis
from kpis.reading.freshness import latest_period
from kpis.services.value import name_value_kpis
from scorecard.charts.value import height_of, value_shares
from scorecard.pages.cells import serving_of
from scorecard.pages.growth import growth_address
from scorecard.pages.value import COLUMNS, export_rows, show_value
from scorecard.reading.caching import kept, page_tag, state_of
from scorecard.reading.signed_value import served_value
from scorecard.reading.value import ValueByTier

private = cache_control(private=True, no_cache=True)
unless_unchanged = condition(etag_func=page_tag)


@page(Right.READ)
@private
@unless_unchanged
def growth_value(request: PageRequest) -> HttpResponse:
    """What each tier is worth, beside what is done for it."""
    company, period = company_of(request), _period(request)
    today, state, served = today_of(company), state_of(request), _served(request, period)

    def make() -> str:
        found = served_value(served, today)
        shown = show_value(found, served, company, QueryDict(f"period={period.code}"))
        context = {"page": shown, "period": period, "height": height_of(found.value)}
        return render_to_string("scorecard/parts/value.html", context)

    span = Span(state.first, state.last) if state.first and state.last else None
    context = {
        "text": kept(request, make, f"value {period.code} {_asked(request)}"),
        "period": period,
        "picker": build_picker(period, span, today, lambda of: _address(request, of)),
        "to_date": period.is_to_date(today),
        "growth_url": growth_address(period, edition=_asked(request)),
        "may_name": request.user.has_perm(Right.MANAGE_KPIS),
    }
    return render(request, "scorecard/value.html", context)


@page(Right.READ)
@private
@unless_unchanged
def growth_value_chart(request: PageRequest) -> HttpResponse:
    """The shares drawn."""
    period = _period(request)
    text = kept(
        request,
        lambda: as_json(value_shares(_value(request, _served(request, period)))),
        f"value chart {period.code} {_asked(request)}",
    )
    return HttpResponse(text, content_type="application/json")


@export("growth/value/", "growth_value_export")
@page(Right.READ)
def growth_value_export(request: PageRequest, form: str) -> HttpResponseBase:
    """The table as a spreadsheet's file."""
    period = _period(request)
    served = _served(request, period)
    edition = f"-edition-{served.shown.number}" if served.shown else ""
    return DOWNLOADS[form](f"value-by-tier-{period.code}{edition}", COLUMNS, export_rows(_value(request, served)))


@page(Right.MANAGE_KPIS, methods=FORM)
def growth_value_kpis(request: PageRequest) -> HttpResponse:
    """Name the KPIs of revenue, margin and cost to serve."""
    row = ValueKpis.objects.get(pk=1)
    form = ValueKpisForm(request.POST or None, instance=row)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, 400 if form.errors else 200)
    try:
        name_value_kpis(by=request.user, named=form.named, seen=form.cleaned_data["seen"])
    except ValidationError as error:
        show_refusal(form, error)
        return _form_page(request, form, 400)
    except StaleWrite:
        return _form_page(request, form, 409, too_late(form, ValueKpis.objects.get(pk=1), request.user))
    messages.success(request, "Kept. Value by tier is told by these KPIs from now on.")
    return redirect("growth_value")


def _form_page(request: PageRequest, form: ValueKpisForm, status: int, late: TooLate | None = None) -> HttpResponse:
    return render(request, "scorecard/value_kpis.html", {"form": form, "late": late}, status=status)


def _value(request: PageRequest, served: Served) -> ValueByTier:
    return served_value(served, today_of(company_of(request))).value


def _served(request: PageRequest, period: Period) -> Served:
    """What answers for the period."""
    return serving_of(period, request.GET, state_of(request))


def _asked(request: PageRequest) -> str:
    """The edition that the address asks for; empty for none."""
    return request.GET.get(EDITION, "")


def _address(request: PageRequest, period: Period) -> str:
    """The same page of another period."""
    query = across_periods(request.GET)
    query["period"] = period.code
    return f"{reverse('growth_value')}?{query.urlencode()}"


def _period(request: PageRequest) -> Period:
    """The period of the address, by default the latest."""
    company = company_of(request)
    code = request.GET.get("period")
    return period_or_404(code, company) if code else latest_period(company)
