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
from core.decisions import Decision
from core.periods import Month
from core.stale import revision_of, stamped
from customers.models import LifecycleEvent
from initiatives.choices import Stage
from initiatives.models import Document, Turnaround
from initiatives.services.moment_proposals import decide_moments, propose_moment
from initiatives.services.stages import approve_initiative
from kpis.models import CustomerMerge, Kpi, Poll, PollOption, Retiering, Step, WeightSet
from kpis.services.definitions import change_meaning, edit_kpi
from kpis.services.polls import open_poll
from kpis.services.proposals import decline_proposal
from scorecard.models import Closing, Remark, Waiver, WarningResponse
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
            yield from re.findall(f".*(?:{VERBS}).*", one.name or "")


@pytest.fixture
def world(company: object, everyone: dict[str, User]) -> World:
    """One of everything that can be taken away, and the people who may."""
    kpi, customer = factories.kpi("churn"), factories.customer("C1")
    factories.fact(kpi, customer, 201101, 5)
    found = everyone | {"kpi": kpi, "customer": customer, "gold": factories.tier("T1")}
    found |= decided(found) | kept(found) | of_customers(found) | of_the_library(found)
    kpi.refresh_from_db()
    return found


def decided(w: World) -> World:
    """What was decided, and can be taken back; and what waits, and can be withdrawn."""
    stella, omar, ines, fay = (w[name] for name in ("steward", "owner", "executive", "finance"))
    now, start = timezone.now(), today() + timedelta(days=9)
    plan = factories.initiative("plan", owner=omar)
    candidate = factories.initiative("idea", stage=Stage.CANDIDATE, owner=omar, baseline_start=start, effort=1)
    declined = factories.kpi_proposal("declined", proposed_by=omar)
    decline_proposal(proposal=declined, by=stella, reason="Twice.")
    turned = {"kind": "schedule", "what": "schedule", "evidence": "Late.", "nominated_on": start}
    return {
        "plan": plan,
        "milestone": factories.milestone(plan, due=start),
        "document": Document.objects.create(initiative=plan, title="x", url="https://x.example/"),
        "approved": approve_initiative(initiative=candidate, by=ines, seen=Stage.CANDIDATE),
        "declined": declined,
        "proposed": factories.kpi_proposal("waits", proposed_by=omar),
        **links_of(w["kpi"], omar, stella),
        **moments_of(omar, stella),
        "turned": Turnaround.objects.create(
            initiative=plan, state="declined", decided_by=ines, decided_at=now, **turned
        ),
        "benefit": factories.benefit(plan, "Waits", state="proposed", proposed_by=omar, created_by=omar),
        "counts": factories.benefit(plan, "Counts", state="approved", created_by=omar),
        "target": factories.target(w["kpi"], w["gold"], 201101, 5, created_by=omar, decided_by=fay, decided_at=now),
    }


def links_of(kpi: Kpi, owner: User, steward: User) -> World:
    """A link that is written down, one that waits, and one that was declined."""
    said = {"stage": "declined", "decided_by": steward, "decided_at": timezone.now(), "decision_note": "Twice."}
    leading = [factories.kpi(f"leads_{number}") for number in range(3)]
    return {
        "link": factories.link(leading[0], kpi, by=steward),
        "hoped": factories.link(leading[1], kpi, by=owner, stage="proposed"),
        "refused": factories.link(leading[2], kpi, by=owner, **said),
    }


def moments_of(owner: User, steward: User) -> World:
    """A moment of truth, a proposal of one that waits, and one that was declined."""
    values = {"code": "calling", "name": "Calling", "stage": "using", "role": "user"}
    waits = propose_moment(by=owner, values=values, why="It decides.")
    declined = propose_moment(by=owner, values=values | {"code": "other"}, why="It decides.")
    decide_moments(decisions=[Decision(declined.pk, False, "Twice.")], by=steward)
    return {"moment": factories.moment("being-answered"), "wished": waits, "unwished": declined}


def kept(w: World) -> World:
    """What people and their work leave: views, a token, an invitation, a load, a closing and what it waived."""
    stella, now = w["steward"], timezone.now()
    token, _ = create_token(user=stella, name="x", scopes=[Right.READ], expires_on=None, by=stella)
    closing = {"content": b"{}", "digest": "0" * 64, "prepared_by": stella, "prepared_at": now}
    return {
        "token": token,
        "load": Load.objects.create(kind="facts", source="x.csv", by=stella),
        "view": ListView.objects.create(user=stella, name="y", list="initiatives"),
        "list": ListView.objects.create(user=stella, name="x", list="customers"),
        "invitation": Invitation.objects.create(person=w["none"], by_mail=False, expires_at=now),
        "waiver": Waiver.objects.create(period="2011-Q1", number=1, item="x", reason="x", by=stella, at=now),
        "closing": Closing.objects.create(period="2011-Q1", number=1, **closing),
    }


