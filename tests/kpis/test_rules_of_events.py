"""What a rule of events may say, what a KPI of it must be, and where its facts come from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.company import today as company_today
from accounts.models import User
from core.periods import Month, first_day, month_code, month_of
from kpis.choices import EventKind, Source
from kpis.formulas.events import BadRule, Rule, RuleName, normal_rule, read_rule
from kpis.models import Deal, Invoice, Kpi
from kpis.reading.deriving import altered
from kpis.reading.templates import TEMPLATES
from kpis.services.definitions import change_meaning, create_kpi, edit_kpi
from tests import factories

REPEATS: dict[str, Any] = {
    "code": "repeats",
    "name": "Repeat contacts",
    "indicator": "leading",
    "unit": "percent",
    "direction": "lower",
    "customer_method": "ratio",
    "time_method": "pool",
    "rule": "repeat_contacts(days=30)",
}


@pytest.fixture
def stella() -> User:
    return factories.person("Stella", "steward")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("repeat_contacts(days=30)", "repeat_contacts(days=30)"),
        (" repeat_contacts ( days = 030 ) ", "repeat_contacts(days=30)"),
        ("deep_discounts(percent=12.50)", "deep_discounts(percent=12.5)"),
        ("dso()", "dso"),
        ("", ""),
    ],
)
def test_a_rule_is_written_in_one_way(text: str, same: str) -> None:
    assert normal_rule(text) == same


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("repeats", "is no rule; the rules are repeat_contacts(days=30)"),
        ("repeat_contacts", "needs its days"),
        ("repeat_contacts(percent=20)", "needs its days"),
        ("repeat_contacts(days=1.5)", "must be a whole number from 0 to 366"),
        ("repeat_contacts(days=367)", "must be a whole number from 0 to 366"),
        ("deep_discounts(percent=100.5)", "from 0 to 100"),
        ("deep_discounts(percent=0.00001)", "at most 4 decimals"),
        ("deep_discounts(percent=1.2.3)", "is no number of percent"),
        ("dso(days=90)", "dso takes no days"),
        ("repeat_contacts(days=30); drop table", "is no rule"),
    ],
)
def test_what_is_no_rule_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(BadRule, match=why.replace("(", r"\(").replace(")", r"\)")):
        read_rule(text)


def test_a_contact_alters_what_comes_after_it_within_the_days() -> None:
    months = [Month(202401 + n) for n in range(12)]
    rule = Rule(RuleName.REPEAT_CONTACTS, read_rule("repeat_contacts(days=30)").number)
    assert list(altered(rule, EventKind.CONTACTS, Month(202401), months)) == [202401, 202402, 202403]
    assert not list(altered(rule, EventKind.DEALS, Month(202401), months))
    assert list(altered(Rule(RuleName.DSO), EventKind.INVOICES, Month(202411), months)) == [202411, 202412]


@pytest.mark.django_db
class TestKpi:
    def test_a_rule_says_that_the_source_is_events(self, stella: User) -> None:
        made = create_kpi(by=stella, values=REPEATS)
        assert (made.source, made.takes_events, made.source_decided) == (Source.EVENTS, True, False)

    @pytest.mark.parametrize(
        ("field", "value", "why"),
        [
            ("rule", "", "by which rule"),
            ("source", "facts", "source is events"),
            ("unit", "number", "must be percent"),
            ("direction", "higher", "must be lower"),
            ("customer_method", "sum", "must be ratio"),
            ("rule", "repeat_contacts", "needs its days"),
        ],
    )
    def test_it_is_what_its_rule_gives(self, stella: User, field: str, value: str, why: str) -> None:
        with pytest.raises(ValidationError, match=f"(?i){why}"):
            create_kpi(by=stella, values=REPEATS | {"source": "events", field: value})

    def test_days_outstanding_are_those_of_the_last_month(self, stella: User) -> None:
        dso = REPEATS | {"unit": "days", "rule": "dso"}
        with pytest.raises(ValidationError, match=r"(?i)must be last"):
            create_kpi(by=stella, values=dso)
        assert create_kpi(by=stella, values=dso | {"time_method": "last"}).rule == "dso"

    def test_nobody_else_takes_its_facts(self, stella: User) -> None:
        made = create_kpi(by=stella, values=REPEATS)
        taker = {**REPEATS, "code": "taker", "rule": "", "facts_of": made}
        with pytest.raises(ValidationError, match="give this KPI the rule itself"):
            create_kpi(by=stella, values=taker)

    def test_another_rule_is_a_new_version_once_there_is_a_history(self, stella: User) -> None:
        made = create_kpi(by=stella, values=REPEATS)
        factories.fact(made, factories.customer(), 202401, 1, 2)
        rule = "repeat_contacts(days=14)"
        with pytest.raises(ValidationError, match=r"(?i)has a history"):
            edit_kpi(kpi=made, by=stella, values={"rule": rule})
        change_meaning(kpi=made, by=stella, meaning={"rule": rule}, from_month=Month(202404), reason="Two weeks.")
        assert [one.rule for one in Kpi.objects.get().versions.order_by("from_month")] == [REPEATS["rule"], rule]


@pytest.mark.django_db
class TestPages:
    """A steward makes a KPI from events: the template, the rule tried on real months, created."""

    def test_a_template_brings_its_rule_and_is_created_as_it_is(self, stella: User) -> None:
        browser = factories.signed_in(stella)
        assert "/kpi-templates/repeat_contacts/?from=events" in browser.get("/kpi-templates/").content.decode()
        form = browser.get("/kpi-templates/repeat_contacts/?from=events").context["form"]
        values = {name: form[name].value() or "" for name in form.fields}
        browser.post("/kpi-templates/repeat_contacts/?from=events", values)
        made = Kpi.objects.get()
        assert (made.source, made.rule) == ("events", "repeat_contacts(days=30)")

    def test_every_template_of_a_rule_is_what_its_rule_asks(self, stella: User) -> None:
        told = [one for one in TEMPLATES if one.rule]
        assert {read_rule(one.rule).name for one in told} == {*RuleName}
        for one in told:
            values = {name: value for name, value in one.values_from_events.items() if "near_band" not in name}
            assert create_kpi(by=stella, values=values).rule == one.rule

    def test_a_rule_is_tried_on_real_months_and_nothing_is_saved(self, stella: User) -> None:
        today, customer = company_today(), factories.customer()
        for won, net in ((True, 70), (True, 95), (False, 10)):
            Deal.objects.create(
                external_id=f"D{net}",
                load_id=0,
                customer=customer,
                closed_on=today,
                won=won,
                list_value=100,
                net_value=net,
            )
        form = REPEATS | {"rule": "deep_discounts(percent=20)", "decimals": 1, "preview": "rule", "absent": "missing"}
        page = factories.signed_in(stella).post("/kpi-templates/blank/", form)
        [month, *_] = page.context["rule_preview"].months
        assert (month.value, month.numerator, month.denominator, month.customers) == ("50.0 %", "1", "2", 1)
        assert not Kpi.objects.exists()
        bad = factories.signed_in(stella).post("/kpi-templates/blank/", form | {"rule": "deep_discounts"})
        assert "needs its percent" in bad.context["rule_preview"].problem

    def test_a_kpi_says_who_has_no_fact_and_from_when_on_there_are_any(self, stella: User) -> None:
        create_kpi(by=stella, values=REPEATS | {"unit": "days", "rule": "dso", "time_method": "last"})
        ended = first_day(month_of(company_today())) - timedelta(1)
        issued = {0: 100, 70: 50, 40: -60, 400: 500}
        for number, (days, amount) in enumerate(issued.items()):
            customer = factories.customer(f"C{amount}", name=f"Firm {amount}")
            day = ended - timedelta(days)
            Invoice.objects.create(
                external_id=str(number),
                load_id=0,
                customer=customer,
                issued_on=day,
                due_on=day,
                amount=amount,
            )
        address = f"/kpis/repeats/?period={month_code(month_of(ended))}"
        page = factories.signed_in(stella).get(address).content.decode()
        assert "Firm -60 and Firm 500" in page
        assert "No facts in the first two months with an invoice of anybody" in page
        plain = factories.signed_in(factories.person("Ada", "administrator")).get(address).content.decode()
        assert "Firm 500" in plain
        owner = factories.signed_in(factories.person("Omar", "owner")).get(address).content.decode()
        assert "2 customers" in owner
        assert "Firm 500" not in owner
