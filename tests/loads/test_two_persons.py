"""Files of targets: nobody approves what they load, wrote or proposed, and a file may no more than who brings it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import LoadState, Role
from accounts.loads import LoadRefused, UndoRefused, undo_load
from accounts.models import AuditEntry, Load, OutgoingMail, RoleGrant, User
from core.periods import Month
from core.writes import StaleTransition
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.models import Kpi, Target
from kpis.services.decisions import approve, reject
from kpis.services.target_rows import values_of
from kpis.services.targets import NewTarget, edit_draft, propose, save_drafts, withdraw
from tests import factories
from tests.kept import kept
from tests.loads.files import Loader, command

HEAD = "kpi,tier,from_month,per,value,state\n"
ROW = HEAD + "revenue,T1,2012-01,month,{},{}"


@kept
def both(fay: User) -> User:
    """Fay, who is a steward as well."""
    RoleGrant.objects.create(user=fay, role=Role.STEWARD)
    return User.objects.get(pk=fay.pk)


@kept
def frank(db: None) -> User:
    """The other one from finance."""
    return factories.person("Frank", Role.FINANCE)


def states() -> list[tuple[int, str, str]]:
    rows = Target.objects.filter(from_month=201201, kpi__code="revenue").order_by("version")
    return [(one.version, f"{one.value:f}".rstrip("0").rstrip("."), one.state) for one in rows]


def drafted(by: User, value: str = "5") -> Target:
    kpi, tier = Kpi.objects.get(code="revenue"), Tier.objects.get(code="T1")
    return save_drafts(cells=[NewTarget(kpi, tier, Month(201201), Per.MONTH, Decimal(value))], by=by)[0]


def proposed(by: User, value: str = "5") -> Target:
    made = drafted(by, value)
    propose(targets=[made.pk], by=by)
    return made


def bring(user: User, text: str, kind: str = "targets", *, tick: bool = True) -> str:
    """Upload a file as on the page, ticking the approval, and load it; answers the page that follows."""
    browser = factories.signed_in(user)
    file = SimpleUploadedFile(f"{kind}.csv", text.encode())
    check = browser.post("/imports/", {"kind": kind, "file": file})
    assert check.status_code == 302, check.content.decode()
    if tick:
        check = browser.post(check["Location"], {"kind": kind, "approve": "on"})
    return browser.post(check["Location"], {"act": "load"}, follow=True).content.decode()


# -- by command: the operator's, in the name of a person, and of nothing that they wrote or proposed


@pytest.mark.parametrize("value", ["5", "5.0001", "6"])
@pytest.mark.parametrize("make", [drafted, proposed])
def test_refuses_to_approve_a_row_that_the_approver_wrote_or_proposed(
    make: object, value: str, filled: Loader, both: User
) -> None:
    make(both)  # type: ignore[operator]
    for state in ("", "approved"):
        assert filled.bad("targets", ROW.format(value, state), approved_by=both) == [(2, "state")]
    status, said = command("load", "targets", str(filled.folder / "targets.csv"), "--approved-by", both.email)
    assert (status, both.email in said) == (1, True)


def test_refuses_to_approve_a_draft_that_the_approver_proposed(filled: Loader, stella: User, both: User) -> None:
    propose(targets=[drafted(stella).pk], by=both)
    assert filled.bad("targets", ROW.format(5, ""), approved_by=both) == [(2, "state")]
    assert filled.bad("targets", ROW.format(6, ""), approved_by=both) == [(2, "state")]


def test_refuses_to_approve_a_number_that_another_touched_up(filled: Loader, stella: User, both: User) -> None:
    made = drafted(both)
    edit_draft(target=made, by=stella, values={"plan_value": made.value}, seen=values_of(made))
    row = "kpi,tier,from_month,per,value,plan_value\nrevenue,T1,2012-01,month,5,5"
    assert filled.bad("targets", row, approved_by=both) == [(2, "state")]


def test_refuses_a_superusers_own_rows_as_anybodys(filled: Loader, root: User) -> None:
    proposed(root)
    assert filled.bad("targets", ROW.format(5, ""), approved_by=root) == [(2, "state")]


def test_what_an_approvers_own_row_keeps_from_them_another_approves(filled: Loader, both: User, frank: User) -> None:
    proposed(both)
    filled.good("targets", ROW.format(5, ""), approved_by=frank)
    assert states() == [(1, "5", TargetState.APPROVED)]
    assert Target.objects.get(state=TargetState.APPROVED, from_month=201201).decided_by == frank
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (both, "1 target approved by Frank")


@pytest.mark.parametrize("state", ["draft", "proposed"])
def test_rows_that_ask_for_no_approval_are_drafts_whoever_approves(state: str, filled: Loader, both: User) -> None:
    proposed(both)
    filled.good("targets", ROW.format(6, state), approved_by=both)
    assert states() == [(1, "5", TargetState.PROPOSED), (2, "6", TargetState.DRAFT)]


@pytest.mark.parametrize("state", ["rejected", "superseded", "withdrawn"])
def test_refuses_with_an_approver_a_state_that_no_file_gives(state: str, filled: Loader, fay: User) -> None:
    assert filled.bad("targets", ROW.format(5, state), approved_by=fay) == [(2, "state")]
    filled.good("targets", ROW.format(5, state))
    assert states() == [(1, "5", TargetState.DRAFT)]


@pytest.mark.parametrize("who", ["stella", "ada", "ines", "noor", "ivo"])
def test_refuses_an_approver_who_may_not_approve(who: str, filled: Loader, request: pytest.FixtureRequest) -> None:
    with pytest.raises(LoadRefused):
        filled("targets", ROW.format(5, ""), approved_by=request.getfixturevalue(who))


def test_an_approval_by_command_says_so_wherever_it_is_read(filled: Loader, root: User, stella: User) -> None:
    load = filled.good("targets", ROW.format(5, ""), approved_by=root)
    assert Target.objects.get(from_month=201201).decision_note == f"By command, load {load.pk}"
    assert AuditEntry.objects.filter(verb="approved", after__how="by command").count() == 1
    page = factories.signed_in(stella).get(f"/imports/{load.pk}/").content.decode()
    assert "approved by Root by command" in page
    filled.good("targets", ROW.format(6, ""), approved_by=root)
    assert AuditEntry.objects.filter(verb="superseded", after__how="by command").count() == 1


# -- a later version supersedes, never an earlier one


def test_refuses_a_first_version_once_a_file_has_approved_a_second(
    filled: Loader, stella: User, fay: User, frank: User
) -> None:
    first = proposed(stella)
    filled.good("targets", ROW.format(6, ""), approved_by=fay)
    assert states() == [(1, "5", TargetState.PROPOSED), (2, "6", TargetState.APPROVED)]
    with pytest.raises(StaleTransition, match="a later version"):
        approve(targets=[first.pk], by=frank)
    inbox = factories.signed_in(frank)
    page = inbox.get("/approvals/").content.decode()
    assert "A later version has been approved since" in page
    assert f'id="a-{first.pk}"' not in page
    inbox.post("/approvals/decide/", {f"d-{first.pk}": "approve"})
    assert states()[1] == (2, "6", TargetState.APPROVED)
    withdraw(targets=[first.pk], by=stella)
    with pytest.raises(StaleTransition, match="a later version"):
        propose(targets=[first.pk], by=stella)


def test_an_overtaken_proposal_can_be_rejected_and_stands_again_when_the_load_is_taken_back(
    filled: Loader, stella: User, fay: User, frank: User
) -> None:
    first = proposed(stella)
    load = filled.good("targets", ROW.format(6, ""), approved_by=fay)
    undo_load(load=load)
    approve(targets=[first.pk], by=frank)
    assert states() == [(1, "5", TargetState.APPROVED), (2, "6", TargetState.WITHDRAWN)]


def test_an_overtaken_proposal_can_be_rejected(filled: Loader, stella: User, fay: User, frank: User) -> None:
    first = proposed(stella)
    filled.good("targets", ROW.format(6, ""), approved_by=fay)
    reject(targets=[first.pk], by=frank, reason="Decided otherwise")
    assert states() == [(1, "5", TargetState.REJECTED), (2, "6", TargetState.APPROVED)]


def test_a_file_that_says_an_overtaken_version_again_writes_a_later_one(filled: Loader, fay: User) -> None:
    filled.good("targets", ROW.format(5, ""))
    filled.good("targets", ROW.format(6, ""), approved_by=fay)
    filled.good("targets", ROW.format(5, ""), approved_by=fay)
    assert [state for _, _, state in states()] == [TargetState.DRAFT, TargetState.SUPERSEDED, TargetState.APPROVED]


# -- by page: nobody approves what they load


def test_ticking_the_box_makes_drafts_of_own_rows(filled: Loader, both: User) -> None:
    page = bring(both, ROW.format(5, "approved"))
    assert "has been loaded" in page
    assert states() == [(1, "5", TargetState.DRAFT)]
    assert Load.objects.latest("pk").approved_by is None
    bring(both, ROW.format(5, ""))
    assert states() == [(1, "5", TargetState.DRAFT)]


@pytest.mark.parametrize("value", ["5", "5.0001"])
def test_refuses_by_page_to_approve_ones_own_waiting_proposal(value: str, filled: Loader, both: User) -> None:
    proposed(both)
    page = bring(both, ROW.format(value, ""))
    assert both.email in page
    assert states() == [(1, "5", TargetState.PROPOSED)]


def test_refuses_by_page_to_approve_a_draft_that_one_proposed(filled: Loader, both: User, stella: User) -> None:
    propose(targets=[drafted(stella).pk], by=both)
    bring(both, ROW.format(5, ""))
    assert states() == [(1, "5", TargetState.PROPOSED)]


def test_somebody_elses_draft_stays_a_draft_when_the_box_is_ticked(filled: Loader, both: User, stella: User) -> None:
    drafted(stella)
    bring(both, ROW.format(5, ""))
    assert states() == [(1, "5", TargetState.DRAFT)]


def test_what_others_proposed_is_approved_with_the_file(filled: Loader, both: User, stella: User) -> None:
    proposed(stella)
    text = ROW.format(5, "") + "\nclaims,T1,2012-01,month,7,"
    bring(both, text)
    assert states() == [(1, "5", TargetState.APPROVED)]
    assert Target.objects.get(kpi__code="claims", from_month=201201).state == TargetState.DRAFT
    load = Load.objects.latest("pk")
    assert load.approved_by == both
    assert AuditEntry.objects.get(verb="approved", after__how="with a file").by == both
    assert OutgoingMail.objects.get().to == stella


def test_without_the_box_what_others_proposed_waits_on(filled: Loader, both: User, stella: User) -> None:
    proposed(stella)
    bring(both, ROW.format(5, ""), tick=False)
    assert states() == [(1, "5", TargetState.PROPOSED)]


def test_a_number_that_differs_from_what_others_proposed_is_a_draft_beside_it(
    filled: Loader, both: User, stella: User
) -> None:
    proposed(stella)
    bring(both, ROW.format("5.0001", ""))
    assert states() == [(1, "5", TargetState.PROPOSED), (2, "5.0001", TargetState.DRAFT)]


# -- the right to propose, per row


def test_refuses_an_administrators_rows_and_says_why(filled: Loader, ada: User) -> None:
    page = bring(ada, ROW.format(5, ""), tick=False)
    assert "not yours to propose" in page
    assert states() == []


def test_refuses_each_row_of_a_kpi_that_is_not_the_owners(filled: Loader) -> None:
    otto = factories.person("Otto", Role.OWNER)
    Kpi.objects.filter(code="claims").update(owner=otto)
    text = HEAD + "claims,T1,2012-01,month,5,\nrevenue,T1,2012-01,month,5,\nclaims,T2,2012-01,month,5,"
    assert filled.bad("targets", text, by=otto) == [(3, "kpi")]
    filled.good("targets", HEAD + "claims,T1,2012-01,month,5,", by=otto)
    assert Target.objects.get(from_month=201201).created_by == otto


@pytest.mark.parametrize("who", ["ines", "ada", "noor", "ivo"])
def test_refuses_rows_of_whoever_proposes_nothing(who: str, filled: Loader, request: pytest.FixtureRequest) -> None:
    assert filled.bad("targets", ROW.format(5, ""), by=request.getfixturevalue(who)) == [(2, "kpi")]


# -- taking back


def test_refuses_to_let_a_steward_take_an_approval_back(filled: Loader, stella: User, fay: User) -> None:
    load = filled.good("targets", ROW.format(5, ""), approved_by=fay)
    browser = factories.signed_in(stella)
    page = browser.get(f"/imports/{load.pk}/").content.decode()
    assert "finance takes it back" in page
    assert ">Take it back<" not in page
    assert "ask finance" in browser.post(f"/imports/{load.pk}/undo/", {"sure": "1"}, follow=True).content.decode()
    with pytest.raises(UndoRefused, match="ask finance"):
        undo_load(load=load, by=stella)
    assert states() == [(1, "5", TargetState.APPROVED)]
    load.refresh_from_db()
    assert load.state == LoadState.APPLIED


def test_finance_takes_a_load_back_that_approved(filled: Loader, fay: User, frank: User) -> None:
    load = filled.good("targets", ROW.format(5, ""), approved_by=fay)
    browser: Client = factories.signed_in(frank)
    assert ">Take it back<" in browser.get(f"/imports/{load.pk}/").content.decode()
    browser.post(f"/imports/{load.pk}/undo/", {"sure": "1"})
    assert states() == [(1, "5", TargetState.WITHDRAWN)]
    other = Load.objects.get(kind="kpis")
    assert browser.get(f"/imports/{other.pk}/").status_code == 403
    assert browser.post(f"/imports/{other.pk}/undo/").status_code == 403


def test_a_steward_takes_a_load_of_drafts_back_and_the_operator_any(filled: Loader, stella: User, fay: User) -> None:
    undo_load(load=filled.good("targets", ROW.format(5, ""), by=stella), by=stella)
    assert states() == []
    filled.good("targets", ROW.format(5, "draft"), approved_by=fay)
    undo_load(load=Load.objects.latest("pk"), by=stella)
    undo_load(load=filled.good("targets", ROW.format(5, ""), approved_by=fay))
    assert states() == [(1, "5", TargetState.WITHDRAWN)]


def test_a_proposal_that_a_load_approved_waits_again_and_is_still_its_proposers(
    filled: Loader, both: User, frank: User
) -> None:
    proposed(both)
    undo_load(load=filled.good("targets", ROW.format(5, ""), approved_by=frank))
    assert states() == [(1, "5", TargetState.WITHDRAWN), (2, "5", TargetState.PROPOSED)]
    assert filled.bad("targets", ROW.format(5, ""), approved_by=both) == [(2, "state")]


def test_refuses_to_throw_away_what_somebody_wrote_into_a_loaded_draft(filled: Loader, stella: User) -> None:
    load = filled.good("targets", ROW.format(5, ""))
    drafted(stella, "6")
    with pytest.raises(UndoRefused, match="changed or decided on since by hand"):
        undo_load(load=load)
    assert states() == [(1, "6", TargetState.DRAFT)]


def test_many_rows_ask_the_database_as_often_as_few(filled: Loader, both: User) -> None:
    def queries(months: range) -> int:
        rows = "\n".join(f"revenue,T1,{2013 + one // 12}-{one % 12 + 1:02d},month,5," for one in months)
        with CaptureQueriesContext(connection) as seen:
            filled.good("targets", HEAD + rows, by=both, approved_by=both)
        return len(seen)

    queries(range(2))
    assert queries(range(2, 4)) == queries(range(4, 30))
