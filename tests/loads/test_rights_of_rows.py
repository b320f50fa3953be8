"""Each row of a file asks of who loads it, and of who takes it back, what its page asks for the same change."""

from __future__ import annotations

import pytest

from accounts.loads import LoadRefused, UndoRefused, undo_load
from accounts.models import Load, User
from accounts.rights import Right
from kpis.models import Kpi, TierActual
from tests import factories
from tests.loads.conftest import FILES
from tests.loads.files import Loader, by_page, contents

# Targets have rules of two persons beside these: tests/loads/test_targets.py.
ASKED: dict[str, Right] = {
    "business_units": Right.MANAGE_KPIS,
    "departments": Right.MANAGE_KPIS,
    "tiers": Right.MANAGE_KPIS,
    "customers": Right.MANAGE_KPIS,
    "tier_memberships": Right.MANAGE_KPIS,
    "lifecycle_events": Right.MANAGE_KPIS,
    "kpis": Right.MANAGE_KPIS,
    "facts": Right.LOAD,
    **dict.fromkeys(("issues", "contacts", "deals", "referrals", "invoices"), Right.LOAD),
    "complete_months": Right.MANAGE_KPIS,
    "tier_actuals": Right.ENTER_ACTUALS,
    "initiatives": Right.CREATE_CANDIDATE,
    "milestones": Right.EDIT_INITIATIVES,
    "status_updates": Right.EDIT_INITIATIVES,
    "links": Right.MANAGE_LINKS,
    "pain_points": Right.MANAGE_KPIS,
    "moments": Right.MANAGE_LINKS,
}
OF_STEWARDS = {"moments", "links"}  # administrators write none
BESIDE = {"initiatives": {Right.READ_CUSTOMERS, Right.EDIT_INITIATIVES}}
ROWS = sorted(kind for kind, right in ASKED.items() if right is not Right.LOAD)


def within(user: User, *scopes: Right) -> User:
    """The person, as a program acts for them that may do no more than that."""
    found = User.objects.get(pk=user.pk)
    found.token_scopes = frozenset(scopes)
    return found


def rights_for(kind: str) -> set[Right]:
    return {Right.LOAD, ASKED[kind]} | BESIDE.get(kind, set())


def test_each_kind_but_targets_is_walked_here() -> None:
    assert sorted(FILES) == sorted({*ASKED, "targets"})


@pytest.mark.parametrize("ready", ROWS, indirect=True)
def test_the_right_to_load_alone_changes_no_row(load: Loader, root: User, ready: str) -> None:
    lines = {line for line, _ in load.bad(ready, FILES[ready], by=within(root, *(rights_for(ready) - {ASKED[ready]})))}
    blank = 1 if ready == "tier_actuals" else 0
    assert len(lines) == len(FILES[ready].strip().splitlines()) - 1 - blank


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_that_changes_nothing_asks_for_nothing(filled: Loader, root: User, kind: str) -> None:
    assert filled(kind, FILES[kind], by=within(root, Right.LOAD)).ok


@pytest.mark.parametrize("ready", ASKED, indirect=True)
def test_with_the_right_of_its_page_a_file_is_taken_in_and_back(load: Loader, root: User, ready: str) -> None:
    found = load.good(ready, FILES[ready], by=within(root, *rights_for(ready)))
    undo_load(load=found, by=within(root, *rights_for(ready)))
    assert not Load.objects.filter(pk=found.pk, state="applied").exists()


@pytest.mark.parametrize("ready", ROWS, indirect=True)
def test_refuses_to_take_back_what_one_may_not_change(load: Loader, root: User, ready: str) -> None:
    found, before = load.good(ready, FILES[ready]), contents()
    with pytest.raises(UndoRefused, match="cannot be taken back by you"):
        undo_load(load=found, by=within(root, *(rights_for(ready) - {ASKED[ready]})))
    assert contents() == before
    undo_load(load=found)  # the command line is the operator's


@pytest.mark.parametrize("ready", ASKED, indirect=True)
def test_stewards_load_every_kind_by_page(load: Loader, stella: User, ready: str) -> None:
    bring(stella, ready)
    assert Load.objects.filter(kind=ready, state="applied", by=stella).exists()


# The door opens to these three; of the others tests/accounts/test_every_answer.py says that it does not, and who may
# load which kind tests/loads/test_bulk_rights.py asks of every role.
@pytest.mark.parametrize("ready", ASKED, indirect=True)
def test_who_loads_other_kinds_by_page_does_not_load_these(load: Loader, everyone: dict[str, User], ready: str) -> None:
    before = contents()
    for who in ("executive", "finance", *(["administrator"] if ready in OF_STEWARDS else [])):
        bring(everyone[who], ready)
        assert contents() == before, who


def bring(user: User, kind: str) -> None:
    """The kind's file by the page of files."""
    lines = "\n".join(line.strip() for line in FILES[kind].strip().splitlines())
    by_page(factories.signed_in(user), kind, lines, read=False)


def test_administrators_load_by_page(load: Loader, ada: User) -> None:
    bring(ada, "departments")
    assert Load.objects.get(kind="departments", state="applied").by == ada


def test_refuses_facts_of_who_may_not_load(filled: Loader, ines: User) -> None:
    with pytest.raises(LoadRefused):
        filled("facts", FILES["facts"], by=ines)
    with pytest.raises(UndoRefused):
        undo_load(load=Load.objects.get(kind="facts"), by=ines)


def test_an_owner_within_a_program_enters_the_actuals_of_own_kpis_alone(omar: User, filled: Loader) -> None:
    factories.kpi("mood", owner=omar)
    header = "kpi,tier,month,numerator,denominator\n"
    own = within(omar, Right.LOAD, Right.ENTER_OWN_ACTUALS)
    assert filled.bad("tier_actuals", f"{header}mood,T1,2011-01,4,\nsurvey,T1,2011-02,84,10", by=own) == [(3, "kpi")]
    found = filled.good("tier_actuals", f"{header}mood,T1,2011-01,4,", by=own)
    assert TierActual.objects.filter(kpi=Kpi.objects.get(code="mood")).exists()
    undo_load(load=found, by=own)


def test_the_refusal_names_the_right(filled: Loader, root: User) -> None:
    report = filled("departments", "code,name\nit,IT", by=within(root, Right.LOAD))
    assert [str(error) for error in report.errors] == [
        "line 2, “it”: asks for the right “Manage KPIs”, which you do not have here"
    ]


def test_names_a_key_account_to_those_alone_who_may_read_it(filled: Loader, root: User) -> None:
    by = within(root, Right.LOAD, Right.EDIT_INITIATIVES, Right.CREATE_CANDIDATE)
    header = "code,title,level,customer,department,baseline_start,baseline_due,stage\n"
    row = "handover,Handover,key_account,{},sales,2011-02-01,2011-05-31,approved"
    assert filled.bad("initiatives", header + row.format("C2"), by=by) == [(2, "customer")]
    filled.good("initiatives", header + row.format("C1").replace("Handover", "Given"), by=by)


def test_rows_cost_the_same_queries_however_many_ask(filled: Loader, stella: User) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(rows: int, title: str) -> int:
        text = "\n".join(f"portal,{title} {number},2011-04-01" for number in range(rows))
        with CaptureQueriesContext(connection) as seen:
            filled.good("milestones", "initiative,title,due\n" + text, by=stella)
        return len(seen)

    assert stella.has_perm(Right.LOAD)  # reads her roles, once
    assert queries(3, "few") == queries(30, "many")
