"""Facts derived from events: those that a second calculator tells, whatever comes and goes, found by marks alone."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.periods import Month
from customers.models import LifecycleEvent
from kpis.choices import EventKind, Source
from kpis.formulas.events import read_rule
from kpis.models import Contact, Deal, Derivation, Fact, Invoice, Issue, Kpi, Referral
from kpis.reading.traces import trace
from kpis.services import derived_facts, deriving
from kpis.services.deriving import derive_owed, is_owed
from kpis.services.event_touches import touch_events
from tests import factories
from tests.oracle import events as oracle
from tests.oracle.months import later

pytestmark = pytest.mark.django_db

TODAY = date(2024, 8, 20)
DAYS = [date(2024, 1, 1) + timedelta(n) for n in range((TODAY - date(2024, 1, 1)).days + 1)]
WRITTEN = (
    *("repeat_contacts(days=30)", "repeat_contacts(days=0)", "contacts_per_solved_issue", "deep_discounts(percent=20)"),
    *("deep_discounts(percent=12.5)", "hard_price_talks", "referrals", "dso"),
)


def kpi_of(text: str, **fields: Any) -> Kpi:
    """A KPI that takes events by a rule."""
    rule = read_rule(text)
    meant = {"unit": rule.kind.unit, "direction": rule.kind.direction, "time_method": rule.kind.time_method or "pool"}
    return factories.kpi(source=Source.EVENTS, rule=rule.text, customer_method="ratio", **{**meant, **fields})


class Company:
    """Customers, a KPI of each rule, and the events of one seed: invented, changed, taken away, each with its marks."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.customers = [factories.customer(f"C{n}") for n in range(4)]
        self.kpis = {text: kpi_of(text) for text in WRITTEN}
        self.number = 0

    def day(self) -> date:
        return self.chance.choice(DAYS)

    def after(self, day: date) -> date | None:
        found = day + timedelta(self.chance.randrange(60))
        return found if found <= TODAY and self.chance.random() < 0.7 else None

    def name(self) -> str:
        self.number += 1
        return self.chance.choice([str(self.number), f"{self.number:04}", f"K{self.number}"])

    def values(self, model: Any) -> dict[str, Any]:
        """What an event of a kind says."""
        customer, day = self.chance.choice(self.customers), self.day()
        match model.__name__:
            case "Issue":
                return {"customer": customer, "opened_on": day, "solved_on": self.after(day)}
            case "Contact":
                issue = self.chance.choice(list(Issue.objects.order_by("pk")))
                return {"issue": issue, "on": max(day, issue.opened_on)}
            case "Deal":
                amounts = {
                    name: self.chance.choice([0, 80, 100, 87.5, 79.9999]) for name in ("list_value", "net_value")
                }
                said = self.chance.choice([True, False, None])
                won = self.chance.random() < 0.8
                return {"customer": customer, "closed_on": day, "won": won, "hard_price_talks": said, **amounts}
            case "Referral":
                return {"customer": customer, "on": day}
        amount = self.chance.choice([100, 250.5, -40, 0.0001])
        return {"customer": customer, "issued_on": day, "due_on": day, "amount": amount, "paid_on": self.after(day)}

    def add(self, model: Any) -> Any:
        made = model(external_id=self.name(), load_id=0, **self.values(model))
        made.save()
        return made

    def begin(self) -> None:
        """Some events of each kind."""
        for _ in range(self.chance.randrange(1, 5)):
            self.add(Issue)
        for model, most in ((Contact, 40), (Deal, 8), (Referral, 4), (Invoice, 9)):
            for _ in range(self.chance.randrange(most)):
                self.add(model)
        for customer in self.customers[: self.chance.randrange(4)]:
            kinds = ["joined", "left", "returned"][: self.chance.randrange(1, 4)]
            for on, kind in zip(sorted(self.chance.sample(DAYS, len(kinds))), kinds, strict=True):
                factories.lifecycle_event(customer, on, kind)

    def change(self) -> None:
        """One event comes, goes, or says something else."""
        model = self.chance.choice([Issue, Contact, Contact, Contact, Deal, Referral, Invoice])
        rows = list(model._default_manager.order_by("pk"))
        there = self.chance.choice(rows) if rows else None
        act = self.chance.choice(["add", "change", "go"])
        if act == "add" or there is None:
            mark(self.add(model))
            return
        mark(there)
        named = model is Issue and Contact.objects.filter(issue_id=there.pk).exists()
        if act == "go" and not named:
            there.delete()
            return
        for name, value in self.values(model).items():
            setattr(there, name, value)
        there.save()
        mark(there)

    def change_life(self) -> None:
        """A customer was on the book at another time; the database marks it itself."""
        event = LifecycleEvent.objects.order_by("?").first() if self.chance.random() < 0.5 else None
        if event is not None and self.chance.random() < 0.5:
            event.delete()
        elif event is not None:
            LifecycleEvent.objects.filter(pk=event.pk).update(on=self.chance.choice(DAYS))
        else:
            factories.lifecycle_event(self.customers[3], self.day(), "joined")


