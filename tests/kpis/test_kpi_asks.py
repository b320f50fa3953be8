"""What KPIs ask of their owners: missing actuals and missed cells, on /my/ and in mails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.company import company, today
from accounts.models import OutgoingMail, User
from core.formatting import month_name, period_name
from core.periods import Kind, Month, month_code, month_of, shift
from core.registry import Urgency, asks_of
from customers.models import Tier
from initiatives.mails.reminders import remind
from initiatives.models import ReminderTime
from kpis.models import Kpi, TierActual
from kpis.rollup.runs import roll_up_now
from kpis.services.polls import open_poll
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db


def ago(months: int) -> Month:
    return shift(month_of(today()), -months)


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1", name="Gold")


@kept
def score(omar: User) -> Kpi:
    return factories.kpi("score", name="Score", owner=omar)


def test_an_owner_is_asked_for_the_last_ended_month(score: Kpi, gold: Tier, omar: User, stella: User) -> None:
    factories.tier_actual(score, gold, ago(3), 4)
    (ask,) = asks_of(omar)
    assert (ask.urgency, ask.about, ask.verb) == (Urgency.SILENT, "Score", "Enter")
    assert ask.text == f"The actuals of {month_name(ago(1))} are missing for Gold: enter them."
    assert ask.url == f"/actuals/score/{month_code(ago(1))}/"
    assert ask.details == ("1 earlier month of the last twelve miss some too.",)
    assert asks_of(stella) == []


def test_nobody_is_asked_where_it_is_entered_was_never_entered_or_is_not_theirs(
    score: Kpi, gold: Tier, omar: User, fay: User
) -> None:
    assert asks_of(omar) == []
    for back in (1, 2):
        factories.tier_actual(score, gold, ago(back), 4)
    assert asks_of(omar) == []
    TierActual.objects.filter(month=ago(1)).delete()
    Kpi.objects.update(owner=fay)
    assert asks_of(omar) == asks_of(fay) == []  # finance reads and enters nothing


def test_an_older_gap_alone_is_left_to_the_list(score: Kpi, gold: Tier, omar: User) -> None:
    for back in (1, 3):
        factories.tier_actual(score, gold, ago(back), 4)
    assert asks_of(omar) == []


def missed_quarter(kpi: Kpi, *tiers: Tier) -> str:
    """Entered up to today, and far below its target in the last ended quarter; the quarter's code."""
    quarter = company().calendar.period(Kind.QUARTER, month_of(today())).previous
    for tier in tiers:
        month = quarter.first
        factories.target(kpi, tier, quarter.first, 100)
        while month < ago(0):
            factories.tier_actual(kpi, tier, month, 4)
            month = shift(month, 1)
    roll_up_now()
    return quarter.code


def test_an_owner_is_asked_about_cells_that_missed_in_the_last_ended_quarter(
    score: Kpi, gold: Tier, omar: User, stella: User
) -> None:
    code = missed_quarter(score, gold)
    quarter = company().calendar.period(Kind.QUARTER, month_of(today())).previous
    (ask,) = asks_of(omar)
    assert (ask.urgency, ask.url) == (Urgency.MISSED, f"/matrix/{code}/score/T1/")
    assert ask.text.startswith(f"It missed its target of {period_name(quarter)} for Gold")
    assert asks_of(stella) == []


def test_what_was_retired_or_met_asks_nothing(score: Kpi, gold: Tier, omar: User) -> None:
    missed_quarter(score, gold)
    Kpi.objects.update(retired_from=ago(12))
    assert asks_of(omar) == []
    Kpi.objects.update(retired_from=None, direction="lower")
    assert asks_of(omar) == []


def test_what_has_a_mail_of_its_own_is_not_in_the_weekly_one(score: Kpi, gold: Tier, omar: User, stella: User) -> None:
    User.objects.update(joined_at=timezone.now() - timedelta(days=30))
    other = factories.kpi("other", owner=omar)
    factories.tier_actual(score, gold, ago(2), 4)
    missed_quarter(other, gold)
    assert [ask.own_mail for ask in asks_of(omar)] == [True, True]
    assert remind() == 0
    ReminderTime.objects.all().delete()
    open_poll(by=stella, question="What matters?", points=5, invited=[omar])
    assert len(asks_of(omar)) == 3
    assert remind() == 1
    mail = OutgoingMail.objects.get()
    assert mail.subject == "1 thing is asked of you: What matters?"
    assert "actuals" not in mail.body
    assert "missed its target" not in mail.body
