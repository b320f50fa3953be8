"""Imports: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.choices import LoadState
from accounts.forms.imports import UploadForm
from accounts.http import FORM, PageRequest, page
from accounts.loads import LoadRefused, UndoRefused, undo_load
from accounts.models import Load, User
from accounts.pages import imports as pages
from accounts.rights import Right
from accounts.services import imports as waiting
from core.lists import FilteredList
from core.loading import FileProblem, Reading
from core.sheets import csv_download


@page(Right.LOAD, methods=FORM)
def imports(request: PageRequest) -> HttpResponse:
    """All loads, newest first, and the form that begins another."""
    user = request.user
    form = UploadForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        reading = Reading(chosen["sheet"], chosen["decimal"])
        approve = chosen.get("approve", False)
        kept = waiting.keep(request.session, chosen["file"], chosen["kind"], approve=approve, reading=reading)
        return redirect("import_check", kept.token)
    loads = Load.objects.select_related("by", "approved_by")
    context = {"form": form, "loads": FilteredList[Load](request.GET, loads, per_page=30)}
    return render(request, "imports/imports.html", context, status=400 if form.errors else 200)


@page(Right.LOAD, methods=FORM)
def check(request: PageRequest, token: str) -> HttpResponse:
    """What a file would do, every bad row included; by POST it is loaded."""
    kept, user = waiting.find(request.session, token), request.user
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


@page(Right.LOAD)
def bad_rows(request: PageRequest, token: str) -> Any:
    """Every bad row of a checked file, as CSV."""
    checked = pages.check(waiting.find(request.session, token), request.user)
    header = ["line", "column", "value", "reason"]
    rows: Iterator[list[Any]] = ([getattr(error, name) for name in header] for error in checked.report.errors)
    return csv_download(f"bad-rows-{checked.kind.name}", header, rows)


@page(Right.LOAD, Right.APPROVE_TARGETS)
def import_(request: PageRequest, number: int) -> HttpResponse:
    """One load: its counts, and a sample of what it changed."""
    load, user = _load(request, number)
    context = {
        "load": load,
        "changes": pages.sample_of(load),
        "counts_still": load.state == LoadState.APPLIED,
        "can_be_undone": pages.can_be_undone(load, user),
    }
    return render(request, "imports/load.html", context)


@page(Right.LOAD, Right.APPROVE_TARGETS, methods=FORM)
def undo(request: PageRequest, number: int) -> HttpResponse:
    """Ask whether a load is to be taken back; by POST it is."""
    load, user = _load(request, number)
    if request.method != "POST":
        return render(request, "imports/undo.html", {"load": load})
    try:
        undo_load(load=load, by=user)
        messages.success(request, f"Load {load.pk} has been taken back.")
    except UndoRefused as error:
        messages.error(request, f"{error}.")
    return redirect("import", number)


def _load(request: PageRequest, number: int) -> tuple[Load, User]:
    """A load, and who asks for it. Raises Http404, PermissionDenied where the person has no business with it."""
    load = get_object_or_404(Load.objects.select_related("by", "approved_by", "undone_by"), pk=number)
    pages.require_sight(load, request.user)
    return load, request.user
