"""One's own account: parse, one call, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.forms.profile import MailForm, ProfileForm, ProfileTokenForm
from accounts.http import FORM, POST, PageRequest, page
from accounts.models import ApiToken, User
from accounts.pages.profile import profile_page, revoking
from accounts.services.profile import FIELDS, change_email, change_profile
from accounts.services.sessions import end_other_sessions, end_session
from accounts.services.tokens import create_token, live_tokens, revoke_own_token
from accounts.views.asking import ask_first, is_sure
from core.formatting import counted
from core.forms import show_refusal


@page(methods=FORM)
@never_cache
def profile(request: PageRequest) -> HttpResponse:
    """All of it; sent, the name, how numbers and dates are written, and single keys."""
    if request.method != "POST":
        return _page(request)
    form = ProfileForm(request.POST, instance=_me(request))
    if form.is_valid():
        changed = change_profile(person=request.user, values={name: form.cleaned_data[name] for name in FIELDS})
        return _done(request, "Saved." if changed else "Nothing was changed.")
    return _page(request, status=400, form=form)


@page(methods=POST)
@sensitive_post_parameters()
@never_cache
def mail(request: PageRequest) -> HttpResponse:
    """Another address, confirmed with the password."""
    form = MailForm(request.POST, request=request, user=_me(request))
    if form.is_valid():
        try:
            change_email(person=_me(request), email=form.cleaned_data["email"])
            return _done(request, f"You sign in with {form.cleaned_data['email']} from now on.")
        except ValidationError as error:
            show_refusal(form, error)
    return _page(request, status=400, mail_form=form)


@page(methods=POST)
def sessions(request: PageRequest) -> HttpResponse:
    """Sign out of one other browser, or of all others."""
    if named := request.POST.get("session", ""):
        ended = end_session(person=_me(request), named=named)
    else:
        ended = end_other_sessions(person=_me(request), here=request.session.session_key or "")
    return _done(request, f"{counted(ended, 'session')} ended.")


@page(methods=POST)
@sensitive_post_parameters()
@never_cache
def token_new(request: PageRequest) -> HttpResponse:
    """A token for oneself; its text is shown this once."""
    user = _me(request)
    form = ProfileTokenForm(request.POST, user=user)
    if form.is_valid():
        try:
            return _page(request, made=create_token(user=user, by=user, **form.cleaned_data))
        except ValidationError as error:
            show_refusal(form, error)
    return _page(request, status=400, token_form=form)


@page(methods=POST)
def token_revoke(request: PageRequest, number: int) -> HttpResponse:
    """A token of one's own is refused from now on; it is asked first which, and what that stops."""
    me = _me(request)
    known = live_tokens(me).filter(pk=number).first()
    if known is not None and not is_sure(request):
        return ask_first(request, revoking(known))
    token = revoke_own_token(number=number, by=me)
    if token is None:
        messages.error(request, "You have no such token; nothing was changed.")
        return redirect("profile")
    return _done(request, f"“{token.name}” is refused from now on.")


def _me(request: PageRequest) -> User:
    """The person as stored, whom a form may fill with what is refused."""
    return User.objects.get(pk=request.user.pk)


def _done(request: PageRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("profile")


def _page(
    request: PageRequest, status: int = 200, made: tuple[ApiToken, str] | None = None, **forms: Any
) -> HttpResponse:
    user = _me(request)
    context = {
        "page": profile_page(user, request.session.session_key, made),
        "form": ProfileForm(instance=user),
        "mail_form": MailForm(request=request, user=user),
        "token_form": ProfileTokenForm(user=user),
    }
    return render(request, "profile/profile.html", context | forms, status=status)
