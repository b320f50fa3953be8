"""The rail's panels of the register: initiatives of all stages with what is missing of them, and the pain behind it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.company import company, today
from accounts.models import User
from core.periods import Kind, month_of
from core.registry import Panel, PanelPlace, panels_of
from customers.models import Tier
from initiatives.choices import Stage
from initiatives.services.stages import move_stage
from kpis.models import Kpi
from kpis.reading.subjects import AskedKpi, cell_subject
from tests import factories as make
from tests.kept import kept
from tests.scorecard.reading import text_of

pytestmark = pytest.mark.django_db


@kept
def gold() -> Tier:
    return make.tier("T1", name="Gold")


@kept
def repeats(omar: User) -> Kpi:
    return make.kpi("repeats", name="Repeats", owner=omar, department=make.department("service", name="Service"))


def panels(kpi: Kpi, tier: Tier, reader: User) -> dict[PanelPlace, Panel]:
    period = company().calendar.period(Kind.QUARTER, month_of(today()))
    subject = cell_subject(AskedKpi(kpi, tier, period))
    return {panel.place: panel for panel in panels_of(subject, User.objects.get(pk=reader.pk))}


def serving(kpi: Kpi, tier: Tier, reader: User) -> Any:
    return panels(kpi, tier, reader)[PanelPlace.INITIATIVES]


def steps(panel: Panel) -> list[tuple[str, str, str]]:
    """Of each initiative its title, and the button or (in brackets) whom it waits for."""
    rows = [(row, row.step) for row in panel.shown.rows]
    return [(row.title, step.label if step else "", "" if not step or step.url else step.waits) for row, step in rows]


def test_where_nothing_runs_the_verdict_counts_what_waits_and_nothing_is_begun_twice(
    repeats: Kpi, gold: Tier, ines: User, omar: User, stella: User
) -> None:
    held = make.initiative("one-number", owner=omar, kpis=((repeats, gold),))
    move_stage(initiative=held, to=Stage.ON_HOLD, by=stella, seen=Stage.IN_PROGRESS, reason="No budget.")
    make.initiative("call-back", stage=Stage.CANDIDATE, kpis=(repeats,))
    make.initiative("school", stage=Stage.CANCELLED, kpis=(repeats,))
    found = serving(repeats, gold, ines)
    assert found.verdict == "Nothing runs; 1 on hold and 1 candidate wait"
    assert found.shown.counts == "0 running · 1 on hold · 1 candidate · 1 cancelled"
    assert "“No budget.”" in found.shown.rows[0].words
    assert found.shown.candidate == ""
    assert steps(found) == [
        ("One number", "Resume", "waits for Omar to resume it"),
        ("Call back", "Approve", ""),
        ("School", "", ""),
    ]
    assert steps(serving(repeats, gold, omar))[:2] == [
        ("One number", "Resume", ""),
        ("Call back", "Approve", "waits for an executive to approve it"),
    ]


def test_a_candidate_is_started_where_there_is_none_of_any_stage_alone(repeats: Kpi, gold: Tier, ines: User) -> None:
    found = serving(repeats, gold, ines)
    assert found.verdict == "Nobody is on it"
    assert "kpis=repeats%40T1" in found.shown.candidate
    make.initiative("done", stage=Stage.DONE, finished_on=today(), kpis=(repeats,))
    found = serving(repeats, gold, ines)
    assert (found.shown.candidate, found.verdict) == ("", "Nothing runs for it any more")


def test_a_running_major_bet_that_a_file_took_over_is_approved_on_its_page(
    repeats: Kpi, gold: Tier, ines: User, omar: User
) -> None:
    scores: dict[str, Any] = {"loyalty_impact": 5, "vendor_choice_impact": 5, "effort": 5}
    make.initiative("bet", kpis=(repeats,), known_from=None, **scores)
    assert steps(serving(repeats, gold, ines)) == [("Bet", "Approve", "")]
    browser = make.signed_in(ines)
    assert "/initiatives/bet/stage/?to=approve" in browser.get("/initiatives/bet/").content.decode()
    sent = {"seen": "in_progress", "reason": "It keeps Gold."}
    browser.post("/initiatives/bet/stage/?to=approve", sent)
    assert steps(serving(repeats, gold, ines)) == [("Bet", "", "")]


def test_the_pain_is_that_of_the_department_in_the_tier(repeats: Kpi, gold: Tier, ines: User) -> None:
    service = repeats.department
    make.pain_point("cannot reach a person", department=service, tier=gold, mentions=6)
    make.pain_point("has to call twice", department=service, tier=gold, mentions=3)
    make.pain_point("slow quote", department=make.department("sales"), tier=gold, mentions=1)
    make.pain_point("cannot reach a person", department=service, tier=make.tier("T2"), mentions=90)
    shown: Any = panels(repeats, gold, ines)[PanelPlace.PAIN].shown
    assert [(one.name, one.share, one.level) for one in shown.themes] == [
        ("cannot reach a person", "60 %", 20),
        ("has to call twice", "30 %", 10),
    ]
    assert shown.words == "Service: 90 % of Gold’s pain, nothing running serves it"
    make.initiative("phones", department=service)
    assert panels(repeats, gold, ines)[PanelPlace.PAIN].shown.words.endswith("1 running serves it")


def test_the_rail_costs_the_same_however_many_serve(
    repeats: Kpi, gold: Tier, ines: User, django_assert_max_num_queries: Any
) -> None:
    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            make.initiative(f"on-hold-{number}", stage=Stage.ON_HOLD, kpis=(repeats,))
            make.pain_point(f"theme {number}", department=repeats.department, tier=gold)

    grow(0, 2)
    with django_assert_max_num_queries(45) as few:
        panels(repeats, gold, ines)
    grow(2, 9)
    with django_assert_max_num_queries(len(few)):
        panels(repeats, gold, ines)


def test_the_verdict_ends_with_whom_to_ask(repeats: Kpi, gold: Tier, ines: User, omar: User) -> None:
    unowned = make.kpi("calls", name="Calls")
    asked = ((repeats, ines, "Ask Omar"), (unowned, ines, "Ask about it"), (repeats, omar, "Questions about it"))
    for kpi, reader, words in asked:
        text = text_of(make.signed_in(reader).get(f"/kpis/{kpi.code}/"))
        assert f"Nobody is on it. {words}" in text, words
        assert "Ask Nobody" not in text
