"""How an API view asks for a right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.http import DENIED
from accounts.rights import Right

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which reads the settings that name HasRight


class HasRight(BasePermission):
    """The API view names ``required_right``, one for all or one per method.

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
