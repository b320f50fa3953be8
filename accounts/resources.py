"""What the resources of every app share: the right that an action asks for, lists, and answers with their revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from accounts.rights import Right
from core.resources import etag
from core.strict import Strict


class Resource(Strict, GenericViewSet[Any]):
    """A resource whose actions ask for one of several rights; reading where ``rights`` names none.

    What depends on the object (an owner's own, never one's own proposal) is for the services.
    """

    rights: ClassVar[Mapping[str, tuple[Right, ...]]] = {}

    @property
    def required_right(self) -> Right:
        """Of the rights that will do, the first that the caller holds."""
        enough = self.rights.get(self.action or "", self.rights.get("read", (Right.READ,)))
        return next((right for right in enough if self.request.user.has_perm(right)), enough[-1])

    @property
    def caller(self) -> User:
        """Who calls, or on whose behalf a token does."""
        user = self.request.user
        assert isinstance(user, User)  # noqa: S101 - nobody passes HasRight
        return user

    def values(self, *, partial: bool | None = None) -> dict[str, Any]:
        """The checked values of the body, of a patch those that it names. Raises ValidationError by field."""
        shape = self.bodies[self.key]
        assert shape is not None  # noqa: S101 - what reads its body by itself does not ask
        some = self.key == "partial_update" if partial is None else partial
        checked = shape(data=self.request.data, partial=some, context={"request": self.request})
        checked.is_valid(raise_exception=True)
        found: dict[str, Any] = checked.validated_data
        return found


class Readable(ListModelMixin, RetrieveModelMixin, Resource):
    """A resource that can be listed and read, each row as its serializer shows it."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Those that pass the filters, a page at a time."""
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """As it stands."""
        return self.shown(self.get_object())

    def shown(self, row: Any, *, status: int = 200, location: str = "") -> Response:
        """One row, with its revision as ETag where it has one."""
        return answer(self.get_serializer(row).data, status=status, location=location)


def answer(data: Any, *, status: int = 200, location: str = "") -> Response:
    """An answer with its revision as ETag, and where a new row is."""
    headers = {"ETag": etag(data["revision"])} if "revision" in data else {}
    return Response(data, status=status, headers=headers | ({"Location": location} if location else {}))
