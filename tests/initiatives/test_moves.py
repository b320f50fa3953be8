"""KPIs that an initiative should move: on its page then and now, and what serves a cell on the cell's page."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import company as the_company
from accounts.models import User
from initiatives.choices import Health, Stage
from initiatives.models import Initiative
from initiatives.pages.kpis_to_move import KpiPart, build
from initiatives.reading.kpis_to_move import read_moves
from initiatives.reading.standings import read_standings
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage as Company
from tests.scorecard.stage import set_stage

MATRIX = "/matrix/2011-Q3/"
CELL = "/matrix/2011-Q3/repeats/T1/"


@pytest.fixture
def stage(db: None, time_machine: TimeMachineFixture) -> Company:
    """The small company, seen from the end of 2011."""
    time_machine.move_to("2011-11-20 12:00Z", tick=False)
    return set_stage()


@pytest.fixture
def browser(ines: User) -> Client:
    """The executive's."""
    return make.signed_in(ines)


def part_of(made: Initiative, user: User) -> KpiPart:
    (standing,) = read_standings(Initiative.objects.filter(pk=made.pk))
    found = build(standing, user)
    assert found
    return found


def test_cells_then_are_of_the_last_quarter_that_had_ended_at_the_start(stage: Company, ines: User) -> None:
    made = make.initiative(kpis=((stage.repeats, stage.gold),), baseline_start=date(2011, 8, 15))
    part = part_of(made, ines)
    (row,) = part.rows
    assert (part.then, part.now) == ("Quarter 2, 2011", "Quarter 3, 2011")
    assert row.then
    assert row.now
    assert (row.then.value, row.now.value, row.now.target) == ("15.0 %", "20.0 %", "at most 10 %")
    assert row.change
    assert row.change.judgement == "worse"


def test_a_link_without_a_tier_is_one_to_each_tier_or_to_all_customers(stage: Company, ines: User) -> None:
    both = make.initiative(kpis=(stage.revenue,), tiers=(stage.gold, stage.silver))
    everyone = make.initiative(kpis=(stage.revenue,))
    assert [row.tier for row in part_of(both, ines).rows] == ["Gold", "Silver"]
    assert [row.tier for row in part_of(everyone, ines).rows] == ["All customers"]


def test_what_has_not_started_has_no_cells_then(stage: Company, ines: User) -> None:
    made = make.initiative(kpis=(stage.revenue,), stage=Stage.CANDIDATE)
    part = part_of(made, ines)
    assert (part.then, part.rows[0].then, part.rows[0].change) == ("", None, None)


def test_no_change_is_told_where_no_quarter_has_ended_since(stage: Company, ines: User) -> None:
    made = make.initiative(kpis=(stage.revenue,), baseline_start=date(2011, 10, 20))
    part = part_of(made, ines)
    assert part.then == part.now
    assert part.rows[0].change is None


def test_one_without_kpis_has_no_such_part(stage: Company) -> None:
    (standing,) = read_standings(Initiative.objects.filter(pk=make.initiative().pk))
    assert read_moves(standing, the_company(), date(2011, 11, 20)) is None


def test_the_page_of_the_initiative_shows_them(stage: Company, browser: Client) -> None:
    make.initiative("calls", kpis=((stage.repeats, stage.gold),), baseline_start=date(2011, 8, 15))
    text = text_of(browser.get("/initiatives/calls/"))
    assert "Repeat <contacts> Gold ■ 15.0 % at most 10 %, missed ■ 20.0 % at most 10 %, missed +5.0 worse" in text


def test_a_missed_cell_says_how_many_serve_it_and_leads_to_them(stage: Company, browser: Client) -> None:
    make.initiative(kpis=((stage.repeats, stage.gold),))
    make.status_update(make.initiative("calls", kpis=(stage.repeats,)), Health.LATE)
    record(by=None, verb=Verb.CREATED, obj=stage.repeats)
    page = browser.get(MATRIX)
    assert "Repeat <contacts>, Gold ■ missed: 20.0 %, at most 10 %" in text_of(page)
    assert "Served by 2, 1 late" in text_of(page)
    assert 'href="/initiatives/?moves=repeats%40T1&amp;period=2011-Q3"' in page.content.decode()
    assert text_of(page).count("Served by nothing that runs") == 2  # revenue in gold and in all; silver's is met


def test_the_cells_page_names_them_the_gravest_first(stage: Company, browser: Client) -> None:
    make.initiative("portal", kpis=(stage.repeats,))
    make.status_update(make.initiative("calls", kpis=(stage.repeats,)), Health.LATE, progress=30)
    text = text_of(browser.get(CELL))
    assert "2 initiatives run for it, 1 late." in text
    assert "Initiatives 2 running" in text
    assert text.index("late: the owner says late · 30 %") < text.index("on schedule: nothing is overdue")


def test_a_cell_that_nothing_serves_leads_to_a_candidate(stage: Company, browser: Client) -> None:
    page = browser.get(CELL)
    assert "Nobody is on it." in text_of(page)
    assert "None, of any stage, names this KPI for these customers. Start a candidate" in text_of(page)
    assert "kpis=repeats%40T1&amp;tiers=T1" in page.content.decode()


def test_an_update_of_an_initiative_makes_a_new_matrix_page(stage: Company, stella: User) -> None:
    from initiatives.services.status_updates import give_update

    made, browser = make.initiative(kpis=((stage.repeats, stage.gold),)), make.signed_in(stella)
    first = browser.get(MATRIX)
    assert "Served by 1 " in text_of(first)
    give_update(initiative=made, by=stella, health=Health.LATE, progress=10, note="Stuck.", seen="")
    second = browser.get(MATRIX, headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert "Served by 1, 1 late" in text_of(second)
