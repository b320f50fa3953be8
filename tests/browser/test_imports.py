"""A steward in Chromium: brings a bad file, then a good one, and takes the load back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.looks import shuts_nobody_out
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def session(stage: Stage, stella: User) -> str:
    """The steward's session."""
    return make.signed_in(stella).cookies["sessionid"].value


def bring(page: Page, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    page.goto("/imports/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Check the file").click()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 375)])
def test_a_file_is_checked_brought_and_taken_back(
    reader: Reader, tmp_path: Path, complaints: list[str], scheme: str, width: int
) -> None:
    page = reader(color_scheme=scheme, viewport={"width": width, "height": 900})
    bring(page, tmp_path / "bad.csv", "code,name,rank\nall,Everyone,1\nT9,Nine,x\n")
    expect(page.get_by_role("table").first).to_contain_text("all")
    shuts_nobody_out(page)
    bring(page, tmp_path / "good.csv", "code,name,rank\nT9,Nine,9\n")
    shuts_nobody_out(page)
    page.get_by_role("button", name="Read again").click()
    page.get_by_role("button", name="Load 1 row").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Load")
    shuts_nobody_out(page)
    page.get_by_role("link", name="Take it back").click()
    shuts_nobody_out(page)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("taken back").first).to_be_visible()
    assert complaints == []
