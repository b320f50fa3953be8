"""What the resources of every app share: the right that an action asks for, and answers with their revision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from accounts.rights import Right
from accounts.services.idempotency import LONGEST_KEY, AnotherCall, Answer, Call, StillRunning, answered_once
from core.problems import Conflict, Unprocessable
from core.resources import etag, is_dry


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

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After who may: a POST with an ``Idempotency-Key`` is done once, however often it is sent."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and "Idempotency-Key" in request.headers and not is_dry(request):
            call = _call(request, self.caller)
            handler = getattr(self, "post", self.http_method_not_allowed)
            setattr(self, "post", partial(_once, call, handler))  # noqa: B010 - not a method that every resource has

    def values(self, shape: Any, *, partial: bool = False) -> dict[str, Any]:
        """The checked values of the request's body. Raises ValidationError by field."""
        checked = shape(data=self.request.data, partial=partial, context={"request": self.request})
        checked.is_valid(raise_exception=True)
        found: dict[str, Any] = checked.validated_data
        return found


def _call(request: Request, by: User) -> Call:
    """The call that a request makes. Raises Unprocessable for a key that is none."""
    key = request.headers["Idempotency-Key"].strip()
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        detail = f"is a text of 1 to {LONGEST_KEY} characters that can be seen"
        raise Unprocessable([{"field": "Idempotency-Key", "detail": detail}])
    said = request._request.META.get("QUERY_STRING", "").encode() + b"\x1f" + request._request.body
    return Call(by, request.path, key, sha256(said).hexdigest())


def _once(call: Call, handler: Callable[..., HttpResponseBase], *args: Any, **kwargs: Any) -> HttpResponseBase:
    """The answer of the first such call. Raises Conflict while that runs, Unprocessable where it said otherwise."""
    try:
        told = answered_once(call, lambda: _told(handler(*args, **kwargs)))
    except StillRunning as running:
        raise Conflict("The first call with this Idempotency-Key still runs; ask again in a moment.") from running
    except AnotherCall as another:
        detail = "was given to a call that said something else; give this one a key of its own"
        raise Unprocessable([{"field": "Idempotency-Key", "detail": detail}]) from another
    response = HttpResponse(told.body, status=told.status, headers=told.headers)
    if not told.body:
        del response.headers["Content-Type"]
    return response


def _told(response: Any) -> Answer:
    """An answer as it is kept: what a client reads of it."""
    content = JSONRenderer().render(response.data) if isinstance(response, Response) else response.content
    headers = {name: response.headers[name] for name in ("ETag", "Location") if name in response.headers}
    kind = JSONRenderer.media_type if isinstance(response, Response) else response.headers["Content-Type"]
    return Answer(response.status_code, headers | {"Content-Type": kind}, content.decode())


def answer(data: Any, *, status: int = 200, location: str = "") -> Response:
    """An answer with its revision as ETag, and where a new row is."""
    headers = {"ETag": etag(data["revision"])} if "revision" in data else {}
    return Response(data, status=status, headers=headers | ({"Location": location} if location else {}))
