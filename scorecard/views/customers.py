"""The list of customers: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page, period_or_404
from accounts.rights import Right
from accounts.views import saved_views
from core.forms import show_refusal
from core.periods import Period
from core.sheets import DOWNLOADS, export
from customers.filters import CustomerFilter
from customers.forms import CustomerForm
from customers.services.customers import CustomerRows
from kpis.reading.freshness import latest_period
from scorecard.pages.customers import COLUMNS, LIST, CustomerList, export_rows

private = cache_control(private=True, no_cache=True)
READERS = (Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS)


def asked_period(request: PageRequest) -> Period:
    """The period of the address, by default the latest."""
    company = company_of(request)
    code = request.GET.get("period")
    return period_or_404(code, company) if code else latest_period(company)


@page(*READERS)
@private
def customers(request: PageRequest) -> HttpResponse:
    """Who the customers are, by tier, unit, region and what happened to them."""
    return render(request, "scorecard/customers.html", {"list": CustomerList(request, asked_period(request))})


@export("customers/", "customers_export")
@page(*READERS)
@private
def customers_export(request: PageRequest, form: str) -> HttpResponseBase:
    """What the list shows, all its pages, as a spreadsheet's file."""
    found = CustomerList(request, asked_period(request)).found.select_related("business_unit", "account_manager")
    day = today_of(company_of(request))
    return DOWNLOADS[form](f"customers-{day}", COLUMNS, export_rows(found.iterator(chunk_size=2_000), day))


@page(*READERS, methods=POST)
def customers_view(request: PageRequest) -> HttpResponse:
    """Keep the filters that are in use, for oneself: who shares none by mistake names no customer to others."""
    return saved_views.keep(request, LIST, {*CustomerFilter.base_filters, "sort"})


@page(*READERS, methods=POST)
def customers_view_delete(request: PageRequest, number: int) -> HttpResponse:
    """One's own view goes; what it shows stays."""
    return saved_views.drop(request, LIST, number, things="customers")


@page(Right.MANAGE_KPIS, methods=FORM)
def customer_new(request: PageRequest) -> HttpResponse:
    """Add a customer."""
    form = CustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = CustomerRows().create(by=request.user, values=form.values)
            messages.success(request, f"“{made.name}” was added. Give it a tier, and say when it joined.")
            return redirect("customer", made.external_id)
        except ValidationError as error:
            show_refusal(form, error)
    return render(request, "scorecard/customer_form.html", {"form": form}, status=400 if form.errors else 200)
