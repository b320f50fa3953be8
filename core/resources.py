"""What the resources of the API share: cursor pages in a unique order, and writes that compare before they swap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from core.problems import Unprocessable, field_errors
from core.writes import StaleWrite
from core.writes import revision_of as revision_of  # noqa: PLC0414 - a resource without one of its own looks here

REVISION_NEEDED = "Say which revision you saw: as “revision”, or as If-Match with the ETag of your last answer."

_YES, _NO = frozenset({"1", "true"}), frozenset({"", "0", "false"})


class Pages(CursorPagination):
    """Cursor pages: rows that come or go meanwhile neither repeat nor skip others. The order is unique."""

    ordering = "pk"
    page_size_query_param = "page_size"
    page_size_query_description = "Rows per page, at most 500"
    max_page_size = 500


class CodePages(Pages):
    """The same in the order of codes."""

    ordering = "code"


class PreconditionFailed(APIException):
    """If-Match names another revision than the present one."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "It was changed since you read it; nothing was changed. Read it again, then decide."
    default_code = "precondition_failed"


def etag(revision: object) -> str:
    """A revision as the header ETag has it."""
    return f'"{revision}"'


def is_dry(request: Request) -> bool:
    """Whether the call only asks what it would do. Raises Unprocessable for a word that says neither."""
    word = request.query_params.get("dry_run", "").lower()
    if word not in _YES | _NO:
        raise Unprocessable([{"field": "dry_run", "detail": "is 1 or 0"}])
    return word in _YES


def require_seen(request: Request, current: object, values: Mapping[str, Any]) -> None:
    """Let a write on if its If-Match, or ``revision`` in its body, is the present revision.

    Raises PreconditionFailed for the header, StaleWrite for the body, Unprocessable where both are missing.
    """
    header = request.headers.get("If-Match", "").strip()
    if header:
        named = {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}
        if named.isdisjoint({str(current), "*"}):
            raise PreconditionFailed
        return
    if "revision" not in values:
        raise Unprocessable([{"field": "revision", "detail": REVISION_NEEDED}])
    if str(values["revision"]) != str(current):
        raise StaleWrite(f"Its revision is {current} by now; nothing was changed. Read it again, then decide.")


def refuse_unknown(asked: Any, request: Request) -> None:
    """Let a list on if its FilterSet understood every value, and no order is asked for.

    Raises Unprocessable for values that filter nothing: a program would take all for the answer.
    """
    errors = list(field_errors(asked.form.errors))
    if "sort" in request.query_params:
        errors.append({"field": "sort", "detail": "Pages come in an order of their own; sort what you got."})
    if errors:
        raise Unprocessable(errors)


def require_same(row: Model, values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raises Unprocessable where ``values`` would change what names a row: that is another row."""
    wrong = [name for name in names if name in values and values[name] != getattr(row, name)]
    if wrong:
        detail = "names the row and stays as it is; make another row instead"
        raise Unprocessable([{"field": name, "detail": detail} for name in wrong])


class Seen(serializers.Serializer[Any]):
    """The revision that the caller saw, for those who send no If-Match."""

    revision = serializers.CharField(required=False, help_text="As last read; If-Match does as well")
