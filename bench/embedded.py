"""Rows on what ``make run`` starts: a cold page in a browser, and the memory of its processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.processes import family, proportional_memory, wait_until_ready
from bench.table import Row, seconds, told, within
from config.environment import BASE_DIR
from tests import servers

ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
TIMES = 5
IDLE = 5  # seconds after the last page
# When the heatmap was drawn, and by how much the page moved, as the browser itself saw it.
WATCH = """
window.watched = { shifts: 0, drawn: null };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.watched.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
new MutationObserver(() => {
  if (window.watched.drawn === null && document.querySelector("[data-chart-drawn]"))
    window.watched.drawn = performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


def rows(env: Mapping[str, str]) -> Iterator[Row]:
    """The demo company as a newcomer meets it."""
    with tempfile.TemporaryDirectory(prefix="tierboard-bench-") as folder:
        started = time.perf_counter()
        with running({**env, "VAR_DIR": folder, "PORT": str(servers.free_port())}) as (process, address, told_by):
            yield told("first start of `make run`, the demo company founded", seconds(time.perf_counter() - started))
            if servers.find_chromium():
                yield from _in_the_browser(address, told_by)
            time.sleep(IDLE)
            yield from _memory(process.pid)


@contextmanager
def running(env: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], str, str]]:
    """``make run`` without the set-up; yields the process, its address, and what it told about signing in."""
    with tempfile.NamedTemporaryFile() as log:
        command = [sys.executable, "-m", "config.run"]
        process = subprocess.Popen(command, cwd=BASE_DIR, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_until_ready(int(env["PORT"]), patience=180)
            yield process, f"http://{servers.LOCAL}:{env['PORT']}", Path(log.name).read_text()
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def _in_the_browser(address: str, told_by: str) -> Iterator[Row]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(servers.find_chromium()), args=list(ARGS))
        session = _sign_in(browser, address, told_by)
        tables = [_open_cold(browser, address, session) for _ in range(TIMES)]
        heatmaps = [_open_cold(browser, address, session, heatmap=True) for _ in range(TIMES)]
        browser.close()
    middle = sorted(tables, key=lambda one: one["bytes"])[TIMES // 2]
    drawn = sorted(one["drawn"] for one in heatmaps)[TIMES // 2]
    yield within("cold matrix page in Chromium, demo company: transferred", middle["bytes"] / 1000, 440, "KB")
    yield within("its requests", middle["requests"], 12, "")
    yield within("its heatmap, when asked for, drawn after navigation", drawn / 1000, 0.7, "s")
    yield within("its layout shift", max(one["shifts"] for one in tables + heatmaps), 0, "")


def _sign_in(browser: Browser, address: str, told_by: str) -> Any:
    """The executive's session, without anything that was fetched on the way."""
    password, email = (re.search(text, told_by) for text in (r"password of each is\s+(\S+)", r"Executive\s+(\S+@\S+)"))
    if not password or not email:
        raise RuntimeError("make run did not tell how to sign in")
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/accounts/login/?next=/matrix/")
    page.fill("input[name=username]", email[1])
    page.fill("input[name=password]", password[1])
    page.click("button[type=submit]")
    page.wait_for_url("**/matrix/**")
    return {"state": context.storage_state(), "url": page.url}


def _open_cold(browser: Browser, address: str, session: Any, *, heatmap: bool = False) -> dict[str, float]:
    """Open the page with an empty cache; the table, or the same cells drawn."""
    context: BrowserContext = browser.new_context(base_url=address, storage_state=session["state"])
    context.add_init_script(WATCH)
    page = context.new_page()
    answers = _counted(page)
    page.goto(f"{session['url']}?view=heatmap" if heatmap else session["url"])
    page.wait_for_selector("[data-chart-drawn]" if heatmap else "table[role=grid]", timeout=15_000)
    page.wait_for_timeout(500)
    watched = page.evaluate("window.watched")
    context.close()
    return {"bytes": sum(answers), "requests": len(answers), **watched}


def _counted(page: Page) -> list[float]:
    """The bytes of each answer as they come over the line, headers included."""
    answers: list[float] = []
    link = page.context.new_cdp_session(page)
    link.send("Network.enable")
    link.on("Network.loadingFinished", lambda event: answers.append(event["encodedDataLength"]))
    return answers


def _memory(pid: int) -> Iterator[Row]:
    """All processes of ``make run``, its supervisor included."""
    yield within(
        "web, worker, scheduler and their supervisor, idle after use: PSS", proportional_memory(family(pid)), 300, "MB"
    )
