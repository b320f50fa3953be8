"""Each rule stands once: the same bad row gets the same reasons from service, form, admin, file, API and bulk.

Left out is what a door cannot say at all (a list to choose from has no wrong choice), and what files alone may do:
stages that are taken over, words of others, another due date without a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.company import today
from accounts.models import Department, User
from core.periods import Month, stored_month
from customers.models import Customer, Tier
from initiatives.choices import LONGEST_NOTE, MOST_MENTIONS, Stage
from initiatives.models import Initiative
from initiatives.services.milestones import add_milestone
from initiatives.services.pain import enter_pain_point
from initiatives.services.progress import give_update
from initiatives.services.register import create_initiative, edit_initiative
from kpis.choices import Per
from kpis.models import Fact, Kpi
from kpis.rules.facts import LACKING_BASE, OF_RATIOS, broken_base
from kpis.services.actuals import Entry, enter_actuals, mark_complete
from kpis.services.definitions import create_kpi
from kpis.services.targets import NewTarget, save_drafts
from tests import factories
from tests.factories import signed_in
from tests.loads.doors import Reasons, Row, by_api, by_bulk, by_file, by_form, by_service, trying

Doors = dict[str, Callable[[], Reasons | None]]

CHECKED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NEVER = "2199-12"


def one_of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


def same_reasons(doors: Doors) -> Reasons:
    """What all of these doors say: the same. A door that a kind does not have says nothing at all."""
    found = {name: said for name, door in doors.items() if (said := trying(door)) is not None}
    assert all(reasons == found["file"] for reasons in found.values()), found
    return found["file"]


def given_back(row: Row) -> dict[str, Any]:
    """A row of a file as JSON: an empty cell is null."""
    return {name: value or None for name, value in row.items()}


@pytest.fixture
def browser(stella: User) -> Client:
    return signed_in(stella)


@pytest.fixture
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


@pytest.fixture
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


@pytest.fixture
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
    numbers = {name: Decimal(row[name]) for name in ("value", "low", "high") if row[name]}
    until = stored_month(row["until_month"]) if row["until_month"] else None
    cell = NewTarget(kpi, tier, stored_month(row["from_month"]), Per(row["per"]), **numbers, until_month=until)
    try:
        same_reasons(
            {
                "file": partial(by_file, "targets", row, stella),
                "service": lambda: by_service(lambda: save_drafts(cells=[cell], by=stella)),
                "API": partial(by_api, "targets", given_back(row), browser),
                "bulk": partial(by_bulk, "targets", given_back(row), browser),
            }
        )
    finally:
        Kpi.objects.filter(code__in=["band", "trailing"]).delete()


# -- initiatives

CANDIDATES = st.fixed_dictionaries(
    {
        "code": one_of("fresh", "Report"),
        "level": one_of("corporate", "key_account", "business_unit"),
        "customer": one_of("", "C1"),
        "currency": one_of("", "eur"),
        "baseline_start": one_of("", "2011-03-01"),
        "baseline_due": one_of("", "2011-02-01", "2011-06-01"),
        "started_on": one_of("", "2011-03-05", "2190-01-01"),
        "finished_on": one_of("", "2011-03-01", "2190-01-02"),
        "tiers": one_of("", "T1", "all", "untiered"),
        "kpis": one_of("", "base", "base@T1", "base@all", "base@untiered"),
    }
)


@CHECKED
@given(row=CANDIDATES)
def test_a_candidate_is_refused_alike_at_every_door(row: Row, library: Kpi, stella: User, browser: Client) -> None:
    Customer.objects.get_or_create(external_id="C1", defaults={"name": "C1"})
    Department.objects.get_or_create(code="sales", defaults={"name": "Sales"})
    row = {"title": "Fresh", "department": "sales", "stage": "candidate", **row}
    body = given_back({name: value for name, value in row.items() if name != "stage"})
    body |= {name: row[name].split(";") if row[name] else [] for name in ("tiers", "kpis")} | {
        "currency": row["currency"]
    }
    doors: Doors = {
        "file": partial(by_file, "initiatives", row, stella),
        "API": partial(by_api, "initiatives", body, browser),
        "bulk": partial(by_bulk, "initiatives", given_back(row), browser),
    }
    if not row["tiers"] and not row["kpis"]:
        form = {name: value or None for name, value in row.items()}
        form["department"] = str(Department.objects.get(code="sales").pk)
        doors["page"] = partial(by_form, "/initiatives/new/", form, browser)
        doors["service"] = lambda: by_service(lambda: create_initiative(by=stella, values=values_of(row)))
    same_reasons(doors)


def values_of(row: Row) -> dict[str, Any]:
    """A row as the service takes it."""
    days = ("baseline_start", "baseline_due", "started_on", "due", "finished_on")
    found: dict[str, Any] = {name: value for name, value in row.items() if name not in {"stage", "tiers", "kpis"}}
    found |= {name: date.fromisoformat(row[name]) if row[name] else None for name in days if name in row}
    return found | {
        "department": Department.objects.get(code="sales"),
        "customer": Customer.objects.filter(external_id=row.get("customer", "")).first(),
    }


DAYS = st.fixed_dictionaries(
    {
        "stage": one_of("candidate", "approved", "in_progress", "on_hold", "done"),
        "baseline_start": one_of("2011-01-03", "2011-02-01"),
        "baseline_due": one_of("2011-06-30", "2011-07-31", "2011-01-01"),
        "started_on": one_of("", "2011-01-10", "2190-01-01"),
        "finished_on": one_of("", "2011-05-01", "2190-01-01"),
    }
)


@CHECKED
@given(row=DAYS)
def test_the_days_of_one_that_is_there_are_refused_alike(row: Row, gold: Tier, stella: User, browser: Client) -> None:
    department, _ = Department.objects.get_or_create(code="sales", defaults={"name": "Sales"})
    plan = {"baseline_start": date(2011, 1, 3), "baseline_due": date(2011, 6, 30), "due": date(2011, 6, 30)}
    Initiative.objects.all().delete()
    stored = factories.initiative("there", department=department, stage=Stage(row["stage"]), **plan)
    row = {"code": "there", "title": "There", "level": "corporate", "department": "sales", "due": "2011-06-30", **row}
    stored = Initiative.objects.get(pk=stored.pk)
    values = {name: value for name, value in values_of(row).items() if name in row and name != "code"}
    edit = partial(edit_initiative, initiative=stored, by=stella, values=values, seen=stored.revision)
    body = given_back({name: row[name] for name in values} | {"reason": "Because"}) | {"revision": stored.revision}
    same_reasons(
        {
            "file": partial(by_file, "initiatives", row, stella),
            "service": lambda: by_service(lambda: edit(reason="Because")),
            "API": partial(by_api, "initiatives", body, browser, change="there"),
            "bulk": partial(by_bulk, "initiatives", given_back(row), browser),
        }
    )


# -- what belongs to initiatives


@pytest.mark.parametrize("title", ["Gone", "New"])
def test_a_milestone_is_refused_alike_at_every_door(title: str, stella: User, browser: Client) -> None:
    there = factories.initiative("there")
    day = today()
    factories.milestone(there, "Gone", due=day, dropped_on=day)
    row = {"initiative": "there", "title": title, "due": day.isoformat()}
    said = same_reasons(
        {
            "file": partial(by_file, "milestones", row, stella),
            "service": lambda: by_service(lambda: add_milestone(initiative=there, by=stella, title=title, due=day)),
            "API": partial(by_api, "milestones", row, browser),
            "bulk": partial(by_bulk, "milestones", row, browser),
        }
    )
    assert bool(said) == (title == "Gone")


@pytest.mark.parametrize("stage", [Stage.IN_PROGRESS, Stage.DONE])
@pytest.mark.parametrize(("progress", "note"), [(50, "x"), (-1, "x"), (101, "x"), (50, "x" * (LONGEST_NOTE + 1))])
def test_a_word_is_refused_alike_at_every_door(
    stage: Stage, progress: int, note: str, stella: User, browser: Client
) -> None:
    there = factories.initiative("there", stage=stage, owner=stella)
    word = {"health": "late", "progress": progress, "note": note}
    row = {"initiative": "there", "on": today().isoformat(), "author": stella.email, **word}
    doors: Doors = {
        "file": partial(by_file, "status_updates", {name: str(value) for name, value in row.items()}, stella),
        "service": lambda: by_service(lambda: give_update(initiative=there, by=stella, seen="", **word)),  # type: ignore[arg-type]
        "API": partial(by_api, "status-updates", {"initiative": "there", "seen": "", **word}, browser),
    }
    if stage == Stage.DONE and not 0 <= progress <= 100:
        del doors["service"]  # which looks on, where a cell that cannot be read is all that a file and a body tell
    if stage == Stage.DONE and len(note) > LONGEST_NOTE:
        doors = {"file": doors["file"]}
    said = same_reasons({name: partial(of_today, door) for name, door in doors.items()})
    assert bool(said) == (not 0 <= progress <= 100 or len(note) > LONGEST_NOTE or stage == Stage.DONE)


def of_today(door: Callable[[], Reasons | None]) -> Reasons:
    """A word by hand is of today, so that what is wrong with the day is wrong with all of it."""
    return {("on" if field == "__all__" else field, why) for field, why in door() or ()}


PAIN = st.fixed_dictionaries(
    {
        "tier": one_of("T1", "all", "untiered"),
        "mentions": one_of("0", "3", str(MOST_MENTIONS + 1)),
        "severity": one_of("0", "1", "5", "6"),
        "revenue_at_risk": one_of("", "5", "-1"),
    }
)


@CHECKED
@given(row=PAIN)
def test_a_pain_point_is_refused_alike_at_every_door(row: Row, gold: Tier, stella: User, browser: Client) -> None:
    department, _ = Department.objects.get_or_create(code="sales", defaults={"name": "Sales"})
    row = {"source": "survey", "department": "sales", "theme": "waiting", "month": "2011-01", **row}
    shape = int(row["mentions"]) > MOST_MENTIONS or row["severity"] in {"0", "6"}
    money = Decimal(row["revenue_at_risk"]) if row["revenue_at_risk"] else None
    tier = Tier.objects.get(code=row["tier"])
    values = {**row, "department": department, "tier": tier, "month": Month(201101), "revenue_at_risk": money}
    values |= {name: int(row[name]) for name in ("mentions", "severity")}
    form = {**row, "department": department.pk, "tier": tier.pk}
    service = partial(enter_pain_point, by=stella, values=values)
    doors: Doors = {
        "file": partial(by_file, "pain_points", row, stella),
        "bulk": partial(by_bulk, "pain-points", given_back(row), browser),
    }
    if row["tier"] == "untiered" and (shape or row["revenue_at_risk"] == "-1"):
        return  # a file whose cells cannot be read looks no further
    doors["service"] = lambda: by_service(service)
    if not (shape and row["revenue_at_risk"] == "-1"):
        doors["API"] = partial(by_api, "pain-points", given_back(row), browser)
    if row["tier"] != "untiered":
        doors["page"] = partial(by_form, "/coverage/pain/new/", form, browser)
    if row["tier"] != "untiered" and int(row["mentions"]) <= MOST_MENTIONS:
        doors["admin"] = partial(by_form, "/admin/initiatives/painpoint/add/", form, browser)
    same_reasons(doors)


# -- tiers, where customers belong, and their lives


@pytest.mark.parametrize("code", ["T9", "ALL", "Untiered"])
def test_a_tier_is_refused_alike_at_every_door(code: str, db: None, stella: User, browser: Client) -> None:
    row = {"code": code, "name": "Ninth", "rank": "9"}
    doors: Doors = {
        "file": partial(by_file, "tiers", row, stella),
        "bulk": partial(by_bulk, "tiers", row, browser),
        "admin": partial(by_form, "/admin/customers/tier/add/", row, browser),
    }
    assert bool(same_reasons(doors)) == (code != "T9")


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
