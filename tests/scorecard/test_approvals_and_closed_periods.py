"""An approval that reaches back leaves closed periods as they are, and says so before it is given."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from core.decisions import Decision
from core.periods import FiscalCalendar, Month, Period
from kpis.choices import Per
from kpis.models import Target
from kpis.services.decisions import decide
from kpis.services.targets import NewTarget, propose, save_drafts
from scorecard.models import Edition
from scorecard.services.editions import close_by_command
from tests.factories import signed_in
from tests.kept import kept
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage

pytestmark = pytest.mark.django_db

CLOSED = "Q3 2011 is closed: edition 1 keeps its verdict"


@kept
def proposed(stage: Stage, stella: User) -> Target:
    """A target of the third quarter that turns its verdict of revenue in gold."""
    cell = NewTarget(stage.revenue, stage.gold, Month(201107), Per.QUARTER, value=Decimal(900))
    drafts = save_drafts(cells=[cell], by=stella)
    propose(targets=[draft.pk for draft in drafts], by=stella)
    return drafts[0]


def close(everyone: dict[str, User]) -> Edition:
    return close_by_command(
        period=Period.parse("2011-Q3", FiscalCalendar()),
        prepared_by=everyone["finance"],
        signed_by=everyone["executive"],
        anyway="It is small.",
    )


def test_who_approves_reads_that_a_closed_period_keeps_its_verdict(
    stage: Stage, proposed: Target, everyone: dict[str, User]
) -> None:
    finance = signed_in(everyone["finance"])
    assert "is closed" not in text_of(finance.get("/approvals/"))
    close(everyone)
    page = text_of(finance.get("/approvals/"))
    assert "Changes 8 verdicts of 1 ended quarter and 3 months: Q3 missed → met" in page
    assert CLOSED in page
    decide(decisions=[Decision(proposed.pk, True, "")], by=everyone["finance"])
    assert CLOSED in text_of(finance.get("/approvals/"))  # so does taking it back


def test_an_approval_turns_the_live_verdict_and_not_the_editions(
    stage: Stage, proposed: Target, everyone: dict[str, User]
) -> None:
    close(everyone)
    decide(decisions=[Decision(proposed.pk, True, "")], by=everyone["finance"])
    browser = signed_in(everyone["executive"])

    def verdict(edition: str) -> Any:
        rows = browser.get(f"/api/v1/matrix/?period=2011-Q3&edition={edition}").json()["rows"]
        cells = next(row for row in rows if row["kpi"] == "revenue")["cells"]
        return next(cell["status"] for cell in cells if cell["tier"] == "T1")

    assert (verdict("latest"), verdict("live")) == ("missed", "met")
