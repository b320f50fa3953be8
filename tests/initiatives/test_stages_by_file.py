"""Stages by file: what is new is taken over and says so; what is there goes on as its page lets the loader do it."""

from __future__ import annotations

from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from accounts.loads import UndoRefused, undo_load
from accounts.models import AuditEntry, Load, LoadChange, RoleGrant, User
from core.writes import TransitionRefused
from initiatives.choices import Quadrant, Stage
from initiatives.models import Initiative, TrackedChange
from initiatives.services.stages import approve_initiative, move_stage
from tests import factories as make
from tests.factories import signed_in
from tests.loads.files import Loader, by_page, command, contents, write
from tests.walks import taken_back

HEADER = "code,title,level,department,baseline_start,baseline_due,stage,loyalty_impact,effort\n"
BET, DOUBT, SMALL = "5,5", "1,5", "4,1"
STAGES = list(Stage)


@pytest.fixture
def load(company: object, tmp_path: Path) -> Loader:
    """Loads into a company that has one department."""
    make.department("sales")
    return Loader(tmp_path)


@pytest.fixture
def bea(db: None) -> User:
    """An executive who is a steward as well."""
    return make.person("Bea", Role.EXECUTIVE, Role.STEWARD)


def text(stage: str, scores: str = SMALL, code: str = "idea") -> str:
    return f"{HEADER}{code},{code.title()},corporate,sales,2026-01-01,2026-12-01,{stage},{scores}"


def there(stage: str, scores: str = SMALL, **fields: Any) -> Initiative:
    """An initiative entered by hand that the row of ``text`` names."""
    loyalty, effort = scores.split(",")
    make.initiative(
        "idea",
        title="Idea",
        stage=stage,
        baseline_start=date(2026, 1, 1),
        baseline_due=date(2026, 12, 1),
        due=date(2026, 12, 1),
        loyalty_impact=int(loyalty),
        effort=int(effort),
        **fields,
    )
    return one()


def one() -> Initiative:
    return Initiative.objects.get(code="idea")


def page(user: User) -> str:
    """What the initiative's page says."""
    return " ".join(unescape(signed_in(user).get("/initiatives/idea/").content.decode()).split())


def api(user: User) -> dict[str, Any]:
    found: dict[str, Any] = signed_in(user).get("/api/v1/initiatives/idea/").json()
    return found


def verbs() -> list[str]:
    return [entry.verb for entry in AuditEntry.objects.filter(object_label="Idea").order_by("pk")]


# What changes its stage


@pytest.mark.parametrize("who", ["steward", "administrator"])
@pytest.mark.parametrize("to", ["approved", "in_progress", "done"])
def test_refuses_a_file_by_page_that_approves_in_the_name_of_who_may_not(
    load: Loader, everyone: dict[str, User], who: str, to: str
) -> None:
    there("candidate")
    before = contents()
    said = by_page(signed_in(everyone[who]), "initiatives", text(to))
    assert "an executive approves it first, and the row asks for the right “Approve initiatives”" in said
    assert contents() == before
    assert one().stage == "candidate"


@pytest.mark.parametrize("before", STAGES)
@pytest.mark.parametrize("scores", [BET, DOUBT, SMALL])
def test_a_row_moves_a_stage_just_where_the_page_moves_it(load: Loader, stella: User, before: str, scores: str) -> None:
    there(before, scores)
    by_hand = _by_hand(stella, Stage(before))
    for after in STAGES:
        skipped = before in {"approved", "on_hold"} and after == "done" and before in _startable(scores, before)
        with taken_back():
            report = load("initiatives", text(after, scores), by=stella)
        said = [str(error) for error in report.errors]
        assert report.ok is (before == after or after in by_hand or skipped), (after, said)
        assert [error.column for error in report.errors] == ([] if report.ok else ["stage"]), after


def _by_hand(by: User, stage: Stage) -> set[str]:
    """The stages to which the person can move the initiative on its page now."""
    found = set()
    for to in Stage:
        try:
            with transaction.atomic():
                move_stage(initiative=one(), to=to, by=by, seen=stage, reason="Because")
                found.add(to.value)
                transaction.set_rollback(True)
        except TransitionRefused:
            continue
    return found


def _startable(scores: str, stage: str) -> set[str]:
    """The stages from which what has these scores starts without anybody's decision."""
    return {"approved"} if scores == SMALL else set()


@pytest.mark.parametrize("who", ["steward", "administrator"])
def test_refuses_a_start_of_what_needs_a_decision(load: Loader, everyone: dict[str, User], who: str) -> None:
    for scores, words in ((BET, "it is a major bet"), (DOUBT, "only where an executive overrides that")):
        Initiative.objects.all().delete()
        there("approved", scores)
        assert words in by_page(signed_in(everyone[who]), "initiatives", text("in_progress", scores))
        assert one().stage == "approved"


