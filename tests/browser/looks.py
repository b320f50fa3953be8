"""What every page is asked, wherever a test comes by: nobody is shut out of it, and nothing of it moved."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.windows import SLOWER

ALL = {"resultTypes": ["violations"]}
CONTRAST = ALL | {"runOnly": ["color-contrast"]}
WAITING = "[data-chart-url]:not([data-chart-drawn])"
DARK = "matchMedia('(prefers-color-scheme: dark)').matches"


def is_drawn(page: Page) -> None:
    """Wait until the page is loaded, with its charts where there are any.

    A click ends when the next page has begun, and one that has only begun has nothing in it that could be wrong.
    """
    page.wait_for_load_state()
    expect(page.locator(WAITING)).to_have_count(0)


def shuts_nobody_out(page: Page, *, other_scheme: bool = False) -> None:
    """By axe's rules; in the other scheme as well, where nothing differs but the colours.

    What may be read does not depend on the processor, and would take a slow one seconds.
    """
    fits(page)
    if SLOWER > 1:
        return
    passes(page, ALL)
    if other_scheme:
        is_dark = page.evaluate(DARK)
        page.emulate_media(color_scheme="light" if is_dark else "dark")
        passes(page, CONTRAST)
        page.emulate_media(color_scheme="dark" if is_dark else "light")


def fits(page: Page) -> None:
    """Nothing stands beside the window."""
    is_drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def passes(page: Page, rules: dict[str, list[str]]) -> None:
    """By these rules of axe."""
    found = Axe().run(page, options=rules)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def holds_still(page: Page) -> None:
    """Nothing moved while it loaded."""
    is_drawn(page)
    assert page.evaluate("window.shifts") == [], page.url
