"""Between the oracle's plain lists and the product's tables."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from accounts.models import Company as StoredCompany
from customers import models as customers
from kpis import models as kpis
from tests.oracle.company import Company, Fact, Kpi, Membership, Target, Tier, TierActual, Version
from tests.oracle.months import Calendar


@lru_cache(100_000)
def exact(number: Decimal | None) -> Fraction | None:
    """A stored number; facts have the same few again and again."""
    return None if number is None else Fraction(number)


def decimal(number: Fraction) -> Decimal:
    """A number with at most four decimals, to be stored."""
    return Decimal(int(number * 10_000)).scaleb(-4)


def maybe(number: Fraction | None) -> Decimal | None:
    """The same where there is one."""
    return None if number is None else decimal(number)


def stored_company() -> Company:
    """What the tables hold now: what was loaded, none of what was computed."""
    stored = StoredCompany.objects.get()
    return Company(
        tiers=[Tier(t.code, t.rank, t.retired_from) for t in customers.Tier.objects.filter(scope="tier")],
        kpis=[
            stored_kpi(kpi)
            for kpi in kpis.Kpi.objects.order_by("position", "code")
            .select_related("facts_of")
            .prefetch_related("versions")
        ],
        memberships=[
            Membership(m.customer.external_id, m.starts_on, m.tier.code if m.tier else None)
            for m in customers.TierMembership.objects.select_related("customer", "tier")
        ],
        facts=stored_facts(),
        tier_actuals=[
            TierActual(a.kpi.code, a.tier.code, a.month, Fraction(a.numerator), exact(a.denominator))
            for a in kpis.TierActual.objects.select_related("kpi", "tier")
        ],
        complete_months=[(c.kpi.code, c.month) for c in kpis.CompleteMonth.objects.select_related("kpi")],
        targets=[stored_target(target) for target in kpis.Target.objects.select_related("kpi", "tier")],
        steps=[
            (step.kpi.code, step.tier.code if step.tier else None, step.month)
            for step in kpis.Step.objects.filter(taken_back_at=None).select_related("kpi", "tier")
        ],
        calendar=Calendar(stored.fiscal_year_start_month, str(stored.fiscal_year_named_by)),
    )


def stored_facts() -> list[Fact]:
    """All facts."""
    kpi_codes = dict(kpis.Kpi.objects.values_list("pk", "code"))
    customer_ids = dict(customers.Customer.objects.values_list("pk", "external_id"))
    fields = ("kpi_id", "customer_id", "month", "numerator", "denominator")
    return [
        Fact(kpi_codes[kpi], customer_ids[customer], month, exact(numerator) or Fraction(0), exact(denominator))
        for kpi, customer, month, numerator, denominator in kpis.Fact.objects.values_list(*fields)
    ]


def stored_kpi(kpi: kpis.Kpi) -> Kpi:
    """A KPI's definition."""
    return Kpi(
        code=kpi.code,
        customer_method=str(kpi.customer_method),
        time_method=str(kpi.time_method),
        unit=str(kpi.unit),
        direction=str(kpi.direction),
        indicator=str(kpi.indicator),
        near_band=exact(kpi.near_band),
        near_band_abs=exact(kpi.near_band_abs),
        absent=str(kpi.absent),
        complete_when=str(kpi.complete_when),
        facts_of=kpi.facts_of.code if kpi.facts_of else None,
        formula=kpi.formula,
        seasonal=kpi.seasonal,
        versions=tuple(stored_version(version) for version in kpi.versions.all()),
        retired_from=kpi.retired_from,
    )


def stored_version(version: kpis.KpiVersion) -> Version:
    """What a KPI means from a month on."""
    methods = (str(version.customer_method), str(version.time_method))
    counted = str(version.unit), exact(version.near_band_abs)
    return Version(version.from_month, str(version.direction), *methods, version.formula, *counted)


def stored_target(target: kpis.Target) -> Target:
    """A target row."""
    return Target(
        target.kpi.code,
        target.tier.code,
        target.from_month,
        str(target.per),
        exact(target.value),
        exact(target.low),
        exact(target.high),
        target.until_month,
        str(target.state),
    )


def store(company: Company) -> None:
    """Write a company to the tables, with the marks that its rollup needs."""
    calendar = company.calendar
    StoredCompany.objects.update(fiscal_year_start_month=calendar.start_month, fiscal_year_named_by=calendar.named_by)
    store_definitions(company)
    store_memberships(company.memberships)
    store_facts(company.facts)
    store_tier_actuals(company.tier_actuals)
    store_complete_months(company.complete_months)
    store_targets(company.targets)
    store_steps(company.steps)


