"""An address that can lead nowhere is not found; it is never an error of ours."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import signed_in

NUMBER = "9" * 30


@pytest.mark.parametrize(
    "address",
    [
        *("/kpis/%00/", "/kpis/%00/edit/", "/initiatives/%00/", "/matrix/2011-Q3/%00/T1/", "/actuals/%00/2011-01/"),
        *("/api/v1/kpis/%00/", "/api/v1/initiatives/a%00b/", "/%00"),
        *(f"/kpi-proposals/{NUMBER}/", f"/api/v1/kpi-proposals/{NUMBER}/", f"/api/v1/complete-months/{NUMBER}/"),
    ],
)
def test_what_can_lead_nowhere_is_not_found(address: str, stella: User) -> None:
    assert signed_in(stella).get(address).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/nowhere/", "/admin/auth/group/"])
def test_what_is_nowhere_in_the_admin_looks_to_nobody_as_what_is(address: str) -> None:
    answer = Client().get(address, follow=True)
    assert answer.redirect_chain[-1][0] == f"/accounts/login/?next={address}"
