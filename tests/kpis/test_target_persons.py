"""Targets are decided by two persons, whoever touched a draft in between, and nobody's draft is overwritten unseen."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import AuditEntry, Load, User
from core.writes import StaleTransition, StaleWrite
from customers.models import Tier
from kpis.choices import TargetState
from kpis.models import Kpi, Target
from kpis.reading.asks import target_asks_of
from kpis.services.decisions import approve, reject
from kpis.services.target_rows import values_of
from kpis.services.targets import (
    DraftsOfOthers,
    delete_draft,
    edit_draft,
    propose,
    save_drafts,
    withdraw,
)
from tests import factories
from tests.kpis.test_target_services import cell, draft, frank, gold, kpi, proposal, states

__all__ = ["frank", "gold", "kpi"]
pytestmark = pytest.mark.django_db


def test_refuses_a_decision_on_a_number_that_another_touched_up(
    kpi: Kpi, gold: Tier, stella: User, fay: User, frank: User
) -> None:
    made = draft(kpi, gold, fay)
    edit_draft(target=made, by=stella, values={"plan_value": Decimal(9)}, seen=values_of(made))
    propose(targets=[made.pk], by=stella)
    for decide in (approve, reject):
        with pytest.raises(PermissionDenied):
            decide(targets=[made.pk], by=fay, reason="Mine")
    assert not [*target_asks_of(fay)]
    assert [*target_asks_of(frank)]
    assert approve(targets=[made.pk], by=frank)[0].state == TargetState.APPROVED


def test_refuses_to_overwrite_anothers_draft_unseen(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    made = draft(kpi, gold, stella)
    wanted = cell(kpi, gold, 11)
    for seen in ({}, {wanted.key: values_of(made) | {"value": Decimal(9)}}):
        with pytest.raises(DraftsOfOthers) as refusal:
            save_drafts(cells=[cell(kpi, gold, 7, 201102), wanted], by=fay, seen=seen)
        assert [(one.place, one.field) for one in refusal.value.problems] == [(1, "value")]
    assert [*Target.objects.values_list("value", "created_by")] == [(10, stella.pk)]
    (changed,) = save_drafts(cells=[wanted], by=fay, seen={wanted.key: values_of(made)})
    assert (changed.pk, changed.value, [*changed.earlier_writers.all()]) == (made.pk, 11, [stella])
    assert AuditEntry.objects.filter(verb="changed", by=fay, before__value="10.0000").exists()


def test_refuses_to_throw_away_what_was_written_into_a_draft_since(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    made = draft(kpi, gold, stella)
    seen = Target.objects.get(pk=made.pk)
    edit_draft(target=made, by=fay, values={"value": Decimal(11)}, seen=values_of(made))
    with pytest.raises(StaleWrite):
        delete_draft(target=seen, by=stella)
    assert Target.objects.get().value == 11


def test_refuses_to_decide_on_what_was_changed_and_proposed_anew(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    waiting = proposal(kpi, gold, stella)
    seen = waiting.batch_id
    withdraw(targets=[waiting.pk], by=stella)
    again = proposal(kpi, gold, stella, 9999)
    assert again.pk == waiting.pk
    with pytest.raises(StaleTransition, match="proposed anew"):
        approve(targets=[waiting.pk], by=fay, batch=seen)
    with pytest.raises(StaleTransition, match="proposed anew"):
        reject(targets=[waiting.pk], by=fay, reason="No", batch=seen)
    assert approve(targets=[waiting.pk], by=fay, batch=again.batch_id)[0].value == 9999


def test_refuses_an_earlier_version_once_a_later_one_is_approved(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    waiting = proposal(kpi, gold, stella)
    factories.target(kpi, gold, 201101, 12, version=2)
    with pytest.raises(StaleTransition, match="a later version"):
        approve(targets=[waiting.pk], by=fay)
    assert states(kpi) == [(1, "proposed"), (2, "approved")]
    withdraw(targets=[waiting.pk], by=stella)
    with pytest.raises(StaleTransition, match="a later version"):
        propose(targets=[waiting.pk], by=stella)


def test_the_upgrade_remembers_who_wrote_what_waits(
    kpi: Kpi, gold: Tier, stella: User, fay: User, omar: User, frank: User
) -> None:
    load = Load.objects.create(kind="targets", source="targets.csv", by=omar)
    waiting = factories.target(kpi, gold, 201101, 10, state=TargetState.DRAFT, created_by=stella, load=load)
    decided = factories.target(kpi, gold, 201102, 10, created_by=stella)
    for row in (waiting, decided):
        record(by=fay, verb=Verb.CREATED, obj=row)
        record(by=stella, verb=Verb.CHANGED, obj=row)
        record(by=frank, verb=Verb.PROPOSED, obj=row)
    import_module("kpis.migrations.0009_who_wrote_a_target_before").fill_in(apps, None)
    assert {*waiting.earlier_writers.all()} == {fay, omar}
    assert not decided.earlier_writers.exists()
