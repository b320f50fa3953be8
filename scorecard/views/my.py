"""A person's own page: what every app asks of them, most urgent first, and what is theirs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.context import company_of
from accounts.http import POST, PageRequest, page
from accounts.reading.threads import asked_by
from accounts.rights import Right
from core.registry import asks_of
from initiatives.forms.status_updates import ReminderForm
from initiatives.mails.reminders import time_of
from initiatives.pages.my import my_register, next_mail
from initiatives.services.reminding import set_reminder_time
from scorecard.reading.inbox import remember_asked


@page(Right.READ)
def my(request: PageRequest) -> HttpResponse:
    """What is asked of the person and what they asked, their initiatives, recognition, and when they are reminded."""
    user = request.user
    chosen = time_of(user)
    asks = asks_of(user)
    remember_asked(request, len(asks))
    context = {
        "asks": asks,
        "asked": asked_by(user),
        "register": my_register(user, company_of(request), chosen),
        "form": ReminderForm(None, chosen=chosen),
    }
    return render(request, "scorecard/my.html", context)


@page(Right.READ, methods=POST)
def reminder_time(request: PageRequest) -> HttpResponse:
    """Choose when the weekly mail comes."""
    user = request.user
    form = ReminderForm(request.POST, chosen=time_of(user))
    if form.is_valid():
        chosen = set_reminder_time(user=user, **form.cleaned_data)
        messages.success(
            request, f"The next mail comes on {next_mail(chosen, company_of(request))}, if anything is asked."
        )
    else:
        messages.error(request, "Nothing was changed: choose a day of the week and an hour.")
    return redirect("my")
