"""Doors that carry their person: how a page is asked for, by which methods and with which right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.rights import Right

DENIED = "Your roles do not include this. Ask an administrator if you need it."
SAFE = ("GET", "HEAD")
POST = ("POST",)
FORM = (*SAFE, *POST)

_View = Callable[..., HttpResponseBase]


class PageRequest(HttpRequest):
    """What a view behind ``page`` is asked with: somebody has signed in."""

    user: User


def page(*rights: Right, methods: Sequence[str] = SAFE) -> Callable[[_View], _View]:
    """A page for those who hold one of the rights, asked for by these methods alone.

    Nobody is sent to sign in, others get 403, another method 405.
    """

    def may_enter(user: Any) -> bool:
        if user.is_authenticated and not any(user.has_perm(right) for right in rights):
            raise PermissionDenied(DENIED)
        return bool(user.is_authenticated)

    def wrap(view: _View) -> _View:
        return require_http_methods(list(methods))(user_passes_test(may_enter)(view))

    return wrap
