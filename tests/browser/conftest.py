"""A browser in which the executive reads the small company's pages, and what it complains about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from accounts.models import Company, User
from tests import factories as make
from tests.scorecard.stage import Stage, set_stage

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# How many times slower than the machine its processor is for the pages: BROWSER_SLOWER=6 is a busy laptop's.
SLOWER = int(os.environ.get("BROWSER_SLOWER", "1"))
expect.set_options(timeout=5_000 * SLOWER)
DRAWN = "[data-chart-drawn]"
# What moved while it loaded, from where and to where.
# What moves by less than a thousandth of the window is the browser's rounding, or a row that is half read.
SHIFTS = """
window.shifts = [];
const told = (box) => [box.x, box.y, box.width, box.height].map(Math.round).join(" ");
const name = (node) => {
  const element = node && node.closest ? node : node && node.parentElement;
  return element ? `${element.tagName}.${element.className} “${element.textContent.trim().slice(0, 40)}”` : "gone";
};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries().filter((entry) => !entry.hadRecentInput && entry.value > 0.001)) {
    const moved = entry.sources.map((one) => `${name(one.node)}: ${told(one.previousRect)} → ${told(one.currentRect)}`);
    window.shifts.push(`${entry.value.toFixed(4)}: ${moved.join("; ")}`);
  }
}).observe({ type: "layout-shift", buffered: true });
"""

Reader = Callable[..., Page]


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    """The small company, called a demo so that its pages carry all they can; made before the browser
    starts, for the database is not to be asked after it.
    """
    Company.objects.update(is_demo=True)
    return set_stage()


@pytest.fixture
def session(stage: Stage, ines: User) -> str:
    """The executive's session."""
    return make.signed_in(ines).cookies["sessionid"].value


@pytest.fixture
def complaints() -> list[str]:
    """Errors, violations of the content security policy, answers of 400 and more, requests to other hosts."""
    return []


@pytest.fixture
def chrome(chromium: str, session: str) -> Iterator[Browser]:
    """Chromium, without a way to phone home."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def reader(chrome: Browser, live_server: Any, session: str, complaints: list[str]) -> Reader:
    """Opens pages as the executive; ``signed_in=False`` as nobody; anything else goes to the browser's context."""

    def open_page(*, signed_in: bool = True, **context: Any) -> Page:
        window = chrome.new_context(base_url=live_server.url, **context)
        if signed_in:
            window.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        window.add_init_script(SHIFTS)
        window.set_default_timeout(30_000 * SLOWER)
        page = window.new_page()
        window.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda answer: _note(answer, live_server.url, complaints))
        return page

    return open_page


def _note(answer: Response, ours: str, complaints: list[str]) -> None:
    if answer.status >= 400 or not answer.url.startswith((ours, "data:", "blob:")):
        complaints.append(f"{answer.status} {answer.url}")
