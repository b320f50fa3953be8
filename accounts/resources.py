"""What the resources of every app share: the right that an action asks for, lists, and answers with their revision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial as bound
from hashlib import sha256
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from accounts.rights import Right
from accounts.services.idempotency import LONGEST_KEY, AnotherCall, Answer, Call, StillRunning, answered_once
from accounts.services.rows import Rows
from core.problems import Conflict, Unprocessable
from core.resources import CodePages, Pages, etag, is_dry, require_same, require_seen
from core.stale import revision_of
from core.strict import Strict
from core.texts import NO_OBJECT, sentence


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

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After who may: a POST with an ``Idempotency-Key`` is done once, however often it is sent."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and "Idempotency-Key" in request.headers and not is_dry(request):
            call = _call(request, self.caller)
            handler = getattr(self, "post", self.http_method_not_allowed)
            setattr(self, "post", bound(_once, call, handler))  # noqa: B010 - not a method that every resource has

    def values(self, *, partial: bool | None = None) -> dict[str, Any]:
        """The checked values of the body, of a patch those that it names. Raises ValidationError by field."""
        shape = self.bodies[self.key]
        assert shape is not None  # noqa: S101 - what reads its body by itself does not ask
        some = self.key == "partial_update" if partial is None else partial
        if not isinstance(self.request.data, Mapping):
            raise ValidationError(sentence(NO_OBJECT))
        checked = shape(data=self.request.data, partial=some, context={"request": self.request})
        checked.is_valid(raise_exception=True)
        found: dict[str, Any] = checked.validated_data
        return found

    def address_of(self, row: Any) -> str:
        """Where a row of this resource is read."""
        return reverse(f"{self.basename}-detail", args=[getattr(row, self.lookup_field)])


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

    def stored(self, row: Any, *, status: int = 200, location: str = "") -> Response:
        """One that was written, as it was read again: its revision is the one that the next reader sees."""
        return self.shown(self.get_queryset().get(pk=row.pk), status=status, location=location)


class Table(Readable):
    """A plain table: its rows are listed, read, created, changed and deleted, by the service ``rows``."""

    rows: ClassVar[Rows[Any]]
    body: ClassVar[Any]  # what a new row and a change of one bring
    rights: ClassVar = dict.fromkeys(("create", "partial_update", "destroy"), (Right.MANAGE_KPIS,))
    lookup_value_converter = "int"
    pagination_class = Pages

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "body"):
            cls.bodies = dict.fromkeys(("create", "partial_update"), cls.body)

    def create(self, request: Request) -> Response:
        """A new row; one of the same key is refused."""
        made = self.rows.create(by=self.caller, values=_written(self.values()))
        return self.stored(made, status=201, location=self.address_of(made))

    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Change what is named and leave the rest. Needs the revision that was read; what names the row stays."""
        row, values = self.get_object(), self.values()
        require_seen(request, revision_of(row), values)
        require_same(row, values, self.rows.fixed)
        return self.stored(self.rows.change(row=row, by=self.caller, values=_written(values), seen=revision_of(row)))

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """One that nothing refers to goes; 409 names what does. With If-Match only what was read."""
        row = self.get_object()
        if request.headers.get("If-Match"):
            require_seen(request, revision_of(row), {})
        self.rows.delete(row=row, by=self.caller, seen=revision_of(row))
        return Response(status=204)

    def stored(self, row: Any, *, status: int = 200, location: str = "") -> Response:
        """As it was read again, whether or not the caller may read it: they wrote it."""
        return self.shown(super().get_queryset().get(pk=row.pk), status=status, location=location)


class CodedTable(Table):
    """A table whose rows are addressed by their code."""

    lookup_field = "code"
    lookup_value_converter = "str"
    pagination_class = CodePages


def _written(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "revision"}


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
