"""A body that nobody asked for is refused by its length, before any of it is read."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.services.tokens import create_token
from tests.factories import signed_in

MB = 2**20
DOORS = ("/accounts/login/", "/accounts/reset/", "/imports/", "/api/v1/kpis/", "/admin/", "/healthz", "/nowhere/")


class Untouched(BytesIO):
    """A body that fails the test when somebody reads it."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def send(address: str, length: str, browser: Client | None = None, **extra: Any) -> tuple[int, bytes]:
    """POST a form of that length, of which nothing may be read; the answer's status and content."""
    environ = {"CONTENT_LENGTH": length, "wsgi.input": Untouched(), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    sent: dict[str, Any] = environ | extra
    answer = (browser or Client()).generic("POST", address, **sent)
    return answer.status_code, answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("address", DOORS)
@pytest.mark.parametrize("length", [str(settings.BODY_OF_STRANGERS + 1), str(250 * MB), "9" * 5000])
def test_refuses_a_strangers_large_body_unread_at_every_door(address: str, length: str) -> None:
    status, content = send(address, length)
    assert status == 413
    assert b"64 kB" in content


@pytest.mark.django_db
@pytest.mark.parametrize("address", DOORS)
@pytest.mark.parametrize("extra", [{"HTTP_TRANSFER_ENCODING": "chunked"}, {}])
def test_refuses_a_body_without_a_length_unread(address: str, extra: dict[str, Any]) -> None:
    status, content = send(address, "" if extra else "many", **extra)
    assert status == 411
    assert b"Content-Length" in content


@pytest.mark.django_db
def test_a_made_up_token_opens_no_page_to_a_large_body_and_its_body_is_not_read_by_the_api() -> None:
    made_up: dict[str, Any] = {"HTTP_AUTHORIZATION": "Bearer made-up"}
    assert send("/accounts/login/", str(MB), **made_up)[0] == 413
    assert send("/api/v1/kpis/", str(11 * MB), **made_up)[0] == 413
    assert send("/api/v1/kpis/", str(MB), **made_up)[0] == 401


def test_a_token_may_send_what_a_call_may_hold(stella: User) -> None:
    _, token = create_token(user=stella, name="x", scopes=["tierboard.manage_kpis"], expires_on=None, by=None)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = b'{"name": "' + b"x" * MB + b'"}'
    assert Client().post("/api/v1/kpis/", body, content_type="application/json", headers=headers).status_code == 422


@pytest.mark.parametrize("address", DOORS)
def test_who_is_signed_in_may_send_a_large_form_and_no_file(address: str, noor: User) -> None:
    status, content = send(address, str(11 * MB), signed_in(noor))
    assert status == 413
    assert b"10 MB" in content


def test_a_file_may_be_brought_by_those_who_load(stella: User, noor: User) -> None:
    assert send("/imports/", str(102 * MB), signed_in(stella))[0] == 413
    with pytest.raises(AssertionError, match="the body was read"):
        send("/imports/", str(100 * MB), signed_in(stella))
    assert send("/imports/", str(100 * MB), signed_in(noor))[0] == 413


@pytest.mark.django_db
def test_a_small_form_of_a_stranger_is_taken() -> None:
    assert Client().post("/accounts/login/", {"username": "x", "password": "y"}).status_code == 200
