"""A further edition: for whatever differs, be it a narrative or the summary alone; what differs is told apart."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Thread, User
from core.formatting import Style, short_day
from kpis.rollup.runs import roll_up_now
from scorecard.pages.edition_cells import values_beside
from scorecard.reading.editions import DifferingCell
from scorecard.services.editions import withdraw_closing
from scorecard.services.narratives import Place, write_narrative
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.test_editions import Q3, World


def test_it_is_offered_for_whatever_differs(everyone: dict[str, User]) -> None:
    world = World(everyone)
    world.close(summary="A good quarter.")
    browser = make.signed_in(world.finance)
    text = text_of(browser.get("/scorecards/2011-Q3/"))
    assert "signed, and as it is today" in text
    assert "only a new summary would make another" in text
    with pytest.raises(ValidationError, match="Nothing differs from edition 1"):
        world.prepare(reason="For no reason.", summary="A good quarter.")
    world.prepare(reason="The summary was wrong.", summary="A bad quarter.")
    withdraw_closing(period=Q3, by=world.finance)
    write_narrative(place=Place(world.kpi, world.tier, Q3), by=world.finance, analysis="It was the weather.")
    text = text_of(browser.get("/scorecards/2011-Q3/"))
    assert "its cells are as they are today; narratives differ" in text
    assert "Prepare edition 2" in text
    assert world.prepare(reason="A word was added.", summary="A good quarter.").number == 2


def test_what_rounding_would_hide_is_shown_with_more_digits() -> None:
    style = Style(unit="number", currency="", decimals=1)
    cell = {"actual": "8.6100", "months_with_data": 3, "months_expected": 3, "status": "met"}
    one = DifferingCell("nps", "T1", cell, cell | {"actual": "8.6400"}, {}, {})
    assert [value.words for value in values_beside(one, style)] == ["8.61", "8.64"]
    same = DifferingCell("nps", "T1", cell, cell | {"status": "near"}, {}, {})
    assert [value.words for value in values_beside(same, style)] == ["8.6", "8.6"]


def test_the_list_says_whose_each_thing_is_and_when_they_were_asked(everyone: dict[str, User]) -> None:
    world = World(everyone)
    make.kpi("late", name="Late one", owner=everyone["owner"])
    make.fact(make.kpi("half", name="Half", owner=everyone["owner"]), world.customer, 201107, 1)
    roll_up_now()
    browser = make.signed_in(world.finance)
    before = text_of(browser.get("/scorecards/2011-Q3/"))
    assert "Half, August 2011 and September 2011" in before
    assert "Omar – Enter" in before
    Thread.objects.create(kind="kpi", key="half", asked_by=world.finance)
    after = browser.get("/scorecards/2011-Q3/")
    assert f"Omar {short_day(timezone.localdate())} Enter" in text_of(after)
    assert 'href="/asks/kpi/half/?period=2011-Q3"' in after.content.decode()
    assert "Ask again" in text_of(after)
