"""What of the register waits for a word: approvals, overrides and what goes on again, decided together."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.choices import Role
from accounts.company import today
from accounts.models import AuditEntry, OutgoingMail, Thread, User
from accounts.services.threads import answer
from core.decisions import Decision, ReasonsMissing
from core.writes import StaleTransition
from initiatives.choices import Quadrant, Stage
from initiatives.models import Initiative
from initiatives.reading.approvals import Step, awaiting, for_executive
from initiatives.reading.subjects import initiative_subject
from initiatives.services.register import edit_initiative
from initiatives.services.stage_decisions import decide_stages, take_back_approval
from initiatives.services.stages import approve_initiative, move_stage, override_initiative
from tests import factories as make
from tests.factories import signed_in
from tests.kept import kept

PAGE, DECIDE, EFFECT, BACK = (f"/approvals/initiatives/{step}" for step in ("", "decide/", "effect/", "take-back/"))
WIN: dict[str, Any] = {"loyalty_impact": 5, "effort": 1}
BET: dict[str, Any] = {"loyalty_impact": 5, "effort": 5}
RECONSIDER: dict[str, Any] = {"loyalty_impact": 1, "effort": 5}


def candidate(code: str, owner: User, scores: dict[str, int] = WIN, **fields: Any) -> Initiative:
    start = today() + timedelta(days=5)
    return make.initiative(
        code, **{"stage": Stage.CANDIDATE, "owner": owner, "baseline_start": start, **scores, **fields}
    )


@kept
def three(omar: User) -> dict[str, Initiative]:
    """A quick win, a major bet and one to be reconsidered, each a candidate."""
    return {
        code: candidate(code, omar, scores, cost=cost)
        for code, scores, cost in (("win", WIN, 100), ("bet", BET, 2000), ("odd", RECONSIDER, 300))
    }


def page(user: User) -> str:
    return " ".join(signed_in(user).get(PAGE).content.decode().split())


def marks(**verdicts: str) -> dict[str, str]:
    """What the form sends: ``approve`` or ``reject``, with a reason behind a colon."""
    sent = {}
    for code, word in verdicts.items():
        pk = Initiative.objects.get(code=code).pk
        sent[f"d-{pk}"], _, sent[f"why-{pk}"] = word.partition(":")
    return sent


def stages() -> dict[str, str]:
    return dict(Initiative.objects.values_list("code", "stage"))


# -- what waits


def test_what_waits_and_for_which_word(omar: User) -> None:
    candidate("win", omar)
    candidate("undated", omar, baseline_start=None)
    make.initiative("became", stage=Stage.APPROVED, approved_as=Quadrant.QUICK_WIN, **BET)
    make.initiative("runs", stage=Stage.IN_PROGRESS, approved_as=Quadrant.FILL_IN, **BET)
    make.initiative("fine", stage=Stage.IN_PROGRESS, approved_as=Quadrant.MAJOR_BET, **BET)
    make.initiative("odd", stage=Stage.APPROVED, **RECONSIDER)
    make.initiative("held", stage=Stage.ON_HOLD, started_on=today())
    found = {one.initiative.code: one.step for one in awaiting()}
    assert found == {
        "win": Step.APPROVE,
        "became": Step.APPROVE_AGAIN,
        "runs": Step.APPROVE_AGAIN,
        "odd": Step.OVERRIDE,
        "held": Step.RESUME,
    }


def test_what_has_to_be_weighed_stands_first_and_in_no_batch(three: Any, ines: User) -> None:
    shown = page(ines)
    assert " checked" not in shown
    assert shown.index("Look at these first · 2") < shown.index("Worth its burden, or small · 1")
    assert "Major bet: a high burden, which its impact has to be worth." in shown
    marked = signed_in(ines).post(DECIDE, {"mark": "usual"}).content.decode()
    assert re.findall(r'name="d-(\d+)"\s+value="approve"\s+checked', marked) == [str(three["win"].pk)]
    assert set(stages().values()) == {"candidate"}


def test_the_effect_is_told_before_it_is_given(three: Any, ines: User) -> None:
    sent = marks(win="approve", bet="approve:Worth it", odd="reject:Why?")
    told = signed_in(ines).post(EFFECT, sent).json()
    assert told["said"] == "3 of 3 decided: 2 let on, 1 asked back."
    assert told["effect"] == (
        "Sending them lets 2 initiatives start for €2,100 together and asks the owner of 1 initiative. "
        "Nothing stays in the inbox."
    )


def test_the_page_costs_the_same_for_many(omar: User, ines: User, django_assert_max_num_queries: Any) -> None:
    browser = signed_in(ines)
    candidate("win", omar)
    browser.get("/help/")
    with django_assert_max_num_queries(60) as few:
        browser.get(PAGE)
    cost = len(few.captured_queries)
    for number in range(10):
        candidate(f"more-{number}", omar, BET)
        make.initiative(f"held-{number}", stage=Stage.ON_HOLD, started_on=today())
    browser.get("/help/")
    with django_assert_max_num_queries(cost + 3):  # where from, whether it began, and who may let it go on
        browser.get(PAGE)


# -- decided together


def test_an_executive_approves_justifies_overrides_and_asks_back(three: Any, omar: User, ines: User) -> None:
    more = candidate("more", omar)
    sent = marks(win="approve", bet="approve:Worth it", odd="approve:All the same", more="reject:Who pays?")
    answered = signed_in(ines).post(DECIDE, sent, follow=True)
    assert "3 initiatives may go on. 1 question asked." in answered.content.decode()
    assert stages() == {"win": "approved", "bet": "approved", "odd": "approved", "more": "candidate"}
    bet, odd = Initiative.objects.get(code="bet"), Initiative.objects.get(code="odd")
    assert (bet.approved_as, bet.justification) == (Quadrant.MAJOR_BET, "Worth it")
    assert (odd.override_by, odd.override_reason, odd.justification) == (ines, "All the same", "")
    subjects = list(OutgoingMail.objects.filter(to=omar).values_list("subject", flat=True))
    assert "3 initiatives decided by Ines" in subjects
    assert Thread.objects.get().key == more.code


def test_what_was_asked_back_leaves_the_inbox_until_it_is_answered(three: Any, omar: User, ines: User) -> None:
    signed_in(ines).post(DECIDE, marks(win="reject:Who pays?"))
    assert {one.initiative.code for one in for_executive(ines)} == {"bet", "odd"}
    assert "You asked, and wait for an answer · 1" in page(ines)
    assert len(for_executive(make.person("Ida", Role.EXECUTIVE))) == 3
    answer(thread=Thread.objects.get(), subject=initiative_subject(three["win"]), by=omar, text="We do.")
    assert len(for_executive(ines)) == 3


def test_a_refused_form_keeps_marks_and_texts(three: Any, ines: User) -> None:
    answered = signed_in(ines).post(DECIDE, marks(win="approve", bet="approve", odd="reject:Why?"))
    shown = " ".join(answered.content.decode().split())
    assert (answered.status_code, "One decision lacks its reason" in shown) == (400, True)
    pk = three["bet"].pk
    assert re.search(rf'id="why-{pk}"[^>]*aria-invalid="true"[^>]*autofocus', shown)
    assert (shown.count(" checked"), 'value="Why?"' in shown) == (3, True)
    assert set(stages().values()) == {"candidate"}
    assert not Thread.objects.exists()


@pytest.mark.parametrize("code", ["bet", "odd"])
def test_what_takes_words_is_not_approved_without(three: Any, ines: User, code: str) -> None:
    with pytest.raises(ReasonsMissing):
        decide_stages(decisions=[Decision(three[code].pk, True)], by=ines)
    if code == "bet":
        Initiative.objects.filter(code=code).update(justification="Written before")
        decide_stages(decisions=[Decision(three[code].pk, True)], by=ines)
        assert Initiative.objects.get(code=code).justification == "Written before"


def test_what_was_changed_since_is_not_decided_unseen(three: Any, omar: User, ines: User) -> None:
    row = Initiative.objects.get(code="win")
    edit_initiative(initiative=row, by=omar, values={"cost": 9000}, seen=str(row.revision))
    sent = marks(win="approve", bet="approve:Worth it") | {"seen": f"{row.pk}:{row.revision}"}
    assert "was changed since you saw it" in signed_in(ines).post(DECIDE, sent).content.decode()
    assert set(stages().values()) == {"candidate"}


@pytest.mark.parametrize("who", ["owner", "finance", "steward", "administrator"])
def test_nobody_else_approves_or_asks_back_here(three: Any, everyone: dict[str, User], who: str) -> None:
    for verdict in ("approve", "reject:Why?"):
        assert signed_in(everyone[who]).post(DECIDE, marks(win=verdict)).status_code == 403
    assert 'type="radio"' not in page(everyone[who])
    assert signed_in(everyone[who]).post(BACK, {"row": three["win"].pk}).status_code == 403


# -- going on


def test_what_is_on_hold_goes_on_by_those_who_run_it(omar: User, stella: User, ines: User) -> None:
    make.initiative("held", owner=omar, stage=Stage.ON_HOLD, started_on=today(), approved_as=Quadrant.QUICK_WIN)
    ready = make.initiative("ready", owner=omar, stage=Stage.APPROVED)
    move_stage(initiative=ready, to=Stage.ON_HOLD, by=stella, seen=Stage.APPROVED, reason="No money")
    make.initiative("never", owner=omar, stage=Stage.ON_HOLD)
    assert page(omar).count('value="approve"') == 2
    assert "It has not been approved" in page(omar)
    assert 'value="approve"' not in page(ines)
    signed_in(omar).post(DECIDE, marks(held="approve", ready="approve:Money came"))
    assert stages() == {"held": "in_progress", "ready": "approved", "never": "on_hold"}
    assert "stays: it is put on hold again on its page" in page(ines)
    assert signed_in(ines).post(DECIDE, marks(never="approve")).status_code == 403


# -- taken back


def approved(code: str, owner: User, by: User, **fields: Any) -> Initiative:
    row = candidate(code, owner, **fields)
    return approve_initiative(initiative=row, by=by, seen=Stage.CANDIDATE)


def test_an_approval_is_taken_back_before_the_start(omar: User, ines: User) -> None:
    row = approved("win", omar, ines)
    assert "It is a candidate again, to be approved anew before it starts." in page(ines)
    assert "an executive takes approvals back" in page(omar)
    signed_in(ines).post(BACK, {"row": row.pk, "reason": "Too early", "sure": "1"})
    row.refresh_from_db()
    assert (row.stage, row.approved_by, row.approved_at, row.approved_as) == ("candidate", None, None, "")
    assert (AuditEntry.objects.get(verb="taken back").after or {})["reason"] == "Too early"
    mail = OutgoingMail.objects.filter(to=omar).order_by("pk").last()
    assert mail is not None
    assert ("taken back by Ines" in mail.subject, "Too early" in mail.body) == (True, True)


def test_an_override_is_taken_back_and_goes_with_an_approval(omar: User, ines: User) -> None:
    row = override_initiative(initiative=candidate("odd", omar, RECONSIDER), by=ines, reason="All the same")
    taken = take_back_approval(initiative=row, by=ines)
    assert (taken.stage, taken.override_by) == ("candidate", None)
    decide_stages(decisions=[Decision(row.pk, True, "All the same")], by=ines)
    taken = take_back_approval(initiative=row, by=ines)
    assert (taken.stage, taken.approved_by, taken.override_by) == ("candidate", None, None)


def test_what_has_begun_stays_and_says_what_to_do_instead(omar: User, ines: User) -> None:
    row = approved("win", omar, ines)
    move_stage(initiative=row, to=Stage.IN_PROGRESS, by=omar, seen=Stage.APPROVED)
    assert "stays: the work has begun: put it on hold or cancel it instead" in page(ines)
    with pytest.raises(StaleTransition, match="the work has begun"):
        take_back_approval(initiative=row, by=ines)
    late = signed_in(ines).post(BACK, {"row": row.pk, "sure": "1"}, follow=True)
    assert "the work has begun" in late.content.decode()


def test_who_has_a_part_in_it_takes_no_approval_back(omar: User, ines: User) -> None:
    row = approved("win", omar, ines)
    row.team.add(ines)
    assert "you have a part in it: another executive takes it back" in page(ines)
    with pytest.raises(PermissionDenied, match="another executive"):
        take_back_approval(initiative=row, by=ines)
    assert take_back_approval(initiative=row, by=make.person("Ida", Role.EXECUTIVE)).stage == Stage.CANDIDATE


def test_a_program_takes_back_by_the_same_rules(omar: User, ines: User) -> None:
    approved("win", omar, ines)
    address = "/api/v1/initiatives/win/take-back/"
    assert signed_in(omar).post(address, {}, "application/json").status_code == 403
    taken = signed_in(ines).post(address, {"reason": "Too early"}, "application/json")
    assert (taken.status_code, taken.json()["stage"]) == (200, "candidate")
    assert signed_in(ines).post(address, {}, "application/json").status_code == 409


# -- where it is counted


def test_the_inboxes_count_what_an_executive_may_decide(three: Any, ines: User, stella: User, omar: User) -> None:
    make.kpi_proposal("asked", proposed_by=omar)
    shown = " ".join(signed_in(ines).get("/my/").content.decode().split())
    assert "3 initiatives wait for an executive, 1 major bet among them: approve, or ask back." in shown
    executive = " ".join(signed_in(ines).get("/approvals/").content.decode().split())
    assert '<a href="/approvals/initiatives/#waiting">3 initiatives</a>' in executive
    steward = " ".join(signed_in(stella).get("/approvals/").content.decode().split())
    assert '<a href="/kpi-proposals/#waiting">1 proposed KPI</a>' in steward
    assert "/approvals/initiatives/" not in steward
