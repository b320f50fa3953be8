"""The table of roles for targets and actuals, walked by REST: each verb by each role, by nobody, by tokens.

Whether somebody got in is seen by what is stored afterwards, not by what the answer says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.test import Client

from accounts.models import User
from accounts.rights import Right
from accounts.services.tokens import create_token
from kpis.choices import TargetState
from kpis.models import Target, TargetBatch, TierActual
from tests import factories
from tests.api.test_initiatives import JSON, problem
from tests.factories import signed_in
from tests.kept import kept
from tests.rows import rows_of
from tests.walks import taken_back

API = "/api/v1"
PEOPLE = frozenset({"executive", "owner", "finance", "steward", "administrator"})
EVERYBODY = PEOPLE | {"integrator", "none"}
FINANCE = frozenset({"finance"})
PROPOSERS = frozenset({"finance", "steward"})
ENTERERS = frozenset({"steward", "administrator"})
OWNER = frozenset({"owner"})


class World(NamedTuple):
    """Of the owner's KPI and of nobody's a draft, a proposal and an actual; somebody from outside wrote them."""

    rows: dict[str, Target | TierActual]


@kept
def world(everyone: dict[str, User]) -> World:
    outside, tier = factories.person("Olga"), factories.tier("T1")
    batch = TargetBatch.objects.create(proposed_by=outside)
    rows: dict[str, Target | TierActual] = {}
    for whose, owner in (("own", everyone["owner"]), ("other", None)):
        kpi = factories.kpi(whose, owner=owner)
        rows |= {
            f"{whose}_draft": factories.target(kpi, tier, 201201, 1, state=TargetState.DRAFT, created_by=outside),
            f"{whose}_waiting": factories.target(
                kpi, tier, 201202, 1, state=TargetState.PROPOSED, created_by=outside, batch=batch
            ),
            f"{whose}_actual": factories.tier_actual(kpi, tier, 201201, 1),
        }
    return World(rows)


class Door(NamedTuple):
    """A verb: who may, the scope that it takes, and what is sent."""

    may: frozenset[str]
    scope: Right
    send: Callable[[Client, World], Any]


def call(address: str, *, method: str = "post", **body: Any) -> Callable[[Client, World], Any]:
    """As who has read the row just before. ``{own_draft}`` and the like in the address and ``targets`` are rows."""

    def send(browser: Client, world: World) -> Any:
        keys = {name: row.pk for name, row in world.rows.items()}
        given = body | ({"targets": [keys[name] for name in body["targets"]]} if "targets" in body else {})
        headers = {"If-Match": "*"} if method in {"patch", "delete"} else {}
        return getattr(browser, method)(f"{API}{address.format(**keys)}", given, content_type=JSON, headers=headers)

    return send


ROW = {"tier": "T1", "from_month": "2012-03", "per": "month", "value": "7"}
ACTUAL = {"tier": "T1", "month": "2012-02", "numerator": "7"}


def doors(whose: str, also: frozenset[str]) -> dict[str, Door]:
    """Every verb about one of the two KPIs; ``also`` are those who may write because it is theirs."""
    proposes: dict[str, Any] = {"may": PROPOSERS | also, "scope": Right.PROPOSE_TARGETS}
    decides: dict[str, Any] = {"may": FINANCE, "scope": Right.APPROVE_TARGETS}
    enters: dict[str, Any] = {"may": ENTERERS | also, "scope": Right.ENTER_ACTUALS}
    draft, actual, waiting = f"/targets/{{{whose}_draft}}/", f"/tier-actuals/{{{whose}_actual}}/", [f"{whose}_waiting"]
    return {
        f"draft for {whose}": Door(**proposes, send=call("/targets/", kpi=whose, **ROW)),
        f"change the draft of {whose}": Door(**proposes, send=call(draft, method="patch", value="9")),
        f"delete the draft of {whose}": Door(**proposes, send=call(draft, method="delete")),
        f"propose for {whose}": Door(**proposes, send=call("/targets/propose/", targets=[f"{whose}_draft"])),
        f"withdraw for {whose}": Door(**proposes, send=call("/targets/withdraw/", targets=waiting)),
        f"approve for {whose}": Door(**decides, send=call("/targets/approve/", targets=waiting)),
        f"reject for {whose}": Door(**decides, send=call("/targets/reject/", targets=waiting, reason="x")),
        f"enter for {whose}": Door(**enters, send=call("/tier-actuals/", kpi=whose, **ACTUAL)),
        f"correct for {whose}": Door(**enters, send=call(actual, method="patch", numerator="9", reason="x")),
        f"take away for {whose}": Door(**enters, send=call(f"{actual}?reason=x", method="delete")),
    }


DOORS = doors("own", OWNER) | doors("other", frozenset())


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """Every row about KPIs."""
    return rows_of(apps.get_app_config("kpis").get_models())


def done_by(browser: Client, world: World) -> dict[str, tuple[bool, Any]]:
    """Whether each verb, sent by this browser, changed what is stored, and its answer."""
    before, found = stored(), {}
    for name, door in DOORS.items():
        with taken_back():
            answer = door.send(browser, world)
            found[name] = (stored() != before, answer)
    return found


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_each_verb_is_done_for_whom_the_table_names(world: World, everyone: dict[str, User], who: str) -> None:
    done = done_by(signed_in(everyone[who]), world)
    wrong = {
        name: (answer.status_code, answer.content[:300])
        for name, (changed, answer) in done.items()
        if changed is not (who in DOORS[name].may)
    }
    assert wrong == {}
    for name, (changed, answer) in done.items():
        if not changed:
            assert problem(answer, 403), name


def test_nobody_who_has_not_signed_in_does_anything(world: World) -> None:
    for name, (changed, answer) in done_by(Client(), world).items():
        assert not changed, name
        problem(answer, 401)


def with_token(user: User, scopes: list[Right]) -> Client:
    """A program that acts for the person."""
    _, text = create_token(user=user, name="x", scopes=scopes, expires_on=None, by=user)
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.mark.parametrize("door", DOORS)
def test_a_token_that_may_only_read_changes_nothing(world: World, root: User, door: str) -> None:
    before = stored()
    problem(DOORS[door].send(with_token(root, [Right.READ]), world), 403)
    assert stored() == before


@pytest.mark.parametrize("door", DOORS)
def test_a_token_with_every_other_scope_changes_nothing(world: World, root: User, door: str) -> None:
    own = {Right.PROPOSE_TARGETS: Right.PROPOSE_OWN_TARGETS, Right.ENTER_ACTUALS: Right.ENTER_OWN_ACTUALS}
    left_out = {DOORS[door].scope, own.get(DOORS[door].scope)}
    before = stored()
    problem(DOORS[door].send(with_token(root, [right for right in Right if right not in left_out]), world), 403)
    assert stored() == before


@pytest.mark.parametrize("door", DOORS)
def test_an_integrators_token_does_what_its_scope_names_and_never_decides(world: World, ivo: User, door: str) -> None:
    before = stored()
    DOORS[door].send(with_token(ivo, [DOORS[door].scope]), world)
    assert (stored() != before) is (DOORS[door].scope != Right.APPROVE_TARGETS)


@pytest.mark.parametrize("address", ["targets", "target-batches", "tier-actuals", "restatements"])
@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_whoever_may_read_reads_all_of_it(world: World, everyone: dict[str, User], who: str, address: str) -> None:
    answer = signed_in(everyone[who]).get(f"{API}/{address}/")
    assert answer.status_code == (200 if who in PEOPLE else 403)


def test_drafts_are_read_by_whoever_may_read_as_on_the_page(world: World, ines: User) -> None:
    rows = signed_in(ines).get(f"{API}/targets/?state=draft").json()["results"]
    assert {row["kpi"] for row in rows} == {"own", "other"}
