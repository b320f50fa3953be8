"""Each refusal (403, 429) leaves one line that says who was refused what, and no secret."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as config
from django.test import Client

from accounts.models import User
from accounts.rights import Right
from core.limits import PersonThrottle
from tests.accounts.test_sign_in import link_in_mail, sign_in
from tests.accounts.test_tokens import call, token_of
from tests.factories import signed_in


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name == "tierboard.refused"]


@pytest.mark.parametrize(
    "address", ["/imports/", "/api/v1/matrix/", "/admin/", "/admin/accounts/user/"], ids=lambda address: address
)
def test_a_page_the_api_and_the_admin_say_who_was_refused(
    address: str, ivo: User, caplog: pytest.LogCaptureFixture
) -> None:
    answer = signed_in(ivo).get(f"{address}?period=2011-Q3&q=secret", REMOTE_ADDR="10.0.0.9")
    assert answer.status_code == 403
    assert lines(caplog) == [f"403 GET {address}: person {ivo.pk} {ivo.email}, token none, from 10.0.0.9"]


def test_a_service_that_refuses_a_form_is_logged_as_well(stella: User, caplog: pytest.LogCaptureFixture) -> None:
    assert signed_in(stella).post("/initiatives/benefits/decide/").status_code == 403
    assert lines(caplog)[0].startswith(f"403 POST /initiatives/benefits/decide/: person {stella.pk} ")


def test_a_refused_token_is_named_by_its_beginning(ines: User, caplog: pytest.LogCaptureFixture) -> None:
    token, text = token_of(ines, Right.LOAD)
    assert call(text).status_code == 403
    (line,) = lines(caplog)
    assert f"person {ines.pk} {ines.email}, token {token.prefix}…, from 127.0.0.1" in line
    assert text not in line


def test_too_many_calls_are_logged(ines: User, caplog: pytest.LogCaptureFixture, monkeypatch: Any) -> None:
    monkeypatch.setattr(PersonThrottle, "allow_request", lambda *args: False)
    monkeypatch.setattr(PersonThrottle, "wait", lambda *args: 1.0)
    assert call(token_of(ines)[1]).status_code == 429
    assert lines(caplog)[0].startswith(f"429 GET /api/v1/matrix/: person {ines.pk} ")


def test_a_locked_sign_in_names_the_account_that_was_typed(ines: User, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(config.AXES_FAILURE_LIMIT):
        sign_in(ines.email, "wr0ng-secret", REMOTE_ADDR="10.0.0.9")
    (line,) = lines(caplog)
    assert line == f"429 POST /accounts/login/: person nobody, as {ines.email}, token none, from 10.0.0.9"


def test_guesses_at_tokens_are_logged_when_they_are_too_many(db: None, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(config.GUESSES_PER_ADDRESS + 1):
        call(f"guess-{number}")
    (line,) = lines(caplog)
    assert line == "429 GET /api/v1/matrix/: person nobody, token none, from 127.0.0.1"


def test_a_form_from_elsewhere_is_logged(stella: User, caplog: pytest.LogCaptureFixture) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(stella, backend="accounts.backends.PersonBackend")
    assert browser.post("/rollups/now/").status_code == 403
    assert browser.post("/api/v1/initiatives/", {}, content_type="application/json").status_code == 403
    page, api = lines(caplog)
    assert f"person {stella.pk} {stella.email}" in page
    assert f"person {stella.pk} by session" in api


def test_what_a_reset_link_opens_with_is_not_logged(ines: User, caplog: pytest.LogCaptureFixture) -> None:
    Client().post("/accounts/reset/", {"email": ines.email})
    link = link_in_mail()
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    (line,) = lines(caplog)
    for secret in re.findall(r"[^/]{2,}", link.removeprefix("/accounts/reset/")):
        assert secret not in line
    assert "POST /accounts/reset/" in line


def test_a_typed_line_end_makes_no_line_of_its_own(caplog: pytest.LogCaptureFixture, db: None) -> None:
    for _ in range(config.AXES_FAILURE_LIMIT):
        sign_in("x\n403 GET /: person 1", "wrong")
    assert all("\n" not in line for line in lines(caplog))
    assert len(lines(caplog)) == 1


def test_what_is_let_in_or_not_found_is_not_logged(ines: User, caplog: pytest.LogCaptureFixture) -> None:
    browser = signed_in(ines)
    assert [browser.get(address).status_code for address in ("/rollups/", "/nowhere/")] == [200, 404]
    assert Client().get("/rollups/").status_code == 302
    assert lines(caplog) == []
