"""Imports: parse, one call, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.choices import LoadState
from accounts.forms.imports import UploadForm
from accounts.http import DENIED, FORM, PageRequest, page
from accounts.loads import UndoRefused, kinds_for, undo_load
from accounts.loads.effects import sample_of
from accounts.loads.importing import BAD_ROWS, IMPORT, again, bring
from accounts.models import Job, Load, User
from accounts.pages import imports as pages
from accounts.pages import load_kinds as kinds
from accounts.rights import Right
from accounts.services.jobs import job_folder, jobs_of
from accounts.views.asking import is_sure
from core.registry import LoadKind, load_kinds
from core.sheets import csv_download

LOADERS = (Right.LOAD, Right.INCENTIVE_GOALS)  # each brings files of the kinds that are theirs
_GONE = "The file is not here any more: bring it again."


@page(*LOADERS, methods=FORM)
def imports(request: PageRequest) -> HttpResponse:
    """The form that begins a load, and all loads, newest first. ``kind`` and ``next`` say what is begun, and whence."""
    back = pages.local_path(request.POST.get("next") or request.GET.get("next", ""))
    begin = {"kind": request.GET.get("kind", "")}
    form = UploadForm(request.POST or None, request.FILES or None, initial=begin, user=request.user)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        return redirect("import_check", bring(by=request.user, file=chosen["file"], kind=chosen["kind"], back=back).pk)
    context = {"form": form, "loads": pages.LoadList(request.GET, request.user), "back": back}
    return render(request, "imports/imports.html", context, status=400 if form.errors else 200)


@page(*LOADERS, methods=FORM)
def check(request: PageRequest, number: int) -> HttpResponse:
    """What a file would do, bad rows first; by POST it is read otherwise, or loaded as it was shown."""
    looked_at = pages.LookedAt(_job(request, number), request.user)
    if load := looked_at.found.get("load"):
        return redirect("import", load)
    if request.method != "POST":
        return render(request, "imports/check.html", {"file": looked_at, "form": looked_at.form()})
    act, form = request.POST.get("act", "read"), looked_at.form(request.POST)
    if act == "read" and not form.is_valid():
        return render(request, "imports/check.html", {"file": looked_at, "form": form}, status=400)
    try:
        return redirect("import_check", _go_on(looked_at, act, form).pk)
    except OSError:
        messages.error(request, _GONE)
        return redirect("imports")


def _go_on(looked_at: pages.LookedAt, act: str, form: Any) -> Job:
    """The job that follows, or the same where there is nothing to load. Raises FileNotFoundError where it is gone."""
    job, found = looked_at.job, looked_at.found
    if act == "read" or not looked_at.is_here:
        return again(job, by=looked_at.user, **(form.said() if act == "read" else {}))
    if not looked_at.may(act):
        return job
    loading = {"load": True, "kind": found["kind"], "digest": found["digest"], "without": act == "take_out"}
    return again(job, by=looked_at.user, **loading)


@page(*LOADERS)
def bad_rows(request: PageRequest, number: int) -> Any:
    """Every bad row as it stands in the file, behind its line and why it is bad."""
    job = _job(request, number)
    try:
        file = (job_folder(job) / BAD_ROWS).open("rb")
    except FileNotFoundError:
        raise Http404("There are no bad rows of this file, or they have expired.") from None
    return FileResponse(file, as_attachment=True, filename=BAD_ROWS, content_type="text/csv; charset=utf-8")


@page(*LOADERS)
def load_kinds_(request: PageRequest) -> HttpResponse:
    """The kinds of files with their columns in words."""
    return render(request, "imports/kinds.html", {"kinds": kinds.shown_kinds(request.user)})


@page(*LOADERS)
def sample(request: PageRequest, kind: str) -> Any:
    """A small file of a kind, as an example."""
    found = _kind(request, kind)
    header = [column.name for column in kinds.columns_of(found)]
    return csv_download(f"{kind}-sample", header, kinds.sample_rows(found), exact=True)


@page(*LOADERS)
def export(request: PageRequest, kind: str) -> Any:
    """All rows of a kind; loading the file changes nothing."""
    found = _kind(request, kind)
    header = [column.name for column in kinds.columns_of(found)]
    return csv_download(kind, header, kinds.export_rows(found), exact=True)


@page(*LOADERS, Right.APPROVE_TARGETS)
def import_(request: PageRequest, number: int) -> HttpResponse:
    """One load: its counts, and a sample of what it changed."""
    load, user = _load(request, number)
    context = {
        "load": load,
        "after": pages.after(load) if load.by_id == user.pk else None,
        "changes": sample_of(load),
        "counts_still": load.state == LoadState.APPLIED,
        "can_be_undone": pages.can_be_undone(load, user),
    }
    return render(request, "imports/load.html", context)


@page(*LOADERS, Right.APPROVE_TARGETS, methods=FORM)
def undo(request: PageRequest, number: int) -> HttpResponse:
    """Say what taking a load back would do, and ask whether to; by POST it is taken back."""
    load, user = _load(request, number)
    if request.method != "POST" or not is_sure(request):
        return render(request, "imports/undo.html", {"load": load, "undoing": pages.undoing(load, user)})
    try:
        undo_load(load=load, by=user)
        messages.success(request, f"Load {load.pk} has been taken back.")
    except UndoRefused as error:
        messages.error(request, f"{error}.")
    return redirect("import", number)


def _job(request: PageRequest, number: int) -> Job:
    """A file's job. Raises Http404 where it is not there, or another person's."""
    return get_object_or_404(jobs_of(request.user).select_related("by"), kind=IMPORT, pk=number)


def _kind(request: PageRequest, name: str) -> LoadKind:
    """A kind that the person brings files of. Raises Http404, PermissionDenied."""
    if name not in load_kinds():
        raise Http404("There is no such kind of file.")
    if name not in kinds_for(request.user):
        raise PermissionDenied(DENIED)
    return load_kinds()[name]


def _load(request: PageRequest, number: int) -> tuple[Load, User]:
    """A load, and who asks for it. Raises Http404, PermissionDenied where the person has no business with it."""
    load = get_object_or_404(Load.objects.select_related("by", "approved_by", "undone_by"), pk=number)
    pages.require_sight(load, request.user)
    return load, request.user
