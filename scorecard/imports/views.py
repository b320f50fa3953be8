"""Imports: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.loads import LoadRefused, UndoRefused, undo_load
from accounts.models import Load, User
from accounts.permissions import right_required
from accounts.rights import Right
from core.loading import FileProblem, Reading
from core.sheets import csv_download
from scorecard.imports import pages, waiting
from scorecard.imports.forms import UploadForm


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.LOAD)
def imports(request: HttpRequest) -> HttpResponse:
    """All loads, newest first, and the form that begins another."""
    user = cast("User", request.user)
    form = UploadForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        reading = Reading(chosen["sheet"], chosen["decimal"])
        approve = chosen.get("approve", False)
        kept = waiting.keep(request.session, chosen["file"], chosen["kind"], approve=approve, reading=reading)
        return redirect("import_check", kept.token)
    loads = Load.objects.select_related("by", "approved_by")
    page = Paginator(loads, 30).get_page(request.GET.get("page"))
    return render(request, "imports/imports.html", {"form": form, "page": page}, status=400 if form.errors else 200)


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
        said = str(error).replace(kept.path.name, kept.name)  # it is kept under another name than people know
        messages.error(request, f"{said}. Nothing was changed.")
        return redirect("imports")
    return render(request, "imports/check.html", {"checked": checked})


@require_safe
@right_required(Right.LOAD)
def bad_rows(request: HttpRequest, token: str) -> Any:
    """Every bad row of a checked file, as CSV."""
    checked = pages.check(waiting.find(request.session, token), cast("User", request.user))
    header = ["line", "column", "value", "reason"]
    rows: Iterator[list[Any]] = ([getattr(error, name) for name in header] for error in checked.report.errors)
    return csv_download(f"bad-rows-{checked.kind.name}", header, rows)


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
