"""An address without its closing slash: read it and you are led on, write there and nothing is found."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/approvals/decide", "/targets", "/my", "/accounts/login"])
def test_what_is_sent_without_the_closing_slash_finds_nothing(address: str, fay: User) -> None:
    assert signed_in(fay).post(address, {"decision": "approve"}).status_code == 404


def test_who_reads_without_the_closing_slash_is_led_on(fay: User) -> None:
    answer = signed_in(fay).get("/targets")
    assert (answer.status_code, answer["Location"]) == (301, "/targets/")
