"""A digest and an alert in Chromium, at the widths of a phone and of a mail program, in light and dark."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import OutgoingMail, User
from customers.models import Customer
from kpis.models import Kpi
from scorecard.services.subscriptions import follow
from tests.browser.looks import CONTRAST, passes
from tests.browser.windows import Chromium
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


def test_mails_read_well_and_fetch_nothing(mails: list[str], started_chromium: Chromium) -> None:
    asked: list[str] = []
    assert len(mails) == 2
    with started_chromium.in_hand():
        page = started_chromium.browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for width in (375, 600):
            page.set_viewport_size({"width": width, "height": 700})
            for html in mails:
                page.set_content(html)
                assert page.evaluate("document.documentElement.scrollWidth") == width
                passes(page, {"runOnly": ["wcag2a", "wcag2aa"]})
                page.emulate_media(color_scheme="dark")
                passes(page, CONTRAST)
                page.emulate_media(color_scheme="light")
    assert asked == []
