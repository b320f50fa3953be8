"""Every address of the product, who may enter it, and a company in which each leads to something.

A new address fails here until somebody says who may enter it; tests/accounts/test_every_answer.py walks them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from axes.models import AccessAttempt
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import ApiToken, AuditEntry, ExchangeRate, Load, LoadChange, OutgoingMail, User
from initiatives.choices import BenefitKind, Response, Tracked
from initiatives.models import (
    Benefit,
    Initiative,
    Policy,
    RealisedBenefit,
    Thanks,
    TrackedChange,
    Turnaround,
    UpdateResponse,
)
from kpis.choices import LinkStage, TargetState
from kpis.models import RollupRun
from tests import factories
from tests.accounts import scorecard_doors
from tests.accounts.audiences import (
    ADMINS,
    EXECUTIVES,
    FILES_AND_JOBS,
    FINANCE,
    MODELS,
    NONE,
    OWNERS,
    PROPOSERS,
    PUBLIC,
    READERS,
    SIGNED_IN,
    STAFF,
    STEWARDS,
    Door,
)
from tests.accounts.customer_doors import CUSTOMER_DOORS
from tests.accounts.doors_of_decisions import DECISIONS
from tests.accounts.doors_of_events import EVENT_DOORS, EVENTS
from tests.accounts.doors_of_moments import MOMENT_DOORS
from tests.accounts.doors_of_people import PEOPLE_DOORS
from tests.accounts.doors_of_setup import SETUP
from tests.accounts.doors_of_the_audit import AUDIT
from tests.accounts.doors_of_tiers import TIER_DOORS
from tests.kept import kept

PLAIN = ("business-units", "departments", "tiers", "customers", "tier-memberships", "lifecycle-events")


KPI_STEPS = ("retire", "publish", "bring-back", "take-back", "steps", "steps/<int:step>/take-back", "seasonal")
DOORS: dict[str, Door] = {
    **PEOPLE_DOORS,
    **SETUP,
    **AUDIT,
    "healthz": Door(PUBLIC),
    "readyz": Door(PUBLIC),
    # Signing in
    "accounts/login/": Door(PUBLIC, PUBLIC),
    "accounts/logout/": Door(SIGNED_IN),
    "accounts/password/": Door(SIGNED_IN, SIGNED_IN),
    "accounts/password/done/": Door(SIGNED_IN),
    "accounts/reset/": Door(PUBLIC, PUBLIC),
    "accounts/reset/sent/": Door(PUBLIC),
    "accounts/reset/<uidb64>/<token>/": Door(PUBLIC, PUBLIC),
    "accounts/reset/done/": Door(PUBLIC),
    # The API; an integrator has rights through a token alone
    "api/v1/schema/": Door(SIGNED_IN),
    "api/v1/matrix/": Door(READERS),
    "api/v1/cell/": Door(READERS),
    "api/v1/growth/": Door(READERS),
    "api/v1/signals/": Door(READERS),
    "api/docs/": Door(SIGNED_IN),
    "api/": Door(SIGNED_IN, SIGNED_IN),
    # Pages
    "": Door(READERS),
    "help/": Door(SIGNED_IN),
    "help/<str:place>/": Door(SIGNED_IN),
    "matrix/<str:period>/": Door(READERS),
    "matrix/<str:period>/chart.json": Door(READERS),
    "matrix/<str:period>/<str:kpi>/<str:tier>/": Door(READERS),
    "matrix/<str:period>/<str:kpi>/<str:tier>/chart.json": Door(READERS),
    "matrix/<str:period>/<str:kpi>/<str:tier>/split/": Door(READERS),
    "matrix/<str:period>/<str:kpi>/<str:tier>/split/chart.json": Door(READERS),
    "matrix/<str:period>/<str:kpi>/<str:tier>/difference/": Door(READERS),
    **{f"growth/{part}": Door(READERS) for part in ("", "chart.json", "customers/", "export/<download:form>/")},
    **CUSTOMER_DOORS,
    "my/": Door(READERS),
    # Questions: those of the walk are about the owner's initiative; the action is the superuser's
    "asks/<str:kind>/<path:key>/": Door(READERS, READERS),
    "asks/answer/<int:number>/": Door(SIGNED_IN, OWNERS),
    "asks/again/<int:number>/": Door(SIGNED_IN, frozenset({"superuser"})),
    "asks/actions/<int:number>/": Door(SIGNED_IN, OWNERS),
    "my/reminders/": Door(SIGNED_IN, READERS),
    "facts/": Door(READERS),
    "facts/delete/": Door(SIGNED_IN, STEWARDS),
    # The library
    "kpis/": Door(READERS),
    "kpis/<str:kpi>/": Door(READERS),
    "kpis/<str:kpi>/chart.json": Door(READERS),
    "kpis/<str:kpi>/edit/": Door(STEWARDS, STEWARDS),
    "kpis/<str:kpi>/meaning/": Door(STEWARDS, STEWARDS),
    **{f"kpis/<str:kpi>/{step}/": Door(SIGNED_IN, STEWARDS) for step in KPI_STEPS},
    "kpi-templates/": Door(OWNERS),
    "kpi-templates/<str:template>/": Door(STEWARDS, STEWARDS),
    # Proposed KPIs: that of the walk is the owner's
    # Targets: the walk's KPI is nobody's own
    "targets/": Door(READERS, PROPOSERS),
    "targets/understood/": Door(SIGNED_IN, READERS),
    "targets/<str:kpi>/<str:tier>/<str:per>/<str:month>/": Door(READERS),
    "polls/": Door(READERS),
    "polls/new/": Door(STEWARDS, STEWARDS),
    "polls/<int:number>/": Door(READERS),
    "polls/<int:number>/options/<int:option>/kpi/": Door(STEWARDS, STEWARDS),
    "polls/<int:number>/<str:verb>/": Door(SIGNED_IN, READERS),
    "actuals/": Door(READERS),
    "actuals/<str:kpi>/<str:month>/": Door(STEWARDS, STEWARDS),
    "approvals/": Door(READERS),
    **{f"approvals/{act}/": Door(SIGNED_IN, READERS) for act in ("decide", "effect", "withdraw")},
    "approvals/take-back/": Door(SIGNED_IN, FINANCE),
    "freshness/": Door(STEWARDS),
    "freshness/mark/": Door(SIGNED_IN, STEWARDS),
    **{address: Door(*who) for address, who in FILES_AND_JOBS.items()},
    "rollups/": Door(READERS),
    "rollups/<int:number>/": Door(READERS),
    "rollups/now/": Door(SIGNED_IN, STEWARDS),
    # Initiatives: that of the walk is the owner's
    "initiatives/": Door(READERS),
    "initiatives/board/": Door(READERS),
    "initiatives/timeline/": Door(READERS),
    "initiatives/timeline/chart.json": Door(READERS),
    "initiatives/export/<download:form>/": Door(READERS),
    "initiatives/views/": Door(SIGNED_IN, READERS),
    "initiatives/views/<int:number>/delete/": Door(SIGNED_IN, READERS),
    "initiatives/new/": Door(READERS, READERS),
    "initiatives/<str:code>/": Door(READERS),
    "initiatives/<str:code>/edit/": Door(OWNERS, OWNERS),
    "initiatives/<str:code>/stage/": Door(OWNERS, OWNERS),
    "initiatives/<str:code>/milestones/": Door(SIGNED_IN, OWNERS),
    "initiatives/<str:code>/milestones/<int:number>/": Door(OWNERS, OWNERS),
    "initiatives/<str:code>/documents/": Door(SIGNED_IN, OWNERS),
    "initiatives/<str:code>/documents/<int:number>/": Door(SIGNED_IN, OWNERS),
    "initiatives/<str:code>/update/": Door(OWNERS, OWNERS),
    "initiatives/<str:code>/updates/": Door(READERS),
    "initiatives/<str:code>/updates/<int:number>/": Door(SIGNED_IN, READERS),
    "initiatives/<str:code>/thanks/": Door(SIGNED_IN, READERS),
    "initiatives/priorities/": Door(READERS),
    "initiatives/priorities/chart.json": Door(READERS),
    "initiatives/report/": Door(READERS),
    "coverage/": Door(READERS),
    "coverage/chart.json": Door(READERS),
    "coverage/pain/": Door(READERS),
    "coverage/pain/new/": Door(STEWARDS, STEWARDS),
    "coverage/pain/<int:number>/": Door(STEWARDS, STEWARDS),
    "coverage/pain/<int:number>/delete/": Door(SIGNED_IN, STEWARDS),
    "initiatives/benefits/<int:number>/withdraw/": Door(SIGNED_IN, READERS - {"executive"}),
    "initiatives/<str:code>/benefits/": Door(READERS - {"executive"}, READERS - {"executive"}),
    "initiatives/<str:code>/benefits/<int:number>/": Door(READERS - {"executive"}, READERS - {"executive"}),
    "initiatives/settings/": Door(READERS),
    "initiatives/settings/policy/": Door(SIGNED_IN, ADMINS),
    "initiatives/settings/rates/": Door(SIGNED_IN, ADMINS | {"finance"}),
    # The API of initiatives
    "api/v1/initiatives/": Door(READERS, READERS),
    "api/v1/initiatives/<str:code>/": Door(READERS),
    **{
        f"api/v1/initiatives/<str:code>/{step}/": Door(READERS, EXECUTIVES)
        for step in ("approve", "override", "take-back")
    },
    **{
        f"api/v1/initiatives/<str:code>/{step}/": Door(READERS, OWNERS)
        for step in ("start", "hold", "cancel", "return-to-candidate", "return-to-approved", "finish")
    },
    "api/v1/initiatives/<str:code>/thank/": Door(READERS, READERS),
    "api/v1/initiatives/<str:code>/thanks/": Door(READERS),
    "api/v1/initiatives/summary/": Door(READERS),
    "api/v1/coverage/": Door(READERS),
    "api/v1/milestones/": Door(READERS, OWNERS),
    "api/v1/milestones/<int:pk>/": Door(READERS),
    "api/v1/milestones/<int:pk>/drop/": Door(READERS, OWNERS),
    "api/v1/status-updates/": Door(READERS, OWNERS),
    "api/v1/status-updates/<int:pk>/": Door(READERS),
    "api/v1/status-updates/<int:pk>/respond/": Door(READERS, READERS),
    "api/v1/pain-points/": Door(READERS, STEWARDS),
    "api/v1/pain-points/<int:pk>/": Door(READERS),
    "api/v1/benefits/": Door(READERS, READERS - {"executive"}),
    "api/v1/benefits/<int:pk>/": Door(READERS),
    **{
        f"api/v1/benefits/<int:pk>/{step}/": Door(READERS, READERS - {"executive"})
        for step in ("submit", "withdraw", "realise")
    },
    **{f"api/v1/benefits/<int:pk>/{step}/": Door(READERS, FINANCE) for step in ("approve", "reject", "take-back")},
    # The API of the KPI library
    "api/v1/kpis/": Door(READERS, STEWARDS),
    "api/v1/kpis/<str:code>/": Door(READERS),
    **{f"api/v1/kpis/<str:code>/{step}/": Door(READERS, STEWARDS) for step in ("change-meaning", "retire")},
    "api/v1/kpis/<str:code>/bring-back/": Door(READERS, STEWARDS),
    "api/v1/kpis/<str:code>/take-back-meaning/": Door(READERS, STEWARDS),
    "api/v1/kpis/<str:code>/preview/": Door(READERS, OWNERS),
    "api/v1/kpis/<str:code>/versions/": Door(READERS),
    # The API of plain tables: of the walk's customers the owner reads none
    **{f"api/v1/{name}/": Door(READERS, STEWARDS) for name in PLAIN},
    **{f"api/v1/{name}/<str:code>/": Door(READERS) for name in ("business-units", "departments", "tiers")},
    "api/v1/customers/<path:external_id>/": Door(READERS),
    **{f"api/v1/{name}/<int:pk>/": Door(READERS) for name in ("tier-memberships", "lifecycle-events")},
    "api/v1/kpi-proposals/": Door(READERS, frozenset({"superuser", "owner"})),
    "api/v1/kpi-proposals/<int:pk>/": Door(READERS),
    **{
        f"api/v1/kpi-proposals/<int:pk>/{step}/": Door(READERS, STEWARDS) for step in ("accept", "decline", "take-back")
    },
    "api/v1/kpi-proposals/<int:pk>/withdraw/": Door(READERS, frozenset({"owner"})),
    "api/v1/complete-months/": Door(READERS, STEWARDS),
    "api/v1/complete-months/<int:pk>/": Door(READERS),
    # The API of targets and actuals: the walk's KPIs are nobody's own
    "api/v1/targets/": Door(READERS, PROPOSERS | {"owner"}),
    "api/v1/targets/<int:pk>/": Door(READERS),
    **{f"api/v1/targets/{step}/": Door(READERS, PROPOSERS | {"owner"}) for step in ("propose", "withdraw")},
    "api/v1/targets/approve/": Door(READERS, FINANCE),
    "api/v1/targets/reject/": Door(READERS, FINANCE),
    "api/v1/targets/take-back/": Door(READERS, FINANCE),
    "api/v1/target-batches/": Door(READERS),
    "api/v1/target-batches/<int:pk>/": Door(READERS),
    "api/v1/tier-actuals/": Door(READERS, OWNERS),
    "api/v1/tier-actuals/<int:pk>/": Door(READERS),
    # Facts, and many rows at once: of which row who may what, each row says
    "api/v1/facts/": Door(READERS, STEWARDS),
    **{
        f"api/v1/{kind}/bulk/": Door(READERS, STEWARDS)
        for kind in (*PLAIN, "kpis", "facts", "complete-months", "pain-points", *EVENTS)
    },
    **{f"api/v1/{kind}/bulk/": Door(READERS, OWNERS) for kind in ("tier-actuals", "milestones", "status-updates")},
    "api/v1/targets/bulk/": Door(READERS, PROPOSERS | {"owner"}),
    "api/v1/initiatives/bulk/": Door(READERS, READERS),
    "api/v1/restatements/": Door(READERS),
    "api/v1/restatements/<int:pk>/": Door(READERS),
    # The admin
    "admin/": Door(STAFF),
    "admin/login/": Door(STAFF),
    "admin/logout/": Door(STAFF),
    "admin/password_change/": Door(STAFF),
    "admin/password_change/done/": Door(STAFF),
    "admin/autocomplete/": Door(NONE),
    "admin/jsi18n/": Door(STAFF),
    "admin/r/<path:content_type_id>/<path:object_id>/": Door(STAFF),
    "admin/accounts/user/<id>/password/": Door(ADMINS, ADMINS),
}


DOORS |= scorecard_doors.DOORS | DECISIONS
DOORS |= TIER_DOORS | MOMENT_DOORS | EVENT_DOORS
for _name, _who in MODELS.items():
    DOORS |= {
        f"admin/{_name}/": Door(_who.view),
        f"admin/{_name}/add/": Door(_who.add, _who.add),
        f"admin/{_name}/<path:object_id>/change/": Door(_who.view, _who.change),
        f"admin/{_name}/<path:object_id>/delete/": Door(_who.delete, _who.delete),
        f"admin/{_name}/<path:object_id>/history/": Door(_who.view),
        f"admin/{_name}/<path:object_id>/": Door(STAFF),  # leads on to the form
    }

# Patterns that are regular expressions: the list of an app's models, and what is nowhere.
LOOSE = (r"admin/^(?P<app_label>", r"admin/(?P<url>.*)$")


def addresses(patterns: Any = None, before: str = "") -> Iterator[str]:
    """Every pattern of the product, as it is written."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        whole = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, whole)
        elif isinstance(pattern, URLPattern) and not whole.startswith(LOOSE):
            yield whole


