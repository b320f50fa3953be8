"""Doors that carry their person: how a page is asked for, by which methods and with which right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from accounts.models import Company, User
from accounts.rights import Right
from core.editions import Served, serve
from core.links import PARAMETER
from core.periods import FiscalCalendar, Period, PeriodError

DENIED = "Your roles do not include this. Ask an administrator if you need it."
SAFE = ("GET", "HEAD")
POST = ("POST",)
FORM = (*SAFE, *POST)

_View = Callable[..., HttpResponseBase]


class PageRequest(HttpRequest):
    """What a view behind ``page`` is asked with: somebody has signed in."""

    user: User


def page(*rights: Right, methods: Sequence[str] = SAFE) -> Callable[[_View], _View]:
    """A page for those who hold one of the rights, where any is named, asked for by these methods alone.

    Nobody is sent to sign in, others get 403, another method 405, and an address with ``?period=`` of what is no
    period 404.
    """

    def may_enter(user: Any) -> bool:
        if rights and user.is_authenticated and not any(user.has_perm(right) for right in rights):
            raise PermissionDenied(DENIED)
        return bool(user.is_authenticated)

    def wrap(view: _View) -> _View:
        return require_http_methods(list(methods))(user_passes_test(may_enter)(_of_a_period(view)))

    return wrap


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that a form names as ``next``, to which its sender goes back; else ``otherwise``."""
    back = request.POST.get("next", "")
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if safe else otherwise


def period_or_404(code: str, company: Company) -> Period:
    """The period of an address. Raises Http404 with a sentence on what a period looks like."""
    return _parsed(code, company.calendar)


def served_or_404(period: Period, asked: int | str) -> Served:
    """What answers for a period: a signed edition, or the live values. Raises Http404 for an edition it has not."""
    try:
        return serve(period, asked)
    except LookupError as error:
        raise Http404(str(error)) from error


def _of_a_period(view: _View) -> _View:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if code := request.GET.get(PARAMETER):
            _parsed(code, FiscalCalendar())
        return view(request, *args, **kwargs)

    return wrapped


def _parsed(code: str, calendar: FiscalCalendar) -> Period:
    try:
        return Period.parse(code, calendar)
    except PeriodError as error:
        raise Http404(f"{error}.") from error
