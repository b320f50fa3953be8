"""What the resources of every app share: the right that an action asks for, and answers with their revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from accounts.rights import Right
from core.resources import etag


class Resource(GenericViewSet[Any]):
    """A resource whose actions ask for one of several rights; reading where ``rights`` names none.

    What depends on the object (an owner's own, never one's own proposal) is for the services.
    """

    rights: ClassVar[Mapping[str, tuple[Right, ...]]] = {}

    @property
    def required_right(self) -> Right:
        """Of the rights that will do, the first that the caller holds."""
        enough = self.rights.get(self.action or "", (Right.READ,))
        return next((right for right in enough if self.request.user.has_perm(right)), enough[-1])

    @property
    def caller(self) -> User:
        """Who calls, or on whose behalf a token does."""
        user = self.request.user
        assert isinstance(user, User)  # noqa: S101 - nobody passes HasRight
        return user

    def values(self, shape: Any, *, partial: bool = False) -> dict[str, Any]:
        """The checked values of the request's body. Raises ValidationError by field."""
        checked = shape(data=self.request.data, partial=partial, context={"request": self.request})
        checked.is_valid(raise_exception=True)
        found: dict[str, Any] = checked.validated_data
        return found


def answer(data: Any, *, status: int = 200, location: str = "") -> Response:
    """An answer with its revision as ETag, and where a new row is."""
    headers = {"ETag": etag(data["revision"])} if "revision" in data else {}
    return Response(data, status=status, headers=headers | ({"Location": location} if location else {}))
