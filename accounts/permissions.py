"""The doors: how a page and an API view ask for a right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import user_passes_test
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.rights import Right

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which reads the settings that name HasRight

DENIED = "Your roles do not include this. Ask an administrator if you need it."

_View = Callable[..., HttpResponseBase]


def right_required(*rights: Right) -> Callable[[_View], _View]:
    """Let a page be seen by those who hold one of the rights: nobody is sent to sign in, others get 403."""

    def may_enter(user: Any) -> bool:
        if user.is_authenticated and not any(user.has_perm(right) for right in rights):
            raise PermissionDenied(DENIED)
        return bool(user.is_authenticated)

    return user_passes_test(may_enter)


class RightRequiredMixin(PermissionRequiredMixin):
    """The same for a class-based page: set ``required_right``."""

    required_right: Right
    permission_denied_message = DENIED

    def get_permission_required(self) -> tuple[str, ...]:
        """The one right."""
        return (self.required_right,)


class HasRight(BasePermission):
    """The same for the API: the view names ``required_right``, one for all or one per method.

    A view that names none is closed to everybody. HEAD and OPTIONS ask for what GET asks for.
    """

    message = DENIED

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the person, or the token acting for them, holds the view's right."""
        right = _right_of(view, request.method or "GET")
        return right is not None and bool(request.user.has_perm(right))


def _right_of(view: APIView, method: str) -> Right | None:
    """The right that a method of the view needs; None where it names none."""
    required: Right | Mapping[str, Right] | None = getattr(view, "required_right", None)
    if not isinstance(required, Mapping):
        return required
    reading = required.get("GET")
    known = method in required or method in {"HEAD", "OPTIONS"}
    # A method that the view lacks is answered with 405, which takes no more than reading.
    return required.get(method, reading) if known or not hasattr(view, method.lower()) else None