def test_every_address_says_who_may_enter() -> None:
    assert sorted(set(addresses())) == sorted(DOORS)


@kept
def world(everyone: dict[str, User], root: User) -> dict[str, Any]:
    """A row of each model, by its place in the admin."""
    return world_of(everyone, root)


def world_of(everyone: dict[str, User], root: User) -> dict[str, Any]:
    """The same for who makes the people too."""
    tier, kpi = factories.tier(), factories.kpi("net_revenue")
    initiative = factories.initiative("lights", owner=everyone["owner"])
    customer = factories.customer("C1", tier=tier)
    load = Load.objects.create(kind="tiers", source="tiers.csv", by=root)
    action = factories.action("initiative", initiative.code, root)
    return {
        "accounts/user": everyone["none"],
        "accounts/company": 1,
        "accounts/apitoken": ApiToken.objects.create(user=root, name="x", prefix="x", digest="x"),
        "accounts/auditentry": AuditEntry.objects.create(verb="x", object_type="x", object_id="1", object_label="x"),
        "accounts/load": load,
        "accounts/loadchange": LoadChange.objects.create(
            load=load, kind="tiers", key="T9", change="created", after={"code": "T9", "name": "Tin", "rank": "9"}
        ),
        "accounts/businessunit": factories.business_unit(),
        "accounts/department": factories.department(),
        "axes/accessattempt": AccessAttempt.objects.create(username="x", failures_since_start=1),
        "customers/tier": tier,
        "customers/customer": customer,
        "customers/tiermembership": customer.memberships.get(),
        "customers/lifecycleevent": factories.lifecycle_event(customer, "2010-01-01", "joined"),
        "kpis/kpi": kpi,
        "kpis/completemonth": factories.complete_month(kpi, 201109),
        "kpis/tieractual": factories.tier_actual(factories.kpi("survey"), tier, 201109, 1),
        "kpis/target": factories.target(kpi, tier, 201109, 1, state=TargetState.DRAFT),
        "accounts/exchangerate": ExchangeRate.objects.create(currency="USD", year=2011, rate="0.7"),
        "accounts/thread": action.word.thread,
        "accounts/action": action,
        "accounts/outgoingmail": OutgoingMail.objects.create(key="x", to=root, subject="x", body="x"),
        "initiative": initiative,
        **{f"initiatives/{obj._meta.model_name}": obj for obj in register_rows(initiative, root)},
        "run": RollupRun.objects.create(trigger="person"),
        "proposal": factories.kpi_proposal("asked_for", proposed_by=everyone["owner"]),
        "link": factories.link(factories.kpi("calls"), kpi, by=everyone["owner"], stage=LinkStage.PROPOSED),
        **scorecard_doors.written_rows(kpi, tier, root),
    }


