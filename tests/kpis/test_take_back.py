"""Taking an approval of a target back: by whom, until when, and what stands afterwards; page, service and API."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry, OutgoingMail, User
from core.decisions import Decision
from core.writes import StaleTransition
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.models import Kpi, Target, TargetBatch
from kpis.rollup.runs import roll_up_now
from kpis.services.decisions import approve, decide, take_back
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def kpi(db: None) -> Kpi:
    factories.tier("T1")
    return factories.kpi("revenue", name="Net revenue")


def waits(kpi: Kpi, by: User, value: int, version: int) -> Target:
    """A proposal of the row of 2012's first quarter."""
    batch = TargetBatch.objects.create(proposed_by=by)
    wait = {"state": TargetState.PROPOSED, "batch": batch, "created_by": by, "version": version}
    return factories.target(kpi, Tier.objects.get(code="T1"), 201201, value, per=Per.QUARTER, **wait)


def approved(kpi: Kpi, proposer: User, by: User, value: int, version: int) -> Target:
    return approve(targets=[waits(kpi, proposer, value, version).pk], by=by)[0]


def states() -> list[str]:
    return list(Target.objects.order_by("version").values_list("state", flat=True))


def test_what_it_superseded_stands_again_one_after_the_other(kpi: Kpi, stella: User, fay: User) -> None:
    first, second, third = (approved(kpi, stella, fay, 10 * number, number) for number in (1, 2, 3))
    assert states() == ["superseded", "superseded", "approved"]
    take_back(targets=[third.pk], by=fay)
    assert states() == ["superseded", "approved", "withdrawn"]
    take_back(targets=[second.pk], by=fay, reason="Wrong quarter")
    assert states() == ["approved", "withdrawn", "withdrawn"]
    entry = AuditEntry.objects.get(verb="taken back", object_id=str(second.pk))
    after = entry.after or {}
    assert (entry.by, after["state"], after["reason"]) == (fay, "withdrawn", "Wrong quarter")
    assert AuditEntry.objects.filter(verb="approved again", object_id=str(first.pk)).count() == 1
    assert OutgoingMail.objects.filter(subject="1 target withdrawn by Fay", to=stella).count() == 2


def test_what_a_change_of_meaning_withdrew_before_does_not_come_back(kpi: Kpi, stella: User, fay: User) -> None:
    approved(kpi, stella, fay, 10, 1)
    second = approved(kpi, stella, fay, 20, 2)
    Target.objects.filter(pk=second.pk).update(state=TargetState.WITHDRAWN)
    third = approved(kpi, stella, fay, 30, 3)
    take_back(targets=[third.pk], by=fay)
    assert states() == ["superseded", "withdrawn", "withdrawn"]


def test_a_later_version_keeps_it_and_all_of_a_call_with_it(kpi: Kpi, stella: User, fay: User) -> None:
    first, second = (approved(kpi, stella, fay, 10 * number, number) for number in (1, 2))
    with pytest.raises(StaleTransition, match="a later version counts by now"):
        take_back(targets=[first.pk, second.pk], by=fay)
    assert states() == ["superseded", "approved"]


def test_a_rejection_is_taken_back_until_a_later_version_is_there(kpi: Kpi, stella: User, fay: User) -> None:
    first = waits(kpi, stella, 10, 1)
    for _ in range(2):
        decide(decisions=[Decision(first.pk, False, "Too low")], by=fay)
        take_back(targets=[first.pk], by=fay, reason="Misread")
    first.refresh_from_db()
    assert (states(), first.decided_by, first.decision_note) == (["proposed"], None, "")
    assert OutgoingMail.objects.filter(to=stella).count() == 4
    decide(decisions=[Decision(first.pk, False, "Too low")], by=fay)
    waits(kpi, stella, 12, 2)
    with pytest.raises(StaleTransition, match="a later version was written since"):
        take_back(targets=[first.pk], by=fay)


@pytest.mark.parametrize(
    ("role", "may"),
    [("finance", True), ("steward", False), ("owner", False), ("executive", False), ("administrator", False)],
)
def test_finance_takes_back_and_nobody_else(role: str, may: bool, kpi: Kpi, stella: User, fay: User) -> None:
    target, person = approved(kpi, stella, fay, 10, 1), factories.person("Petra", role)
    browser, token = signed_in(person), {"targets": [target.pk]}
    page = browser.post("/approvals/take-back/", {"target": target.pk, "sure": "1"})
    assert (page.status_code, states()) == ((302, ["withdrawn"]) if may else (403, ["approved"]))
    if not may:
        assert browser.post("/api/v1/targets/take-back/", token, "application/json").status_code == 403
        assert "Take back" not in browser.get("/approvals/").content.decode()


def test_who_proposed_it_does_not_take_it_back(kpi: Kpi, fay: User) -> None:
    target = approved(kpi, fay, factories.person("Frank", "finance"), 10, 1)
    with pytest.raises(PermissionDenied, match="somebody else from finance"):
        take_back(targets=[target.pk], by=fay)
    assert "it is yours: somebody else from finance takes it back" in signed_in(fay).get("/approvals/").content.decode()


@time_machine.travel("2012-05-20T12:00:00Z", tick=False)
def test_the_api_says_before_what_it_would_turn_and_changes_nothing(kpi: Kpi, stella: User, fay: User) -> None:
    customer = factories.customer(tier=Tier.objects.get(code="T1"))
    for month, value in ((201201, 21), (201202, 0), (201203, 0)):
        factories.fact(kpi, customer, month, value)
    roll_up_now()
    browser = signed_in(fay)

    def call(act: str, target: Target, dry: str = "") -> Any:
        answer = browser.post(f"/api/v1/targets/{act}/{dry}", {"targets": [target.pk]}, "application/json")
        assert answer.status_code == 200, answer.content
        [row] = answer.json()
        turned = {(one["tier"], one["period"]): (one["before"], one["after"]) for one in row["verdicts"]}
        return row["state"], turned["T1", "2012-Q1"], len(turned)

    approved(kpi, stella, fay, 20, 1)
    second = waits(kpi, stella, 22, 2)
    for dry, after in (("?dry_run=1", ["approved", "proposed"]), ("", ["superseded", "approved"])):
        assert call("approve", second, dry) == ("approved", ("met", "near"), 2)
        assert states() == after
    for dry, after in (("?dry_run=1", ["superseded", "approved"]), ("", ["approved", "withdrawn"])):
        assert call("take-back", second, dry) == ("withdrawn", ("near", "met"), 2)
        assert states() == after
    assert OutgoingMail.objects.filter(subject__contains="withdrawn").count() == 1
    again = browser.post("/api/v1/targets/take-back/", {"targets": [second.pk]}, "application/json")
    assert again.status_code == 409
