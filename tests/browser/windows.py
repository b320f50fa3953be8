"""One Chromium for all tests of a process, and its windows, which stay open from test to test.

To start a browser, or to open a window of its own, takes a processor longer than most of what a test asks of the page
in it. A test that takes a window finds it as new: nobody signed in, nothing in its cache, its own width and scheme.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect, sync_playwright

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
DRAWN = "[data-chart-drawn]"
DESK = {"width": 1280, "height": 720}
REST = "/static/img/mark.svg"  # where a window stays between tests, for a page may go on asking the server
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
expect.set_options(timeout=5_000 * SLOWER)


class Window:
    """A window with one page, and what the browser complains about in it."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.address = address
        allowed = ["clipboard-read", "clipboard-write"]
        self.context = browser.new_context(base_url=address, permissions=allowed, **context)
        self.context.add_init_script(SHIFTS)
        self.context.set_default_timeout(30_000 * SLOWER)
        self.page = self.context.new_page()
        self.wire = self.context.new_cdp_session(self.page)
        self.complaints: list[str] = []
        self.page.on("console", self._note_error)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._note_answer)
        self.page.on("dialog", lambda dialog: dialog.accept())

    def begin(self, *, viewport: Any, color_scheme: Any, session: str, complaints: list[str]) -> Page:
        """The page as a new one, of who has this session."""
        self.context.clear_cookies()
        self.wire.send("Network.clearBrowserCache")
        self.slow_down(SLOWER)
        self.page.set_viewport_size(viewport)
        self.page.emulate_media(color_scheme=color_scheme, media="null")
        self.complaints = complaints
        if session:
            self.context.add_cookies([{"name": "sessionid", "value": session, "url": self.address}])
        return self.page

    def end(self) -> None:
        """Go where nothing is asked for any more."""
        self.slow_down(1)
        self.page.goto(REST)

    def slow_down(self, times: int) -> None:
        """Take from the page what a slower processor would not give it; that keeps the real one busy all the time."""
        if SLOWER > 1:
            self.wire.send("Emulation.setCPUThrottlingRate", {"rate": times})

    def _note_error(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.complaints.append(said.text)

    def _note_answer(self, answer: Response) -> None:
        if answer.status >= 400 or not answer.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"{answer.status} {answer.url}")


class Chromium:
    """The browser, without a way to phone home, and its windows by what they are able to do."""

    def __init__(self, browser: Browser, loop: asyncio.AbstractEventLoop) -> None:
        self.browser, self.loop = browser, loop
        self.kept: dict[tuple[Any, ...], Window] = {}
        self.taken: Counter[Any] = Counter()

    def window(self, address: str, *, kept: bool = True, **context: Any) -> Window:
        """The next window of the sort that this test has not taken yet; or one that no other test has."""
        if not kept:
            return Window(self.browser, address, **context)
        sort = (address, *sorted(context.items()))
        self.taken[sort] += 1
        place = (*sort, self.taken[sort])
        if place not in self.kept:
            self.kept[place] = Window(self.browser, address, **context)
        return self.kept[place]

    def work_in(self, page: Page) -> None:
        """Only the window that somebody works in is slow, for four that wait would leave it no processor at all."""
        for window in self.kept.values():
            window.slow_down(SLOWER if window.page is page else 1)

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """For one test. Only then does Playwright's loop count as running in this thread, for Django asks no database
        from within a loop.
        """
        asyncio._set_running_loop(self.loop)
        try:
            yield
            self._tidy()
        finally:
            self.taken.clear()
            asyncio._set_running_loop(None)

    def _tidy(self) -> None:
        """Leave the windows for the next test, but for one that cannot be left and those that are nobody's."""
        for sort, count in self.taken.items():
            for number in range(1, count + 1):
                window = self.kept.pop((*sort, number))
                window.end()
                self.kept[(*sort, number)] = window
        kept = [window.context for window in self.kept.values()]
        for context in self.browser.contexts:
            if context not in kept:
                context.close()


@contextmanager
def started(executable: str) -> Iterator[Chromium]:
    """The browser, until the last test of this process has ended."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGS)
        chromium = Chromium(browser, asyncio.get_running_loop())
        asyncio._set_running_loop(None)
        yield chromium
        asyncio._set_running_loop(chromium.loop)
        browser.close()
