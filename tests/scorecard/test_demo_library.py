"""The demo company's stories of its library, targets, actuals and polls, held on several days and calendars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import Q
from django.test import Client

from accounts.company import company
from accounts.models import User
from core.decisions import Choices
from core.formatting import month_name
from core.periods import Kind, Period, shift
from core.registry import asks_of
from customers.models import Tier
from demo import people
from demo.timeline import Timeline
from kpis.choices import PollStage, Status, TargetState
from kpis.models import Kpi, Poll, PollAnswer, Restatement, Target, TierActual
from kpis.pages.polls import PollPage
from kpis.reading.explanations import explain_cell
from kpis.reading.matrix import Cell, build_matrix
from scorecard.pages.approvals import ApprovalsPage
from tests import factories
from tests.demo import DAYS, founded_company

pytestmark = pytest.mark.slow  # a company of years is founded, which takes seconds


@pytest.fixture(scope="module", params=DAYS)
def timeline(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Timeline]:
    """The months of a demo company that all tests of the module look at."""
    day, fiscal_start = request.param
    with django_db_blocker.unblock(), founded_company(day, fiscal_start=fiscal_start):
        yield Timeline(day, company().calendar)


@pytest.fixture(autouse=True)
def _looks_only(timeline: Timeline, db: None) -> Iterator[None]:
    """Each test's own changes are taken back; it is noon of the day."""
    with time_machine.travel(f"{timeline.today}T12:00:00Z", tick=False):
        yield


def cells(kpi: str, period: Period, today: date) -> dict[str, Cell]:
    """A row of a period's matrix, by tier."""
    row = next(row for row in build_matrix(period, today=today).rows if row.kpi.code == kpi)
    return {cell.tier.code: cell for cell in row.cells}


def person(login: people.Login) -> User:
    return User.objects.get(email=login.email)


def page(login: people.Login, url: str) -> str:
    """A page as that person reads it."""
    browser: Client = factories.signed_in(person(login))
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return " ".join(answer.content.decode().split())


def test_the_net_promoter_score_is_promoters_less_detractors_and_falls_in_gold(timeline: Timeline) -> None:
    quarter = timeline.newest_quarter
    nps, plus, minus = (cells(code, quarter, timeline.today) for code in ("nps", "promoters_share", "detractors_share"))
    for tier in ("platinum", "gold", "silver", "all"):
        assert nps[tier].actual == (plus[tier].actual or 0) - (minus[tier].actual or 0), tier
        assert nps[tier].months_with_data == plus[tier].months_with_data
    assert nps["bronze"].status == Status.NO_DATA  # a blank goes in, a blank comes out
    assert nps["platinum"].status == Status.MET
    assert nps["gold"].status in {Status.NEAR, Status.MISSED}
    before = timeline.calendar.period(Kind.QUARTER, shift(quarter.first, -15))
    then, now = cells("nps", before, timeline.today)["gold"].actual, nps["gold"].actual
    assert then is not None
    assert now is not None
    assert now < then - 2


def test_its_cell_leads_to_what_it_is_made_of(timeline: Timeline) -> None:
    quarter = timeline.newest_quarter
    told = explain_cell(quarter, Kpi.objects.get(code="nps"), Tier.objects.get(code="gold"), today=timeline.today)
    assert told.cell.actual is not None
    shown = page(people.EXECUTIVE, f"/matrix/{quarter.code}/nps/gold/")
    assert f"/matrix/{quarter.code}/promoters_share/gold/" in shown
    assert f"/matrix/{quarter.code}/detractors_share/gold/" in shown


def test_use_of_capacity_meant_the_more_the_better_before_its_second_year(timeline: Timeline) -> None:
    year = timeline.fiscal_years[1]
    changed = timeline.calendar.period(Kind.QUARTER, year.first)
    old = cells("capacity_use", changed.previous, timeline.today)["gold"]
    new = cells("capacity_use", changed, timeline.today)["gold"]
    assert (old.target, old.low, old.high) == (70, None, None)
    assert (new.target, new.low, new.high) == (None, 65, 85)
    assert new.actual is not None
    assert new.previous is None  # no change is shown across two meanings
    assert cells("capacity_use", changed.next, timeline.today)["gold"].previous is not None
    assert cells("capacity_use", timeline.newest_quarter, timeline.today)["gold"].low == 65
    shown = page(people.EXECUTIVE, "/kpis/capacity_use/")
    assert "too full is as bad as shelfware" in shown
    assert month_name(year.first) in shown


def test_visit_reports_are_entered_by_their_owner_who_is_asked_for_the_last_month(timeline: Timeline) -> None:
    last, owner = timeline.months[-1], person(people.OWNER)
    entered = TierActual.objects.filter(kpi__code="reports_in_time", month=last)
    assert set(entered.values_list("tier__code", flat=True)) == {"platinum", "gold"}
    ask = next(ask for ask in asks_of(owner) if ask.verb == "Enter")
    assert ask.text == f"The actuals of {month_name(last)} are missing for Silver and Bronze: enter them."
    assert ask.details == ()
    assert "Enter" in page(people.OWNER, "/my/")
    assert "Silver" in page(people.OWNER, ask.url)
    silver = cells("reports_in_time", timeline.newest_quarter, timeline.today)["silver"]
    assert silver.status == Status.MISSED


