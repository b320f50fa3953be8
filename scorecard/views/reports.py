"""Board packs: parse, one call, answer."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, PageRequest, page, period_or_404
from accounts.rights import Right
from accounts.services.jobs import job_folder
from core.forms import show_refusal
from core.links import PARAMETER
from scorecard.forms.reports import FileForm, MarkForm, ReportForm
from scorecard.models import Report
from scorecard.pages import reports as pages
from scorecard.reading.reports import is_there, known_file, may_take, named_by, reports_of
from scorecard.reports.media import MEDIA
from scorecard.services.reports import ask_for_report

_GONE = "The file is not here any more: it was kept for a day. Ask for the pack again."


@page(Right.READ, methods=FORM)
def reports(request: PageRequest) -> HttpResponse:
    """The form that asks for a pack, and one's own packs; by POST a worker makes one."""
    company = company_of(request)
    offered = pages.choices(company, today_of(company), request.GET.get(PARAMETER, ""))
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, periods=offered.periods, numbers=offered.numbers, period=offered.period)
    if data is not None and form.is_valid():
        try:
            period = period_or_404(form.cleaned_data["period"], company)
            return redirect("report", ask_for_report(by=request.user, period=period, **form.said()).pk)
        except ValidationError as refused:
            show_refusal(form, refused)
    context = {"form": form, "reports": pages.shown_reports(company, request.user)}
    return render(request, "reports/reports.html", context, status=400 if form.errors else 200)


@page(Right.READ)
def report(request: PageRequest, number: int) -> HttpResponse:
    """One pack: how far it is, then where it is."""
    shown = pages.show_report(_report(request, number), company_of(request), request.user)
    return render(request, "reports/report.html", {"pack": shown})


@page(Right.READ)
def report_file(request: PageRequest, number: int) -> HttpResponseBase:
    """The file, for who asked for it, as long as their rights are those that it was made with."""
    return file_of(_report(request, number), request)


def file_of(found: Report, request: PageRequest) -> HttpResponseBase:
    """The file of a pack. Raises Http404 where it is gone, PermissionDenied where the rights are."""
    if not is_there(found) or found.job is None:
        raise Http404(_GONE)
    if not may_take(found, request.user):
        raise PermissionDenied("Your rights have changed since the pack was made: ask for it again.")
    try:
        file = (job_folder(found.job) / found.file_name).open("rb")
    except FileNotFoundError:
        raise Http404(_GONE) from None
    answer = FileResponse(file, as_attachment=True, filename=found.file_name, content_type=MEDIA[found.format])
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@page(Right.READ, methods=FORM)
def verify(request: PageRequest) -> HttpResponse:
    """Whether a file is as it was handed out (by POST), and which edition twelve characters name (``?mark=``)."""
    company, found = company_of(request), None
    upload = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    mark = MarkForm(request.GET if "mark" in request.GET else None)
    if request.method == "POST" and upload.is_valid():
        found = pages.checked_file(known_file(upload.cleaned_data["file"].chunks()), company)
    elif mark.is_bound and mark.is_valid():
        found = pages.checked_mark(named_by(mark.cleaned_data["mark"]), company)
    context = {"upload": upload, "mark": mark, "found": found}
    return render(request, "reports/verify.html", context, status=400 if upload.errors or mark.errors else 200)


def _report(request: PageRequest, number: int) -> Report:
    """One's own pack. Raises Http404 where it is not there, or another person's."""
    return get_object_or_404(reports_of(request.user), pk=number)
