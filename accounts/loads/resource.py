"""A kind of file as a resource of the API: what ``POST /{kind}/bulk/`` takes, from the kind's columns alone.

Whoever registers a kind (``core.registry``) has its bulk call, and the call's description, without writing anything.
"""

from __future__ import annotations

import hashlib
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.loads.describing import BULK_ANSWERS, request_of
from accounts.loads.doors import load_rows
from accounts.loads.taking import LoadRefused
from accounts.resources import Resource
from core.loading import FileProblem, LoadReport, RowError, Table
from core.loading.delimited import open_csv
from core.loading.kinds import is_workbook, refuse_other_kinds
from core.loading.objects import FIRST_LINE, read_lines, read_list, table_of
from core.parsers import printable
from core.problems import Conflict, Unprocessable
from core.registry import LoadKind, load_kinds
from core.resources import DryRunField, is_dry

MOST_ROWS = 10_000
MOST_ERRORS = 1_000
_MOST_BRACKETS = 20 * MOST_ROWS  # a row has one pair of its own; the others stand in its texts
_SOURCE = "API"


class TooManyRows(APIException):
    """More rows than one call takes in."""

    status_code = 413
    default_detail = f"A call takes at most {MOST_ROWS:,} rows; nothing was changed. Send them in several calls."
    default_code = "too_many_rows"


class RowsParser(BaseParser):
    """Leaves the body as it came: who knows the kind's columns reads it. Its media type says how."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The bytes, and of what type they are."""
        return Body(self.media_type, stream.read())


class NdjsonParser(RowsParser):
    """A JSON object a line."""

    media_type = "application/x-ndjson"


class CsvParser(RowsParser):
    """The file itself."""

    media_type = "text/csv"


@dataclass(frozen=True, slots=True)
class Body:
    """What a call brought."""

    media_type: str
    content: bytes

    @contextmanager
    def table(self, kind: LoadKind) -> Iterator[Table]:
        """Its rows as a table. Raises FileProblem where they cannot be read, TooManyRows."""
        if self.media_type == CsvParser.media_type:
            with _csv(self.content) as table:
                yield table
            return
        if self.content.count(b"[") + self.content.count(b"{") > _MOST_BRACKETS:
            raise TooManyRows  # so many would take seconds to read
        text = self._text()
        read = read_list if self.media_type == RowsParser.media_type else read_lines
        rows = list(islice(read(text), MOST_ROWS + 1))
        if len(rows) > MOST_ROWS:
            raise TooManyRows
        yield table_of(rows, kind.columns)

    def _text(self) -> str:
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileProblem("is not UTF-8") from error


@contextmanager
def _csv(content: bytes) -> Iterator[Table]:
    """As a file is read, in a file of its own: the reader tells what it really is."""
    with tempfile.TemporaryDirectory(prefix="tierboard-bulk-") as folder:
        file = Path(folder) / "The body"
        file.write_bytes(content)
        refuse_other_kinds(file)
        if is_workbook(file):
            raise FileProblem("is an Excel workbook, and a call takes text/csv; load the workbook under Imports")
        with open_csv(file) as table:
            yield table


@dataclass(slots=True)
class _Counted:
    """A table's rows with the lines on which they stand, so that a row is named by its index. Raises TooManyRows."""

    table: Table
    lines: list[int] = field(default_factory=list)

    def whole(self) -> Table:
        """The table; its messages name rows by their index."""
        return replace(self.table, rows=self._rows(), place=lambda line: f"index {self.index(line)}")

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        for line, row in self.table.rows:
            if len(self.lines) == MOST_ROWS:
                raise TooManyRows
            self.lines.append(line)
            yield line, row

    def index(self, line: int) -> int | None:
        """Which row stands on that line, from 0; None for what is said of the columns."""
        if self.table.partial:
            return line - FIRST_LINE if line >= FIRST_LINE else None
        place = bisect_left(self.lines, line)
        return place if place < len(self.lines) and self.lines[place] == line else None

    def error(self, error: RowError) -> dict[str, Any]:
        """A row error as a call tells it."""
        return {
            "index": self.index(error.line),
            "field": printable(error.column) or None,
            "detail": printable(error.reason),
        }