def test_an_actual_was_corrected_and_the_old_value_is_kept_with_its_reason(timeline: Timeline) -> None:
    (row,) = Restatement.objects.select_related("kpi", "tier", "by")
    assert (row.kpi.code, row.tier.code, row.by) == ("reports_in_time", "gold", person(people.OWNER))
    assert (row.numerator or 0) < (row.old_numerator or 0) <= (row.denominator or 0)
    stored = TierActual.objects.get(kpi=row.kpi, tier=row.tier, month=row.month)
    assert (stored.numerator, stored.denominator) == (row.numerator, row.denominator)
    code = f"{row.month // 100}-{row.month % 100:02}"
    assert "Drafts were counted as reports" in page(people.OWNER, f"/actuals/reports_in_time/{code}/")


def test_a_poll_from_before_the_record_made_five_kpis_and_its_log_says_who_merged_what(timeline: Timeline) -> None:
    decided = Poll.objects.get(stage=PollStage.DECIDED)
    options = {option.text: option for option in decided.options.select_related("kpi")}
    made = {option.kpi.code for option in options.values() if option.kpi}
    assert made == {"nps", "repeat_contacts", "reports_in_time", "dso", "revenue"}
    assert [text for text, option in options.items() if not option.shortlisted] == [
        "Contracts renewed",
        "Visits to our web pages",
    ]
    shown = PollPage(decided, person(people.EXECUTIVE))
    assert [option.points for option in shown.options] == [7, 6, 4, 3, 3, 1, 1]
    log = [text for _, text in shown.log]
    assert "merged “Would they recommend us?”, “NPS” and “Net promoter score” into “Net promoter score”" in log
    assert "made the KPI nps of “Net promoter score”" in log
    days = [entry.at.date() for entry, _ in shown.log]
    assert days == sorted(days)
    assert decided.opened_at.date() == days[0]
    assert days[-1] < timeline.start_of(0)


def test_an_open_poll_waits_for_two_people_who_see_no_answer_before_they_gave_one(timeline: Timeline) -> None:
    waiting = Poll.objects.get(stage=PollStage.ANSWERING)
    silent = {person(login).pk for login in (people.EXECUTIVE, people.OWNER)}
    answered = set(PollAnswer.objects.filter(poll=waiting).values_list("by", flat=True))
    assert set(waiting.invited.values_list("pk", flat=True)) - answered == silent
    for login in (people.EXECUTIVE, people.OWNER):
        assert waiting.question in {ask.about for ask in asks_of(person(login))}
        assert "Installed and working" not in page(login, f"/polls/{waiting.pk}/")
    assert waiting.question not in {ask.about for ask in asks_of(person(people.FINANCE))}
    assert "Installed and working" in page(people.FINANCE, f"/polls/{waiting.pk}/")
    answers = PollAnswer.objects.filter(poll=waiting)
    assert all(timeline.today - timedelta(days=7) < answer.at.date() <= timeline.today for answer in answers)


def test_three_batches_wait_for_finance_in_three_groups_with_notes_and_plan_values(timeline: Timeline) -> None:
    shown = ApprovalsPage(person(people.FINANCE), company(), Choices())
    assert [(one.batch.proposed_by.email, one.count) for one in shown.batches] == [
        (people.STEWARD.email, 3),
        (people.OWNER.email, 5),
        (people.STEWARD.email, 12),
    ]
    assert all(one.batch.note for one in shown.batches)
    assert all(row.plan != "–" for row in shown.rows)
    odd = {("clv", "platinum"), ("reference_calls", "bronze"), ("margin_pct", "silver")}
    assert {(row.kpi.code, row.target.tier.code) for row in shown.odd} >= odd
    assert {row.kpi.code for row in shown.back} >= {"repeat_contacts", "dso"}
    following = timeline.fiscal_years[-1].next.first
    assert {row.target.from_month for row in shown.usual} == {following}


def test_finance_reads_what_the_proposer_says_of_each_target(timeline: Timeline) -> None:
    shown = page(people.FINANCE, "/approvals/")
    assert "The customer evenings work: aim higher." in shown
    assert "four more engineers" in shown


def test_every_kpi_says_why_it_is_measured_and_where_the_data_come_from(timeline: Timeline) -> None:
    assert Kpi.objects.count() == 27
    assert not Kpi.objects.filter(Q(purpose="") | Q(data_source="")).exists()


def test_what_was_rejected_and_superseded_stays_with_its_reason(timeline: Timeline) -> None:
    rejected = Target.objects.filter(state=TargetState.REJECTED)
    assert {row.decision_note for row in rejected} == {"Moving the goal does not win back the margin."}
    assert all(row.batch and row.decided_by and row.decided_at > row.created_at for row in rejected if row.decided_at)
    old = Target.objects.filter(state=TargetState.SUPERSEDED, kpi__code="dso", tier__code="silver").get()
    month = f"{old.from_month // 100}-{old.from_month % 100:02}"
    shown = page(people.FINANCE, f"/targets/dso/silver/{old.per}/{month}/")
    assert "Superseded" in shown
    assert "Revised once the year had begun" in shown
