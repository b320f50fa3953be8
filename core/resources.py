"""What the resources of the API share: cursor pages in a unique order, and writes that compare before they swap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from core.problems import Unprocessable, field_errors
from core.rows import RowSerializer
from core.shapes import Text
from core.stale import revision_of
from core.writes import StaleWrite

REVISION_NEEDED = "Say which revision you saw: as “revision”, or as If-Match with the ETag of your last answer."
ROW_STAYS = "names the row and stays as it is; make another row instead"

_YES, _NO = frozenset({"1", "true"}), frozenset({"", "0", "false"})


_MOST_ROWS = 500  # of a page
_DIGITS = 9  # of a number that anybody could mean


class Pages(CursorPagination):
    """Cursor pages: rows that come or go meanwhile neither repeat nor skip others. The order is unique."""

    ordering = "pk"
    page_size_query_param = "page_size"
    page_size_query_description = f"Rows per page, at most {_MOST_ROWS}"
    max_page_size = _MOST_ROWS

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The page, and how many rows it has."""
        found: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for one in found:
            if one["name"] == self.page_size_query_param:
                one["schema"] = {"type": "integer", "minimum": 1, "maximum": _MOST_ROWS}
        return found

    def get_page_size(self, request: Request) -> int | None:
        """As asked. Raises Unprocessable for what is no such number: a program would take fewer rows for all."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS and 1 <= int(asked) <= _MOST_ROWS):
            raise Unprocessable(
                [{"field": self.page_size_query_param, "detail": f"A whole number from 1 to {_MOST_ROWS}."}]
            )
        return int(asked)


class CodePages(Pages):
    """The same in the order of codes."""

    ordering = "code"


class KeyPages(Pages):
    """Cursor pages by a key of several columns, where no single column is unique: the cursor holds the whole key.

    The queryset's model has a composite primary key of three numbers, by which it is compared and ordered.
    """

    key_parts = 3

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page. Raises NotFound for a cursor that is none."""
        self.base_url = request.build_absolute_uri()
        self.backwards, self.start = self._read_cursor(request)
        size = self.get_page_size(request) or self.page_size or 100
        order = queryset.model._meta.pk.field_names
        if self.start:
            queryset = queryset.filter(**{"pk__lt" if self.backwards else "pk__gt": self.start})
        signs = "-" if self.backwards else ""
        found = list(queryset.order_by(*(signs + name for name in order))[: size + 1])
        self.more, self.rows = len(found) > size, found[:size]
        if self.backwards:
            self.rows.reverse()
        return self.rows

    def _read_cursor(self, request: Request) -> tuple[bool, tuple[int, ...]]:
        text = request.query_params.get(self.cursor_query_param, "")
        if not text:
            return False, ()
        match = re.fullmatch(r"([ab])(\d{1,18}(?:\.\d{1,18})*)", text, re.ASCII)
        parts = tuple(map(int, match[2].split("."))) if match else ()
        if not match or len(parts) != self.key_parts:
            raise NotFound(self.invalid_cursor_message)
        return match[1] == "b", parts

    def get_next_link(self) -> str | None:
        """The page after this one; None on the last."""
        there = bool(self.rows) and (self.backwards or self.more)
        return self._link("a", self.rows[-1].pk) if there else None

    def get_previous_link(self) -> str | None:
        """The page before this one; None on the first."""
        there = bool(self.rows) and (self.more if self.backwards else bool(self.start))
        return self._link("b", self.rows[0].pk) if there else None

    def _link(self, way: str, key: Iterable[int]) -> str:
        cursor = way + ".".join(str(int(part)) for part in key)
        return str(replace_query_param(self.base_url or "", self.cursor_query_param, cursor))


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


def refuse_unread(asked: Any) -> None:
    """Let a list on if its FilterSet understood every value.

    Raises Unprocessable for values that filter nothing: a program would take all for the answer.
    """
    errors = list(field_errors(asked.form.errors))
    if errors:
        raise Unprocessable(errors)


def require_same(row: Model, values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raises Unprocessable where ``values`` would change what names a row: that is another row."""
    wrong = [name for name in names if name in values and values[name] != getattr(row, name)]
    if wrong:
        raise Unprocessable([{"field": name, "detail": ROW_STAYS} for name in wrong])


@extend_schema_field({"type": "string", "enum": sorted(_YES | _NO - {""})})
class DryRunField(Text):
    """Whether a call only says what it would do; what else it says is refused by ``is_dry``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_blank=True, **options)


class RevisedSerializer(RowSerializer):
    """A row that says its revision: what a change names as seen."""

    revision = serializers.SerializerMethodField(help_text="What a change names as seen")

    def get_revision(self, row: Model) -> str:
        """Differs whenever the row does."""
        return revision_of(row)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}], "example": "5f0c1e9ab2d34c77"})
class RevisionField(Text):
    """A revision as it was read: a text, of an initiative a number."""

    def to_internal_value(self, data: Any) -> str:
        """The text, also of a number."""
        return str(data) if type(data) is int else super().to_internal_value(data)


class Seen(serializers.Serializer[Any]):
    """The revision that the caller saw, for those who send no If-Match."""

    revision = RevisionField(required=False, help_text="As last read; If-Match does as well")
