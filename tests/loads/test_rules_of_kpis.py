"""Each rule of KPIs, actuals, targets, tiers and facts stands once: the same bad row
gets the same reasons from service, form, admin, file, API and bulk.

Left out is what a door cannot say at all (a list to choose from has no wrong choice), and what files alone may do:
stages that are taken over, words of others, another due date without a reason.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from core.periods import stored_month
from customers.models import Customer, Tier
from customers.services.customers import LifecycleRows, MembershipRows, TierRows
from kpis.choices import LONGEST_TEXT, Per
from kpis.models import Fact, Kpi
from kpis.rules.facts import LACKING_BASE, OF_RATIOS, broken_base
from kpis.services.actuals import Entry, enter_actuals, mark_complete
from kpis.services.definitions import create_kpi
from kpis.services.linking import write_link
from kpis.services.targets import NewTarget, save_drafts
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.loads.doors import (
    CHECKED,
    Doors,
    Reasons,
    Row,
    by_api,
    by_bulk,
    by_file,
    by_form,
    by_service,
    given_back,
    one_of,
    same_reasons,
)

NEVER = "2199-12"


@pytest.fixture
def browser(stella: User) -> Client:
    return signed_in(stella)


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


# -- tier actuals and complete months

ACTUALS = st.fixed_dictionaries(
    {
        "kpi": one_of("mood", "rate", "sold", "seen", "measured", "taking"),
        "tier": one_of("T1", "all", "untiered"),
        "month": one_of("2011-01", NEVER),
        "numerator": one_of("5", "1.5", "-1"),
        "denominator": one_of("", "0", "4", "-1"),
    }
)


@kept
def entered(gold: Tier) -> None:
    for code, method in (("mood", "mean"), ("rate", "ratio"), ("sold", "sum"), ("seen", "distinct")):
        factories.kpi(code, customer_method=method, time_method="last")
    measured = factories.kpi("measured")
    factories.kpi("taking", facts_of=measured)
    factories.fact(measured, factories.customer(), 201101, 1)


@pytest.mark.usefixtures("entered")
@CHECKED
@given(row=ACTUALS)
def test_a_tier_actual_is_refused_alike_at_every_door(row: Row, stella: User, browser: Client) -> None:
    kpi, tier = Kpi.objects.get(code=row["kpi"]), Tier.objects.get(code=row["tier"])
    numbers = Decimal(row["numerator"]), Decimal(row["denominator"]) if row["denominator"] else None
    entry, month = Entry(tier, *numbers), stored_month(row["month"])
    doors: Doors = {
        "file": partial(by_file, "tier_actuals", row, stella),
        "service": lambda: by_service(lambda: enter_actuals(kpi=kpi, month=month, entries=[entry], by=stella)),
        "API": partial(by_api, "tier-actuals", given_back(row), browser),
        "bulk": partial(by_bulk, "tier-actuals", given_back(row), browser),
    }
    if row["month"] != NEVER and row["tier"] != "untiered" and (row["kpi"] in {"mood", "rate"} or not numbers[1]):
        doors["page"] = partial(by_month_form, row, tier, browser)
    same_reasons(doors)


def by_month_form(row: Row, tier: Tier, browser: Client) -> Reasons:
    """As the form of a month refuses it, line by line."""
    values = {f"{name}-{tier.pk}": row[name] for name in ("numerator", "denominator")}
    answer = browser.post(f"/actuals/{row['kpi']}/{row['month']}/", values)
    if answer.status_code == 302:
        return set()
    form = answer.context["form"]
    said = {("kpi", one.removeprefix("This KPI ").rstrip(".")) for one in form.problems}
    return said | {problem for line in form.lines for problem in line.problems.items()}


@pytest.mark.usefixtures("entered")
@pytest.mark.parametrize("month", ["2011-01", NEVER])
def test_a_complete_month_is_refused_alike_at_every_door(month: str, stella: User, browser: Client) -> None:
    kpi, row = Kpi.objects.get(code="sold"), {"kpi": "sold", "month": month}
    said = same_reasons(
        {
            "file": partial(by_file, "complete_months", row, stella),
            "service": lambda: by_service(lambda: mark_complete(kpi=kpi, month=stored_month(month), by=stella)),
            "API": partial(by_api, "complete-months", row, browser),
            "bulk": partial(by_bulk, "complete-months", row, browser),
            "admin": partial(by_form, "/admin/kpis/completemonth/add/", {**row, "kpi": kpi.pk}, browser),
        }
    )
    assert bool(said) == (month == NEVER)


# -- KPIs

KPIS = st.fixed_dictionaries(
    {
        "unit": one_of("number", "currency", "percent"),
        "currency": one_of("", "EUR", "e1x"),
        "customer_method": one_of("", "sum", "mean", "ratio"),
        "time_method": one_of("", "sum", "pool"),
        "formula": one_of("", "2 * base", "fresh + base", "nothing + 1", "1 +"),
        "absent": one_of("missing", "zero"),
        "facts_of": one_of("", "base", "derived", "made", "fresh"),
        "near_band_abs": one_of("", "5", "-1"),
        "decimals": one_of("2", "5"),
    }
)


@kept
def library(gold: Tier) -> Kpi:
    base = factories.kpi("base", unit="number")
    factories.kpi("derived", facts_of=base)
    factories.kpi("made", formula="2 * base", customer_method="", time_method="")
    factories.fact(base, factories.customer(), 201101, 1)
    return base


@CHECKED
@given(row=KPIS)
def test_a_kpi_is_refused_alike_at_every_door(row: Row, library: Kpi, stella: User, browser: Client) -> None:
    row = {"code": "fresh", "name": "Fresh", "indicator": "leading", "direction": "higher", **row}
    source = Kpi.objects.filter(code=row["facts_of"]).first()
    bad_cell = by_cells(row)
    doors: Doors = {
        "file": partial(by_file, "kpis", row, stella),
        "bulk": partial(by_bulk, "kpis", given_back(row), browser),
    }
    if row["facts_of"] != "fresh" and not bad_cell:  # a KPI to be has no row that others could name
        values = {
            **row,
            "facts_of": source,
            "decimals": int(row["decimals"]),
            "near_band_abs": row["near_band_abs"] or None,
        }
        body = {**row, "facts_of": row["facts_of"] or None, "near_band_abs": row["near_band_abs"] or None}
        doors |= {
            "service": lambda: by_service(lambda: create_kpi(by=stella, values=values)),
            "API": partial(by_api, "kpis", body, browser),
        }
    if row["facts_of"] in {"", "base"} and not bad_cell:
        form = {**row, "facts_of": library.pk if source else ""}
        doors["page"] = partial(by_form, "/kpi-templates/blank/", form, browser)
        doors["admin"] = partial(by_form, "/admin/kpis/kpi/add/", form, browser)
    same_reasons(doors)


def by_cells(row: Row) -> bool:
    """Whether a cell is none of its column: then a file reads no further, and tells that alone."""
    return row["currency"] == "e1x" or row["near_band_abs"] == "-1" or row["decimals"] == "5"


@pytest.mark.parametrize(
    ("field", "value"), [("currency", "e1x"), ("near_band", "-1"), ("near_band_abs", "-1"), ("decimals", "5")]
)
def test_a_cell_of_a_kpi_is_refused_alike_at_every_door(
    field: str, value: str, library: Kpi, stella: User, browser: Client
) -> None:
    row = {"code": "fresh", "name": "Fresh", "indicator": "leading", "direction": "higher", "unit": "number"}
    row |= {"customer_method": "sum", "time_method": "sum", "absent": "missing", "decimals": "2", field: value}
    said = same_reasons(
        {
            "file": partial(by_file, "kpis", row, stella),
            "service": lambda: by_service(
                lambda: create_kpi(by=stella, values={**row, "decimals": int(row["decimals"])})
            ),
            "API": partial(by_api, "kpis", row, browser),
            "bulk": partial(by_bulk, "kpis", row, browser),
            "page": partial(by_form, "/kpi-templates/blank/", row, browser),
            "admin": partial(by_form, "/admin/kpis/kpi/add/", row, browser),
        }
    )
    assert [name for name, _ in said] == [field]


# -- targets

TARGETS = st.fixed_dictionaries(
    {
        "kpi": one_of("base", "band", "trailing"),
        "tier": one_of("T1", "all", "untiered"),
        "from_month": one_of("2011-01", "2011-02"),
        "per": one_of("month", "quarter", "year"),
        "until_month": one_of("", "2010-12", "2011-06"),
        "value": one_of("", "5"),
        "low": one_of("", "5"),
        "high": one_of("", "4", "6"),
    }
)


@CHECKED
@given(row=TARGETS)
def test_a_target_is_refused_alike_at_every_door(row: Row, library: Kpi, stella: User, browser: Client) -> None:
    factories.kpi("band", direction="range")
    factories.kpi("trailing", time_method="ttm")
    kpi, tier = Kpi.objects.get(code=row["kpi"]), Tier.objects.get(code=row["tier"])
    numbers: dict[str, Any] = {name: Decimal(row[name]) for name in ("value", "low", "high") if row[name]}
    until = stored_month(row["until_month"]) if row["until_month"] else None
    cell = NewTarget(kpi, tier, stored_month(row["from_month"]), Per(row["per"]), **numbers, until_month=until)
    form = {**row, "kpi": kpi.pk, "tier": tier.pk}
    try:
        same_reasons(
            {
                "file": partial(by_file, "targets", row, stella),
                "service": lambda: by_service(lambda: save_drafts(cells=[cell], by=stella)),
                "API": partial(by_api, "targets", given_back(row), browser),
                "bulk": partial(by_bulk, "targets", given_back(row), browser),
                **({} if row["tier"] == "untiered" else {"admin": partial(in_the_admin, form, browser)}),
            }
        )
    finally:
        Kpi.objects.filter(code__in=["band", "trailing"]).delete()


def in_the_admin(form: dict[str, Any], browser: Client) -> Reasons:
    """As the admin refuses it, whose sentences begin with the field."""
    said = by_form("/admin/kpis/target/add/", form, browser)
    return {(name, why.removeprefix(f"{name.replace('_', ' ')} ")) for name, why in said}


# -- links


@pytest.mark.parametrize(
    ("trailing", "mechanism"),
    [(name, "It leads.") for name in ("base", "nothing", "lead")]
    + [("base", text) for text in ("", "a\x07b", "x" * (LONGEST_TEXT + 1))],
)
def test_a_link_is_refused_alike_at_every_door(
    trailing: str, mechanism: str, library: Kpi, stella: User, browser: Client
) -> None:
    lead = factories.kpi("lead")
    row = {"leading": "lead", "trailing": trailing, "sign": "same", "lags": "0-6", "mechanism": mechanism}
    found = Kpi.objects.filter(code=trailing).first()
    doors: Doors = {
        "file": partial(by_file, "links", row, stella),
        "bulk": partial(by_bulk, "links", row, browser),
        "API": partial(by_api, "links", row, browser),
    }
    if found:
        values = {**row, "leading": lead, "trailing": found}
        doors["service"] = lambda: by_service(lambda: write_link(by=stella, values=values))
        doors["page"] = partial(by_form, "/kpis/links/new/", row, browser)
    assert bool(same_reasons(doors)) == ((trailing, mechanism) != ("base", "It leads."))


# -- tiers, where customers belong, and their lives


@pytest.mark.parametrize("code", ["T9", "ALL", "Untiered", "Bulk"])
def test_a_tier_is_refused_alike_at_every_door(code: str, db: None, stella: User, browser: Client) -> None:
    row = {"code": code, "name": "Ninth", "rank": "9"}
    doors: Doors = {
        "file": partial(by_file, "tiers", row, stella),
        "service": lambda: by_service(lambda: TierRows().create(by=stella, values={**row, "rank": 9})),
        "API": partial(by_api, "tiers", row, browser),
        "bulk": partial(by_bulk, "tiers", row, browser),
        "admin": partial(by_form, "/admin/customers/tier/add/", row, browser),
    }
    assert bool(same_reasons(doors)) == (code != "T9")


@pytest.mark.parametrize("tier", ["T1", "all", "untiered", ""])
def test_a_membership_is_refused_alike_at_every_door(tier: str, gold: Tier, stella: User, browser: Client) -> None:
    customer = factories.customer("C1")
    row = {"customer": "C1", "starts_on": "2011-01-01", "tier": tier}
    values = {"customer": customer, "starts_on": date(2011, 1, 1), "tier": Tier.objects.filter(code=tier).first()}
    said = same_reasons(
        {
            "file": partial(by_file, "tier_memberships", row, stella),
            "service": lambda: by_service(lambda: MembershipRows().create(by=stella, values=values)),
            "API": partial(by_api, "tier-memberships", given_back(row), browser),
            "bulk": partial(by_bulk, "tier-memberships", given_back(row), browser),
        }
    )
    assert bool(said) == (tier in {"all", "untiered"})


@pytest.mark.parametrize("kind", ["joined", "left", "returned"])
def test_a_lifecycle_event_is_refused_alike_at_every_door(kind: str, db: None, stella: User, browser: Client) -> None:
    row = {"customer": "C1", "on": "2011-01-01", "kind": kind}
    values = {"customer": factories.customer("C1"), "on": date(2011, 1, 1), "kind": kind}
    said = same_reasons(
        {
            "file": partial(by_file, "lifecycle_events", row, stella),
            "service": lambda: by_service(lambda: LifecycleRows().create(by=stella, values=values)),
            "API": partial(by_api, "lifecycle-events", row, browser),
            "bulk": partial(by_bulk, "lifecycle-events", row, browser),
        }
    )
    assert bool(said) == (kind != "joined")


# -- facts: each rule in SQL and in Python

CELLS = st.none() | st.integers(-3, 3)


@given(numerator=CELLS, denominator=CELLS)
@CHECKED
def test_a_rule_of_facts_says_the_same_in_sql_and_in_python(
    numerator: int | None, denominator: int | None, db: None
) -> None:
    texts = [None if one is None else str(one) for one in (numerator, denominator)]
    for rule in OF_RATIOS:
        condition = rule.sql.format(numerator="n", denominator="d")
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT CASE WHEN {condition} THEN 1 ELSE 0 END "  # noqa: S608 - a constant of the product
                "FROM (SELECT CAST(%s AS bigint) AS n, CAST(%s AS bigint) AS d) AS one",
                [numerator, denominator],
            )
            assert bool(cursor.fetchone()[0]) == rule.broken(*texts), rule


@given(denominator=CELLS)
@CHECKED
def test_a_stored_fact_lacks_what_a_ratio_needs_as_a_row_would(denominator: int | None, db: None) -> None:
    Fact.objects.all().delete()
    kpi, _ = Kpi.objects.get_or_create(code="f", defaults={"name": "f", "customer_method": "sum", "time_method": "sum"})
    customer, _ = Customer.objects.get_or_create(external_id="C1", defaults={"name": "C1"})
    factories.fact(kpi, customer, 201101, 1, denominator)
    lacks = broken_base("1", None if denominator is None else str(denominator)) is not None
    assert Fact.objects.filter(LACKING_BASE).exists() == lacks
