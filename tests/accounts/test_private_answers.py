"""Whatever shows the company's data says that it is for who asked alone; sign-in pages are kept nowhere.

That every address does, tests/accounts/test_every_answer.py asks.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.test_sign_in import LOGIN
from tests.accounts.test_tokens import call, token_of
from tests.factories import signed_in


def cached(answer: Any) -> set[str]:
    return set(answer.headers.get("Cache-Control", "").split(", "))


@pytest.mark.parametrize(
    "address",
    ["/initiatives/export/csv/", "/initiatives/export/xlsx/", "/admin/kpis/kpi/", "/imports/", "/facts/"],
)
def test_downloads_and_the_admin_say_private(address: str, root: User) -> None:
    answer = signed_in(root).get(address)
    assert answer.status_code == 200
    assert "private" in cached(answer)


def test_answers_to_a_token_say_private(ines: User) -> None:
    answer = call(token_of(ines)[1])
    assert "private" in cached(answer)
    tag = {"If-None-Match": answer["ETag"], "Authorization": f"Bearer {token_of(ines)[1]}"}
    again = Client().get("/api/v1/matrix/?period=2011-Q3", headers=tag)
    assert again.status_code in {200, 304}
    assert "private" in cached(again)


@pytest.mark.parametrize("address", ["/nowhere/", "/api/nowhere/", "/initiatives/nowhere/", "/"])
def test_errors_and_ways_to_sign_in_say_private(address: str, db: None) -> None:
    assert "private" in cached(Client().get(address))


def test_a_refusal_is_kept_nowhere(noor: User, db: None) -> None:
    assert "no-store" in cached(signed_in(noor).get("/imports/"))
    for _ in range(10):
        answer = Client().post(LOGIN, {"username": noor.email, "password": "wrong"})
    assert answer.status_code == 429
    assert "no-store" in cached(answer)
