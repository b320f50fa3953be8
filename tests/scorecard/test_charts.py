"""The figures that Plotly draws hold the cells of the tables."""

import json
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scorecard.charts import matrix as charts
from tests import factories as make
from tests.scorecard.stage import Stage


def chart(browser: Client, url: str) -> dict[str, Any]:
    response = browser.get(url)
    assert response["Content-Type"] == "application/json"
    found: dict[str, Any] = json.loads(response.content)
    return found


def test_the_heatmap_has_a_line_per_kpi_under_its_heading(stage: Stage, browser: Client) -> None:
    figure = chart(browser, "/matrix/2011-Q3/chart.json")["figure"]
    assert figure["layout"]["yaxis"]["ticktext"] == [
        "<b>Leading</b>",
        "Repeat &lt;contacts&gt;",
        "<b>Trailing</b>",
        "Revenue",
    ]
    assert figure["layout"]["xaxis"]["ticktext"] == ["Gold", "Silver", "All customers"]
    assert figure["layout"]["height"] == charts.heatmap_height(2, 2)


def test_each_cell_of_the_heatmap_has_its_shape_value_address_and_story(stage: Stage, browser: Client) -> None:
    loaded = chart(browser, "/matrix/2011-Q3/chart.json")
    trace = loaded["figure"]["data"][0]
    assert trace["text"][3][0].endswith("■</span> 900")
    assert trace["customdata"][3][0] == "/matrix/2011-Q3/revenue/T1/"
    hover = trace["hovertext"][3][0]
    for line in (
        "■ missed: €900, at least €1,100",
        "variance −€200",
        "81.8 % attained",
        "3 of 3 months with data, 3 facts",
    ):
        assert line in hover
    assert loaded["announcements"][1][0] == (
        "Repeat <contacts>, Gold: 20.0 %, at most 10 %, missed, up 5.0 points, worse since the previous period."
    )


def test_the_heatmap_is_filtered_as_its_page(stage: Stage, browser: Client) -> None:
    figure = chart(browser, "/matrix/2011-Q3/chart.json?department=sales")["figure"]
    assert figure["layout"]["yaxis"]["ticktext"] == ["<b>Trailing</b>", "Revenue"]


def test_names_cannot_smuggle_markup_into_a_figure(stage: Stage, browser: Client) -> None:
    trace = chart(browser, "/matrix/2011-Q3/chart.json")["figure"]["data"][0]
    assert "Repeat &lt;contacts&gt;, Gold" in trace["hovertext"][1][0]


def test_every_colour_of_a_figure_is_a_token_of_the_scheme(stage: Stage, browser: Client) -> None:
    for url in ("/matrix/2011-Q3/chart.json", "/matrix/2011-Q3/revenue/T1/chart.json"):
        loaded = chart(browser, url)
        colours = {
            word for word in json.dumps(loaded["figure"]).replace('"', " ").replace(";", " ").split() if "#" in word
        }
        assert {colour[colour.index("#") :][:7] for colour in colours} <= loaded["tokens"].keys()


def test_the_trend_has_24_months_of_actual_and_target(stage: Stage, browser: Client) -> None:
    figure = chart(browser, "/matrix/2011-Q3/repeats/T1/chart.json")["figure"]
    target, actual = figure["data"]
    assert (target["name"], actual["name"]) == ("Target (at most)", "Actual")
    assert target["customdata"][-1] == "10 %"  # as in the cell, where the number itself would be 10.0
    assert (len(actual["x"]), actual["x"][-1]) == (24, "Sep 2011")
    assert actual["y"][-6:] == [15.0, 15.0, 15.0, 20.0, 20.0, 20.0]
    assert actual["marker"]["symbol"][-1] == "square"
    assert target["y"][-1] == 10.0


def test_a_range_is_drawn_with_both_its_bounds(stage: Stage, browser: Client) -> None:
    mix = make.kpi("mix", direction="range", unit="percent")
    make.target(mix, stage.gold, 201101, low=3, high=5)
    figure = chart(browser, "/matrix/2011-Q3/mix/T1/chart.json")["figure"]
    assert [trace["name"] for trace in figure["data"]] == ["At least", "At most", "Actual"]
    assert (figure["data"][0]["y"][-1], figure["data"][1]["y"][-1]) == (3.0, 5.0)


def test_the_trend_is_drawn_from_cells_and_reads_no_fact(stage: Stage, browser: Client) -> None:
    address = "/matrix/2011-Q3/repeats/T1/chart.json"
    with CaptureQueriesContext(connection) as first:
        browser.get(address)
    with CaptureQueriesContext(connection) as again:
        browser.get(address)
    assert not [query["sql"] for query in first.captured_queries if "kpis_fact" in query["sql"]]
    assert (len(first), len(again)) == (35, 3)  # of the first most tell what happened, for the list as well
