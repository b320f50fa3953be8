"""The KPI library by hand: created, described, given another meaning, retired."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry, User
from core.periods import Month
from kpis.choices import CustomerMethod, Direction, Indicator, TimeMethod, Unit
from kpis.models import Kpi, KpiVersion, SliceTouch
from kpis.services.definitions import bring_back_kpi, change_meaning, create_kpi, edit_kpi, retire_kpi
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db


def values(code: str = "visits", **fields: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": code.title(),
        "indicator": Indicator.LEADING,
        "unit": Unit.NUMBER,
        "direction": Direction.HIGHER,
        "customer_method": CustomerMethod.SUM,
        "time_method": TimeMethod.SUM,
    } | fields


@kept
def revenue(db: None) -> Kpi:
    kpi = factories.kpi("revenue", unit="currency", currency="EUR")
    factories.fact(kpi, factories.customer(), 201101, 5)
    return kpi


def test_a_steward_creates_a_kpi_and_the_audit_says_so(stella: User) -> None:
    kpi = create_kpi(by=stella, values=values())
    assert (Kpi.objects.get(code="visits"), AuditEntry.objects.get().by) == (kpi, stella)


@pytest.mark.parametrize("who", ["ines", "omar", "fay", "noor"])
def test_others_do_not(who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        create_kpi(by=request.getfixturevalue(who), values=values())


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"customer_method": ""}, {"customer_method"}),
        ({"formula": "2 * revenue"}, {"customer_method", "time_method", "formula"}),
        ({"formula": "2 * nothing", "customer_method": "", "time_method": ""}, {"formula"}),
        ({"formula": "2 * visits", "customer_method": "", "time_method": ""}, {"formula"}),
        ({"customer_method": "mean", "absent": "zero"}, {"absent"}),
        ({"code": "no code"}, {"code"}),
        ({"near_band": -1}, {"near_band"}),
    ],
)
def test_what_makes_no_kpi_is_refused_at_its_field(
    fields: dict[str, Any], wrong: set[str], revenue: Kpi, stella: User
) -> None:
    with pytest.raises(ValidationError) as refusal:
        create_kpi(by=stella, values=values(**fields))
    assert set(refusal.value.message_dict) == wrong


def test_money_is_in_the_companys_currency_unless_it_says_another(stella: User, company: Any) -> None:
    assert create_kpi(by=stella, values=values("a", unit=Unit.CURRENCY)).currency == company.currency
    assert create_kpi(by=stella, values=values("b", unit=Unit.CURRENCY, currency="GBP")).currency == "GBP"


def test_a_description_changes_and_keeps_what_was(revenue: Kpi, stella: User) -> None:
    edit_kpi(kpi=revenue, by=stella, values={"name": "Net revenue", "purpose": "It pays us."})
    entry = AuditEntry.objects.filter(verb="changed", before__name="Revenue", after__name="Net revenue")
    assert entry.exists()


def test_what_silence_means_is_fixed_once_there_are_data(revenue: Kpi, stella: User) -> None:
    with pytest.raises(ValidationError):
        edit_kpi(kpi=revenue, by=stella, values={"absent": "zero"})


def test_another_meaning_of_a_kpi_with_data_stands_from_its_month_on(revenue: Kpi, stella: User) -> None:
    SliceTouch.objects.all().delete()
    change_meaning(
        kpi=revenue, by=stella, meaning={"time_method": "mean"}, from_month=Month(201107), reason="A level, not a flow"
    )
    found = KpiVersion.objects.order_by("from_month").values_list("from_month", "time_method", "reason")
    assert list(found) == [(100001, "sum", ""), (201107, "mean", "A level, not a flow")]
    assert list(SliceTouch.objects.values_list("month", flat=True)) == [201101]


def test_another_meaning_needs_a_reason_where_there_are_data(revenue: Kpi, stella: User) -> None:
    with pytest.raises(ValidationError):
        change_meaning(kpi=revenue, by=stella, meaning={"direction": "lower"}, from_month=Month(201107), reason=" ")
    revenue.refresh_from_db()
    assert revenue.direction == "higher"


def test_without_data_it_simply_means_another(stella: User) -> None:
    kpi = create_kpi(by=stella, values=values())
    change_meaning(kpi=kpi, by=stella, meaning={"direction": "lower"}, from_month=Month(201107), reason="")
    assert not KpiVersion.objects.exists()


def test_a_formula_is_another_meaning(revenue: Kpi, stella: User) -> None:
    kpi = create_kpi(
        by=stella, values=values("twice", formula="2 * revenue", unit="currency", customer_method="", time_method="")
    )
    change_meaning(kpi=kpi, by=stella, meaning={"formula": "3 * revenue"}, from_month=Month(201107), reason="Thrice")
    assert KpiVersion.objects.filter(kpi=kpi).count() == 2
    with pytest.raises(ValidationError):
        change_meaning(kpi=kpi, by=stella, meaning={"formula": "3 * twice"}, from_month=Month(201108), reason="Ring")


def test_another_unit_is_refused_where_a_formula_would_make_no_sense_of_it(revenue: Kpi, stella: User) -> None:
    create_kpi(
        by=stella, values=values("twice", formula="2 * revenue", unit="currency", customer_method="", time_method="")
    )
    for change in ({"unit": "days"}, {"currency": "USD"}):
        with pytest.raises(ValidationError) as refused:
            change_meaning(kpi=revenue, by=stella, meaning=change, from_month=Month(201201), reason="So")
        assert refused.value.message_dict["unit"][0].startswith("“Twice” is calculated from it. The formula gives")
    assert edit_kpi(kpi=revenue, by=stella, values={"name": "Sales"}).unit == "currency"


def test_a_formula_that_cannot_be_read_is_called_a_formula_once(stella: User) -> None:
    with pytest.raises(ValidationError) as refused:
        create_kpi(by=stella, values=values(formula="100 / 2", customer_method="", time_method=""))
    assert refused.value.message_dict["formula"] == ["The formula takes no KPI: name at least one by its code."]


@time_machine.travel("2011-11-28", tick=False)
def test_a_meaning_is_agreed_on_ahead_but_not_for_ever(revenue: Kpi, stella: User) -> None:
    change: dict[str, Any] = {"kpi": revenue, "by": stella, "meaning": {"direction": "lower"}, "reason": "Turned round"}
    with pytest.raises(ValidationError) as refused:
        change_meaning(from_month=Month(211107), **change)
    assert "more than two years ahead" in str(refused.value.message_dict["from_month"])
    change_meaning(from_month=Month(201311), **change)


def test_a_change_that_changes_nothing_is_refused(revenue: Kpi, stella: User) -> None:
    with pytest.raises(ValidationError):
        change_meaning(kpi=revenue, by=stella, meaning={}, from_month=Month(201107), reason="Why not")


def test_a_kpi_retires_with_a_reason_and_comes_back(revenue: Kpi, stella: User) -> None:
    with pytest.raises(ValidationError):
        retire_kpi(kpi=revenue, by=stella, from_month=Month(201107), reason="")
    assert retire_kpi(kpi=revenue, by=stella, from_month=Month(201107), reason="Replaced").retired_from == 201107
    assert bring_back_kpi(kpi=revenue, by=stella).retired_from is None
