"""Early warnings: parse the address, ask once, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page, way_back
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.periods import Month, PeriodError, month_code, parse_month
from core.writes import StaleWrite
from scorecard.access import sees_warning_of
from scorecard.forms.warnings import WarningActionForm
from scorecard.models import WarningResponse, WarningRun
from scorecard.pages.customer import customer_or_404
from scorecard.pages.warnings import CustomerWarningPage, WarningsPage, doers_of, taking_back_response
from scorecard.reading.warnings import ReadWarning, read_warnings, run_of, warnings_of
from scorecard.services.warning_runs import make_warnings_anew
from scorecard.services.warnings import may_take_back_response, respond, take_back_response, tick_response
from scorecard.tasks import request_warnings

private = cache_control(private=True, no_cache=True)
READERS = (Right.READ_WARNINGS, Right.READ_OWN_WARNINGS)


@page(*READERS)
@private
def warnings(request: PageRequest) -> HttpResponse:
    """The record of a month, by default the newest, and where it is worth it who is warned of."""
    run = _run_or_404(request.GET["month"]) if request.GET.get("month") else run_of()
    company = company_of(request)
    shown = WarningsPage(run, company, today_of(company), request.user, request.GET.get("page", ""))
    return render(request, "scorecard/warnings.html", {"list": shown})


@page(Right.LOAD, methods=POST)
def warnings_anew(request: PageRequest) -> HttpResponse:
    """Have a worker make the lists anew."""
    make_warnings_anew(by=request.user)
    request_warnings()
    messages.success(request, "Warnings are made anew by a worker; the page says how far it is.")
    seen = any(request.user.has_perm(right) for right in READERS)
    return redirect("warnings" if seen else "customers")


@page(*READERS, methods=FORM)
@private
def customer_warning(request: PageRequest, external_id: str, month: str) -> HttpResponse:
    """Why a customer is warned of, and what was done; a POST says what is done now."""
    found = _warning_or_404(request, external_id, month)
    form = WarningActionForm(request.POST or None, people=doers_of(found.customer))
    if request.method != "POST":
        return _show(request, found)
    try:
        if form.is_valid():
            respond(warning=found.row, by=request.user, **form.values)
            messages.success(request, "Kept beside the warning. It can be taken back there.")
            return redirect(way_back(request, request.path))
    except ValidationError as error:
        form.refuse(error)
    return _show(request, found, form)


def _show(request: PageRequest, found: ReadWarning, form: WarningActionForm | None = None) -> HttpResponse:
    company = company_of(request)
    shown = CustomerWarningPage(found, company, today_of(company), request.user, form)
    context = {"page": shown, "customer": found.customer}
    return render(request, "scorecard/customer_warning.html", context, status=400 if form else 200)


@page(*READERS, methods=POST)
def warning_take_back(request: PageRequest, number: int) -> HttpResponse:
    """Take back what was said to be done."""
    row = _response_or_404(request, number)
    if may_take_back_response(request.user, row) and row.taken_back_at is None and not is_sure(request):
        return ask_first(request, taking_back_response(row, _page_of(row)))
    try:
        take_back_response(response=row, by=request.user)
        messages.success(request, "Taken back; the audit keeps it.")
    except StaleWrite as late:
        messages.warning(request, str(late))
    return redirect(way_back(request, _page_of(row)))


@page(Right.COMMENT, methods=POST)
def warning_tick(request: PageRequest, number: int) -> HttpResponse:
    """Tick an action off; with ``open`` that is taken back."""
    row = get_object_or_404(WarningResponse.objects.select_related("customer"), pk=number)
    done = "open" not in request.POST
    try:
        tick_response(response=row, by=request.user, done=done)
        messages.success(request, f"“{row.text}” is {'done' if done else 'open again'}.")
    except StaleWrite as late:
        messages.warning(request, str(late))
    return redirect(way_back(request, reverse("my")))


def _run_or_404(code: str) -> WarningRun:
    """Raises Http404 with a sentence for what is no month, or one that was not looked at."""
    try:
        run = run_of(parse_month(code))
    except PeriodError as error:
        raise Http404(f"{error}.") from error
    if run is None:
        raise Http404("Warnings of this month were not kept: they are of the last twelve months with facts.")
    return run


def _warning_or_404(request: PageRequest, external_id: str, month: str) -> ReadWarning:
    customer = customer_or_404(external_id, request.user)
    run = _run_or_404(month)
    rows = warnings_of(run, request.user).filter(customer=customer).select_related("run__value_kpi")
    read = read_warnings(rows, run)
    if not read:
        raise Http404("This customer is not warned of in this month, as far as you may read.")
    return read[0]


def _response_or_404(request: PageRequest, number: int) -> WarningResponse:
    row = get_object_or_404(WarningResponse.objects.select_related("customer", "owner"), pk=number)
    if not sees_warning_of(request.user, row.customer):
        raise Http404("There is no such response that you may read.")
    return row


def _page_of(row: WarningResponse) -> str:
    return reverse("customer_warning", args=[row.customer.external_id, month_code(Month(row.month))])
