"""Writes the demo company into an empty database, in one transaction, and rolls it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import company, today
from accounts.models import BusinessUnit, Company, Department, RoleGrant, User
from customers.choices import TierScope
from customers.models import Customer, LifecycleEvent, Tier, TierMembership, TierTouch
from demo import people
from demo.agreeing import targets
from demo.filing import file_complete_months, file_correction, file_entered, file_facts, file_targets, file_versions
from demo.library import LIBRARY, VALUE_KPIS
from demo.measuring import Measuring
from demo.moments import tell_moments
from demo.polling import poll
from demo.population import Firm, population
from demo.reasons import REASONS
from demo.registering import Cast, register
from demo.remarking import remark
from demo.timeline import Timeline
from kpis.models import Fact, Kpi, SliceTouch, ValueKpis
from kpis.services.sources import settle_sources


class DemoRefusedError(Exception):
    """The demo company cannot be founded or emptied here; the message says why, and what to do."""


@dataclass(frozen=True)
class Founded:
    """What was written."""

    customers: int
    kpis: int
    facts: int
    targets: int
    initiatives: int


def refuse_production() -> None:
    """Raise DemoRefusedError in production: its passwords are public."""
    if settings.PRODUCTION:
        raise DemoRefusedError(
            "The demo company's passwords are public, so it is not for PRODUCTION. Nothing was changed."
        )


def refuse_data() -> None:
    """Raise DemoRefusedError where the company has data of its own."""
    if any(model._default_manager.exists() for model in (Customer, Kpi, Fact, Department, BusinessUnit)):
        raise DemoRefusedError(
            f"{company().name} has data of its own, so the demo company was not added. Nothing was changed. "
            "To look at the demo, start with another database: DATABASE_URL=sqlite:////tmp/demo.sqlite3"
        )


def found(*, day: date | None = None) -> Founded | None:
    """Found the demo company as of a day (today where not given) and roll it up; None: it is there already.

    Raises DemoRefusedError in production and where the company has data of its own.
    """
    refuse_production()
    if company().is_demo:
        return None
    refuse_data()
    with transaction.atomic():
        founded = _write(Timeline(day or today(), company().calendar))
    from kpis.rollup.runs import roll_up_now

    roll_up_now()
    return founded


def _write(timeline: Timeline) -> Founded:
    _name_company()
    staff = _hire()
    _organise()
    kpis = _fill_library(staff)
    measuring = Measuring(timeline, population(timeline))
    customers = _enrol(measuring.firms, staff)
    facts = file_facts(measuring, kpis, customers, staff)
    tiers = {tier.code: tier for tier in Tier.objects.all()}
    file_entered(timeline, kpis, tiers)
    file_correction(timeline, kpis, tiers, staff)
    file_versions(timeline, kpis, staff)
    file_complete_months(timeline, kpis, staff)
    agreed = file_targets(targets(measuring), timeline, kpis, tiers, staff)
    _mark_all(timeline, kpis)
    cast = Cast.read(staff, kpis)
    initiatives = register(timeline, cast)
    tell_moments(cast, initiatives)
    remark(timeline, cast, initiatives)
    poll(timeline, cast)
    settle_sources(kpi.pk for kpi in kpis.values())
    founded = Founded(len(customers), len(kpis), facts, agreed, len(initiatives))
    record(by=None, verb=Verb.FOUNDED_DEMO, obj=company(), after=vars(founded))
    return founded


def _name_company() -> None:
    Company.objects.filter(pk=1).update(name=people.COMPANY, is_demo=True, setup_ended_at=timezone.now())


def _hire() -> dict[str, User]:
    """Everybody by e-mail address; those with a login get their role and the demo's password."""
    create = User.objects.create_user
    staff = [create(login.email, people.PASSWORD, name=login.name) for login in people.LOGINS]
    grants = [RoleGrant(user=user, role=login.role) for user, login in zip(staff, people.LOGINS, strict=True)]
    RoleGrant.objects.bulk_create(grants)
    staff += [create(people.address(name), name=name) for name in people.COLLEAGUES]
    return {user.email: user for user in staff}


def _organise() -> None:
    Department.objects.bulk_create(Department(code=code, name=name) for code, name in people.DEPARTMENTS)
    BusinessUnit.objects.bulk_create(
        BusinessUnit(code=code, name=name, kind=kind) for code, name, kind in people.BUSINESS_UNITS
    )
    Tier.objects.bulk_create(
        Tier(code=code, name=name, rank=rank, scope=TierScope.TIER) for rank, (code, name) in enumerate(people.TIERS, 1)
    )


def _fill_library(staff: dict[str, User]) -> dict[str, Kpi]:
    """The KPIs by code, in the order of the matrix."""
    departments = {department.code: department for department in Department.objects.all()}
    currency, kpis = company().currency, {}
    for position, definition in enumerate(LIBRARY, 1):
        kpis[definition.code] = Kpi.objects.create(
            code=definition.code,
            name=definition.name,
            department=departments[definition.department],
            indicator=definition.indicator,
            unit=definition.unit,
            currency=currency if definition.unit == "currency" else "",
            direction=definition.direction,
            customer_method=definition.customers or "",
            time_method=definition.time or "",
            formula=definition.formula,
            near_band=definition.near_band,
            near_band_abs=definition.near_band_abs,
            decimals=definition.decimals,
            absent=definition.absent,
            owner=staff[people.address(definition.owner)],
            customer_criterion=definition.criterion,
            definition=definition.definition,
            purpose=REASONS[definition.code][0],
            data_source=REASONS[definition.code][1],
            position=position,
        )
    _share_facts(kpis)
    ValueKpis.objects.filter(pk=1).update(**{part: kpis[code] for part, code in VALUE_KPIS.items()})
    return kpis


def _share_facts(kpis: dict[str, Kpi]) -> None:
    for definition in LIBRARY:
        if definition.facts_of:
            kpis[definition.code].facts_of = kpis[definition.facts_of]
            kpis[definition.code].save(update_fields=["facts_of"])


def _enrol(firms: list[Firm], staff: dict[str, User]) -> dict[str, Customer]:
    """The customers by external id, with their memberships and lifecycle events."""
    units = {unit.code: unit for unit in BusinessUnit.objects.all()}
    tiers = {tier.code: tier for tier in Tier.objects.real()}
    Customer.objects.bulk_create(
        Customer(
            external_id=firm.external_id,
            name=firm.name,
            business_unit=units[firm.unit],
            region=firm.region,
            is_key_account=bool(firm.manager),
            account_manager=staff.get(firm.manager),
        )
        for firm in firms
    )
    customers = {customer.external_id: customer for customer in Customer.objects.all()}
    TierMembership.objects.bulk_create(
        TierMembership(customer=customers[firm.external_id], starts_on=day, tier=tiers[tier] if tier else None)
        for firm in firms
        for day, tier in firm.moves
    )
    LifecycleEvent.objects.bulk_create(
        LifecycleEvent(customer=customers[firm.external_id], on=day, kind=kind)
        for firm in firms
        for day, kind in firm.events
    )
    return customers


def _mark_all(timeline: Timeline, kpis: dict[str, Kpi]) -> None:
    """Everything is new to the rollup."""
    SliceTouch.objects.bulk_create(
        SliceTouch(kpi=kpi, month=month)
        for kpi in kpis.values()
        if kpi.facts_of_id is None and not kpi.calculated
        for month in timeline.months
    )
    TierTouch.objects.create(first_month=timeline.months[0])
