"""Calling the bulk door of a kind in tests."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from typing import Any

from accounts.models import User
from tests.factories import signed_in
from tests.loads.conftest import FILES

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
# Of a row of a file what its single call does not take: what has calls of its own, and persons who are not there yet.
OTHERS_SAY: defaultdict[str, set[str]] = defaultdict(
    set,
    {
        "customers": {"account_manager"},
        "initiatives": {"stage", "owner", "sponsor", "team"},
        "kpis": {"owner"},
        "status_updates": {"on", "author"},
        "targets": {"state"},
    },
)
LISTS = {"initiatives": {"tiers", "kpis"}, "moments": {"tiers", "kpis", "themes", "initiatives"}}


def address(kind: str) -> str:
    """Where a kind takes rows."""
    return f"/api/v1/{kind.replace('_', '-')}/bulk/"


def rows_of(text: str) -> list[dict[str, str]]:
    """A padded text of a file as rows."""
    lines = [",".join(cell.strip() for cell in line.strip().split(",")) for line in text.strip().splitlines()]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def file_rows(kind: str, by: User) -> list[dict[str, str]]:
    """The rows of the kind's file as a person's call may bring them: what is new is a candidate, a target is a draft,
    and a word is their own.
    """
    rows = rows_of(FILES[kind])
    if kind == "status_updates":
        return [{**row, "author": by.email} for row in rows]
    if kind == "initiatives":
        nothing = dict.fromkeys(("started_on", "finished_on"), "")
        return [{**row, **nothing, "stage": "candidate"} for row in rows]
    return [{**row, "state": "draft"} for row in rows] if kind == "targets" else rows


def single_row(kind: str) -> dict[str, Any]:
    """The first of these rows as a single call may bring it: without what other calls say, its lists as lists."""
    given = file_rows(kind, User())[0]
    row = {name: value for name, value in given.items() if value and name not in OTHERS_SAY[kind]}
    for name in row.keys() & LISTS.get(kind, set()):
        row[name] = row[name].split(";")  # type: ignore[assignment]
    return row


def as_body(rows: list[Any], media: str) -> str:
    """Rows as a body of that type."""
    if media == JSON:
        return json.dumps(rows)
    if media == NDJSON:
        return "\n".join(json.dumps(row) for row in rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def send(by: User, kind: str, body: Any, media: str = JSON, query: str = "", **headers: str) -> Any:
    """What the bulk door of the kind answers; rows that are no text yet become JSON, or what ``media`` says."""
    text = body if isinstance(body, str | bytes) else as_body(body, media)
    return signed_in(by).post(f"{address(kind)}{query}", text, content_type=media, headers=headers)


def places(answer: Any) -> list[tuple[int | None, str | None]]:
    """(index, field) of each error of a refused call."""
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    return [(error["index"], error["field"]) for error in answer.json()["errors"]]
