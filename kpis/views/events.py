"""How long events are kept: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.http import POST, PageRequest, page
from accounts.pages.asking import type_of, with_undo
from accounts.pages.stale import TooLate, too_late
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.forms import show_refusal
from core.writes import StaleWrite
from kpis.forms.events import KeepingForm
from kpis.pages.events import keeping_shown, purging
from kpis.services.keeping_events import keeping, set_keeping


@page(Right.ADMINISTER, methods=POST)
def event_keeping(request: PageRequest) -> HttpResponse:
    """Say for how many months events are kept; asked first, for what goes does not come back."""
    form = KeepingForm(request.POST, kept=keeping())
    if not form.is_valid():
        return _page(request, form, 400)
    months = form.cleaned_data["months"]
    if months is not None and not is_sure(request):
        return ask_first(request, purging(months))
    try:
        kept = set_keeping(months=months, by=request.user, seen=form.cleaned_data["seen"])
    except ValidationError as error:
        show_refusal(form, error)
        return _page(request, form, 400)
    except StaleWrite:
        return _page(request, form, 409, too_late(form, keeping(), request.user))
    messages.success(request, with_undo("Kept.", request.user, type_of(kept), kept.pk))
    return redirect(f"{reverse('company')}#events")


def _page(request: PageRequest, form: KeepingForm, status: int, late: TooLate | None = None) -> HttpResponse:
    shown = keeping_shown(form) | {"may_set": True}
    return render(request, "kpis/event_keeping.html", {"shown": shown, "late": late}, status=status)
