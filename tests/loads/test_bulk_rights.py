"""Each row of a bulk call asks of who calls what its single call asks: by role, and within a token's scopes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.loads.doors import kind_named
from accounts.models import RoleGrant, User
from accounts.rights import Right
from accounts.services.tokens import create_token
from initiatives.models import Initiative
from kpis.models import Kpi, Target, TierActual
from tests import factories
from tests.factories import signed_in
from tests.loads.bulk import JSON, OTHERS_SAY, address, as_body, file_rows, places, send, single_row
from tests.loads.conftest import FILES
from tests.loads.files import Loader, contents
from tests.loads.test_rights_of_rows import ASKED, BESIDE
from tests.walks import taken_back

STEWARDS = frozenset({"steward", "administrator"})
# who may bring all rows of the kind's file, by the table of roles
TAKEN: dict[str, frozenset[str]] = {
    **dict.fromkeys(ASKED, STEWARDS),
    **dict.fromkeys(("milestones", "status_updates"), STEWARDS | {"owner"}),  # portal is the owner's
    "targets": frozenset({"steward", "finance"}),
    "links": frozenset({"steward", "owner"}),  # an owner's are proposals; administrators write none
    "moments": frozenset({"steward"}),
}
ROLES = ("executive", "owner", "finance", "steward", "administrator", "integrator", "none")


def owner_of_portal() -> User:
    """Whom the files name, with the role."""
    found = User.objects.get(email="omar@tierboard.example")
    RoleGrant.objects.create(user=found, role=Role.OWNER)
    return User.objects.get(pk=found.pk)


def program(user: User, *scopes: Right) -> Client:
    """A program that acts for a person within scopes."""
    _, text = create_token(user=user, name="test", scopes=scopes, expires_on=None, by=user)
    return Client(headers={"Authorization": f"Bearer {text}"})


def bring(caller: Client, kind: str, by: User) -> Any:
    return caller.post(address(kind), as_body(file_rows(kind, by), JSON), content_type=JSON)


@pytest.mark.parametrize("ready", sorted(set(TAKEN) - {"initiatives"}), indirect=True)
def test_each_role_brings_what_the_table_gives_it(load: Loader, everyone: Any, ready: str) -> None:
    stored = contents()
    for who in ROLES:
        with taken_back():
            answer = send(everyone[who], ready, file_rows(ready, everyone[who]))
            assert answer.status_code in ({200} if who in TAKEN[ready] else {403, 422}), (who, answer.content)
            assert (contents() == stored) is (who not in TAKEN[ready]), who


@pytest.mark.parametrize("ready", sorted(FILES), indirect=True)
def test_a_row_asks_of_each_role_what_its_single_call_asks(everyone: Any, ready: str) -> None:
    """403 by both, or taken in by both. Where a right depends on the row, bulk answers with the row: 422."""
    one, kind = single_row(ready), kind_named(ready)
    said = one.keys() | OTHERS_SAY[ready]
    cases = [(who, everyone[who], None) for who in ROLES]
    for who, person, owned in (*cases, ("owner", everyone["owner"], everyone["owner"])):
        with taken_back():
            Kpi.objects.update(owner=owned)
            Initiative.objects.update(owner=owned)
            single = signed_in(person).post(address(ready).removesuffix("bulk/"), json.dumps(one), content_type=JSON)
        with taken_back():
            Kpi.objects.update(owner=owned)
            Initiative.objects.update(owner=owned)
            row = {name: value for name, value in file_rows(ready, person)[0].items() if name in said}
            bulk = send(person, ready, [row])
        told = single.status_code, bulk.status_code
        looked_at = any(person.has_perm(right) for right in kind.bulk_rights)
        assert told in {(201, 200), (403, 422 if looked_at else 403)}, (who, owned, single.content, bulk.content)


@pytest.mark.parametrize("ready", ["initiatives"], indirect=True)
def test_whoever_reads_brings_candidates(everyone: Any, ready: str) -> None:
    row = {"code": "fresh", "title": "Fresh", "level": "corporate", "department": "sales"}
    for who in ROLES:
        with taken_back():
            told = send(everyone[who], ready, [row]).status_code
            assert told == (403 if who in {"none", "integrator"} else 200), who


@pytest.mark.parametrize("ready", sorted(ASKED), indirect=True)
def test_a_program_needs_the_scope_of_the_row_and_no_other(load: Loader, ivo: User, ready: str) -> None:
    needed = {ASKED[ready], *BESIDE.get(ready, set()), Right.READ}
    stored = contents()
    refused = bring(program(ivo, *(set(Right) - {ASKED[ready]} - {Right.APPROVE_INITIATIVES})), ready, ivo)
    if ready != "initiatives":  # of which some rows ask for less
        assert refused.status_code in {403, 422}
        assert contents()["Load"] == stored["Load"]
    assert bring(program(ivo, *needed), ready, ivo).status_code == 200


def test_an_owner_brings_the_actuals_and_targets_of_own_kpis_alone(filled: Loader) -> None:
    omar = owner_of_portal()
    factories.kpi("mood", owner=omar)
    row = {"tier": "T1", "month": "2011-05", "numerator": 4}
    assert places(send(omar, "tier_actuals", [row | {"kpi": "mood"}, row | {"kpi": "claims"}])) == [(1, "kpi")]
    Kpi.objects.filter(code="mood").update(customer_method="sum")
    assert send(omar, "tier_actuals", [row | {"kpi": "mood"}]).status_code == 200
    assert TierActual.objects.filter(kpi__code="mood").exists()
    target = {"tier": "T1", "from_month": "2013-01", "per": "month", "value": 4}
    assert places(send(omar, "targets", [target | {"kpi": "mood"}, target | {"kpi": "claims"}])) == [(1, "kpi")]
    assert send(omar, "targets", [target | {"kpi": "mood"}]).status_code == 200
    assert Target.objects.get(kpi__code="mood").state == "draft"


def test_an_owner_brings_steps_of_own_initiatives_alone(filled: Loader) -> None:
    omar = owner_of_portal()
    own, other = ({"initiative": code, "title": "Step", "due": "2011-05-01"} for code in ("portal", "billing"))
    assert places(send(omar, "milestones", [own, other])) == [(1, None)]
    assert send(omar, "milestones", [own]).status_code == 200


def test_finance_approves_nothing_that_it_brings(filled: Loader, fay: User) -> None:
    row = {"kpi": "revenue", "tier": "T1", "from_month": "2014-01", "per": "month", "value": 4}
    assert places(send(fay, "targets", [row | {"state": "approved"}])) == [(0, "state")]
    assert send(fay, "targets", [row]).status_code == 200
    assert Target.objects.get(from_month=201401).state == "draft"


def test_who_has_no_right_is_refused_before_the_rows_are_read(filled: Loader, ines: User) -> None:
    assert send(ines, "customers", "{").status_code == 403
    RoleGrant.objects.create(user=ines, role=Role.STEWARD)
    assert send(User.objects.get(pk=ines.pk), "customers", "{").status_code == 400


def test_nobody_brings_nothing(filled: Loader) -> None:
    for kind in FILES:
        assert Client().post(address(kind), "[]", content_type=JSON).status_code == 401
