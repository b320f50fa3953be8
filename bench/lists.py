"""Every list of the API, fifty rows a page, beside fifty plain rows by the REST framework as it comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from django.test.utils import override_settings

from accounts.choices import Role, UnitKind
from accounts.company import today
from accounts.models import BusinessUnit, Department, User
from bench.pages import MANY, grow_to
from bench.register import fill
from bench.sizes import MONTH, MONTHS, Size
from bench.table import Row, against, in_turn
from core.limits import PersonThrottle
from core.periods import month_code
from customers.choices import LifecycleKind
from customers.models import Customer, LifecycleEvent, Tier
from initiatives.choices import BenefitKind, BenefitState
from initiatives.models import Benefit, Initiative, PainPoint
from kpis.models import CompleteMonth, Kpi, Restatement, TargetBatch, TierActual
from tests import factories

LISTED, TIMES, MOST = 50, 60, 3
_ENOUGH = LISTED + 10
LISTS = (
    *("business-units", "departments", "tiers", "customers", "tier-memberships", "lifecycle-events"),
    *("kpis", "kpi-proposals", "complete-months", "targets", "target-batches", "tier-actuals", "restatements"),
    *("initiatives", "milestones", "status-updates", "pain-points", "benefits"),
)


def rows(size: Size) -> Iterator[Row]:
    """Each list, one answer of it after one of the bare list, so that both meet the same machine."""
    people = [factories.person(f"Lists{number}", *Role) for number in range(_ENOUGH)]
    grow_to(MANY)
    if Initiative.objects.count() < _ENOUGH:
        fill(0, _ENOUGH, people)
    _fill(people)
    client = factories.signed_in(people[0])
    of_facts = f"kpi={Kpi.objects.filter(facts_of=None).earliest('pk').code}&month={month_code(MONTH)}&"
    addresses = {f"/{name}/": f"/api/v1/{name}/?page_size={LISTED}" for name in LISTS}
    addresses["/facts/"] = f"/api/v1/facts/?{of_facts}page_size={LISTED}"
    PersonThrottle.rate = "1000000/min"  # else it would measure the refusals
    with override_settings(ROOT_URLCONF="bench.urls"):
        for name, address in addresses.items():
            shown = len(client.get(address).json()["results"])
            asked = [partial(client.get, one) for one in (address, "/bench/rows/")]
            figure, limit = in_turn(asked, TIMES)
            yield against(f"{name}, list of {shown} rows, p50, beside a bare list of {LISTED}", figure, limit, MOST)


def _fill(people: list[User]) -> None:
    """Enough rows of whatever the company has few of."""
    numbers = range(_ENOUGH)
    BusinessUnit.objects.bulk_create(
        BusinessUnit(code=f"unit{n}", name=f"Unit {n}", kind=UnitKind.REGION) for n in numbers
    )
    Department.objects.bulk_create(Department(code=f"lists{n}", name=f"Lists {n}") for n in numbers)
    LifecycleEvent.objects.bulk_create(
        LifecycleEvent(customer=customer, on=date(2024, 1, 1), kind=LifecycleKind.JOINED)
        for customer in Customer.objects.all()[:_ENOUGH]
    )
    tiers, kpis = list(Tier.objects.real()), list(Kpi.objects.order_by("pk"))
    for tier, kpi in zip(tiers * _ENOUGH, kpis[-_ENOUGH:], strict=False):
        TierActual.objects.create(kpi=kpi, tier=tier, month=MONTHS[0], numerator=5)
        Restatement.objects.create(
            kpi=kpi, tier=tier, month=MONTHS[0], old_numerator=4, numerator=5, reason="Counted again", by=people[0]
        )
        CompleteMonth.objects.create(kpi=kpi, month=MONTHS[0], by=people[0])
    for number in numbers:
        TargetBatch.objects.create(note="As the team agreed", proposed_by=people[number])
        factories.kpi_proposal(f"proposed_{number}", proposed_by=people[number])
    _fill_register(people, tiers)


def _fill_register(people: list[User], tiers: list[Tier]) -> None:
    departments = list(Department.objects.order_by("pk")[:_ENOUGH])
    month = (today() - timedelta(days=40)).strftime("%Y%m")
    PainPoint.objects.bulk_create(
        PainPoint(
            department=department,
            tier=tiers[place % len(tiers)],
            month=int(month),
            source="survey",
            theme=f"theme {place}",
            mentions=place + 1,
            severity=3,
        )
        for place, department in enumerate(departments)
    )
    Benefit.objects.bulk_create(
        Benefit(
            initiative=row,
            name="Savings",
            kind=BenefitKind.MONEY,
            value_per_year=1_200,
            from_month=int(month),
            state=BenefitState.DRAFT,
            created_by=people[0],
        )
        for row in Initiative.objects.order_by("pk")[:_ENOUGH]
    )
