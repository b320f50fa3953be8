"""KPIs that owners propose: checked first, accepted once, declined with a reason, taken back while they wait."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from accounts.choices import Role
from accounts.models import AuditEntry, OutgoingMail, User
from core.registry import Urgency, asks_of
from core.writes import StaleTransition
from kpis.choices import ProposalState
from kpis.models import Kpi, KpiProposal
from kpis.services.proposals import accept_proposal, decline_proposal, propose_kpi, withdraw_proposal
from tests import factories
from tests.kept import kept
from tests.kpis.test_definition_services import values

pytestmark = pytest.mark.django_db


@kept
def proposal(omar: User) -> KpiProposal:
    """Omar's, in money, with all that a proposal may name."""
    more: dict[str, Any] = {
        "department": factories.department(),
        "owner": omar,
        "facts_of": factories.kpi("orders"),
        "unit": "currency",
        "near_band": "2.5",
    }
    return propose_kpi(by=omar, values=values(**more), why=" Nobody counts them. ")


@kept
def steve(db: None) -> User:
    """The other steward."""
    return factories.person("Steve", Role.STEWARD)


def state(proposal: KpiProposal) -> str:
    return KpiProposal.objects.get(pk=proposal.pk).state


def test_a_proposal_keeps_its_fields_as_files_write_them(proposal: KpiProposal, omar: User) -> None:
    kept = KpiProposal.objects.get().values
    assert (kept["department"], kept["owner"], kept["facts_of"]) == ("sales", omar.email, "orders")
    assert (kept["currency"], kept["near_band"]) == ("EUR", "2.5000")
    assert (proposal.why, proposal.state, str(proposal)) == ("Nobody counts them.", "proposed", "Visits")
    assert AuditEntry.objects.get().verb == "proposed"
    assert not Kpi.objects.filter(code="visits").exists()


