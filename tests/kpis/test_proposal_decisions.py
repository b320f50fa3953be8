"""Several proposed KPIs decided together, and decisions on them taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.choices import Role
from accounts.models import AuditEntry, OutgoingMail, User
from core.decisions import Decision, ReasonsMissing
from core.writes import StaleTransition, TransitionRefused
from kpis.choices import KpiState, ProposalState
from kpis.models import Kpi, KpiProposal
from kpis.services.proposal_decisions import decide_proposals, take_back_proposal
from kpis.services.proposals import accept_proposal, decline_proposal, propose_kpi
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.kpis.test_definition_services import values

pytestmark = pytest.mark.django_db
LIST, DECIDE, BACK = "/kpi-proposals/", "/kpi-proposals/decide/", "/kpi-proposals/take-back/"


def proposed(by: User, code: str, **fields: Any) -> KpiProposal:
    return propose_kpi(by=by, values=values(code, owner=by, **fields), why="Nobody counts them.")


@kept
def two(omar: User) -> tuple[KpiProposal, KpiProposal]:
    return proposed(omar, "visits"), proposed(omar, "calls")


def states() -> dict[str, str]:
    return {str(one): one.state for one in KpiProposal.objects.all()}


def page(user: User) -> str:
    return " ".join(signed_in(user).get(LIST).content.decode().split())


# -- together


def test_some_are_accepted_and_others_declined_in_one_act(two: Any, stella: User, omar: User) -> None:
    visits, calls = two
    told = signed_in(stella).post("/kpi-proposals/effect/", {f"d-{visits.pk}": "approve"}).json()
    assert told["said"] == "1 of 2 decided: 1 accepted, 0 declined."
    assert "puts 1 draft into the library and changes no matrix. 1 stays in the inbox." in told["effect"]
    sent = {f"d-{visits.pk}": "approve", f"d-{calls.pk}": "reject", f"why-{calls.pk}": "Twice."}
    answer = signed_in(stella).post(DECIDE, sent, follow=True)
    assert "1 KPI accepted: drafts of the library now. 1 proposal declined" in answer.content.decode()
    assert states() == {"Visits": "accepted", "Calls": "declined"}
    assert Kpi.objects.get().state == KpiState.DRAFT
    assert OutgoingMail.objects.filter(to=omar).count() == 2


def test_nothing_is_ticked_and_a_button_only_marks(two: Any, stella: User) -> None:
    assert " checked" not in page(stella)
    answer = signed_in(stella).post(DECIDE, {"mark": "usual"})
    assert answer.content.decode().count(" checked") == 2
    assert not Kpi.objects.exists()


def test_a_refused_form_keeps_marks_and_texts(two: Any, stella: User) -> None:
    visits, calls = two
    sent = {f"d-{visits.pk}": "approve", f"d-{calls.pk}": "reject", f"why-{visits.pk}": "typed"}
    answer = signed_in(stella).post(DECIDE, sent)
    shown = " ".join(answer.content.decode().split())
    assert (answer.status_code, "One rejection lacks its reason" in shown) == (400, True)
    assert re.search(rf'id="why-{calls.pk}"[^>]*aria-invalid="true"[^>]*autofocus', shown)
    assert f'href="#why-{calls.pk}"' in shown
    assert (shown.count(" checked"), 'value="typed"' in shown) == (2, True)
    assert set(states().values()) == {"proposed"}


def test_all_of_it_or_nothing(two: Any, omar: User, stella: User) -> None:
    visits, calls = two
    factories.kpi("calls")
    with pytest.raises(TransitionRefused, match=r"“Calls” cannot be taken in as it is: .*Nothing was decided\."):
        decide_proposals(decisions=[Decision(visits.pk, True), Decision(calls.pk, True)], by=stella)
    assert set(states().values()) == {"proposed"}
    with pytest.raises(ReasonsMissing):
        decide_proposals(decisions=[Decision(visits.pk, False)], by=stella)
    with pytest.raises(PermissionDenied):
        decide_proposals(decisions=[Decision(visits.pk, True)], by=omar)


def test_what_cannot_be_taken_in_stands_first_and_says_why(two: Any, omar: User, stella: User) -> None:
    factories.kpi("calls")
    twin = proposed(omar, "twin", name="Twins")
    factories.kpi("other", name="Twins")
    User.objects.filter(pk=omar.pk).update(is_active=False)
    shown = page(stella)
    assert "The library has a KPI with the code “calls”" in shown
    assert f'id="a-{two[1].pk}"' not in shown
    assert "The library has a KPI of this name" in shown
    assert f"its owner {omar.email} was deactivated" in shown.replace("Its owner", "its owner")
    assert f'id="x-{twin.pk}"' in shown


def test_owners_read_their_own_and_decide_on_none(two: Any, omar: User) -> None:
    assert "Nobody counts them." in page(omar)
    assert 'type="radio"' not in page(omar)
    assert signed_in(omar).post(DECIDE, {f"d-{two[0].pk}": "approve"}).status_code == 403
    assert signed_in(omar).post(BACK, {"row": two[0].pk}).status_code == 403


# -- taken back


def test_a_declined_one_waits_again(two: Any, stella: User, omar: User) -> None:
    decline_proposal(proposal=two[0], by=stella, reason="Twice.")
    assert "It waits for a decision again" in page(stella)
    signed_in(stella).post(BACK, {"row": two[0].pk, "reason": "Misread", "sure": "1"})
    row = KpiProposal.objects.get(pk=two[0].pk)
    assert (row.state, row.decided_by, row.decision_note) == ("proposed", None, "")
    mail = OutgoingMail.objects.filter(to=omar).order_by("pk").last()
    assert mail is not None
    assert ("taken back by Stella" in mail.subject, "Misread" in mail.body) == (True, True)
    assert (AuditEntry.objects.get(verb="taken back").after or {})["reason"] == "Misread"
    decline_proposal(proposal=row, by=stella, reason="Twice indeed.")  # and its mail goes out once more
    assert OutgoingMail.objects.filter(to=omar).count() == 3


def test_an_accepted_one_waits_again_and_its_unused_kpi_goes(two: Any, stella: User) -> None:
    accept_proposal(proposal=two[0], by=stella)
    assert "The KPI goes from the library" in page(stella)
    signed_in(stella).post(BACK, {"row": two[0].pk, "sure": "1"})
    assert (states()["Visits"], Kpi.objects.count()) == (ProposalState.PROPOSED, 0)
    assert accept_proposal(proposal=two[0], by=stella).code == "visits"


@pytest.mark.parametrize("rests", ["facts", "targets", "formulas"])
def test_a_kpi_in_use_stays_and_it_says_why(two: Any, stella: User, rests: str) -> None:
    kpi = accept_proposal(proposal=two[0], by=stella)
    if rests == "facts":
        factories.fact(kpi, factories.customer(), 202501, 1)
    elif rests == "targets":
        factories.target(kpi, factories.tier(), 202501, 1)
    else:
        twice = Kpi.objects.filter(pk=factories.kpi("twice").pk)
        twice.update(formula="2 * visits", customer_method="", time_method="")
    assert f"stays: {rests} rest on the KPI by now: retire it on its page instead" in page(stella)
    with pytest.raises(StaleTransition, match="retire it on its page instead"):
        take_back_proposal(proposal=two[0], by=stella)
    assert states()["Visits"] == ProposalState.ACCEPTED


def test_who_proposed_takes_no_decision_on_it_back(stella: User, omar: User) -> None:
    both = factories.person("Bo", Role.OWNER, Role.STEWARD)
    row = proposed(both, "visits")
    decline_proposal(proposal=row, by=stella, reason="Twice.")
    assert "it is yours: another steward takes it back" in page(both)
    with pytest.raises(PermissionDenied, match="another steward"):
        take_back_proposal(proposal=row, by=both)
    with pytest.raises(PermissionDenied):
        take_back_proposal(proposal=row, by=omar)


def test_a_declined_one_that_was_proposed_anew_stays(two: Any, omar: User, stella: User) -> None:
    decline_proposal(proposal=two[0], by=stella, reason="Twice.")
    proposed(omar, "visits")
    with pytest.raises(StaleTransition, match="proposed anew since"):
        take_back_proposal(proposal=two[0], by=stella)


def test_a_program_takes_back_by_the_same_rules(two: Any, stella: User, omar: User) -> None:
    decline_proposal(proposal=two[0], by=stella, reason="Twice.")
    address = f"/api/v1/kpi-proposals/{two[0].pk}/take-back/"
    assert signed_in(omar).post(address, {}, "application/json").status_code == 403
    answer = signed_in(stella).post(address, {"reason": "Misread"}, "application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "proposed")
    assert signed_in(stella).post(address, {}, "application/json").status_code == 409