def store_definitions(company: Company) -> None:
    """Tiers, customers and KPIs."""
    for tier in company.tiers:
        customers.Tier.objects.create(code=tier.code, name=tier.code, rank=tier.rank, retired_from=tier.retired_from)
    names = {m.customer for m in company.memberships} | {fact.customer for fact in company.facts}
    customers.Customer.objects.bulk_create([customers.Customer(external_id=name, name=name) for name in sorted(names)])
    for kpi in sorted(company.kpis, key=lambda kpi: kpi.facts_of is not None):
        stored = kpis.Kpi.objects.create(
            code=kpi.code,
            name=kpi.code,
            position=company.kpis.index(kpi),
            retired_from=kpi.retired_from,
            versions_from=kpi.versions[-1].from_month if kpi.versions else None,
            near_band=maybe(kpi.near_band),
            near_band_abs=maybe(now_of(kpi).near_band_abs),
            facts_of=kpis.Kpi.objects.get(code=kpi.facts_of) if kpi.facts_of else None,
            seasonal=kpi.seasonal,
            **texts_of(kpi),
        )
        for version in kpi.versions:
            said = asdict(version) | {"near_band_abs": maybe(version.near_band_abs)}
            kpis.KpiVersion.objects.create(kpi=stored, **said)


def texts_of(kpi: Kpi) -> dict[str, str]:
    """The words of a KPI's row, which says what it means now."""
    names = ("unit", "direction", "indicator", "absent", "complete_when", "customer_method", "time_method", "formula")
    return {name: getattr(now_of(kpi), name) for name in names}


def now_of(kpi: Kpi) -> Kpi:
    """The KPI by its latest version."""
    return kpi.meant_in(kpi.versions[-1].from_month) if kpi.versions else kpi


def store_memberships(memberships: list[Membership]) -> None:
    """Moves of customers, each with its mark."""
    ids = dict(customers.Customer.objects.values_list("external_id", "pk"))
    tiers = dict(customers.Tier.objects.values_list("code", "pk"))
    customers.TierMembership.objects.bulk_create(
        [
            customers.TierMembership(
                customer_id=ids[m.customer], starts_on=m.starts_on, tier_id=tiers[m.tier] if m.tier else None
            )
            for m in memberships
        ]
    )
    customers.TierTouch.objects.bulk_create(
        [customers.TierTouch(first_month=month_of(m.starts_on)) for m in memberships]
    )


def month_of(day: date) -> int:
    """The month that a day lies in."""
    return day.year * 100 + day.month


def store_facts(facts: list[Fact]) -> None:
    """Facts, with their marks."""
    ids = dict(customers.Customer.objects.values_list("external_id", "pk"))
    sources = dict(kpis.Kpi.objects.values_list("code", "pk"))
    kpis.Fact.objects.bulk_create(
        [
            kpis.Fact(
                kpi_id=sources[fact.kpi],
                customer_id=ids[fact.customer],
                month=fact.month,
                numerator=decimal(fact.numerator),
                denominator=maybe(fact.denominator),
                load_id=0,
            )
            for fact in facts
        ]
    )
    touch({(fact.kpi, fact.month) for fact in facts})


def store_steps(steps: list[tuple[str, str | None, int]]) -> None:
    """Steps that a steward set, before anything was rolled up."""
    for code, column, month in steps:
        tier = customers.Tier.objects.get(code=column) if column else None
        kpis.Step.objects.create(kpi=kpis.Kpi.objects.get(code=code), tier=tier, month=month, reason="Another way")


def store_tier_actuals(actuals: list[TierActual]) -> None:
    """Entered numbers, with their marks."""
    for row in actuals:
        kpis.TierActual.objects.create(
            kpi=kpis.Kpi.objects.get(code=row.kpi),
            tier=customers.Tier.objects.get(code=row.tier),
            month=row.month,
            numerator=decimal(row.numerator),
            denominator=maybe(row.denominator),
        )
    touch({(row.kpi, row.month) for row in actuals})


def store_complete_months(complete_months: list[tuple[str, int]]) -> None:
    """A steward's words, with their marks."""
    for code, month in complete_months:
        kpis.CompleteMonth.objects.create(kpi=kpis.Kpi.objects.get(code=code), month=month)
    touch(set(complete_months))


def touch(slices: set[tuple[str, int]]) -> None:
    """Mark (KPI, month) slices as changed."""
    ids = dict(kpis.Kpi.objects.values_list("code", "pk"))
    kpis.SliceTouch.objects.bulk_create(
        [kpis.SliceTouch(kpi_id=ids[code], month=month) for code, month in sorted(slices)]
    )


def store_targets(targets: list[Target]) -> None:
    """Target rows; those that share a key are versions."""
    seen: dict[tuple[str, str, int, str], int] = {}
    for row in targets:
        key = (row.kpi, row.tier, row.from_month, row.per)
        seen[key] = seen.get(key, 0) + 1
        kpis.Target.objects.create(
            kpi=kpis.Kpi.objects.get(code=row.kpi),
            tier=customers.Tier.objects.get(code=row.tier),
            from_month=row.from_month,
            per=row.per,
            version=seen[key],
            state=row.state,
            until_month=row.until_month,
            value=maybe(row.value),
            low=maybe(row.low),
            high=maybe(row.high),
        )
