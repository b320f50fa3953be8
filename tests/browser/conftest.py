"""A browser in which the executive reads the small company's pages, and what it complains about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import Company, User
from tests import factories as make
from tests.browser.windows import DESK, Chromium, started
from tests.scorecard.stage import Stage, set_stage

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


@pytest.fixture(scope="session")
def started_chromium(chromium: str) -> Iterator[Chromium]:
    """The browser of all tests of this process."""
    with started(chromium) as browser:
        yield browser


@pytest.fixture
def chrome(started_chromium: Chromium, session: str) -> Iterator[Chromium]:
    """The browser for one test."""
    with started_chromium.in_hand():
        yield started_chromium


@pytest.fixture
def reader(chrome: Chromium, live_server: Any, session: str, complaints: list[str]) -> Reader:
    """Opens pages as the executive; ``signed_in=False`` as nobody; anything else goes to the browser's context."""

    def open_page(*, signed_in: bool = True, viewport: Any = DESK, color_scheme: str = "light", **context: Any) -> Page:
        window = chrome.window(live_server.url, **context)
        who = session if signed_in else ""
        return window.begin(viewport=viewport, color_scheme=color_scheme, session=who, complaints=complaints)

    return open_page