def of_customers(w: World) -> World:
    """An event, a merge, a re-tiering and derived events of customers."""
    kpi, customer, stella = w["kpi"], w["customer"], w["steward"]
    derived = factories.lifecycle_event(factories.customer("C4"), "2011-01-01", "joined")
    LifecycleEvent.objects.filter(pk=derived.pk).update(derived_from="churn", derived_months=3)
    load = Load.objects.create(kind="tier_memberships", source="x", by=stella)
    terms = {"end": 201101, "months": 3, "cut_by": "share", "cuts": {}, "starts_on": today()}
    return {
        "event": factories.lifecycle_event(customer, "2011-01-01", "joined"),
        "other": factories.customer("C3"),
        "response": WarningResponse.objects.create(customer=customer, month=201101, kind="seen", by=stella),
        "merge": CustomerMerge.objects.create(kept=customer, gone=factories.customer("C2"), by=stella),
        "retiering": Retiering.objects.create(kpi=kpi, up=1, down=2, new=0, load=load, **terms),
    }


def of_the_library(w: World) -> World:
    """A meaning, a step, weights, a pain point, a change to give back and a poll."""
    kpi, stella = w["kpi"], w["steward"]
    change_meaning(kpi=kpi, by=stella, meaning={"direction": "lower"}, from_month=Month(201102), reason="x")
    edit_kpi(kpi=kpi, by=stella, values={"name": "Churn rate"})
    changed = AuditEntry.objects.latest("pk")
    poll = open_poll(by=stella, question="What?", points=5, invited=[w["owner"], stella])
    Poll.objects.filter(pk=poll.pk).update(stage="merging")
    return {
        "entry": changed,
        "step": Step.objects.create(kpi=kpi, month=201101, reason="x"),
        "remark": Remark.objects.create(kpi=kpi, month=201101, text="x", by=stella),
        "weights": WeightSet.objects.create(from_month=201101),
        "pain": factories.pain_point(),
        "poll": poll,
        "options": [PollOption.objects.create(poll=poll, text=text) for text in ("one", "two")],
    }


ASKED: dict[str, Callable[[World], Sent]] = {
    "approvals_take_back": lambda w: (w["finance"], [], {"target": w["target"].pk}),
    "audit_revert": lambda w: (w["administrator"], [w["entry"].pk], {"reason": "x"}),
    "benefit_take_back": lambda w: (w["finance"], [], {"row": w["counts"].pk}),
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
    "link_delete": lambda w: (w["steward"], [w["link"].pk], {}),
    "link_proposals_take_back": lambda w: (w["steward"], [], {"row": w["refused"].pk}),
    "link_withdraw": lambda w: (w["owner"], [w["hoped"].pk], {}),
    "merge_undo": lambda w: (w["steward"], [w["merge"].pk], {}),
    "milestone": lambda w: (w["owner"], ["plan", w["milestone"].pk], {"verb": "drop", "reason": "x"}),
    "moment_delete": lambda w: (w["steward"], [w["moment"].code], {}),
    "moment_proposal_withdraw": lambda w: (w["owner"], [w["wished"].pk], {}),
    "moment_proposals_take_back": lambda w: (w["steward"], [], {"row": w["unwished"].pk}),
    "pain_point_delete": lambda w: (w["steward"], [w["pain"].pk], {}),
    "person_deactivate": lambda w: (w["administrator"], [w["owner"].pk], {"receiver": w["steward"].pk}),
    "person_revoke": lambda w: (w["administrator"], [w["none"].pk], {}),
    "poll_act": lambda w: (
        *(w["steward"], [w["poll"].pk, "merge"]),
        {"options": [one.pk for one in w["options"]], "text": "both"},
    ),
    "profile_token_revoke": lambda w: (w["steward"], [w["token"].pk], {}),
    "recognition_take_back": lambda w: (w["executive"], [], {"row": w["turned"].pk}),
    "remark_take_back": lambda w: (w["steward"], [w["remark"].pk], {}),
    "retiering_undo": lambda w: (w["steward"], [], {"retiering": w["retiering"].pk}),
    "scorecard_unwaive": lambda w: (w["steward"], ["2011-Q1", w["waiver"].pk], {}),
    "scorecard_withdraw": lambda w: (w["steward"], ["2011-Q1"], {}),
    "stage_approvals_take_back": lambda w: (w["executive"], [], {"row": w["approved"].pk}),
    "undo_load": lambda w: (w["steward"], [w["load"].pk], {}),
    "warning_take_back": lambda w: (w["steward"], [w["response"].pk], {}),
}
# Where something has to wait first, so that there is anything to ask about.
WITH_MORE = {"approvals_withdraw": "asked with numbers, and shown one by one (test_approvals_page)"}


def test_every_address_that_takes_something_away_is_walked_here() -> None:
    assert set(destructive()) | SEVERAL == set(ASKED) | set(OTHERWISE) | set(WITH_MORE)


def test_without_the_word_nothing_is_changed_and_it_is_asked(world: World) -> None:
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
