"""Each rule of initiatives and what belongs to them stands once: the same bad row
gets the same reasons from service, form, admin, file, API and bulk.

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
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.company import today
from accounts.models import Department, User
from core.periods import Month
from core.stale import revision_of
from customers.models import Customer, Tier
from initiatives.choices import LONGEST_NOTE, MOST_MENTIONS, Stage
from initiatives.models import Initiative
from initiatives.services.benefits import propose_benefit
from initiatives.services.milestones import add_milestone
from initiatives.services.pain import enter_pain_point
from initiatives.services.register import create_initiative, edit_initiative
from initiatives.services.status_updates import give_update
from kpis.models import Kpi
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
    reason,
    same_reasons,
)


@pytest.fixture
def browser(stella: User) -> Client:
    return signed_in(stella)


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def base(gold: Tier) -> Kpi:
    return factories.kpi("base")


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
def test_a_candidate_is_refused_alike_at_every_door(row: Row, base: Kpi, stella: User, browser: Client) -> None:
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


@pytest.mark.slow
@CHECKED
@given(row=DAYS)
def test_the_days_of_one_that_is_there_are_refused_alike(row: Row, gold: Tier, stella: User, browser: Client) -> None:
    department, _ = Department.objects.get_or_create(code="sales", defaults={"name": "Sales"})
    plan: dict[str, Any] = {
        "baseline_start": date(2011, 1, 3),
        "baseline_due": date(2011, 6, 30),
        "due": date(2011, 6, 30),
    }
    Initiative.objects.all().delete()
    stored = factories.initiative("there", department=department, stage=Stage(row["stage"]), **plan)
    row = {"code": "there", "title": "There", "level": "corporate", "department": "sales", "due": "2011-06-30", **row}
    stored = Initiative.objects.get(pk=stored.pk)
    values = {name: value for name, value in values_of(row).items() if name in row and name != "code"}
    edit = partial(edit_initiative, initiative=stored, by=stella, values=values, seen=revision_of(stored))
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


@pytest.mark.parametrize("title", ["Gone", "New", "", "x" * 201, "a\x07b", "a\u200bb"])
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
            "page": partial(by_form, "/initiatives/there/milestones/", row, browser, "milestone_form"),
        }
    )
    assert bool(said) == (title != "New")


BENEFITS = st.fixed_dictionaries(
    {
        "kind": one_of("money", "kpi"),
        "kpi": one_of("", "base"),
        "value_per_year": one_of("5", "0", "-1"),
        "currency": one_of("", "USD", "e1x"),
    }
)


@CHECKED
@given(row=BENEFITS)
def test_a_benefit_is_refused_alike_at_every_door(row: Row, base: Kpi, stella: User, browser: Client) -> None:
    Initiative.objects.all().delete()
    there = factories.initiative("there")
    row = {"name": "Saved", "from_month": "2011-01", **row}
    kpi = base if row["kpi"] else None
    values = {**row, "kpi": kpi, "value_per_year": Decimal(row["value_per_year"]), "from_month": Month(201101)}
    body = {**given_back(row), "initiative": "there", "currency": row["currency"]}
    same_reasons(
        {
            "service": lambda: by_service(lambda: propose_benefit(initiative=there, by=stella, values=values)),
            "API": partial(by_api, "benefits", body, browser),
            "page": partial(by_form, "/initiatives/there/benefits/", {**row, "kpi": kpi.pk if kpi else ""}, browser),
        }
    )


@pytest.mark.parametrize(("field", "text"), [("name", ""), ("name", "x" * 121), ("name", "a\x07b"), ("note", "a\x07b")])
def test_the_texts_of_a_benefit_are_refused_alike_at_every_door(
    field: str, text: str, stella: User, browser: Client
) -> None:
    there = factories.initiative("there")
    row = {"name": "Saved", "kind": "money", "value_per_year": "5", "from_month": "2011-01", field: text}
    values = {**row, "value_per_year": Decimal(5), "from_month": Month(201101)}
    said = same_reasons(
        {
            "service": lambda: by_service(lambda: propose_benefit(initiative=there, by=stella, values=values)),
            "API": partial(by_api, "benefits", {**row, "initiative": "there"}, browser),
            "page": partial(by_form, "/initiatives/there/benefits/", row, browser),
        }
    )
    assert {name for name, _ in said} == {field}


@pytest.mark.parametrize("stage", [Stage.IN_PROGRESS, Stage.DONE])
@pytest.mark.parametrize(
    ("progress", "note"), [(50, "x"), (-1, "x"), (101, "x"), (50, "x" * (LONGEST_NOTE + 1)), (50, "a\x07b")]
)
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
        "page": partial(by_minute, {**word, "seen": ""}, browser),
    }
    if stage == Stage.DONE and not 0 <= progress <= 100:
        del doors["service"]  # which looks on, where a cell that cannot be read is all that a file and a body tell
    bad_note = len(note) > LONGEST_NOTE or note == "a\x07b"
    if stage == Stage.DONE and bad_note:
        doors = {"file": doors["file"]}
    said = same_reasons({name: partial(of_today, door) for name, door in doors.items()})
    assert bool(said) == (not 0 <= progress <= 100 or bad_note or stage == Stage.DONE)


def by_minute(word: dict[str, Any], browser: Client) -> Reasons:
    """As the owner's page of one minute refuses it."""
    answer = browser.post("/initiatives/there/update/", word)
    if answer.status_code == 302:
        return set()
    form = answer.context["page"].form
    return {reason(name, text) for name, texts in form.errors.items() for text in texts}


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


@pytest.mark.parametrize("text", ["", "x" * 121, "a\x07b", "a\u200bb"])
def test_the_theme_of_a_pain_point_is_refused_alike_at_every_door(
    text: str, gold: Tier, stella: User, browser: Client
) -> None:
    department = factories.department("sales")
    row = {"source": "survey", "department": "sales", "tier": "T1", "month": "2011-01", "theme": text}
    row |= {"mentions": "3", "severity": "2"}
    numbers = {"mentions": 3, "severity": 2, "month": Month(201101)}
    values: dict[str, Any] = {**row, **numbers, "department": department, "tier": gold}
    form = {**row, "department": department.pk, "tier": gold.pk}
    said = same_reasons(
        {
            "file": partial(by_file, "pain_points", row, stella),
            "bulk": partial(by_bulk, "pain-points", given_back(row), browser),
            "service": lambda: by_service(lambda: enter_pain_point(by=stella, values=values)),
            "API": partial(by_api, "pain-points", given_back(row), browser),
            "page": partial(by_form, "/coverage/pain/new/", form, browser),
            "admin": partial(by_form, "/admin/initiatives/painpoint/add/", form, browser),
        }
    )
    assert {name for name, _ in said} == {"theme"}


@CHECKED
@given(row=PAIN)
def test_a_pain_point_is_refused_alike_at_every_door(row: Row, gold: Tier, stella: User, browser: Client) -> None:
    department, _ = Department.objects.get_or_create(code="sales", defaults={"name": "Sales"})
    row = {"source": "survey", "department": "sales", "theme": "waiting", "month": "2011-01", **row}
    shape = int(row["mentions"]) > MOST_MENTIONS or row["severity"] in {"0", "6"}
    money = Decimal(row["revenue_at_risk"]) if row["revenue_at_risk"] else None
    tier = Tier.objects.get(code=row["tier"])
    values: dict[str, Any] = {
        **row,
        "department": department,
        "tier": tier,
        "month": Month(201101),
        "revenue_at_risk": money,
    }
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
