"""The list of people in Chromium: who may be invited beside who signs in already."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests import factories as make
from tests.browser.conftest import Reader

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Where each column begins, of the head and of every row.
EDGES = """() => [...document.querySelectorAll("table tr")].map(
  (row) => [...row.children].map((cell) => Math.round(cell.getBoundingClientRect().left)).join(),
)"""


@pytest.fixture
def session(ada: User, omar: User) -> str:
    """The administrator's session; the owner was made by a file and has no way in."""
    omar.set_unusable_password()
    omar.save()
    return make.signed_in(ada).cookies["sessionid"].value


def test_all_names_stand_in_one_column_whether_they_can_be_ticked_or_not(reader: Reader) -> None:
    page = reader(viewport={"width": 1440, "height": 900})
    page.goto("/people/")
    assert page.get_by_label("Invite Omar").count() == 1
    rows = page.evaluate(EDGES)
    assert len(rows) == 3
    assert len(set(rows)) == 1
