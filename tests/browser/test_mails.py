"""A digest and an alert in Chromium, at the widths of a phone and of a mail program, in light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from accounts.models import OutgoingMail, User
from customers.models import Customer
from kpis.models import Kpi
from scorecard.services.subscriptions import follow
from tests.browser.conftest import ARGS
from tests.scorecard import test_alerts, test_digests
from tests.scorecard.test_digests import gold, missed  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def mails(missed: Customer, gold: Any, ines: User) -> list[str]:  # noqa: F811
    """Both as they are sent."""
    test_digests.wants(ines)
    test_digests.look()
    follow(person=ines, kind="kpi", key="calls")
    test_alerts.stand(Kpi.objects.get(code="calls"), gold, "2011-09", "missed|worse|will_miss")
    test_alerts.look()
    return list(OutgoingMail.objects.order_by("pk").values_list("html", flat=True))


def test_mails_read_well_and_fetch_nothing(mails: list[str], chromium: str) -> None:
    asked: list[str] = []
    assert len(mails) == 2
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        for width in (375, 600):
            for scheme in ("light", "dark"):
                page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
                page.on("request", lambda request: asked.append(request.url))
                for html in mails:
                    page.set_content(html)
                    assert page.evaluate("document.documentElement.scrollWidth") == width
                    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
                    assert found.violations_count == 0, found.generate_report()
        browser.close()
    assert asked == []
