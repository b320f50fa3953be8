"""One's own mails, what ends them with one click, and how they went: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.http import FORM, POST, PageRequest, page, way_back
from accounts.models import OutgoingMail
from accounts.rights import Right
from accounts.services.outbox import send_again
from accounts.views.asking import ask_first, is_sure
from core.forms import show_refusal
from core.writes import StaleTransition
from scorecard.forms.subscriptions import FollowForm, SubscriptionForm
from scorecard.pages.deliveries import asking_again, deliveries_page
from scorecard.pages.subscriptions import subscriptions_page
from scorecard.services.subscriptions import follow, read_stop, stop, subscribe, unfollow, unsubscribe


@page(Right.SUBSCRIBE, methods=FORM)
def subscriptions(request: PageRequest) -> HttpResponse:
    """All of one's own mails; sent, how the digest comes from now on."""
    form = SubscriptionForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            subscribe(person=request.user, values=form.cleaned_data)
            return _done(request, "Your digest comes as you chose.")
        except ValidationError as error:
            show_refusal(form, error)
    shown = subscriptions_page(request.user, form)
    return render(request, "scorecard/subscriptions.html", {"page": shown}, status=400 if form else 200)


@page(Right.SUBSCRIBE, methods=POST)
def subscription_end(request: PageRequest) -> HttpResponse:
    """No digest any more."""
    ended = unsubscribe(person=request.user)
    return _done(request, "No digest will come any more." if ended else "There was no digest; nothing was changed.")


@page(Right.SUBSCRIBE, methods=POST)
def follow_on(request: PageRequest) -> HttpResponse:
    """Follow one thing from now on."""
    form = FollowForm(request.POST)
    if form.is_valid():
        try:
            follow(person=request.user, kind=form.cleaned_data["kind"], key=form.cleaned_data["key"])
            return _back(request, "You follow it: a mail comes when it really gets worse, and when it recovers.")
        except ValidationError as error:
            show_refusal(form, error)
    messages.error(request, "There is no such thing to follow; nothing was changed.")
    return redirect("subscriptions")


@page(Right.SUBSCRIBE, methods=POST)
def follow_off(request: PageRequest) -> HttpResponse:
    """Follow one thing no more."""
    form = FollowForm(request.POST)
    ended = form.is_valid() and unfollow(
        person=request.user, kind=form.cleaned_data["kind"], key=form.cleaned_data["key"]
    )
    return _back(request, "You follow it no more." if ended else "You did not follow it; nothing was changed.")


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(list(FORM))
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """What a mail's link ends: shown first by GET, ended by POST, which a mail program sends by itself.

    Without a session, so that no form of another site could do more than the link does.
    """
    try:
        what, _ = read_stop(token)
        said = stop(token) if request.method == "POST" else ""
    except ValidationError as error:
        return render(request, "scorecard/mail_stop.html", {"problem": error.messages[0]}, status=404)
    return render(request, "scorecard/mail_stop.html", {"what": what, "said": said})


@page(Right.ADMINISTER)
def deliveries(request: PageRequest) -> HttpResponse:
    """How mails went, and who is due which digest."""
    return render(request, "scorecard/deliveries.html", {"page": deliveries_page(request.GET)})


@page(Right.ADMINISTER, methods=POST)
def delivery_again(request: PageRequest, number: int) -> HttpResponse:
    """Send a mail again of which it is unknown whether it went, or that failed; it is asked first."""
    mail = get_object_or_404(OutgoingMail.objects.select_related("to"), pk=number)
    if not is_sure(request):
        return ask_first(request, asking_again(mail))
    try:
        send_again(mail=mail, by=request.user)
        messages.success(request, f"“{mail.subject}” goes to {mail.to} again.")
    except StaleTransition as late:
        messages.error(request, str(late))
    return redirect("deliveries")


def _done(request: PageRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("subscriptions")


def _back(request: PageRequest, said: str) -> HttpResponse:
    """To the page that it was asked on."""
    messages.success(request, said)
    return redirect(way_back(request, reverse("subscriptions")))
