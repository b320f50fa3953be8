"""What no database, no sum and no answer could hold is refused by every address of the API that takes a body."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from rest_framework.exceptions import ParseError

from accounts.models import User
from core.parsers import DEEPEST, LONGEST_LIST, NoText, PlainJSONParser
from tests import factories
from tests.accounts.test_every_address import DOORS, concrete, world  # noqa: F401 - a fixture

SECONDS, BYTES = 2.0, 500 * 2**20  # of work: a busy machine takes longer
CREATED = {address: door for address, door in DOORS.items() if address.startswith("api/v1/") and door.post}


def parsed(body: bytes) -> Any:
    return PlainJSONParser().parse(BytesIO(body))


BODIES: dict[str, bytes] = {
    "nested 3,000 deep": b'{"title": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    "objects nested 3,000 deep": b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
    "nested 900 deep": b'{"title": ' + b"[" * 900 + b"]" * 900 + b"}",
    "half of a character": b'{"title": "\\ud800", "code": "\\udfff", "kpi": "\\ud800x", "reason": "\\ud800"}',
    "half of a character in a name": b'{"\\ud800": 1}',
    "NUL": b'{"title": "\\u0000", "code": "a\\u0000", "kpi": "\\u0000", "reason": "\\u0000", "\\u0000": "x"}',
    "a number of 5,000 digits": b'{"title": %s, "value": %s, "progress": %s, "milestone": %s, "month": %s}'
    % ((b"9" * 5_000,) * 5),
    "a text of 5,000 digits": b'{"title": "%s", "value": "%s", "progress": "%s", "milestone": "%s", "month": "%s"}'
    % ((b"0" * 4_999 + b"1",) * 5),
    "an endless number": b'{"value": 1e400, "progress": -1e400, "cost": 1e400, "month": 1e400}',
    "no number": b'{"value": NaN}',
    "no UTF-8": b'{"title": "\xff"}',
    "another encoding": '{"title": "x"}'.encode("utf-16"),
    "a list": b"[" + b"1," * 30_000 + b"1]",
    "many empty lists": b"[" + b"[]," * 3_000_000 + b"[]]",
    "many names": json.dumps({"team": ["x@tierboard.example"] * 15_000, "kpis": ["x"] * 15_000}).encode(),
    "a date that nothing can be reckoned from": b'{"due": "0001-01-01", "on": "9999-12-31", "month": "9999-12"}',
    "a text": b'"x"',
    "nothing": b"null",
    "an unfinished text": b'{"title": "x',
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BODIES)
def test_refuses_at_every_address_quickly(what: str, world: dict[str, Any], root: User) -> None:  # noqa: F811
    browser = factories.signed_in(root)
    browser.raise_request_exception = False
    for address in CREATED:
        began = time.thread_time()
        answer = browser.post(f"{concrete(address, world)}", BODIES[what], content_type="application/json")
        assert answer.status_code < 500, address
        assert answer.status_code != 201, address
        assert time.thread_time() - began < SECONDS, address
        assert len(answer.content) < 500_000, address


@pytest.mark.slow
@pytest.mark.parametrize("body", [BODIES["many empty lists"], b"[" + b"{}," * 3_300_000 + b"{}]"])
def test_a_body_of_ten_megabytes_takes_no_more_memory_than_there_is(body: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(ParseError, match="500,000 values"):
        parsed(body)
    assert tracemalloc.get_traced_memory()[1] < BYTES
    tracemalloc.stop()


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_what_is_nested_as_deep_as_anything_here_is_read() -> None:
    assert parsed(nested(DEEPEST)) is not None
    with pytest.raises(ParseError, match="deep"):
        parsed(nested(DEEPEST + 1))


def test_a_list_may_be_long_and_no_longer() -> None:
    assert len(parsed(json.dumps([1] * LONGEST_LIST).encode())) == LONGEST_LIST
    with pytest.raises(ParseError, match="20,000"):
        parsed(json.dumps([1] * (LONGEST_LIST + 1)).encode())


def texts() -> Iterator[str]:
    yield from ("a\x00b", "\ud800", "x\udfff")


@pytest.mark.parametrize("text", list(texts()))
def test_a_text_that_cannot_be_kept_is_none_to_its_field_and_its_neighbours_stay(text: str) -> None:
    found = parsed(json.dumps({"bad": text, "good": "Überfällig 😀", "list": [text, 1], text: 2}).encode())
    assert isinstance(found["bad"], NoText)
    assert isinstance(found["list"][0], NoText)
    assert (found["good"], found["list"][1]) == ("Überfällig 😀", 1)
    str(found["bad"]).encode()
    assert all("\x00" not in name and name.encode() for name in found)


@pytest.mark.parametrize(("text", "value"), [("9" * 18, 10**18 - 1), ("-" + "9" * 18, 1 - 10**18), ("1.5e3", 1500.0)])
def test_a_number_that_anything_here_has_is_read(text: str, value: float) -> None:
    assert parsed(text.encode()) == value


@pytest.mark.parametrize("text", ["9" * 19, "-" + "9" * 5_000, "1e400", "0." + "1" * 100])
def test_a_number_that_nothing_here_has_is_none_to_its_field(text: str) -> None:
    assert isinstance(parsed(text.encode()), NoText)


@pytest.mark.django_db
def test_a_field_names_the_text_that_cannot_be_kept_beside_all_others(stella: User) -> None:
    body = json.dumps({"kpi": "\ud800", "month": "x"})
    answer = factories.signed_in(stella).post("/api/v1/complete-months/", body, content_type="application/json")
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"kpi", "month"}


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "nonsense"])
def test_a_body_in_another_encoding_is_not_read(charset: str) -> None:
    for content_type in ("application/json", "multipart/form-data; boundary=x"):
        kind = f"{content_type}; charset={charset}"
        answer = Client().generic("POST", "/accounts/reset/", b"x", content_type=kind)
        assert answer.status_code == 415
