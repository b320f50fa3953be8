"""Every destructive step says first what it will do and asks: sent without the word, it changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.company import today
from accounts.models import AuditEntry, Invitation, ListView, Load, User
from accounts.rights import Right
from accounts.services.tokens import create_token
from core.periods import Month
from core.stale import revision_of, stamped
from initiatives.choices import Stage
from initiatives.models import Document, SavedView, Turnaround
from initiatives.services.stages import approve_initiative
from kpis.models import CustomerMerge, PollOption, Retiering, Step, WeightSet
from kpis.services.definitions import change_meaning, edit_kpi
from kpis.services.polls import open_poll
from kpis.services.proposals import decline_proposal
from scorecard.models import Closing, Waiver
from tests import factories
from tests.factories import signed_in

VERBS = "delete|retire|withdraw|revoke|decline|merge|undo|take_back|take_out|unwaive|deactivate|erase|remove|revert"
# These do something else as well: of each the word that is destructive.
SEVERAL = {"initiative_stage", "milestone", "poll_act"}
# These ask in words of their own; what that is has a test beside the rule.
OTHERWISE = {
    "person_erase": "the address is typed (test_erasing)",
    "tier_retire": "whom it concerns is shown, and confirmed (test_tiers_page)",
}
World = dict[str, Any]
Sent = tuple[User, list[Any], dict[str, Any]]


def destructive(patterns: Any = None) -> Iterator[str]:
    """The names of all addresses that take something away by POST, but for those of the API and the admin."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            if str(one.pattern) not in {"admin/", "api/v1/"}:
                yield from destructive(one.url_patterns)
        elif isinstance(one, URLPattern) and not (one.name or "api-").startswith("api-"):
            yield from (re.search(VERBS, one.name or "") and [one.name]) or ()


@pytest.fixture
def world(company: object, everyone: dict[str, User]) -> World:
    """One of everything that can be taken away, and the people who may."""
    stella, omar, ines, fay = (everyone[name] for name in ("steward", "owner", "executive", "finance"))
    kpi, gold, customer = factories.kpi("churn"), factories.tier("T1"), factories.customer("C1")
    fact = factories.fact(kpi, customer, 201101, 5)
    plan = factories.initiative("plan", owner=omar)
    load = Load.objects.create(kind="facts", source="x.csv", by=stella)
    start = today() + timedelta(days=9)
    candidate = factories.initiative("idea", stage=Stage.CANDIDATE, owner=omar, baseline_start=start, effort=1)
    declined = factories.kpi_proposal("declined", proposed_by=omar)
    decline_proposal(proposal=declined, by=stella, reason="Twice.")
    turned = {"kind": "schedule", "what": "schedule", "evidence": "Late.", "nominated_on": start}
    retiering = {"end": 201101, "months": 3, "cut_by": "share", "cuts": {}, "starts_on": start}
    poll = open_poll(by=stella, question="What?", points=5, invited=[omar, stella])
    poll.stage = "merging"
    poll.save()
    change_meaning(kpi=kpi, by=stella, meaning={"direction": "lower"}, from_month=Month(201102), reason="x")
    edit_kpi(kpi=kpi, by=stella, values={"name": "Churn rate"})
    changed = AuditEntry.objects.latest("pk")
    kpi.refresh_from_db()
    token, _ = create_token(user=stella, name="x", scopes=[Right.READ], expires_on=start, by=stella)
    return everyone | {
        "kpi": kpi,
        "gold": gold,
        "customer": customer,
        "fact": fact,
        "plan": plan,
        "load": load,
        "token": token,
        "event": factories.lifecycle_event(customer, "2011-01-01", "joined"),
        "member": factories.member(customer, gold),
        "milestone": factories.milestone(plan, due=start),
        "approved": approve_initiative(initiative=candidate, by=ines, seen=Stage.CANDIDATE),
        "declined": declined,
        "proposed": factories.kpi_proposal("waits", proposed_by=omar),
        "turned": Turnaround.objects.create(
            initiative=plan, state="declined", decided_by=ines, decided_at=timezone.now(), **turned
        ),
        "document": Document.objects.create(initiative=plan, title="x", url="https://x.example/"),
        "benefit": factories.benefit(plan, "Waits", state="proposed", proposed_by=omar, created_by=omar),
        "counts": factories.benefit(plan, "Counts", state="approved", created_by=omar),
        "target": factories.target(kpi, gold, 201101, 5, created_by=omar, decided_by=fay, decided_at=timezone.now()),
        "pain": factories.pain_point(),
        "view": SavedView.objects.create(user=stella, name="x"),
        "list": ListView.objects.create(user=stella, name="x", list="customers"),
        "step": Step.objects.create(kpi=kpi, month=201101, reason="x"),
        "weights": WeightSet.objects.create(from_month=201101),
        "merge": CustomerMerge.objects.create(kept=customer, gone=factories.customer("C2"), by=stella),
        "other": factories.customer("C3"),
        "retiering": Retiering.objects.create(kpi=kpi, up=1, down=2, new=0, load=load, **retiering),
        "derived": factories.lifecycle_event(factories.customer("C4"), "2011-01-01", "joined"),
        "waiver": Waiver.objects.create(period="2011-Q1", number=1, item="x", reason="x", by=stella, at=timezone.now()),
        "closing": Closing.objects.create(
            period="2011-Q1", number=1, content=b"{}", digest="0" * 64, prepared_by=stella, prepared_at=timezone.now()
        ),
        "invitation": Invitation.objects.create(person=everyone["none"], by_mail=False, expires_at=timezone.now()),
        "poll": poll,
        "options": [PollOption.objects.create(poll=poll, text=text) for text in ("one", "two")],
        "entry": changed,
    }


