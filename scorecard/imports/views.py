"""Imports: parse, one call, answer."""

from __future__ import annotations

import csv
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.context import company_of
from accounts.loads import LoadRefused, UndoRefused, undo_load
from accounts.models import Load, User
from accounts.permissions import right_required
from accounts.rights import Right
from accounts.services import today_of
from core.loading import FileProblem
from kpis.reading.early import early_months
from scorecard.imports import pages, waiting
from scorecard.imports.forms import UploadForm


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.LOAD)
def imports(request: HttpRequest) -> HttpResponse:
    """All loads, newest first, the form that begins another, and what waits for a month that has not begun."""
    user = cast("User", request.user)
    form = UploadForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        kept = waiting.keep(request.session, chosen["file"], chosen["kind"], approve=chosen.get("approve", False))
        return redirect("import_check", kept.token)
    loads = Load.objects.select_related("by", "approved_by")
    page = Paginator(loads, 30).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "early": early_months(today_of(company_of(request)))}
    return render(request, "imports/imports.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.LOAD)
def check(request: HttpRequest, token: str) -> HttpResponse:
    """What a file would do, every bad row included; by POST it is loaded."""
    kept, user = waiting.find(request.session, token), cast("User", request.user)
    try:
        if request.method == "POST" and (number := pages.take_in(kept, user).load):
            waiting.forget(request.session)
            messages.success(request, f"{kept.name} has been loaded.")
            return redirect("import", number)
        checked = pages.check(kept, user)
    except (FileProblem, LoadRefused) as error:
        messages.error(request, f"{error}. Nothing was changed.")
        return redirect("imports")
    return render(request, "imports/check.html", {"checked": checked})


@require_safe
@right_required(Right.LOAD)
def bad_rows(request: HttpRequest, token: str) -> Any:
    """Every bad row of a checked file, as CSV."""
    checked = pages.check(waiting.find(request.session, token), cast("User", request.user))
    writer = csv.writer(_Echo())
    rows = ([error.line, error.column, error.value, error.reason] for error in checked.report.errors)
    lines = (writer.writerow(row) for row in _with_header(rows))
    name = f"bad-rows-{checked.kind.name}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
@right_required(Right.LOAD)
def import_(request: HttpRequest, number: int) -> HttpResponse:
    """One load: its counts, and a sample of what it changed."""
    load = get_object_or_404(Load.objects.select_related("by", "approved_by", "undone_by"), pk=number)
    context = {"load": load, "changes": pages.sample_of(load), "can_be_undone": pages.can_be_undone(load)}
    return render(request, "imports/load.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.LOAD)
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Ask whether a load is to be taken back; by POST it is."""
    load = get_object_or_404(Load, pk=number)
    if request.method != "POST":
        return render(request, "imports/undo.html", {"load": load})
    try:
        undo_load(load=load, by=cast("User", request.user))
        messages.success(request, f"Load {load.pk} has been taken back.")
    except UndoRefused as error:
        messages.error(request, f"{error}.")
    return redirect("import", number)


class _Echo:
    """Gives what is written back, for a response that streams."""

    def write(self, text: str) -> str:
        return text


def _with_header(rows: Any) -> Any:
    yield ["line", "column", "value", "reason"]
    for line, column, value, reason in rows:
        # a spreadsheet must not take a bad value for a formula
        yield [line, column, f"'{value}" if value[:1] in "=+-@\t\r" and value else value, reason]
