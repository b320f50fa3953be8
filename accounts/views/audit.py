"""The audit, for administrators, and giving a change back: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate

from accounts.http import DENIED, FORM, PageRequest, page
from accounts.models import AuditEntry
from accounts.pages.audit import COLUMNS, MOST_IN_A_WORKBOOK, AuditList, entry_page, export_rows, exported
from accounts.reading.acts import with_people
from accounts.rights import Right
from accounts.services.reverts import revert_entry
from accounts.views.asking import is_sure
from core.sheets import csv_download, export, xlsx_download
from core.writes import StaleWrite, TransitionRefused

_DOWNLOADS: dict[str, Callable[..., HttpResponseBase]] = {
    "csv": csv_download,
    "xlsx": partial(xlsx_download, lean=True),
}


@page(Right.ADMINISTER)
def audit(request: PageRequest) -> HttpResponse:
    """Who did what, newest first."""
    shown = AuditList(request.GET, request.user)
    return render(request, "audit/audit.html", {"list": shown, "files": shown.files})


@export("audit/", "audit_export")
@page(Right.ADMINISTER)
def audit_export(request: PageRequest, form: str) -> HttpResponseBase:
    """What the list shows, all its pages and the parts of its acts."""
    entries = exported(request.GET)
    if form == "xlsx" and entries[MOST_IN_A_WORKBOOK:].exists():
        messages.error(
            request,
            f"These are more than {MOST_IN_A_WORKBOOK:,} entries: too many for a workbook. Take CSV, or fewer days.",
        )
        return redirect(f"/audit/?{request.GET.urlencode()}")
    return _DOWNLOADS[form](f"audit-{localdate()}", list(COLUMNS), export_rows(entries, request.user))


@page(Right.ADMINISTER)
def entry(request: PageRequest, number: int) -> HttpResponse:
    """One entry in full."""
    found = get_object_or_404(with_people(AuditEntry.objects.all()), pk=number)
    return render(request, "audit/entry.html", {"page": entry_page(found, request.user)})


@page(Right.READ, methods=FORM)
def revert(request: PageRequest, number: int) -> HttpResponse:
    """Ask, with what it was and will be, and give it back: for administrators, and for who did it."""
    found = get_object_or_404(with_people(AuditEntry.objects.all()), pk=number)
    if found.by_id != request.user.pk and not request.user.has_perm(Right.ADMINISTER):
        raise PermissionDenied(DENIED)
    shown = entry_page(found, request.user)
    if request.method == "POST" and is_sure(request):
        try:
            revert_entry(entry=found, by=request.user, reason=request.POST.get("reason", ""))
        except ValidationError as error:
            return render(request, "audit/revert.html", {"page": shown, "problems": error.messages}, status=400)
        except (StaleWrite, TransitionRefused) as error:
            return render(request, "audit/revert.html", {"page": shown, "problems": [str(error)]}, status=409)
        messages.success(request, f"Undone: {shown.told.name} is as it was before. Entry {number} stays in the audit.")
        return redirect(shown.told.url or request.path)
    return render(request, "audit/revert.html", {"page": shown})
