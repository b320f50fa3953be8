"""Where people land who sign in without having asked for a page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.models import User
from tests import factories as make
from tests.scorecard.stage import Stage


def landing(user: User) -> str:
    """Where signing in leads."""
    answer = Client().post("/accounts/login/", {"username": user.email, "password": make.PASSWORD})
    return str(answer["Location"])


@pytest.mark.parametrize(
    ("roles", "address"),
    [
        ((Role.EXECUTIVE,), "/"),
        ((Role.OWNER,), "/my/"),
        ((Role.STEWARD,), "/my/"),
        ((Role.FINANCE,), "/"),
        ((Role.ADMINISTRATOR,), "/setup/"),  # of a company without data
        ((Role.INTEGRATOR,), "/api/"),
        ((Role.EXECUTIVE, Role.OWNER), "/"),
        ((Role.STEWARD, Role.ADMINISTRATOR), "/setup/"),
        ((Role.INTEGRATOR, Role.STEWARD), "/my/"),
    ],
)
def test_by_role(company: Any, roles: tuple[Role, ...], address: str) -> None:
    assert landing(make.person("Pat", *roles)) == address


def test_finance_begins_with_what_waits_whatever_other_roles_there_are(stage: Stage, stella: User) -> None:
    make.benefit(make.initiative(), state="proposed", proposed_by=stella)
    assert landing(make.person("Pat", Role.FINANCE, Role.EXECUTIVE)) == "/initiatives/benefits/"


def test_an_administrator_of_a_product_that_is_set_up_begins_with_the_scorecard(stage: Stage) -> None:
    assert landing(make.person("Pat", Role.ADMINISTRATOR)) == "/"


def test_whoever_asked_for_a_page_gets_it(stage: Stage, ines: User) -> None:
    form = {"username": ines.email, "password": make.PASSWORD}
    assert Client().post("/accounts/login/?next=/kpis/", form)["Location"] == "/kpis/"