def test_an_executive_who_loads_approves_by_a_row_as_by_page(load: Loader, bea: User) -> None:
    there("candidate", BET, justification="It pays.")
    assert "has been loaded" in by_page(signed_in(bea), "initiatives", text("in_progress", BET))
    row = one()
    assert (row.stage, row.approved_by, row.approved_as) == ("in_progress", bea, Quadrant.MAJOR_BET)
    assert "Approved as major bet by Bea" in page(bea)
    assert "Taken over" not in page(bea)
    assert verbs() == ["approved"]


def test_refuses_an_executives_row_that_approves_a_bet_without_a_reason(load: Loader, bea: User) -> None:
    there("candidate", BET)
    assert load.bad("initiatives", text("approved", BET), by=bea) == [(2, "stage")]


def test_the_history_says_that_a_file_moved_it_and_who_loaded_it(load: Loader, stella: User) -> None:
    there("in_progress")
    by_page(signed_in(stella), "initiatives", text("on_hold"))
    assert "by file initiatives.csv, loaded by Stella" in page(stella)
    assert ", by Stella" not in page(stella)
    assert verbs() == ["moved"]


# By command there is no person


def test_by_command_a_candidate_is_taken_over_and_nobody_approved_it(load: Loader, stella: User) -> None:
    there("candidate")
    path = write(load.folder / "plan.csv", text("approved"))
    assert command("load", "initiatives", str(path))[0] == 0
    said = page(stella)
    assert "Taken over by file plan.csv, loaded by command on" in said
    assert "has no approval of its own" in said
    assert "Approved by" not in said
    shown = api(stella)
    assert (shown["approved_by"], shown["approved_at"], shown["approved_as"]) == (None, None, "")
    assert (shown["taken_over"]["file"], shown["taken_over"]["by"]) == ("plan.csv", None)
    assert verbs() == ["taken over"]


@pytest.mark.parametrize("scores", [BET, DOUBT])
@pytest.mark.parametrize("stage", ["candidate", "approved", "on_hold"])
def test_by_command_too_nothing_starts_that_needs_a_decision(load: Loader, scores: str, stage: str) -> None:
    there(stage, scores, justification="It pays.", started_on="2026-01-02")
    path = write(load.folder / "plan.csv", text("in_progress", scores))
    status, said = command("load", "initiatives", str(path))
    assert (status, one().stage) == (1, stage)
    assert "line 2, stage" in said


@pytest.mark.parametrize(
    ("before", "after"), [("done", "candidate"), ("cancelled", "in_progress"), ("done", "on_hold")]
)
def test_by_command_too_no_stage_is_reached_that_no_page_reaches(load: Loader, before: str, after: str) -> None:
    there(before)
    assert load.bad("initiatives", text(after)) == [(2, "stage")]


# What is new


@pytest.mark.parametrize("stage", ["approved", "in_progress", "done", "on_hold"])
@pytest.mark.parametrize("door", ["page", "command"])
def test_what_a_file_creates_is_taken_over_and_says_so(load: Loader, stella: User, stage: str, door: str) -> None:
    if door == "page":
        by_page(signed_in(stella), "initiatives", text(stage))
    else:
        load.good("initiatives", text(stage))
    who = "Stella" if door == "page" else "command"
    said = page(stella)
    assert f"Taken over by file initiatives.csv, loaded by {who} on" in said
    assert "pproved by" not in said
    assert api(stella)["taken_over"]["load"] == Load.objects.latest("pk").pk
    assert verbs() == ["taken over"]


def test_a_bet_that_a_file_brought_says_that_it_has_no_approval(load: Loader, stella: User) -> None:
    report = load("initiatives", text("in_progress", BET), by=stella)
    assert [(warning.line, warning.column) for warning in report.warnings] == [(2, "stage")]
    words = "it is a major bet and has no approval of its own."
    assert words in page(stella)
    assert api(stella)["taken_over"]["words"].endswith(words)
    listed = signed_in(stella).get("/api/v1/initiatives/").json()["results"]
    assert [row["taken_over"]["by"] for row in listed] == [stella.email]


def test_what_is_to_be_reconsidered_says_that_nobody_overrode_it(load: Loader, stella: User) -> None:
    load.good("initiatives", text("approved", DOUBT), by=stella)
    assert "it has low impact for its burden and has no approval and no override of its own" in page(stella)


def test_a_candidate_is_nothing_that_was_taken_over(load: Loader, stella: User) -> None:
    load.good("initiatives", text("candidate"), by=stella)
    assert "Taken over" not in page(stella)
    assert api(stella)["taken_over"] is None
    assert verbs() == []


def test_what_an_executive_approved_since_is_not_taken_over_any_more(load: Loader, ines: User) -> None:
    load.good("initiatives", text("approved", BET))
    approve_initiative(initiative=one(), by=ines, seen=Stage.APPROVED, justification="It pays.")
    assert "Taken over" not in page(ines)
    assert api(ines)["taken_over"] is None