@pytest.mark.parametrize("who", ["ines", "fay", "stella", "ada", "noor"])
def test_only_owners_propose(who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        propose_kpi(by=request.getfixturevalue(who), values=values(), why="So")


@pytest.mark.parametrize(
    ("fields", "why", "wrong"),
    [
        ({}, " \x07", {"why"}),
        ({"customer_method": ""}, "So", {"customer_method"}),
        ({"formula": "2 * nothing", "customer_method": "", "time_method": ""}, "So", {"formula"}),
        ({"code": "taken"}, "So", {"code"}),
    ],
)
def test_what_could_be_no_kpi_is_no_proposal(fields: dict[str, Any], why: str, wrong: set[str], omar: User) -> None:
    factories.kpi("taken")
    with pytest.raises(ValidationError) as refusal:
        propose_kpi(by=omar, values=values(**fields), why=why)
    assert set(refusal.value.message_dict) == wrong
    assert not KpiProposal.objects.exists()


def test_a_steward_accepts_and_it_becomes_that_kpi(proposal: KpiProposal, stella: User, omar: User) -> None:
    kpi = accept_proposal(proposal=proposal, by=stella)
    kpi.refresh_from_db()
    assert (kpi.code, kpi.owner, str(kpi.near_band), kpi.currency) == ("visits", omar, "2.5000", "EUR")
    assert kpi.facts_of == Kpi.objects.get(code="orders")
    row = KpiProposal.objects.get()
    assert (row.state, row.kpi, row.decided_by) == ("accepted", kpi, stella)
    verbs = set(AuditEntry.objects.filter(by=stella).values_list("verb", "object_type"))
    assert verbs == {("created", "kpis.kpi"), ("accepted", "kpis.kpiproposal")}


def test_it_becomes_what_the_steward_made_of_it_and_stays_as_it_was_proposed(
    proposal: KpiProposal, stella: User
) -> None:
    kpi = accept_proposal(proposal=proposal, by=stella, values={"name": "Calls", "owner": None})
    assert (kpi.name, kpi.owner) == ("Calls", None)
    assert str(KpiProposal.objects.get()) == "Visits"


def test_what_cannot_be_a_kpi_any_more_still_waits(proposal: KpiProposal, stella: User) -> None:
    factories.kpi("visits")
    with pytest.raises(ValidationError) as refusal:
        accept_proposal(proposal=proposal, by=stella)
    assert set(refusal.value.message_dict) == {"code"}
    assert state(proposal) == "proposed"
    Kpi.objects.filter(code="orders").delete()
    with pytest.raises(ValidationError) as refusal:
        accept_proposal(proposal=proposal, by=stella, values={"code": "calls"})
    assert refusal.value.message_dict == {"facts_of": ["There is no orders any more."]}
    assert accept_proposal(proposal=proposal, by=stella, values={"code": "calls", "facts_of": None}).code == "calls"


def test_a_decline_needs_a_reason_and_keeps_it(proposal: KpiProposal, stella: User) -> None:
    with pytest.raises(ValidationError):
        decline_proposal(proposal=proposal, by=stella, reason=" ")
    assert decline_proposal(proposal=proposal, by=stella, reason="Twice.").decision_note == "Twice."


@pytest.mark.parametrize("who", ["ines", "omar", "fay", "noor"])
def test_only_stewards_decide(who: str, proposal: KpiProposal, request: pytest.FixtureRequest) -> None:
    for decide in (
        lambda by: accept_proposal(proposal=proposal, by=by),
        lambda by: decline_proposal(proposal=proposal, by=by, reason="No"),
    ):
        with pytest.raises(PermissionDenied):
            decide(request.getfixturevalue(who))
    assert state(proposal) == "proposed"


def test_what_was_decided_or_taken_back_is_not_decided_again(
    proposal: KpiProposal, omar: User, stella: User, steve: User
) -> None:
    decline_proposal(proposal=proposal, by=stella, reason="Twice.")
    with pytest.raises(StaleTransition, match=r"“Visits” was declined meanwhile\."):
        accept_proposal(proposal=proposal, by=steve)
    with pytest.raises(StaleTransition):
        withdraw_proposal(proposal=proposal, by=omar)
    other = propose_kpi(by=omar, values=values("calls"), why="So")
    withdraw_proposal(proposal=other, by=omar)
    with pytest.raises(StaleTransition, match="withdrawn meanwhile"):
        accept_proposal(proposal=other, by=steve)
    assert not Kpi.objects.filter(code__in=["visits", "calls"]).exists()


def test_only_who_proposed_it_takes_it_back(proposal: KpiProposal, omar: User, stella: User) -> None:
    for other in (stella, factories.person("Olga", Role.OWNER)):
        with pytest.raises(PermissionDenied):
            withdraw_proposal(proposal=proposal, by=other)
    assert withdraw_proposal(proposal=proposal, by=omar).state == ProposalState.WITHDRAWN


def test_the_proposer_is_told_once_what_became_of_it(proposal: KpiProposal, omar: User, stella: User) -> None:
    accept_proposal(proposal=proposal, by=stella)
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (omar, "“Visits” was accepted by Stella")
    assert "/kpis/visits/" in mail.body
    assert "It is yours" in mail.body


def test_who_is_declined_reads_why(proposal: KpiProposal, stella: User) -> None:
    decline_proposal(proposal=proposal, by=stella, reason="We count <calls> & visits as one.")
    mail = OutgoingMail.objects.get()
    assert "We count <calls> & visits as one." in mail.body
    assert f"/kpi-proposals/{proposal.pk}/" in mail.body


def test_nobody_is_told_of_the_own_decision_or_without_an_account(
    proposal: KpiProposal, omar: User, root: User
) -> None:
    own = propose_kpi(by=root, values=values("calls"), why="So")
    accept_proposal(proposal=own, by=root)
    User.objects.filter(pk=omar.pk).update(is_active=False)
    decline_proposal(proposal=KpiProposal.objects.get(pk=proposal.pk), by=root, reason="Gone")
    assert not OutgoingMail.objects.exists()


def test_stewards_are_asked_to_decide_and_nobody_else(
    proposal: KpiProposal, stella: User, omar: User, ines: User
) -> None:
    propose_kpi(by=omar, values=values("calls"), why="So")
    (ask,) = asks_of(stella)
    assert (ask.urgency, ask.url, ask.since) == (
        Urgency.DECISION,
        "/kpi-proposals/",
        timezone.localdate(proposal.proposed_at),
    )
    assert ask.text == "2 proposed KPIs wait for a steward: accept, or decline with a reason."
    assert asks_of(omar) == asks_of(ines) == []
    for row in KpiProposal.objects.all():
        decline_proposal(proposal=row, by=stella, reason="No")
    assert asks_of(stella) == []


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"why": ""}, "a_proposed_kpi_says_why"),
        ({"state": "accepted", "decided_at": timezone.now()}, "an_accepted_proposal_has_its_kpi_and_no_other_one"),
        ({"state": "declined", "decision_note": "x"}, "a_decided_proposal_says_who_and_when"),
        ({"state": "declined", "decided_at": timezone.now()}, "a_declined_proposal_says_why"),
    ],
)
def test_the_database_holds_what_a_proposal_has_to_say(fields: dict[str, Any], constraint: str, omar: User) -> None:
    decided = {"decided_by": omar} if "decided_at" in fields else {}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        KpiProposal.objects.create(**{"values": {}, "why": "x", "proposed_by": omar} | fields | decided)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("both_accept", [True, False])
def test_of_two_who_decide_at_once_one_wins(
    both_accept: bool, proposal: KpiProposal, stella: User, steve: User
) -> None:
    assert connection.vendor == "postgresql"
    start, outcomes = threading.Barrier(2), list[str]()

    def decide(who: User, accepts: bool) -> None:
        start.wait()
        try:
            if accepts:
                accept_proposal(proposal=proposal, by=who)
            else:
                decline_proposal(proposal=proposal, by=who, reason="No")
            outcomes.append("won")
        except StaleTransition:
            outcomes.append("stale")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=args) for args in ((stella, True), (steve, both_accept))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stale", "won"]
    assert AuditEntry.objects.filter(verb__in=["accepted", "declined"]).count() == 1
    assert OutgoingMail.objects.count() == 1
