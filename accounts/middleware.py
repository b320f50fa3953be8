"""What surrounds every answer: who is calling is known, what is private says so, refusals are written down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware, get_user
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control

from accounts.acts import one_act
from accounts.callers import answering, token_of
from accounts.forms.people import SignInForm
from accounts.models import User
from accounts.pages.kept_form import keep
from accounts.signin import client_ip, typed_account
from core.limits import allowance_of
from core.once import one_reading
from core.reader import PLAIN, written_for

logger = logging.getLogger("tierboard.refused")

REFUSALS = frozenset({403, 429})
_LOOKS = frozenset({"GET", "HEAD"})
_SIGN_IN = "/accounts/"
_PROGRAMS = "/api/v1/"
# Parts of an address that open something.
_SECRET = frozenset({"token", "uidb64"})

_Answer = Callable[[HttpRequest], HttpResponseBase]


def remember_caller(get_response: _Answer) -> _Answer:
    """Middleware: whatever is written down while a request is answered knows who called, and is one act."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        with answering(request), one_act():
            return get_response(request)

    return answered


def read_once(get_response: _Answer) -> _Answer:
    """Middleware: what an answer that writes nothing asks for in several places is read once for all of them."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        if request.method not in _LOOKS:
            return get_response(request)
        with one_reading():
            return get_response(request)

    return answered


def write_for_reader(get_response: _Answer) -> _Answer:
    """Middleware: pages write numbers and days as who asks wants them; programs always get the plain way."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(_PROGRAMS):
            return get_response(request)
        with written_for(lambda: request.user.formats if isinstance(request.user, User) else PLAIN):
            return get_response(request)

    return answered


class SignInFirst(LoginRequiredMiddleware):
    """Middleware: nobody is sent to sign in; who was, and whose session ended meanwhile, keeps what they typed."""

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        """Ask who it is, of whom Django's stand-in in the request makes way for the person: to ask it takes several
        times as long, and somebody may decide on thousands of rows.
        """
        refused: HttpResponseBase | None = super().process_view(request, *view)
        request.user = get_user(request)  # which was read already
        return refused

    def handle_no_permission(  # type: ignore[override]  # a page where it would redirect
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        """To the sign-in page; of a form that was sent, the page itself, with what was typed in it."""
        if not (kept := keep(request)):
            return super().handle_no_permission(request, view_func)
        context = {"form": SignInForm(request), "kept": kept, "ended": True}
        return render(request, "registration/login.html", context, status=401)


def keep_private(get_response: _Answer) -> _Answer:
    """Middleware: what we answer is for who asked; sign-in pages and refusals are kept nowhere.

    A view that says more about how its answer is kept (``no-store``) is heard.
    """

    def answered(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        said = response.headers.get("Cache-Control", "")
        if "no-store" in said:
            return response
        if request.path_info.startswith(_SIGN_IN) or response.status_code in REFUSALS:
            add_never_cache_headers(response)
        else:
            patch_cache_control(response, private=True, **({} if said else {"no_cache": True}))
        return response

    return answered


def tell_limits(get_response: _Answer) -> _Answer:
    """Middleware: what a call of the API leaves to its caller stands on its answer, whatever that is."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        allowance = allowance_of(request)
        for name, value in (allowance.headers if allowance else {}).items():
            response.headers[name] = value
        return response

    return answered


def log_refusals(get_response: _Answer) -> _Answer:
    """Middleware: one line for each 403 and 429 of pages, API and admin: who, what, by which token, from where."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code in REFUSALS:
            logger.warning(
                "%s %s %s: person %s, token %s, from %s",
                *(response.status_code, request.method, _path(request), _who(request)),
                *(_token(request), client_ip(request) or "unknown"),
            )
        return response

    return answered


def _who(request: HttpRequest) -> str:
    """The person who was refused, or the account that was typed, which may be nobody's."""
    user = getattr(request, "user", None)
    if isinstance(user, User):
        return f"{user.pk} {quote(user.email, safe='@+')}"
    signed_in = SESSION_KEY in getattr(request, "session", ())
    if signed_in:  # and the API took their session for nobody's, since the form's token was missing
        return f"{quote(str(request.session[SESSION_KEY]))} by session"
    typed = typed_account(request)
    return f"nobody, as {quote(typed, safe='@+')}" if typed else "nobody"


def _token(request: HttpRequest) -> str:
    token = token_of(request)
    return f"{token.prefix}…" if token else "none"


def _path(request: HttpRequest) -> str:
    """The address without its query, and without the parts that would open something; on one line."""
    path, match = request.path, request.resolver_match
    for name, value in (match.kwargs if match else {}).items():
        if name in _SECRET:
            path = path.replace(str(value), "…")
    return quote(path, safe="/…@:+~")
