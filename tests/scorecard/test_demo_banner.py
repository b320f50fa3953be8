"""On every page of a demo company stands that it is one, and how to empty it."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Company, User
from tests import factories

pytestmark = pytest.mark.django_db

PAGES = ["/", "/rollups/", "/imports/", "/facts/", "/admin/", "/admin/kpis/kpi/", "/api/docs/", "/matrix/2026-Q9/"]
TOLD = "demonstration company"


@pytest.mark.parametrize("url", PAGES)
def test_every_page_of_a_demo_says_so_and_how_to_empty_it(url: str, ada: User) -> None:
    Company.objects.update(is_demo=True)
    page = factories.signed_in(ada).get(url, follow=True).content.decode()
    assert TOLD in page
    assert "manage.py demo --empty" in page


def test_the_way_in_says_so_too(client: Client) -> None:
    Company.objects.update(is_demo=True)
    assert TOLD in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("url", PAGES)
def test_a_company_of_ones_own_is_not_called_a_demo(url: str, ada: User) -> None:
    assert TOLD not in factories.signed_in(ada).get(url, follow=True).content.decode()