def register_rows(initiative: Initiative, by: User) -> list[Any]:
    """A row of each model of the register."""
    update = factories.status_update(initiative, author=by)
    benefit = {"initiative": initiative, "name": "x", "kind": BenefitKind.MONEY, "value_per_year": 1}
    return [
        initiative,
        factories.milestone(initiative, due=date(2011, 9, 30)),
        factories.pain_point(),
        factories.moment("lights"),
        Policy.objects.get(),
        update,
        UpdateResponse.objects.create(update=update, verb=Response.ACKNOWLEDGED, by=by),
        TrackedChange.objects.create(
            initiative=initiative, what=Tracked.STAGE, on=date(2011, 9, 30), before="candidate", after="approved"
        ),
        Benefit.objects.create(from_month=201109, **benefit),
        RealisedBenefit.objects.create(initiative=initiative, name="x", month=201109, value=1),
        Thanks.objects.create(initiative=initiative, by=by, text="x"),
        Turnaround.objects.create(initiative=initiative, kind="schedule", what="x", nominated_on=date(2011, 9, 30)),
    ]


def concrete(address: str, world: dict[str, Any]) -> str:
    """An address that leads to something."""
    row = world.get(model[1], 1) if (model := re.match(r"admin/(\w+/\w+)/", address)) else 1
    number = str(getattr(row, "pk", row))
    values = {"period": "2011-Q3", "kpi": "net_revenue", "tier": "T1", "number": str(world["run"].pk), "code": "lights"}
    values["form"] = "csv"
    step = "1" if "<int:step>" in address else "company"
    values |= {"place": "kpis", "step": step, "external_id": "C1", "what": "tier", "month": "2011-09"}
    for start, row_of in (("initiatives/benefits/", "initiatives/benefit"), ("people/", "accounts/user")):
        if address.startswith(start):
            values["number"] = str(world[row_of].pk)
    if address.startswith("audit/"):
        values["number"] = str(world["accounts/auditentry"].pk)
    if address.startswith("imports/"):
        values["kind"] = "tiers"
        values["number"] = str(world["accounts/load"].pk)
    if address.startswith("asks/"):
        values["number"] = str(world["accounts/action" if "actions" in address else "accounts/thread"].pk)
        values |= {"kind": "initiative", "key": "lights"}
    values |= scorecard_doors.number_of(address, world)
    if "kpi-proposals/" in address:
        values |= dict.fromkeys(("number", "pk"), str(world["proposal"].pk))
    if "links/" in address:
        values |= dict.fromkeys(("number", "pk"), str(world["link"].pk))
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values.get(part[1], number), address)
    return f"/{path}" + ("?period=2011-Q3" if address == "api/v1/matrix/" else "")
