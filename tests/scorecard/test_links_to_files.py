"""Every page with an export links its files, each once, and asks of them what it was asked itself."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from accounts.models import User
from core.sheets import DOWNLOADS, exports_of
from kpis.services.value import name_value_kpis
from tests import factories as make
from tests.kept import kept
from tests.scorecard.stage import Stage

LINK = re.compile(r'href="(/[^"]*export/[^"]*)"')
# How each page with an export is asked.
ASKED = {
    "audit/": "verb=changed",
    "customers/": "tier=T1",
    "customers/retiering/": "kpi=revenue&months=12&end=2011-09&by=share&cut_0=50&percent=10&starts_on=2012-01-01",
    "growth/": "period=2011-Q3",
    "growth/value/": "period=2011-Q3",
    "initiatives/": "sort=due",
    "initiatives/board/": "sort=due",
}


@kept
def company(stage: Stage, stella: User) -> Stage:
    """Two customers who joined, one initiative, and a KPI that says what customers bring."""
    make.lifecycle_event(stage.acme, "2010-01-05", "joined")
    make.initiative("LIGHTS")
    name_value_kpis(by=stella, named={"revenue": stage.revenue})
    return stage


@pytest.mark.parametrize("page", ASKED)
def test_a_page_links_each_of_its_files_once(page: str, company: Any, stella: User, ada: User) -> None:
    reader = make.signed_in(ada if page == "audit/" else stella)
    shown = reader.get(f"/{page}?{ASKED[page]}")
    export = page.removesuffix("board/")
    assert shown.status_code == 200
    found = [unescape(one) for one in LINK.findall(shown.content.decode())]
    assert found == [f"/{export}export/{form}/?{ASKED[page]}" for form in DOWNLOADS]


def test_every_export_is_asked_here() -> None:
    known = {str(one.pattern) for app in ("accounts", "initiatives", "scorecard") for one in exports_of(app)}
    assert known == {f"{page}export/<download:form>/" for page in ASKED if page != "initiatives/board/"}
