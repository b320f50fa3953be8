"""A tier retired from a month on: what is said of it from then on is refused at every door, in the same words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from core.periods import Month
from customers.models import Tier
from customers.services.customers import MembershipRows
from kpis.choices import Per
from kpis.services.actuals import ActualsRefused, Entry, enter_actuals
from kpis.services.targets import NewTarget, TargetsRefused, save_draft
from tests import factories as make
from tests.kept import kept
from tests.kpis.reading import cell, record
from tests.loads.files import Loader
from tests.loads.reading import wrong

REASON = "is retired from 2011-09 on"


@kept
def old(db: None) -> Tier:
    return make.tier("T9", retired_from=201109)


@kept
def stella(db: None) -> User:
    return make.person("stella", "steward")


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("tier_memberships", "customer,starts_on,tier\nC1,2011-08-31,T9\nC1,2011-09-01,T9"),
        ("tier_actuals", "kpi,tier,month,numerator\nscore,T9,2011-08,1\nscore,T9,2011-09,1"),
        ("targets", "kpi,tier,from_month,per,value\nscore,T9,2011-08,month,1\nscore,T9,2011-09,month,1"),
    ],
)
def test_a_file_is_refused_from_the_month_on(old: Tier, load: Loader, kind: str, rows: str) -> None:
    make.customer("C1"), make.kpi("score")
    assert wrong(load(kind, rows)) == [(3, "tier", REASON)]


def test_a_service_refuses_in_the_same_words(old: Tier, stella: User) -> None:
    kpi, customer = make.kpi("score"), make.customer()
    values = {"customer": customer, "starts_on": date(2011, 9, 1), "tier": old}
    with pytest.raises(ValidationError, match=REASON):
        MembershipRows().create(by=stella, values=values)
    with pytest.raises(ActualsRefused) as refused:
        enter_actuals(kpi=kpi, month=Month(201109), entries=[Entry(old, Decimal(1))], by=stella)
    with pytest.raises(TargetsRefused) as unsaved:
        save_draft(cell=NewTarget(kpi, old, Month(201109), Per.MONTH, Decimal(1)), by=stella)
    assert [one.problems[0].reason for one in (refused.value, unsaved.value)] == [REASON, REASON]


def test_a_stored_membership_may_be_loaded_again(old: Tier, load: Loader) -> None:
    make.member(make.customer("C1"), old, "2011-10-01")
    assert load.good("tier_memberships", "customer,starts_on,tier\nC1,2011-10-01,T9").unchanged == 1


def test_its_open_month_rows_end_with_the_month_before(old: Tier) -> None:
    kpi = make.kpi()
    make.target(kpi, old, 201101, 10), make.target(make.kpi("other"), old, 201101, 10, until_month=201112)
    record(kpi, make.customer(tier=old), {201108: 5, 201109: 5})
    assert [cell(period, kpi, old).target for period in ("2011-08", "2011-09", "2011-Q3")] == [10, None, None]


def test_a_file_retires_it_and_says_whom_that_concerns(load: Loader) -> None:
    gold = make.tier("T1", name="Gold", rank=1)
    make.customer(tier=gold)
    report = load("tiers", "code,name,rank,retired_from\nT1,Gold,1,2011-09")
    told = "when September 2011 begins 1 customer is in it and stays until moved"
    assert [error.reason for error in report.warnings] == [told]
    assert Tier.objects.get(code="T1").retired_from == 201109
    assert load.exported("tiers") == [{"code": "T1", "name": "Gold", "rank": "1", "retired_from": "2011-09"}]
