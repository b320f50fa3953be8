"""``/initiatives/priorities/``: what comes first, where the budget ends, and what runs below the line."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.kept import forget_all
from initiatives.charts.figures import bubbles
from initiatives.choices import Level, Stage
from initiatives.forms.priorities import BudgetForm
from initiatives.models import Initiative
from initiatives.pages.priorities import show_priorities
from initiatives.reading.priorities import Ranking, rank
from initiatives.reading.standings import read_standings
from tests import factories as make
from tests.scorecard.reading import text_of

URL = "/initiatives/priorities/"


@pytest.fixture
def browser(ines: User) -> Client:
    """The executive's."""
    return make.signed_in(ines)


def scored(code: str, impact: int, effort: int, cost: int | None = None, **fields: Any) -> Initiative:
    """A candidate with scores and a cost that is no burden by itself."""
    defaults: dict[str, Any] = {"stage": Stage.CANDIDATE, "loyalty_impact": impact, "effort": effort, "cost": cost}
    return make.initiative(code, **(defaults | fields))


def ranking(budget: int | None = None) -> Ranking:
    return rank(read_standings(Initiative.objects.all()), None if budget is None else Fraction(budget))


def order(found: Ranking) -> list[str]:
    return [one.standing.initiative.code for one in found.ranked]


def test_quick_wins_come_first_then_major_bets_fill_ins_and_what_to_reconsider(db: None) -> None:
    scored("reconsider", 3, 5)
    scored("fill-in", 3, 1)
    scored("major", 5, 4)
    scored("win-4-2", 4, 2)
    scored("win-5-3", 5, 3)
    scored("win-4-1", 4, 1)
    assert order(ranking()) == ["win-5-3", "win-4-1", "win-4-2", "major", "fill-in", "reconsider"]


def test_of_equals_the_cheaper_comes_first_and_one_without_a_cost_last(db: None) -> None:
    scored("dear", 4, 2, 900)
    scored("unknown", 4, 2)
    scored("cheap", 4, 2, 100)
    assert order(ranking()) == ["cheap", "dear", "unknown"]


def test_a_budget_exactly_spent_is_above_the_line_and_nothing_slips_in_behind_it(db: None) -> None:
    scored("first", 5, 1, 600)
    scored("second", 5, 2, 400)
    scored("third", 5, 3, 500)
    scored("fourth", 4, 1, 1)
    found = ranking(1000)
    assert [one.standing.initiative.code for one in found.above] == ["first", "second"]
    assert [one.standing.initiative.code for one in found.below] == ["third", "fourth"]


def test_what_runs_below_the_line_is_named(browser: Client) -> None:
    scored("first", 5, 1, 600)
    scored("pet-project", 2, 5, 700, stage=Stage.IN_PROGRESS)
    text = text_of(browser.get(f"{URL}?budget=1k"))
    assert "€1,000 pays for 1 of 2; 1 running initiative falls below the line." in text
    assert "Running below the line today, for €700: Pet project." in text
    assert text.index("The budget of €1,000 ends here") < text.index("runs today")


def test_what_is_not_scored_or_over_is_not_ranked(browser: Client) -> None:
    scored("half", 4, 2, loyalty_impact=None)
    scored("over", 4, 2, stage=Stage.DONE)
    found = ranking()
    assert (order(found), [one.initiative.code for one in found.unscored]) == ([], ["half"])
    text = text_of(browser.get(URL))
    assert "Nothing here can be ranked yet." in text
    assert "1 open initiative has no score on one side" in text


def test_costs_without_a_rate_are_named_and_take_nothing(browser: Client) -> None:
    scored("tokyo", 5, 1, 10**6, currency="JPY")
    scored("paris", 5, 2, 600)
    assert [one.total for one in ranking().ranked] == [0, 600]
    assert "Left out of the sums, for want of finance’s rate: Tokyo (JPY)." in text_of(browser.get(URL))


def test_levels_are_counted_and_those_with_nothing_running_are_gaps(browser: Client) -> None:
    scored("a", 5, 1, stage=Stage.IN_PROGRESS)
    scored("b", 5, 1, level=Level.BUSINESS_UNIT, business_unit=make.business_unit())
    text = text_of(browser.get(URL))
    assert (
        "Key account 0 open ∅ nothing running Business unit 1 open ∅ nothing running Corporate 1 open 1 running" in text
    )


def test_a_department_filters_and_the_links_keep_it(browser: Client) -> None:
    scored("ours", 5, 1, department=make.department("sales"))
    scored("theirs", 5, 1, department=make.department("service"))
    page = browser.get(f"{URL}?department=sales&budget=5")
    assert "Ours" in text_of(page)
    assert "Theirs" not in text_of(page)
    assert "department=sales&amp;stage=candidate" in page.content.decode()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500000", 500_000),
        ("1,200,000", 1_200_000),
        ("1 200 000", 1_200_000),
        ("1.2m", 1_200_000),
        ("0.5 bn", 5 * 10**8),
        ("12K", 12_000),
        ("99.5", Fraction(199, 2)),
        ("", None),
        ("many", None),
        ("-5", None),
        ("1.2.3", None),
        (".", None),
    ],
)
def test_a_budget_is_read_as_people_write_it(text: str, amount: Any) -> None:
    assert BudgetForm({"budget": text}).amount == amount


def test_a_budget_that_is_none_is_left_out_and_said(browser: Client) -> None:
    scored("a", 5, 1)
    text = text_of(browser.get(f"{URL}?budget=many"))
    assert "“many” is no amount; one looks like 500000, 1,200,000 or 1.2m. The line was left out." in text


def test_equal_scores_stand_side_by_side_and_always_in_the_same_places(db: None) -> None:
    for number in range(7):
        scored(f"same-{number}", 4, 2, 100 * number)
    placed = [bubbles(show_priorities(ranking(), "EUR", {}).rows) for _ in range(2)]
    assert placed[0] == placed[1]
    places = {(one.x, one.y) for one in placed[0]}
    assert len(places) == 7
    assert all(1.5 < x < 2.5 and 3.5 < y < 4.5 for x, y in places)


def test_the_chart_draws_each_ranked_one_by_status_and_faint_below_the_line(browser: Client) -> None:
    scored("above", 5, 1, 10, stage=Stage.IN_PROGRESS)
    scored("below", 4, 1, 10)
    figure = json.loads(browser.get("/initiatives/priorities/chart.json?budget=10").content)["figure"]
    drawn = {trace["name"]: trace["marker"]["opacity"] for trace in figure["data"] if trace["x"]}
    assert drawn == {"on schedule": [0.9], "not running": [0.35]}
    names = {note["text"] for note in figure["layout"]["annotations"]}
    assert names == {"<b>Quick win</b>", "<b>Major bet</b>", "<b>Fill-in</b>", "<b>Reconsider</b>"}


def test_titles_are_escaped(browser: Client) -> None:
    scored("a", 5, 1, title="<i>Portal</i>")
    for url in (URL, f"{URL}chart.json"):
        assert "<i>Portal" not in browser.get(url).content.decode()


def test_40_initiatives_cost_the_queries_of_2(browser: Client) -> None:
    counts = []
    browser.get("/help/")  # which counts what is asked of the person
    for many in (2, 38):
        for number in range(many):
            scored(f"one-{many}-{number}", 4, 2, 10, department=make.department(f"d{number}"))
        forget_all()  # the first answer after a change
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"{URL}?budget=100")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20
