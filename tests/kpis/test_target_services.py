"""Targets on their way: drafts, a batch before finance, decisions that nobody takes on their own."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from pytest_django import DjangoAssertNumQueries

from accounts.choices import Role
from accounts.models import AuditEntry, OutgoingMail, User
from core.periods import Month
from core.writes import StaleTransition, StaleWrite, TransitionRefused
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.models import Kpi, Target
from kpis.services.decisions import approve, reject
from kpis.services.target_rows import VALUES
from kpis.services.targets import (
    NewTarget,
    TargetsRefused,
    delete_draft,
    edit_draft,
    propose,
    save_drafts,
    withdraw,
)
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def kpi(db: None) -> Kpi:
    return factories.kpi()


@kept
def frank(db: None) -> User:
    """The other one from finance."""
    return factories.person("Frank", Role.FINANCE)


def cell(kpi: Kpi, tier: Tier, value: int | str | None, month: int = 201101, per: Per = Per.MONTH) -> NewTarget:
    return NewTarget(kpi, tier, Month(month), per, value=None if value is None else Decimal(value))


def draft(kpi: Kpi, tier: Tier, by: User, value: int | str = 10, month: int = 201101) -> Target:
    return save_drafts(cells=[cell(kpi, tier, value, month)], by=by)[0]


def proposal(kpi: Kpi, tier: Tier, by: User, value: int | str = 10) -> Target:
    made = draft(kpi, tier, by, value)
    propose(targets=[made.pk], by=by)
    made.refresh_from_db()
    return made


def two_drafts(kpi: Kpi, tier: Tier) -> list[Target]:
    """As files leave them: each row that differs is a version."""
    return [factories.target(kpi, tier, 201101, 9 + one, version=one, state=TargetState.DRAFT) for one in (1, 2)]


def states(kpi: Kpi) -> list[tuple[int, str]]:
    return list(Target.objects.filter(kpi=kpi).order_by("version").values_list("version", "state"))


def test_a_cell_becomes_a_draft_with_who_wrote_it(kpi: Kpi, gold: Tier, stella: User) -> None:
    made = draft(kpi, gold, stella)
    assert (made.state, made.version, made.value, made.created_by) == (TargetState.DRAFT, 1, 10, stella)
    assert AuditEntry.objects.get(object_type="kpis.target").by == stella


def test_saving_it_again_changes_nothing_and_another_value_changes_the_draft(
    kpi: Kpi, gold: Tier, stella: User
) -> None:
    made = draft(kpi, gold, stella)
    assert save_drafts(cells=[cell(kpi, gold, "10.0")], by=stella) == []
    changed = draft(kpi, gold, stella, 12)
    assert (changed.pk, changed.value, states(kpi)) == (made.pk, 12, [(1, "draft")])
    assert AuditEntry.objects.filter(verb="changed", before__value="10.0000", after__value="12.0000").exists()


def test_a_cell_equal_to_what_is_approved_makes_no_draft(kpi: Kpi, gold: Tier, stella: User) -> None:
    factories.target(kpi, gold, 201101, 10)
    assert save_drafts(cells=[cell(kpi, gold, 10)], by=stella) == []
    assert draft(kpi, gold, stella, 11).version == 2


def test_one_bad_cell_saves_none_and_each_is_named(kpi: Kpi, gold: Tier, stella: User) -> None:
    cells = [cell(kpi, gold, 10), cell(kpi, gold, None, 201102), cell(kpi, gold, 1, 201103, Per.QUARTER)]
    with pytest.raises(TargetsRefused) as refusal:
        save_drafts(cells=cells, by=stella)
    assert [(one.place, one.field) for one in refusal.value.problems] == [(1, "value"), (2, "from_month")]
    assert not Target.objects.exists()


def test_a_cell_that_stands_there_twice_is_refused(kpi: Kpi, gold: Tier, stella: User) -> None:
    with pytest.raises(TargetsRefused):
        save_drafts(cells=[cell(kpi, gold, 10), cell(kpi, gold, 11)], by=stella)


def test_the_rules_are_those_of_the_version_that_holds_in_the_month(kpi: Kpi, gold: Tier, stella: User) -> None:
    Kpi.objects.filter(pk=kpi.pk).update(time_method="ttm")
    kpi.refresh_from_db()
    with pytest.raises(TargetsRefused):
        draft(kpi, gold, stella)


def test_an_owner_proposes_for_the_own_kpis_alone(kpi: Kpi, gold: Tier, omar: User) -> None:
    with pytest.raises(PermissionDenied):
        draft(kpi, gold, omar)
    own = factories.kpi(owner=omar)
    assert proposal(own, gold, omar).state == TargetState.PROPOSED


@pytest.mark.parametrize("who", ["ines", "ada", "noor"])
def test_others_propose_nothing(who: str, kpi: Kpi, gold: Tier, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        draft(kpi, gold, request.getfixturevalue(who))


def test_a_batch_carries_its_note_and_proposer(kpi: Kpi, gold: Tier, stella: User) -> None:
    batch = propose(targets=[draft(kpi, gold, stella).pk], by=stella, note=" As in the plan. ")
    assert (batch.note, batch.proposed_by, batch.targets.count()) == ("As in the plan.", stella, 1)


def test_a_proposal_is_not_changed_behind_finances_back(kpi: Kpi, gold: Tier, stella: User) -> None:
    proposal(kpi, gold, stella)
    with pytest.raises(TargetsRefused):
        draft(kpi, gold, stella, 99)


def test_what_was_proposed_once_cannot_be_proposed_again(kpi: Kpi, gold: Tier, stella: User) -> None:
    waiting = proposal(kpi, gold, stella)
    with pytest.raises(StaleTransition):
        propose(targets=[waiting.pk], by=stella)


def test_finance_approves_and_the_version_before_is_superseded(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    factories.target(kpi, gold, 201101, 8)
    approved = approve(targets=[proposal(kpi, gold, stella).pk], by=fay, reason="Fits")[0]
    assert (approved.decided_by, approved.decision_note) == (fay, "Fits")
    assert states(kpi) == [(1, "superseded"), (2, "approved")]


def test_nobody_approves_their_own_proposal(kpi: Kpi, gold: Tier, fay: User, frank: User) -> None:
    own = proposal(kpi, gold, fay)
    with pytest.raises(PermissionDenied):
        approve(targets=[own.pk], by=fay)
    assert approve(targets=[own.pk], by=frank)[0].state == TargetState.APPROVED


def test_nobody_approves_what_they_wrote_and_another_proposed(kpi: Kpi, gold: Tier, fay: User, stella: User) -> None:
    written = draft(kpi, gold, fay)
    propose(targets=[written.pk], by=stella)
    with pytest.raises(PermissionDenied):
        approve(targets=[written.pk], by=fay)


@pytest.mark.parametrize("who", ["ines", "omar", "stella", "ada", "noor"])
def test_only_finance_decides(who: str, kpi: Kpi, gold: Tier, frank: User, request: pytest.FixtureRequest) -> None:
    waiting = proposal(kpi, gold, frank)
    with pytest.raises(PermissionDenied):
        approve(targets=[waiting.pk], by=request.getfixturevalue(who))


def test_a_rejection_needs_a_reason_and_keeps_it(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    waiting = proposal(kpi, gold, stella)
    with pytest.raises(TransitionRefused):
        reject(targets=[waiting.pk], by=fay, reason=" ")
    assert reject(targets=[waiting.pk], by=fay, reason="Above the plan")[0].decision_note == "Above the plan"
    assert draft(kpi, gold, stella, 9).version == 2


def test_what_was_decided_is_not_decided_again(kpi: Kpi, gold: Tier, stella: User, fay: User, frank: User) -> None:
    waiting = proposal(kpi, gold, stella)
    approve(targets=[waiting.pk], by=fay)
    with pytest.raises(StaleTransition):
        reject(targets=[waiting.pk], by=frank, reason="No")
    assert states(kpi) == [(1, "approved")]


def test_one_that_was_decided_meanwhile_keeps_the_rest_of_the_batch_undecided(
    kpi: Kpi, gold: Tier, stella: User, fay: User, frank: User
) -> None:
    one, other = draft(kpi, gold, stella), draft(kpi, gold, stella, month=201102)
    propose(targets=[one.pk, other.pk], by=stella)
    approve(targets=[one.pk], by=fay)
    with pytest.raises(StaleTransition):
        approve(targets=[one.pk, other.pk], by=frank)
    other.refresh_from_db()
    assert other.state == TargetState.PROPOSED


def test_the_proposer_withdraws_what_nobody_decided(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    waiting = proposal(kpi, gold, stella)
    assert withdraw(targets=[waiting.pk], by=stella)[0].state == TargetState.DRAFT
    with pytest.raises(StaleTransition):
        approve(targets=[waiting.pk], by=fay)


def test_who_proposed_is_told_when_somebody_else_takes_it_back(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    waiting = proposal(kpi, gold, stella)
    withdraw(targets=[waiting.pk], by=stella)
    assert not OutgoingMail.objects.exists()  # one's own doing is no news
    propose(targets=[waiting.pk], by=stella)
    withdraw(targets=[waiting.pk], by=fay)
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (stella, "1 target taken back by Fay")
    assert "Fay took back 1 target that you proposed" in mail.body
    assert "They are drafts again; nothing changed in the matrix." in mail.body
    with pytest.raises(StaleTransition):
        withdraw(targets=[waiting.pk], by=fay)
    assert OutgoingMail.objects.count() == 1


def test_a_draft_can_be_thrown_away_and_nothing_else(kpi: Kpi, gold: Tier, stella: User) -> None:
    delete_draft(target=draft(kpi, gold, stella), by=stella)
    assert not Target.objects.exists()
    with pytest.raises(StaleTransition):
        delete_draft(target=proposal(kpi, gold, stella), by=stella)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins(kpi: Kpi, gold: Tier, stella: User, fay: User, frank: User) -> None:
    assert connection.vendor == "postgresql"
    waiting = proposal(kpi, gold, stella)
    start, outcomes = threading.Barrier(2), list[str]()

    def decide(who: User, yes: bool) -> None:
        start.wait()
        try:
            if yes:
                approve(targets=[waiting.pk], by=who)
            else:
                reject(targets=[waiting.pk], by=who, reason="No")
            outcomes.append("won")
        except StaleTransition:
            outcomes.append("stale")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=args) for args in ((fay, True), (frank, False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stale", "won"]
    assert AuditEntry.objects.filter(verb__in=["approved", "rejected"]).count() == 1


def test_an_edit_changes_the_draft_that_is_meant_and_nothing_seen_otherwise(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    made = draft(kpi, gold, stella)
    seen = {name: getattr(made, name) for name in VALUES}
    changed = edit_draft(target=made, by=fay, values={"value": Decimal(11)}, seen=seen)
    assert (changed.value, changed.created_by) == (11, fay)
    with pytest.raises(StaleWrite):
        edit_draft(target=made, by=stella, values={"value": Decimal(12)}, seen=seen)
    assert states(kpi) == [(1, "draft")]


def test_only_a_draft_is_edited(kpi: Kpi, gold: Tier, stella: User) -> None:
    waiting = proposal(kpi, gold, stella)
    seen = {name: getattr(waiting, name) for name in VALUES}
    with pytest.raises(StaleTransition):
        edit_draft(target=waiting, by=stella, values={"value": Decimal(12)}, seen=seen)


def test_the_latest_of_several_drafts_is_the_one_that_a_cell_changes(kpi: Kpi, gold: Tier, stella: User) -> None:
    older, latest = (
        factories.target(kpi, gold, 201101, 9 + number, version=number, state="draft") for number in (1, 2)
    )
    assert save_drafts(cells=[cell(kpi, gold, 12)], by=stella) == [latest]
    older.refresh_from_db()
    assert older.value == 10


def test_a_draft_older_than_what_is_approved_is_over(kpi: Kpi, gold: Tier, stella: User) -> None:
    factories.target(kpi, gold, 201101, 9, state=TargetState.DRAFT)
    factories.target(kpi, gold, 201101, 10, version=2)
    assert save_drafts(cells=[cell(kpi, gold, 10)], by=stella) == []
    assert draft(kpi, gold, stella, 9).version == 3


def test_two_versions_of_a_row_neither_wait_nor_count_together(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    first, second = (
        factories.target(kpi, gold, 201101, 9 + number, version=number, state="draft") for number in (1, 2)
    )
    with pytest.raises(TransitionRefused, match="two versions"):
        propose(targets=[first.pk, second.pk], by=stella)
    propose(targets=[first.pk], by=stella)
    with pytest.raises(TransitionRefused, match="two versions"):
        propose(targets=[second.pk], by=stella)
    Target.objects.filter(pk=second.pk).update(state=TargetState.PROPOSED)
    with pytest.raises(TransitionRefused, match="two versions"):
        approve(targets=[first.pk, second.pk], by=fay)
    assert not Target.objects.approved().exists()


def test_a_reason_is_refused_for_what_no_database_holds(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    batch = propose(targets=[draft(kpi, gold, stella).pk], by=stella, note="As in\x00 the plan")
    with pytest.raises(TransitionRefused, match="Has control characters"):
        reject(targets=[batch.targets.get().pk], by=fay, reason="No\x00t yet")
    reject(targets=[batch.targets.get().pk], by=fay, reason="Not yet")
    assert (batch.note, Target.objects.get().decision_note) == ("As in the plan", "Not yet")
    with pytest.raises(TransitionRefused):
        reject(targets=[1], by=fay, reason="\x00")


def test_many_are_approved_in_as_many_queries_as_few(
    kpi: Kpi, stella: User, fay: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    tiers = [factories.tier(f"T{number}") for number in range(1, 101)]
    for tier in tiers:
        factories.target(kpi, tier, 201101, 8)
    drafts = save_drafts(cells=[cell(kpi, tier, 10) for tier in tiers], by=stella)
    propose(targets=[one.pk for one in drafts], by=stella)
    with django_assert_max_num_queries(20):
        approve(targets=[one.pk for one in drafts], by=fay)
    assert Target.objects.approved().filter(value=10).count() == 100
    assert AuditEntry.objects.filter(verb="approved").count() == 100
