"""A wholesaler's first administrator walks from the printed link to the matrix with the company's own files.

Runs where SHARED_DATA names the folder with the acceptance data: the product as ``make run`` starts it, in a browser.
"""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from config.environment import BASE_DIR
from tests.browser.test_first_run import Mouse, Walk, decide
from tests.browser.windows import ARGS
from tests.migrated import begin
from tests.servers import LOCAL, free_port

DATA = Path(os.environ.get("SHARED_DATA", "")).absolute() / "wholesale"
PERIOD = "2011-Q2"
# What a verdict looks like in a cell.
SEEN = """() => [...document.querySelectorAll('table.matrix td > a')].map(
    (a) => [...a.getAttribute('href').split('?')[0].split('/').slice(-3, -1), a.parentElement.className])"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(not DATA.exists(), reason="SHARED_DATA names no folder with the acceptance data"),
]


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[str]:
    """The one-time link that a start without the demo company prints; test_first_start.py makes all tables by one."""
    port = str(free_port())
    (tmp_path / "var" / "embedded").mkdir(parents=True)
    begin(f"sqlite:///{tmp_path}/var/embedded/tierboard.sqlite3")
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PORT": port,
        "DEMO": "0",
        "VAR_DIR": str(tmp_path / "var"),
    }
    log = tmp_path / "run.log"
    with log.open("wb") as output:
        run = subprocess.Popen(
            [sys.executable, "-m", "config.run"], cwd=BASE_DIR, env=env, stdout=output, stderr=output
        )
        try:
            yield wait_for(log, f"http://{LOCAL}:{port}/accounts/first/")
        finally:
            run.send_signal(signal.SIGTERM)
            run.wait(timeout=30)


def wait_for(log: Path, beginning: str) -> str:
    """The address with this beginning, once it is printed and the web server has begun."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        said = log.read_text()
        if (found := re.search(re.escape(beginning) + r"\S+", said)) and "Booting worker" in said:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture
def browser_pages(chromium: str, printed: str) -> Iterator[tuple[Page, Page]]:
    """A window for the administrator and one for finance."""
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        base = printed.split("/accounts", maxsplit=1)[0]
        yield chrome.new_context(base_url=base).new_page(), chrome.new_context(base_url=base).new_page()
        chrome.close()


def test_the_first_matrix_has_the_verdicts_expected(printed: str, browser_pages: tuple[Page, Page]) -> None:
    page, other = browser_pages
    ada = Walk(page, Mouse(), DATA, looks=False)
    ada.begin(printed)
    ada.name_the_company()
    ada.invite_finance()
    invitation = page.get_by_role("textbox", name="Fay").input_value()
    ada.take_a_role()
    ada.load_everything()
    ada.propose(90)
    decide(other, Mouse(), invitation, 90, looks=False)
    page.goto(f"/matrix/{PERIOD}/")
    while not page.locator("table.matrix td").count():  # as long as the worker takes; the test has a limit of its own
        page.wait_for_timeout(500)
        page.reload()
    seen = {(kpi, tier): look for kpi, tier, look in page.evaluate(SEEN)}
    with (DATA / "expected" / f"matrix_{PERIOD}.csv").open(encoding="utf-8-sig", newline="") as file:
        expected = [row for row in csv.DictReader(file) if row["tier"] != "untiered"]
    wrong = [row for row in expected if f"status-{row['status']}" not in seen[row["kpi"], row["tier"]].split()]
    assert expected
    assert wrong == []
