"""An installation of an older release: ``python -m tests.core.old_release fill``, ``migrate``, ``tell``, ``go_back``.

The release is the one before people came and went (accounts 0020): all that the graph of migrations has without it.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import django

FIRST_AFTER = ("accounts", "0020_people_come_and_go")
NEW_APPS = {"scorecard"}  # had no tables yet
AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
PEOPLE = ("ines@old.example", "omar@old.example")


def fill() -> None:
    """Migrate to the old release, and write rows as it would."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection

    from core.management.commands.migrate import WholeExecutor

    executor = WholeExecutor(connection)
    graph = executor.loader.graph
    old = [key for key in graph.nodes if key[0] not in NEW_APPS and FIRST_AFTER not in graph.forwards_plan(key)]
    newest = [max(keys) for _, keys in groupby(sorted(old), itemgetter(0))]
    executor.migrate(newest)
    apps = executor.loader.project_state(newest).apps

    def add(model: str, **values: Any) -> Any:
        return apps.get_model(model).objects.create(**values)

    people = [add("accounts.User", email=address, name=address[:4], password="!") for address in PEOPLE]
    add("accounts.RoleGrant", user=people[0], role="steward")
    session = SessionStore().encode({"_auth_user_id": str(people[0].pk)})
    for key, days in (("lasting", 7), ("over", -1)):
        add("sessions.Session", session_key=key, session_data=session, expire_date=datetime.now(UTC) + timedelta(days))
    _write_accounts(add, people)
    _write_measured(add, people)


def _write_accounts(add: Any, people: list[Any]) -> None:
    load = add("accounts.Load", kind="tiers", source="tiers.csv", by=people[0])
    add("accounts.LoadChange", load=load, kind="tiers", key="T1", change="created", after={"code": "T1"})
    add("accounts.AuditEntry", by=people[0], verb="loaded", object_type="accounts.load", object_id=str(load.pk))
    add("accounts.OutgoingMail", key="x", to=people[1], subject="Asked", body="x")
    add("initiatives.SavedView", pk=7, user=people[0], name="Late", query="status=late", shared=True)
    add("accounts.Thread", kind="initiative", key="lights", asked_by=people[0], state="open", opened_at=AT)


def _write_measured(add: Any, people: list[Any]) -> None:
    gold = add("customers.Tier", code="T1", name="Gold", rank=1)
    tin = add("customers.Tier", code="T9", name="Tin", rank=9, retired=True)
    customer = add("customers.Customer", external_id="ACME-1", name="Müller & Söhne", account_manager=people[1])
    for day, tier in ((date(2025, 1, 1), tin), (date(2025, 6, 1), gold), (date(2025, 9, 1), None)):
        add("customers.TierMembership", customer=customer, starts_on=day, tier=tier)
    add("customers.LifecycleEvent", customer=customer, on=date(2025, 1, 1), kind="joined")
    kpi = add("kpis.Kpi", code="revenue", name="Revenue", indicator="trailing", unit="currency", direction="higher",
              customer_method="sum", time_method="sum", position=1)  # fmt: skip
    add("kpis.Fact", month=202501, kpi=kpi, customer=customer, numerator=12, load_id=1)
    add("kpis.RolledSlice", kpi=kpi, month=202501, facts=1, computed_at=AT)
    add("kpis.RollupRun", trigger="person")
    add("kpis.Target", kpi=kpi, tier=gold, from_month=202501, per="month", value=10, state="approved", version=1,
        created_by=people[0], decided_by=people[1], decided_at=AT)  # fmt: skip


def tell() -> dict[str, Any]:
    """What became of it, as models of today read it."""
    from django.db import DatabaseError, transaction

    from accounts.models import AuditEntry, Company, ListView, OutgoingMail, PersonSession, Thread, User
    from customers.models import Customer, LifecycleEvent, Tier, TierMembership
    from kpis.models import Fact, Kpi, RollupRun, SignalTouch, Target, ValueKpis

    try:
        with transaction.atomic():
            AuditEntry.objects.update(verb="another")
        frozen = False
    except DatabaseError:
        frozen = True
    return {
        "people": list(User.objects.values_list("email", "number_format", "date_format", "single_keys", "erased_at")),
        "sessions": list(PersonSession.objects.values_list("pk", "person__email")),
        "entries": list(AuditEntry.objects.values_list("verb", "act", "reverts")),
        "frozen": frozen,
        "mails": list(OutgoingMail.objects.values_list("subject", "address")),
        "threads": list(Thread.objects.values_list("key", "asked_by__email", "state")),
        "views": list(ListView.objects.values_list("pk", "user__email", "list", "name", "query", "shared")),
        "one may close": Company.objects.get().one_may_close,
        "tiers": list(Tier.objects.real().order_by("code").values_list("code", "retired_from")),
        "customers": list(Customer.objects.values_list("external_id", "folded_id", "folded_name", "merged_into")),
        "memberships": list(TierMembership.objects.values_list("starts_on", "tier__code")),
        "events": list(LifecycleEvent.objects.values_list("on", "kind", "derived_from", "derived_months")),
        "kpis": list(Kpi.objects.values_list("code", "seasonal", "source")),
        "facts": list(Fact.objects.values_list("month", "numerator")),
        "targets": list(Target.objects.values_list("state", "value", "decided_by__email")),
        "signals owed": list(SignalTouch.objects.values_list("kpi__code", "month")),
        "runs": list(RollupRun.objects.values_list("trigger", "signal_touches")),
        "value": list(ValueKpis.objects.values_list("pk", "revenue", "margin", "cost")),
    }


def go_back() -> dict[str, Any]:
    """What becomes of the views of the register where their own table comes back."""
    from django.db import connection

    from core.management.commands.migrate import WholeExecutor

    before = [("initiatives", "0009_benefits_are_taken_back")]
    WholeExecutor(connection).migrate(before)
    apps = WholeExecutor(connection).loader.project_state(before).apps
    names = ("pk", "user__email", "name", "query", "shared")
    return {"views": list(apps.get_model("initiatives.SavedView").objects.values_list(*names))}


if __name__ == "__main__":
    django.setup()
    acts = {"fill": fill, "tell": tell, "go_back": go_back}
    sys.stdout.write(json.dumps(acts[sys.argv[1]](), default=str))
