"""The sentence above the matrix says what the cells say, counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.sentences import plain
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Status
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Row
from scorecard.pages.verdict import Verdict, verdict

GOLD = Tier(code="T1", name="Gold", scope=TierScope.TIER)
SILVER = Tier(code="T2", name="Silver", scope=TierScope.TIER)
BRONZE = Tier(code="T3", name="Bronze", scope=TierScope.TIER)
ALL = Tier(code="all", name="All customers", scope=TierScope.ALL)
MET, NEAR, MISSED, PARTIAL = Status.MET, Status.NEAR, Status.MISSED, Status.PARTIAL


def cell(tier: Tier, status: Status) -> Cell:
    return Cell(tier, None, None, None, None, None, None, status, None, None, 0, 0, 0)


def judge(columns: dict[str, list[Status]], *, to_date: bool = False) -> Verdict:
    tiers = [tier for tier in (GOLD, SILVER, BRONZE, ALL) if tier.name in columns]
    rows = zip(*columns.values(), strict=True)
    return verdict(
        tiers,
        [Row(Kpi(), tuple(cell(*pair) for pair in zip(tiers, row, strict=True))) for row in rows],
        to_date=to_date,
    )


def headline(found: Verdict) -> str:
    return plain(found.headline)


def test_the_tier_with_the_most_misses_leads() -> None:
    found = judge({"Gold": [MISSED, MET, MISSED], "Silver": [MISSED, NEAR, MET], "Bronze": [MET, MET, PARTIAL]})
    assert headline(found) == "Gold missed 2 of its 3 targets, Silver 1 of 3 and Bronze none of 2."
    assert [phrase.url for phrase in found.headline if phrase.url] == [
        "?status=missed&tier=T1",
        "?status=missed&tier=T2",
        "?tier=T3",
    ]


def test_of_equal_misses_the_larger_share_leads() -> None:
    found = judge({"Gold": [MISSED, MET], "Silver": [MISSED, PARTIAL]})
    assert headline(found) == "Silver missed its one target and Gold 1 of 2."


def test_all_customers_hold_the_same_facts_again_and_are_not_counted() -> None:
    found = judge({"Gold": [MET, MET], "All customers": [MISSED, MISSED]})
    assert headline(found) == "All 2 targets were met."


def test_all_customers_speak_where_no_tier_has_a_target() -> None:
    found = judge({"Gold": [Status.NO_TARGET], "All customers": [MISSED]})
    assert headline(found) == "All customers missed its one target."


def test_near_is_not_called_met() -> None:
    found = judge({"Gold": [NEAR, MET], "Silver": [MET, MET]})
    assert headline(found) == "No target was missed; 1 of 4 came near."
    assert plain(found.detail) == "Near: Gold 1."


def test_to_date_it_may_still_change() -> None:
    assert headline(judge({"Gold": [MISSED, MET]}, to_date=True)) == "Gold misses 1 of its 2 targets so far."
    assert headline(judge({"Gold": [MET]}, to_date=True)) == "The one target was met so far."


def test_without_a_verdict_it_says_why() -> None:
    found = judge({"Gold": [PARTIAL, Status.NO_DATA], "Silver": [PARTIAL, Status.NO_TARGET]})
    assert headline(found) == "No cell can be judged yet."
    assert plain(found.detail) == (
        "2 cells are partial: a part is not held against a whole target; "
        "1 cell is without an approved target; 1 cell is without data."
    )


def test_while_most_cells_wait_for_numbers_it_is_too_early_to_say() -> None:
    columns = {"Gold": [MISSED, MISSED, PARTIAL], "Silver": [PARTIAL, PARTIAL, Status.NO_DATA]}
    found = judge(columns, to_date=True)
    assert headline(found) == "Too early to say: 2 of 6 cells can be judged so far, 2 missed."
    assert headline(judge(columns)) == "Gold missed all of its 2 targets."


@given(st.lists(st.sampled_from(list(Status)), min_size=1, max_size=20))
def test_every_column_has_a_verdict(statuses: list[Status]) -> None:
    found = headline(judge({"Gold": statuses}))
    missed = statuses.count(MISSED)
    assert found.endswith(".")
    assert (" missed " in found and "No target" not in found) == bool(missed)
