"""Events in a company, and a derivation of them that stops at one point and waits there to be killed.

``python -m tests.processes.deriving happen | derive [POINT] | told``
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta

import django

django.setup()

from customers.models import Customer  # noqa: E402
from kpis.choices import EventKind  # noqa: E402
from kpis.models import Contact, EventTouch, Fact, Issue, Kpi, SliceTouch  # noqa: E402
from kpis.services import derived_facts, deriving  # noqa: E402
from kpis.services.event_touches import touch_events  # noqa: E402
from tests.processes.dying import stop_before  # noqa: E402

POINTS = {
    "with facts taken away and others to come": (derived_facts, "_slice_change", 1),
    "with the marks about to go": (deriving, "_kept", 1),
}
_RULES = ("contacts_per_solved_issue", "repeat_contacts(days=30)")


def happen() -> None:
    """Each customer has an issue, solved, with three contacts; two KPIs take them."""
    for code, rule in zip(("per_issue", "repeats"), _RULES, strict=True):
        asked = {"unit": "percent" if code == "repeats" else "number", "direction": "lower", "source": "events"}
        methods = {"customer_method": "ratio", "time_method": "pool", "indicator": "leading"}
        Kpi.objects.create(code=code, name=code, rule=rule, **asked, **methods)
    opened = date(2025, 10, 1)
    for number, customer in enumerate(Customer.objects.order_by("pk")):
        solved = opened + timedelta(60 + number)
        issue = Issue.objects.create(
            external_id=f"I{number}", load_id=0, customer=customer, opened_on=opened, solved_on=solved
        )
        Contact.objects.bulk_create(
            Contact(external_id=f"{number}-{n}", load_id=0, issue=issue, on=opened + timedelta(20 * n + number))
            for n in range(3)
        )
    for kind in (EventKind.ISSUES, EventKind.CONTACTS):
        touch_events(kind, "1 = 1")


def told() -> None:
    """Print the facts of both KPIs, and the marks."""
    rows = Fact.objects.filter(kpi__source="events").order_by("kpi_id", "customer_id", "month")
    facts = [[one.kpi_id, one.customer_id, one.month, str(one.numerator), str(one.denominator)] for one in rows]
    owed = SliceTouch.objects.filter(kpi__source="events").count()
    sys.stdout.write(json.dumps({"facts": facts, "marks": EventTouch.objects.count(), "slices": owed}))


def main(what: str, point: str = "") -> None:
    """What is asked for."""
    if what == "happen":
        happen()
    elif what == "told":
        told()
    else:
        if point:
            stop_before(*POINTS[point])
        deriving.derive_owed()


if __name__ == "__main__":
    main(*sys.argv[1:])