def take_rows(kind: LoadKind, request: Request, by: Any, *, dry_run: bool) -> LoadReport:
    """Take the rows of a request in, all or none.

    Raises ParseError for a body that cannot be read, Unprocessable with the bad rows, TooManyRows, Conflict.
    """
    body = _body(request)
    try:
        with body.table(kind) as table:
            counted = _Counted(table)
            sha256 = hashlib.sha256(body.content).hexdigest()
            report = load_rows(
                kind=kind.name, table=counted.whole(), by=by, source=_SOURCE, sha256=sha256, dry_run=dry_run
            )
    except FileProblem as problem:
        said = str(problem).removeprefix("The body, ").removeprefix("The body ")
        raise ParseError(f"The body {said}. Nothing was changed.") from problem
    except LoadRefused as refused:
        raise Conflict(f"{refused}.") from refused
    _refuse_bad_rows(report, counted)
    return report


def _body(request: Request) -> Body:
    """What was sent; of nothing the REST framework asks no parser."""
    sent = request.data
    if isinstance(sent, Body):
        return sent
    media_type = request.content_type.partition(";")[0].strip().lower() or RowsParser.media_type
    if media_type not in {parser.media_type for parser in BulkResource.parser_classes}:
        raise UnsupportedMediaType(request.content_type)
    return Body(media_type, b"")


def _refuse_bad_rows(report: LoadReport, counted: _Counted) -> None:
    if report.ok:
        return
    errors = [counted.error(error) for error in report.errors.first(MOST_ERRORS)]
    many = f"{report.errors.count:,} bad cells or rows; nothing was changed."
    raise Unprocessable(errors, many, error_count=report.errors.count)


class BulkQuery(serializers.Serializer[Any]):
    """What may be asked of a bulk call."""

    dry_run = DryRunField(help_text="1: say what would happen, change nothing")


class BulkResource(Resource):
    """The rows of a kind, many at once."""

    kind: ClassVar[LoadKind]
    parser_classes = (RowsParser, NdjsonParser, CsvParser)
    metadata_class = None  # rows have columns, not a serializer: OPTIONS is not answered
    queries: ClassVar = {"create": BulkQuery}
    bodies: ClassVar = {"create": None}  # the kind's columns say what a row has

    def create(self, request: Request) -> Response:
        """Takes in up to 10,000 rows in the columns of the file: all of them, or none where one is bad.

        What is new is created, what differs is changed, and of a row that is there a field that is left out stays as
        it is (in CSV: a column that the file lacks). Each row asks of who calls what its single call asks.
        """
        report = take_rows(self.kind, request, self.caller, dry_run=is_dry(request))
        return Response(report.head() | {"errors": []})


def bulk_urls() -> list[URLPattern]:
    """The bulk call of each kind that is registered."""
    return [
        path(f"{address_of(kind)}/bulk/", _view(kind), name=f"api_{name}_bulk") for name, kind in load_kinds().items()
    ]


def address_of(kind: LoadKind) -> str:
    """The name of a kind in addresses: ``tier-memberships``."""
    return kind.name.replace("_", "-")


def _view(kind: LoadKind) -> Any:
    made: Any = type(
        f"{kind.name}_bulk", (BulkResource,), {"kind": kind, "rights": {"create": tuple(kind.bulk_rights)}}
    )
    described = extend_schema(
        operation_id=f"load_{kind.name}",
        summary=f"{kind.title}, many at once",
        request=request_of(kind),
        responses=BULK_ANSWERS,
    )
    return extend_schema_view(create=described)(made).as_view({"post": "create"})