ASKED: dict[str, Callable[[World], Sent]] = {
    "approvals_take_back": lambda w: (w["finance"], [], {"target": w["target"].pk}),
    "audit_revert": lambda w: (w["administrator"], [w["entry"].pk], {"reason": "x"}),
    "benefit_take_back": lambda w: (w["finance"], [], {"benefit": w["counts"].pk}),
    "benefit_withdraw": lambda w: (w["owner"], [w["benefit"].pk], {}),
    "customer_delete": lambda w: (w["steward"], ["C1"], {}),
    "customer_merge": lambda w: (w["steward"], ["C1"], {"other": "C3"}),
    "customer_retire": lambda w: (w["steward"], ["C1"], {"retired_from": "2030-01-01"}),
    "customer_take_out": lambda w: (w["steward"], ["C1", "event", w["event"].pk], {}),
    "customers_view_delete": lambda w: (w["steward"], [w["list"].pk], {}),
    "delete_view": lambda w: (w["steward"], [w["view"].pk], {}),
    "document_remove": lambda w: (w["owner"], ["plan", w["document"].pk], {}),
    "facts_delete": lambda w: (w["steward"], [], {"kpi": "churn", "month": "2011-01", "reason": "x"}),
    "initiative_stage": lambda w: (w["owner"], ["plan"], {"seen": "in_progress", "reason": "No money"}),
    "kpi_proposal_decline": lambda w: (w["steward"], [w["proposed"].pk], {"reason": "x"}),
    "kpi_proposal_withdraw": lambda w: (w["owner"], [w["proposed"].pk], {}),
    "kpi_proposals_take_back": lambda w: (w["steward"], [], {"row": w["declined"].pk}),
    "kpi_retire": lambda w: (
        *(w["steward"], ["churn"]),
        {"from_month": "2030-01", "reason": "x", "seen": stamped(revision_of(w["kpi"]))},
    ),
    "kpi_step_take_back": lambda w: (
        w["steward"],
        ["churn", w["step"].pk],
        {f"step-{w['step'].pk}-reason": "x"},
    ),
    "kpi_take_back": lambda w: (w["steward"], ["churn"], {"seen": stamped(revision_of(w["kpi"]))}),
    "kpi_weights_take_back": lambda w: (w["steward"], [w["weights"].pk], {f"set-{w['weights'].pk}-reason": "x"}),
    "lifecycle_take_back": lambda w: (w["steward"], [], {"kpi": "churn", "months": "3"}),
    "merge_undo": lambda w: (w["steward"], [w["merge"].pk], {}),
    "milestone": lambda w: (w["owner"], ["plan", w["milestone"].pk], {"verb": "drop", "reason": "x"}),
    "pain_point_delete": lambda w: (w["steward"], [w["pain"].pk], {}),
    "person_deactivate": lambda w: (w["administrator"], [w["owner"].pk], {"receiver": w["steward"].pk}),
    "person_revoke": lambda w: (w["administrator"], [w["none"].pk], {}),
    "poll_act": lambda w: (
        *(w["steward"], [w["poll"].pk, "merge"]),
        {"options": [one.pk for one in w["options"]], "text": "both"},
    ),
    "profile_token_revoke": lambda w: (w["steward"], [w["token"].pk], {}),
    "recognition_take_back": lambda w: (w["executive"], [], {"row": w["turned"].pk}),
    "retiering_undo": lambda w: (w["steward"], [], {"retiering": w["retiering"].pk}),
    "scorecard_unwaive": lambda w: (w["steward"], ["2011-Q1", w["waiver"].pk], {}),
    "scorecard_withdraw": lambda w: (w["steward"], ["2011-Q1"], {}),
    "stage_approvals_take_back": lambda w: (w["executive"], [], {"row": w["approved"].pk}),
    "undo_load": lambda w: (w["steward"], [w["load"].pk], {}),
}
# Where something has to wait first, so that there is anything to ask about.
WITH_MORE = {"approvals_withdraw": "asked with numbers, and shown one by one (test_approvals_page)"}


def test_every_address_that_takes_something_away_is_walked_here() -> None:
    assert set(destructive()) | SEVERAL == set(ASKED) | set(OTHERWISE) | set(WITH_MORE)


def test_without_the_word_nothing_is_changed_and_it_is_asked(world: World) -> None:
    world["derived"].__class__.objects.filter(pk=world["derived"].pk).update(derived_from="churn", derived_months=3)
    entries, wrong = AuditEntry.objects.count(), {}
    for name, sent in ASKED.items():
        by, args, data = sent(world)
        query = "?to=cancelled" if name == "initiative_stage" else ""
        answer = signed_in(by).post(reverse(name, args=args) + query, data)
        asks = answer.status_code == 200 and 'name="sure"' in answer.content.decode()
        written = AuditEntry.objects.count() - entries
        if not asks or written:
            wrong[name] = (answer.status_code, written)
    assert wrong == {}


def test_the_admin_asks_before_it_revokes_several_tokens(world: World) -> None:
    browser, token = signed_in(world["administrator"]), world["token"]
    sent = {"action": "revoke", "_selected_action": [str(token.pk)], "index": "0"}
    asked = browser.post("/admin/accounts/apitoken/", sent)
    assert "1 token of 1 person is refused at once." in asked.content.decode()
    token.refresh_from_db()
    assert token.revoked_at is None
    browser.post("/admin/accounts/apitoken/", sent | {"sure": "1"})
    token.refresh_from_db()
    assert token.revoked_at is not None