def mark(event: Any) -> None:
    """As whoever writes events does, before and after."""
    touch_events(EventKind(event._meta.verbose_name_plural), "e.id = %s", [event.pk])


def told() -> oracle.Events:
    """All events, as the second calculator takes them."""
    return oracle.Events(
        [
            oracle.Issue(str(one.pk), one.customer.external_id, one.opened_on, one.solved_on)
            for one in Issue.objects.all()
        ],
        [oracle.Contact(one.external_id, str(one.issue_id), one.on) for one in Contact.objects.all()],
        [
            oracle.Deal(
                *(one.external_id, one.customer.external_id, one.closed_on, one.won),
                *(Fraction(one.list_value), Fraction(one.net_value), one.hard_price_talks),
            )
            for one in Deal.objects.all()
        ],
        [oracle.Referral(one.external_id, one.customer.external_id, one.on) for one in Referral.objects.all()],
        [
            oracle.Invoice(one.external_id, one.customer.external_id, one.issued_on, Fraction(one.amount), one.paid_on)
            for one in Invoice.objects.all()
        ],
        [oracle.Life(one.customer.external_id, one.on, one.kind) for one in LifecycleEvent.objects.all()],
    )


def numbers(kpi: Kpi) -> dict[tuple[str, int], tuple[Fraction, Fraction]]:
    """The stored facts, by customer and month."""
    rows = Fact.objects.filter(kpi=kpi).select_related("customer")
    return {
        (one.customer.external_id, int(one.month)): (Fraction(one.numerator), Fraction(one.denominator or 0))
        for one in rows
    }


def expected(company: Company) -> dict[str, oracle.Derived]:
    """What the second calculator tells of every rule, in every month."""
    events, months = told(), [later(202401, n) for n in range(10)]
    found = {}
    for text in company.kpis:
        rule = read_rule(text)
        asked = oracle.Rule(rule.name.value, rule.days, Fraction(rule.number or 0))
        found[text] = oracle.derive(asked, events, months, TODAY)
    return found


def assert_facts_are_the_oracles(company: Company) -> None:
    """Of every rule, in every month."""
    for text, derived in expected(company).items():
        assert numbers(company.kpis[text]) == derived.numbers, text


def assert_traces_are_the_oracles(company: Company) -> None:
    """The ids of the events behind each fact, as its page shows them: those counted, and those of the numerator."""
    by_id = {one.external_id: one for one in company.customers}
    issues = {one.external_id: str(one.pk) for one in Issue.objects.all()}  # the second calculator knows these by key
    for text, derived in expected(company).items():
        for (who, month), fact in derived.facts.items():
            events = trace(read_rule(text), by_id[who], Month(month), TODAY).events
            named = [(issues[one.id] if one.kind == "issue" else one.id, one) for one in events]
            place = (text, who, month)
            assert {name for name, one in named if one.counted} == fact.counted, place
            assert {name for name, one in named if one.of_them} == fact.of_them, place
            assert all(one.counted or one.of_them for one in events), place


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpis.services.deriving.company_today", lambda: TODAY)


@settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_facts_are_what_the_second_calculator_tells_whatever_comes_and_goes(seed: int) -> None:
    with transaction.atomic():
        company = Company(seed)
        company.begin()
        derive_owed()
        assert_facts_are_the_oracles(company)
        for _ in range(8):
            company.change()
            if company.chance.random() < 0.3:
                company.change_life()
            derive_owed()
            assert_facts_are_the_oracles(company)
            assert not is_owed()
        assert_traces_are_the_oracles(company)
        transaction.set_rollback(True)


def test_one_that_cannot_be_derived_says_so_and_leaves_the_others_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one fails when it has written already; it stands as it was, and is tried again after a while."""
    customer = factories.customer("C1")
    broken, sound = kpi_of("hard_price_talks", code="broken"), kpi_of("deep_discounts(percent=20)", code="sound")
    lay = derived_facts.lay_over

    def fail(kpi: Kpi, *args: Any, **options: Any) -> None:
        lay(kpi, *args, **options)
        if kpi == broken:
            raise ArithmeticError("bigint out of range")

    deal = {"customer": customer, "closed_on": date(2024, 5, 2), "won": True, "hard_price_talks": True, "load_id": 0}
    mark(Deal.objects.create(external_id="D1", list_value=100, net_value=70, **deal))
    with monkeypatch.context() as patched:
        patched.setattr(deriving, "lay_over", fail)
        load = derive_owed()
    assert load is not None
    load.refresh_from_db()
    assert (numbers(broken), numbers(sound)) == ({}, {("C1", 202405): (1, 1)})
    assert (load.created, list(load.changes.values_list("key", flat=True))) == (1, ["sound | 2024-05"])
    assert Fact.objects.get().load_id == load.pk
    failed = Derivation.objects.get(kpi=broken)
    assert failed.error == "ArithmeticError: bigint out of range"
    assert not is_owed()

    Derivation.objects.filter(pk=failed.pk).update(at=failed.at - deriving.RETRY_AFTER)
    derive_owed()
    assert numbers(broken) == {("C1", 202405): (1, 1)}
    assert Derivation.objects.get(kpi=broken).error == ""
