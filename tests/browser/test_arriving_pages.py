"""Nothing moves while a page arrives in pieces, as it does over a slow line or from a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from threading import Thread

import pytest

from tests import factories as make
from tests.browser.conftest import Reader
from tests.scorecard.stage import Stage, set_stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PIECE, PAUSE = 500, 0.02  # letters, seconds
Arriving = Callable[[str], str]


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    """The small company with rows enough for a table to change its mind."""
    stage = set_stage()
    for number in range(20):
        make.customer(f"C{number}", name=f"Customer {number} {'and sons ' * (number % 7)}")
        make.pain_point("no answer " * (number % 5 + 1), month=201107, department=make.department(f"d{number}"))
    return stage


@pytest.fixture
def arriving() -> Iterator[Arriving]:
    """Takes a page's HTML and gives the address of a server that sends it piece by piece."""
    pages: dict[str, str] = {}

    class Slowly(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html = pages[self.path]
            body = html.index("<body")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            for start, end in pairwise((0, *range(body, len(html), PIECE), len(html))):
                self.wfile.write(html[start:end].encode())
                time.sleep(PAUSE)

        def log_message(self, *about: object) -> None:
            """Nothing: the tests' output is theirs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slowly)
    Thread(target=server.serve_forever, daemon=True).start()

    def serve(html: str) -> str:
        pages[f"/{len(pages)}"] = html
        return f"http://127.0.0.1:{server.server_port}/{len(pages) - 1}"

    yield serve
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("width", [1440, 375])
def test_nothing_moves_while_a_page_arrives(
    reader: Reader, arriving: Arriving, live_server: object, width: int
) -> None:
    page = reader(viewport={"width": width, "height": 900})
    for url in ("/matrix/2011-Q3/", "/customers/", "/coverage/pain/", "/kpis/"):
        html = page.request.get(url).text().replace("<head>", f'<head><base href="{live_server}">', 1)
        page.goto(arriving(html))
        assert page.locator(".foot").is_visible()
        assert page.evaluate("window.shifts") == [], url
        hidden = page.locator("main *:visible").evaluate_all("all => all.filter((one) => one.getAnimations().length)")
        assert hidden == [], url
