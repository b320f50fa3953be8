"""The admin and the API's documentation under the content security policy, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from accounts.models import User
from kpis.choices import TargetState
from kpis.models import Target
from tests import factories
from tests.browser.conftest import Reader

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/admin/",
    "/admin/accounts/user/",
    "/admin/accounts/user/add/",
    "/admin/accounts/apitoken/add/",
    "/admin/accounts/company/1/change/",
    "/admin/kpis/kpi/add/",
    "/admin/kpis/target/",
    "/admin/kpis/target/add/",
    "/api/docs/",
)


@pytest.fixture
def targets(transactional_db: None) -> list[Target]:
    """An approved target and a draft of tier T1, and a customer called Acme; made before the browser starts."""
    tier, kpi = factories.tier("T1"), factories.kpi("revenue")
    factories.customer("C1", name="Acme")
    draft = factories.target(kpi, tier, 201110, 1, state=TargetState.DRAFT)
    return [factories.target(kpi, tier, 201109, 1), draft]


@pytest.fixture
def session(targets: list[Target], root: User) -> str:
    """The superuser's."""
    return factories.signed_in(root).cookies["sessionid"].value


@pytest.fixture
def page(reader: Reader) -> Page:
    """A page of theirs."""
    return reader()


def test_the_admin_and_the_documentation_run_under_the_policy(
    page: Page, targets: list[Target], complaints: list[str]
) -> None:
    shown = [f"/admin/kpis/target/{target.pk}/change/" for target in targets]
    for address in (*PAGES, *shown):
        answer = page.goto(address, wait_until="networkidle")
        assert answer
        assert answer.status == 200
    assert complaints == []


def test_a_move_is_entered_with_the_admins_own_scripts(page: Page, complaints: list[str]) -> None:
    page.goto("/admin/customers/tiermembership/add/", wait_until="networkidle")
    page.click(".select2-selection")
    page.click(".select2-results__option:has-text('Acme')")
    page.click(".datetimeshortcuts a >> nth=0")
    page.select_option("#id_tier", label="Tier T1")
    page.click("[name=_save]")
    page.wait_for_selector(".messagelist .success")
    assert complaints == []


def test_the_documentation_tries_a_call_out(page: Page, complaints: list[str]) -> None:
    page.goto("/api/docs/", wait_until="networkidle")
    page.click("#operations-tag-matrix")
    page.click(".opblock-summary-control:has-text('/api/v1/matrix/')")
    page.click(".try-out__btn")
    page.fill("tr[data-param-name=period] input", "2011-Q3")
    page.click("button.execute")
    page.wait_for_selector(".live-responses-table .response-col_status:has-text('200')")
    assert complaints == []