def test_a_single_call_enters_candidates_alone(load: Loader, stella: User) -> None:
    body = {"title": "Idea", "level": "corporate", "department": "sales", "stage": "approved"}
    browser = signed_in(stella)
    browser.post("/api/v1/initiatives/", body, content_type="application/json")
    assert not Initiative.objects.exclude(stage="candidate").exists()


def test_many_that_were_taken_over_ask_the_database_as_often_as_one(load: Loader, stella: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert signed_in(stella).get("/api/v1/initiatives/").status_code == 200
        return len(seen)

    load.good("initiatives", text("approved"))
    few = queries()
    for number in range(9):
        load.good("initiatives", text("approved", code=f"other-{number}"), by=stella)
    assert queries() == few


# Dates that come with stages


@pytest.mark.parametrize(
    ("stage", "column", "day"),
    [
        ("approved", "started_on", "2026-02-01"),
        ("in_progress", "finished_on", "2026-02-01"),
        ("in_progress", "started_on", "2199-01-01"),
        ("done", "finished_on", "2199-01-01"),
    ],
)
def test_refuses_a_day_that_the_page_refuses(load: Loader, stella: User, stage: str, column: str, day: str) -> None:
    there(stage)
    head, row = text(stage).split("\n")
    assert load.bad("initiatives", f"{head},{column}\n{row},{day}", by=stella) == [(2, column)]


def test_refuses_a_milestone_done_on_a_day_that_lies_ahead(load: Loader, stella: User) -> None:
    there("in_progress")
    assert load.bad("milestones", "initiative,title,due,done_on\nidea,Pilot,2026-03-01,2199-01-01", by=stella) == [
        (2, "done_on")
    ]


# Taking back


def test_a_return_to_the_candidates_takes_the_approval_away_and_its_undoing_brings_it_back(
    load: Loader, ines: User, stella: User
) -> None:
    approve_initiative(initiative=there("candidate"), by=ines, seen=Stage.CANDIDATE)
    given = one().approved_at
    found = load.good("initiatives", text("candidate"), by=stella)
    assert (one().approved_by, one().approved_at, one().approved_as) == (None, None, "")
    undo_load(load=found, by=stella)
    row = one()
    assert (row.stage, row.approved_by, row.approved_at, row.approved_as) == ("approved", ines, given, "quick_win")


def test_refuses_to_let_a_steward_take_back_an_executives_approval(load: Loader, bea: User, stella: User) -> None:
    there("candidate")
    found = load.good("initiatives", text("approved"), by=bea)
    with pytest.raises(UndoRefused, match="an executive approves it first"):
        undo_load(load=found, by=stella)
    said = signed_in(stella).post(f"/imports/{found.pk}/undo/", follow=True).content.decode()
    assert "cannot be taken back by you" in said
    assert one().stage == "approved"
    undo_load(load=found, by=bea)
    row = one()
    assert (row.stage, row.approved_by, row.approved_at, row.approved_as) == ("candidate", None, None, "")
    assert not TrackedChange.objects.exists()


def test_what_a_load_logged_keeps_no_earlier_load_from_being_taken_back(load: Loader, stella: User) -> None:
    first = load.good("initiatives", text("approved"), by=stella)
    later = load.good("initiatives", text("in_progress"), by=stella)
    undo_load(load=later, by=stella)
    undo_load(load=first, by=stella)
    assert not Initiative.objects.exists()


def test_an_approval_after_the_load_keeps_it_from_being_taken_back(load: Loader, ines: User) -> None:
    found = load.good("initiatives", text("approved", BET))
    approve_initiative(initiative=one(), by=ines, seen=Stage.APPROVED, justification="It pays.")
    with pytest.raises(UndoRefused, match="changed since by hand"):
        undo_load(load=found)


def test_a_load_from_before_approvals_were_kept_beside_its_rows_is_taken_back(load: Loader) -> None:
    load.good("initiatives", text("approved"))
    found = load.good("initiatives", text("in_progress"))
    for change in LoadChange.objects.filter(load=found):
        for state in (change.before, change.after):
            for name in ("approved_by", "approved_at", "approved_as", "override_by", "override_at", "override_reason"):
                del (state or {})[name]
        change.save()
    undo_load(load=found)
    assert one().stage == "approved"


def test_an_export_holds_no_approval(load: Loader, bea: User) -> None:
    there("candidate")
    load.good("initiatives", text("approved"), by=bea)
    assert not {"approved_by", "override_by"} & set(load.exported("initiatives")[0])


def test_refuses_a_file_that_names_an_approval(load: Loader, bea: User) -> None:
    head, row = text("approved").split("\n")
    assert load.bad("initiatives", f"{head},approved_by\n{row},{bea.email}") == [(1, "approved_by")]


def test_a_person_with_two_roles_is_asked_as_one(load: Loader, stella: User) -> None:
    there("candidate")
    RoleGrant.objects.create(user=stella, role=Role.EXECUTIVE)
    both = User.objects.get(pk=stella.pk)
    assert "has been loaded" in by_page(signed_in(both), "initiatives", text("approved"))
    assert one().approved_by == both
