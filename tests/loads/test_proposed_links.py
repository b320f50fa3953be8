"""Rows of links of who may only propose them: each becomes a proposal, as by their page and by a single call."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.choices import Role
from accounts.loads import UndoRefused, undo_load
from accounts.models import AuditEntry, Load, RoleGrant, User
from core.decisions import Decision
from kpis.choices import LinkStage
from kpis.models import Link
from kpis.services.linking import change_link, decide_links, withdraw_link
from tests.loads.bulk import places, send
from tests.loads.files import Loader
from tests.loads.test_bulk_rights import owner_of_portal

ROW = {"leading": "visits", "trailing": "claims", "sign": "opposite", "mechanism": "Who is visited does not complain"}
WRITTEN = {"leading": "visits", "trailing": "revenue"}
HEADER = "leading,trailing,sign,mechanism\n"


@pytest.fixture
def omar(filled: Loader) -> User:
    """Whom the files name, an owner."""
    return owner_of_portal()


def proposed(by: User, row: dict[str, Any] = ROW) -> Load:
    """The load that brought a proposal by a call."""
    answer = send(by, "links", [row])
    assert answer.status_code == 200, answer.content
    return Load.objects.get(pk=answer.json()["load"])


def loading_owner(omar: User) -> User:
    """An owner who may load files as well, and write no links all the same."""
    RoleGrant.objects.create(user=omar, role=Role.ADMINISTRATOR)
    return User.objects.get(pk=omar.pk)


def test_an_owners_row_waits_for_a_steward(filled: Loader, omar: User, stella: User) -> None:
    dry = send(omar, "links", [ROW], query="?dry_run=1").json()
    assert not Link.objects.filter(stage=LinkStage.PROPOSED).exists()
    load = proposed(omar)
    [link] = Link.objects.filter(stage=LinkStage.PROPOSED)
    assert (link.by, link.load, link.lags) == (omar, load, "0-6")
    assert (load.created, dry["created"], len(dry["warnings"])) == (1, 1, 1)
    assert "a steward has written it down" in dry["warnings"][0]["reason"]
    assert AuditEntry.objects.filter(
        object_type="accounts.load", object_id=str(load.pk), by=omar, verb="loaded"
    ).exists()
    assert (load.changes.get().after or {})["stage"] == LinkStage.PROPOSED
    assert len(filled.exported("links")) == 2
    decide_links(decisions=[Decision(link.pk, True)], by=stella)
    assert len(filled.exported("links")) == 3


def test_sent_again_it_is_unchanged_and_another_word_waits(
    filled: Loader, omar: User, stella: User, ines: User
) -> None:
    proposed(omar)
    assert send(omar, "links", [ROW]).json()["unchanged"] == 1
    for who, row in ((omar, {**ROW, "sign": "same"}), (stella, ROW), (other_owner(ines), ROW)):
        assert places(send(who, "links", [row])) == [(0, "trailing")], who
    assert Link.objects.filter(stage=LinkStage.PROPOSED).count() == 1


def other_owner(person: User) -> User:
    RoleGrant.objects.create(user=person, role=Role.OWNER)
    return User.objects.get(pk=person.pk)


def test_what_is_written_down_is_a_stewards_to_change(filled: Loader, omar: User) -> None:
    answer = send(omar, "links", [{**WRITTEN, "sign": "opposite"}])
    assert places(answer) == [(0, None)]
    assert "Manage links" in answer.json()["errors"][0]["detail"]
    assert send(omar, "links", [{**WRITTEN, "sign": "same"}]).json()["unchanged"] == 1


@pytest.mark.parametrize("who", ["owner", "steward", "nobody"])
def test_it_is_taken_back_as_any_other_load(filled: Loader, omar: User, stella: User, who: str) -> None:
    omar = loading_owner(omar)
    load = proposed(omar)
    undo_load(load=load, by={"owner": omar, "steward": stella, "nobody": None}[who])
    assert not Link.objects.filter(trailing__code="claims", leading__code="visits").exists()
    assert proposed(omar).created == 1


@pytest.mark.parametrize("act", ["accepted", "declined", "withdrawn"])
def test_what_was_decided_meanwhile_stays(filled: Loader, omar: User, stella: User, act: str) -> None:
    load, link = proposed(omar), Link.objects.get(stage=LinkStage.PROPOSED)
    if act == "withdrawn":
        withdraw_link(link=link, by=omar)
    else:
        decide_links(decisions=[Decision(link.pk, act == "accepted", "Not now")], by=stella)
    with pytest.raises(UndoRefused, match="changed since by hand"):
        undo_load(load=load, by=stella)
    assert Link.objects.get(pk=link.pk).stage != LinkStage.PROPOSED


def test_nobody_takes_anothers_proposal_back_but_a_steward(filled: Loader, omar: User, ines: User) -> None:
    load, other = proposed(omar), loading_owner(other_owner(ines))
    with pytest.raises(UndoRefused, match="Manage links"):
        undo_load(load=load, by=other)
    assert Link.objects.filter(stage=LinkStage.PROPOSED).exists()


def test_a_file_of_who_may_only_propose_brings_proposals(filled: Loader, omar: User, stella: User) -> None:
    text = f"{HEADER}visits,claims,opposite,Who is visited does not complain"
    filled.good("links", text, by=loading_owner(omar))
    assert Link.objects.get(leading__code="visits", trailing__code="claims").waits
    assert filled.bad("links", text, by=stella) == [(2, "trailing")]


def test_a_load_from_before_there_were_proposals_is_taken_back(filled: Loader, stella: User) -> None:
    load = Load.objects.get(kind="links")
    for change in load.changes.all():
        load.changes.filter(pk=change.pk).update(after={k: v for k, v in (change.after or {}).items() if k != "stage"})
    undo_load(load=load, by=stella)
    assert not Link.objects.exists()


def test_what_a_steward_loaded_and_changed_by_hand_stays(filled: Loader, stella: User) -> None:
    link = Link.objects.get(trailing__code="revenue")
    change_link(link=link, by=stella, values={"lags": "2"})
    with pytest.raises(UndoRefused, match="changed since by hand"):
        undo_load(load=Load.objects.get(kind="links"), by=stella)
