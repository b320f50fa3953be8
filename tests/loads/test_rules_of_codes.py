"""What names a row is refused alike at every door, for each kind that has a code or a key: as its own, and where
another row names it. A list to choose from offers no wrong choice, and a service is given rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.models import Department, User
from accounts.services.divisions import BusinessUnitRows, DepartmentRows
from customers.services.customers import CustomerRows, TierRows
from initiatives.choices import LONGEST_CRITERION, LONGEST_WIN
from initiatives.services.moments import create_moment
from initiatives.services.register import create_initiative
from kpis.choices import LONGEST_TEXT
from kpis.services.definitions import create_kpi
from tests import factories
from tests.factories import signed_in
from tests.loads.doors import Doors, Row, by_api, by_bulk, by_file, by_form, by_service, given_back, same_reasons

PLAN = {"stage": "candidate", "baseline_start": "", "baseline_due": ""}
KPI = {"name": "Made", "indicator": "leading", "direction": "higher", "unit": "number", "decimals": "2"}
KPI |= {"customer_method": "sum", "time_method": "sum", "absent": "missing"}
# The inline of a customer in the admin, empty.
NO_MEMBERSHIPS = {f"memberships-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}

# By kind: what stands beside the name, the most characters of that, what creates one, and the address of its form.
KINDS: dict[str, tuple[Row, int, Callable[..., Any], str]] = {
    "tiers": ({"name": "Made", "rank": "9"}, 40, TierRows().create, "/admin/customers/tier/add/"),
    "departments": ({"name": "Made"}, 60, DepartmentRows().create, "/admin/accounts/department/add/"),
    "business_units": (
        {"name": "Made", "kind": "region"},
        60,
        BusinessUnitRows().create,
        "/admin/accounts/businessunit/add/",
    ),
    "customers": ({"name": "Made"}, 80, CustomerRows().create, "/admin/customers/customer/add/"),
    "kpis": (KPI, 60, create_kpi, "/kpi-templates/blank/"),
    "initiatives": (
        {"title": "Made", "level": "corporate", "department": "sales"},
        60,
        create_initiative,
        "/initiatives/new/",
    ),
    "moments": ({"name": "Made", "stage": "before", "role": "user"}, 60, create_moment, "/moments/new/"),
}


def doors_of(kind: str, row: Row, by: User) -> Doors:
    """A new row of a kind, brought by an administrator."""
    _, _, create, page = KINDS[kind]
    browser, calls = signed_in(by), kind.replace("_", "-")
    rows = {"department": Department.objects.get(code="sales")} if kind == "initiatives" else {}
    numbers = {name: int(row[name]) for name in ("rank", "decimals") if name in row}
    return {
        "file": partial(by_file, kind, row | (PLAN if kind == "initiatives" else {}), by),
        "service": partial(by_service, partial(create, by=by, values=row | rows | numbers)),
        "API": partial(by_api, calls, row, browser),
        "bulk": partial(by_bulk, calls, row, browser),
        "page": partial(by_form, page, row | NO_MEMBERSHIPS | {name: one.pk for name, one in rows.items()}, browser),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_name_of_a_row_is_refused_alike_at_every_door(kind: str, everyone: Any, root: User) -> None:
    factories.department("sales")
    beside, longest, _, _ = KINDS[kind]
    key, bad = ("external_id", "1E+5") if kind == "customers" else ("code", "a/b")
    for text in (bad, "a\u200bb", "a\x01b", "Bulk", "x" * (longest + 1), "x" * (2 * longest + 1)):
        said = same_reasons(doors_of(kind, {key: text, **beside}, root))
        assert {name for name, _ in said} == {key}, (kind, text)


# By kind: its texts, and the most characters of each.
TEXTS: dict[str, dict[str, int]] = {
    "tiers": {"name": 100},
    "departments": {"name": 200},
    "business_units": {"name": 200},
    "customers": {"name": 255, "region": 120},
    "kpis": {"name": 200, "definition": LONGEST_TEXT, "customer_criterion": LONGEST_TEXT},
    "initiatives": {"title": 255, "theme": 120},
    "moments": {"name": 255, "criterion": LONGEST_CRITERION, "customer_win": LONGEST_WIN},
}


@pytest.mark.parametrize("kind", TEXTS)
def test_what_is_no_text_is_refused_alike_at_every_door(kind: str, everyone: Any, root: User) -> None:
    factories.department("sales")
    good: Row = {"external_id" if kind == "customers" else "code": "made", **KINDS[kind][0]}
    for field, longest in TEXTS[kind].items():
        for text in ("", "a\x07b", "x" * (longest + 1), "x" * (2 * longest + 1)):
            said = same_reasons(doors_of(kind, good | {field: text}, root))
            assert {name for name, _ in said} == ({field} if text or field in good else set()), (kind, field, text)


@pytest.mark.parametrize(
    ("kind", "field"), [("kpis", "purpose"), ("initiatives", "description"), ("initiatives", "team_name")]
)
def test_what_is_no_text_is_refused_alike_where_files_have_none(
    kind: str, field: str, everyone: Any, root: User
) -> None:
    factories.department("sales")
    doors = doors_of(kind, {"code": "made", **KINDS[kind][0], field: "a\x07b"}, root)
    assert same_reasons({name: doors[name] for name in ("service", "API", "page")}) == {
        (field, "has control characters")
    }


# By kind: a good row, and what it names by code or key.
NAMING: dict[str, tuple[Row, tuple[str, ...]]] = {
    "tier_memberships": ({"customer": "C1", "starts_on": "2011-01-01", "tier": "T1"}, ("customer", "tier")),
    "lifecycle_events": ({"customer": "C1", "on": "2011-01-01", "kind": "joined"}, ("customer",)),
    "customers": ({"external_id": "C9", "name": "Made", "business_unit": "north"}, ("business_unit",)),
    "kpis": ({"code": "made", "department": "sales", "facts_of": "mood", **KPI}, ("department", "facts_of")),
    "complete_months": ({"kpi": "mood", "month": "2011-01"}, ("kpi",)),
    "tier_actuals": (
        {"kpi": "mood", "tier": "T1", "month": "2011-01", "numerator": "5", "denominator": "4"},
        ("kpi", "tier"),
    ),
    "targets": (
        {"kpi": "mood", "tier": "T1", "from_month": "2011-01", "per": "month", "value": "5", "until_month": ""},
        ("kpi", "tier"),
    ),
    "pain_points": (
        {"source": "survey", "department": "sales", "theme": "waiting", "tier": "T1", "month": "2011-01"}
        | {"mentions": "3", "severity": "2"},
        ("department", "tier"),
    ),
    "milestones": ({"initiative": "there", "title": "Made", "due": "2011-01-01"}, ("initiative",)),
}


@pytest.mark.parametrize("kind", NAMING)
def test_a_name_that_nothing_has_is_refused_alike_at_every_door(kind: str, everyone: Any, root: User) -> None:
    factories.tier("T1"), factories.department("sales"), factories.customer("C1"), factories.business_unit("north")
    factories.kpi("mood", customer_method="mean", time_method="mean"), factories.initiative("there")
    good, named = NAMING[kind]
    browser, calls = signed_in(root), kind.replace("_", "-")
    for name in named:
        for text in (good[name].swapcase(), "nowhere", "a\u200bb"):
            row = good | {name: text}
            doors: Doors = {
                "file": partial(by_file, kind, row, root),
                "API": partial(by_api, calls, given_back(row), browser),
                "bulk": partial(by_bulk, calls, given_back(row), browser),
            }
            assert {field for field, _ in same_reasons(doors)} == {name}, (kind, text)


# By kind: what stands beside a name and cannot be read.
UNREADABLE_BESIDE: dict[str, tuple[str, str]] = {
    "tier_memberships": ("starts_on", "soon"),
    "lifecycle_events": ("kind", "moved"),
    "customers": ("is_key_account", "maybe"),
    "kpis": ("indicator", "late"),
    "complete_months": ("month", "2011-13"),
    "tier_actuals": ("numerator", "many"),
    "targets": ("value", "many"),
    "pain_points": ("mentions", "many"),
    "milestones": ("due", "soon"),
}


@pytest.mark.parametrize("kind", NAMING)
def test_a_name_that_nothing_has_is_told_beside_what_cannot_be_read(kind: str, everyone: Any, root: User) -> None:
    factories.tier("T1"), factories.department("sales"), factories.customer("C1"), factories.business_unit("north")
    factories.kpi("mood", customer_method="mean", time_method="mean"), factories.initiative("there")
    good, named = NAMING[kind]
    beside, unreadable = UNREADABLE_BESIDE[kind]
    row = good | dict.fromkeys(named, "nowhere") | {beside: unreadable}
    browser, calls = signed_in(root), kind.replace("_", "-")
    doors: Doors = {
        "file": partial(by_file, kind, row, root),
        "API": partial(by_api, calls, given_back(row), browser),
        "bulk": partial(by_bulk, calls, given_back(row), browser),
    }
    assert {field for field, _ in same_reasons(doors)} == {beside, *named}


# A file whose cell cannot be read looks no further in it.
UNREADABLE = {"a@b@c", "@T1", "mood@"}
# By kind: a good row, and the lists in it by what they may hold.
LISTING: dict[str, tuple[Row, dict[str, tuple[str, ...]]]] = {
    "initiatives": (
        {"code": "made", "title": "Made", "level": "corporate", "department": "sales"},
        {"tiers": ("T1", "t1", "no/where"), "kpis": ("mood", "Mood", "mood@T1", "mood@T2", "no@where", "a@b@c", "@T1")},
    ),
    "moments": (
        {"code": "made", **KINDS["moments"][0]},
        {
            "tiers": ("T1", "t1", "no/where"),
            "kpis": ("mood", "mood@T2", "no@where", "mood@"),
            "initiatives": ("there", "There", "no/where"),
        },
    ),
    "incentive_goals": (
        {"code": "g1", "person": "omar@tierboard.example", "period": "2011-Q3", "weight": "100", "measure": "on_time"}
        | {"threshold": "80", "target": "90", "maximum": "100", "at_threshold": "50", "at_maximum": "150"},
        {"initiatives": ("there", "There", "no/where")},
    ),
}


@pytest.mark.parametrize("kind", LISTING)
def test_a_list_that_names_what_is_not_there_is_refused_alike_at_every_door(
    kind: str, everyone: dict[str, User], root: User
) -> None:
    factories.tier("T1"), factories.department("sales"), factories.kpi("mood"), factories.initiative("there")
    good, lists = LISTING[kind]
    browser, calls = signed_in(everyone["finance"] if kind == "incentive_goals" else root), kind.replace("_", "-")
    for field, named in lists.items():
        for several in (*((one,) for one in named), tuple(one for one in named if one not in UNREADABLE)):
            row = good | (PLAN if kind == "initiatives" else {}) | {field: ";".join(several)}
            doors: Doors = {
                "file": partial(by_file, kind, row, everyone["finance"] if kind == "incentive_goals" else root),
                "API": partial(by_api, calls, {**good, field: list(several)}, browser),
                "bulk": partial(by_bulk, calls, given_back(row), browser),
            }
            assert {name for name, _ in same_reasons(doors)} <= {field}, (kind, several)
            assert bool(same_reasons(doors)) == (several not in {("T1",), ("mood",), ("mood@T1",), ("there",)})
