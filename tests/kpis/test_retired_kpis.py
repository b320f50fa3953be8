"""From the month on in which a KPI is retired nothing is said of it, by whatever door."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import User
from core.periods import Month
from customers.models import Tier
from kpis.choices import Per
from kpis.models import Kpi, SliceTouch, Target, TierActual
from kpis.services.actuals import ActualsRefused, Entry, enter_actuals
from kpis.services.definitions import bring_back_kpi, retire_kpi
from kpis.services.targets import NewTarget, TargetsRefused, save_draft
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.loads.files import Loader

WHY = "it is retired from 2026-03 on"


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def ended(gold: Tier) -> Kpi:
    return factories.kpi("visits", retired_from=202603)


def test_refuses_an_actual_by_service_page_and_api(ended: Kpi, gold: Tier, stella: User) -> None:
    with pytest.raises(ActualsRefused) as refused:
        enter_actuals(kpi=ended, month=Month(202603), entries=[Entry(gold, Decimal(1))], by=stella)
    assert WHY in refused.value.problems[0].reason
    answer = signed_in(stella).post(
        "/api/v1/tier-actuals/",
        {"kpi": "visits", "tier": "T1", "month": "2026-03", "numerator": "1"},
        content_type="application/json",
    )
    assert (answer.status_code, WHY in answer.content.decode()) == (422, True)
    signed_in(stella).post("/actuals/visits/2026-03/", {f"numerator-{gold.pk}": "1", "shown": "{}"})
    assert not TierActual.objects.exists()
    assert enter_actuals(kpi=ended, month=Month(202602), entries=[Entry(gold, Decimal(1))], by=stella) == 1


def test_refuses_a_target_by_service_and_api(ended: Kpi, gold: Tier, stella: User) -> None:
    with pytest.raises(TargetsRefused) as refused:
        save_draft(cell=NewTarget(ended, gold, Month(202603), Per.MONTH, Decimal(1)), by=stella)
    assert WHY in refused.value.problems[0].reason
    row = {"kpi": "visits", "tier": "T1", "from_month": "2026-03", "per": "month", "value": "1"}
    answer = signed_in(stella).post("/api/v1/targets/", row, content_type="application/json")
    assert (answer.status_code, WHY in answer.content.decode()) == (422, True)
    assert not Target.objects.exists()
    assert save_draft(cell=NewTarget(ended, gold, Month(202602), Per.MONTH, Decimal(1)), by=stella)[1]


def test_refuses_a_target_in_the_admin(ended: Kpi, gold: Tier, stella: User) -> None:
    row = {"kpi": ended.pk, "tier": gold.pk, "from_month": "2026-03", "per": "month", "value": "1"}
    answer = signed_in(stella).post("/admin/kpis/target/add/", row)
    assert WHY in str(answer.context["adminform"].form.errors)
    assert not Target.objects.exists()


@pytest.mark.parametrize(
    ("kind", "text", "column"),
    [
        ("facts", "kpi,customer,month,numerator\nvisits,C1,{},1", "month"),
        ("tier_actuals", "kpi,tier,month,numerator\nvisits,T1,{},1", "month"),
        ("targets", "kpi,tier,from_month,per,value\nvisits,T1,{},month,1", "from_month"),
    ],
)
def test_refuses_rows_of_files(kind: str, text: str, column: str, ended: Kpi, tmp_path: Path) -> None:
    loader = Loader(tmp_path)
    factories.customer("C1")
    assert loader.bad(kind, text.format("2026-03")) == [(2, column)]
    assert loader.bad(kind, text.format("2026-04")) == [(2, column)]
    assert loader(kind, text.format("2026-02")).ok


def test_retiring_and_bringing_back_mark_the_months_that_count_nowhere_or_again(gold: Tier, stella: User) -> None:
    kpi = factories.kpi("visits")
    for month in (202602, 202603, 202604):
        factories.fact(kpi, factories.customer(), month, 1)
    SliceTouch.objects.all().delete()
    kpi = retire_kpi(kpi=kpi, by=stella, from_month=Month(202603), reason="Nobody looks.")
    assert sorted(SliceTouch.objects.values_list("month", flat=True)) == [202603, 202604]
    SliceTouch.objects.all().delete()
    bring_back_kpi(kpi=kpi, by=stella)
    assert sorted(SliceTouch.objects.values_list("month", flat=True)) == [202603, 202604]
