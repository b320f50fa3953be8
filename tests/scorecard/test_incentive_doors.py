"""Incentive goals at every door: pages, files, calls and records, and told to nobody whose they are not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.company import today
from accounts.loads import UndoRefused, export_file, load_file, may_undo, undo_load
from accounts.models import AuditEntry, Load, ThreadWord, User
from accounts.reading.naming import Naming
from accounts.rights import DECISIONS, Right
from accounts.services.erasing import _replace_in_records
from accounts.services.tokens import create_token
from core.loading import LoadReport
from core.periods import Kind, first_day, month_of, shift
from initiatives.models import Initiative, TrackedChange
from scorecard.choices import Measure
from scorecard.models import GoalVersion, IncentiveGoal
from scorecard.reading.edition_evidence import Ending, Endings
from scorecard.services.incentives import approve_goal
from tests import factories
from tests.kept import kept
from tests.scorecard.incentives import CALENDAR, World


@kept
def world(everyone: dict[str, User]) -> World:
    return World(everyone)


# -- told to nobody else


def test_who_reads_a_goal_walked_by_address_role_and_person(world: World) -> None:
    goal = world.goal()
    edition = world.close()
    stranger = factories.person("Sven", "owner")
    root = User.objects.create_superuser(email="root@tierboard.example", password=factories.PASSWORD)
    root = User.objects.get(pk=root.pk)
    addresses = [
        f"/incentives/of/{world.owner.pk}/2011-Q3/",
        f"/incentives/of/{world.owner.pk}/2011-Q3/pdf/",
        f"/incentives/goals/{goal.code}/",
        f"/asks/incentive_goal/{goal.code}/",
        f"/api/v1/incentive-goals/{goal.code}/",
    ]
    may = {world.owner, world.finance, world.executive, world.other}
    everybody = {*world.people.values(), world.other, stranger, root}
    for person in everybody:
        browser = factories.signed_in(person)
        for address in addresses:
            answer = browser.get(address)
            assert (answer.status_code == 200) == (person in may), (person, address, answer.status_code)
            if person not in may:
                assert answer.status_code in {403, 404}
        listed = browser.get("/api/v1/incentive-goals/?period=2011-Q3").json().get("results", [])
        assert [one["code"] for one in listed] == ["revenue-q3"] * (person in may), person
    for person in everybody - may:
        browser = factories.signed_in(person)
        page = browser.get("/incentives/?period=2011-Q3").content.decode()
        assert "revenue-q3" not in page
        assert "80" not in page.partition("<main")[2] or "You have no incentive goals" in page
        for act, post in (
            ("approve", {"version": 1, "why": "x"}),
            ("confirm", {"edition": edition.pk}),
            ("decide", {"edition": edition.pk, "percent": "1", "why": "x"}),
            ("drop", {"version": 1, "sure": 1}),
            ("edit", {"weight": "1"}),
        ):
            assert browser.post(f"/incentives/goals/{goal.code}/{act}/", post).status_code in {403, 404}, (person, act)
        found = browser.get("/search/?q=revenue-q3").content.decode()
        assert "/incentives/goals/" not in found


def test_the_api_tells_a_goal_in_the_columns_of_its_file(world: World) -> None:
    goal = world.goal()
    told = factories.signed_in(world.owner).get(f"/api/v1/incentive-goals/{goal.code}/").json()
    assert (told["person"], told["team"]) == (world.owner.email, [])
    assert (told["version"], told["state"], told["measure"]) == (1, "approved", "cell")
    assert (told["kpi"], told["tier"]) == (world.kpi.code, world.tier.code)
    assert (told["threshold"], told["target"], told["at_maximum"]) == ("80.0000", "90.0000", "150.0000")


def test_single_calls_write_a_goal_and_further_versions_of_it(world: World) -> None:
    browser = factories.signed_in(world.finance)
    points = {"threshold": 80, "target": "90", "maximum": 100, "at_threshold": 50, "at_maximum": 150}
    body: dict[str, Any] = {
        "code": "g1",
        "team": [world.owner.email, world.steward.email],
        "team_name": "Both",
        "period": "2011-Q3",
    }
    body |= {"weight": "40", "measure": "cell", "kpi": "revenue", "tier": "all", **points}
    made = browser.post("/api/v1/incentive-goals/", body, content_type="application/json")
    told = made.json()
    assert (made.status_code, made["Location"], made["ETag"]) == (201, "/api/v1/incentive-goals/g1/", '"1"')
    assert (told["state"], told["person"], told["team"], told["tier"]) == ("draft", None, sorted(body["team"]), None)

    def change(values: dict[str, Any], seen: str = "", by: User = world.finance) -> Any:
        headers = {"If-Match": seen} if seen else {}
        at = "/api/v1/incentive-goals/g1/"
        return factories.signed_in(by).patch(at, values, content_type="application/json", headers=headers)

    assert change({"maximum": 110}).status_code == 422  # says no revision
    assert change({"maximum": 110, "revision": "7"}).status_code == 409
    assert change({"maximum": 110}, '"7"').status_code == 412
    assert change({"person": world.owner.email}, '"1"').json()["errors"][0]["field"] == "team"
    assert change({"maximum": 110}, '"1"', world.steward).status_code == 403
    assert change({"maximum": 110}, '"1"', world.owner).status_code == 403
    assert change({"maximum": 110, "code": "g1"}, '"1"').json()["revision"] == "2"
    assert change({"maximum": 110}, '"2"').json()["version"] == 2  # says what it says already
    assert GoalVersion.objects.filter(goal__code="g1").count() == 2
    taken = browser.post("/api/v1/incentive-goals/", body, content_type="application/json")
    assert (taken.status_code, [one["field"] for one in taken.json()["errors"]]) == (422, ["code"])
    kept = [one.object_label for one in AuditEntry.objects.filter(object_type="scorecard.incentivegoal")]
    assert kept == ["", ""]


def test_a_token_without_the_scope_reads_its_persons_own_goals_alone(world: World) -> None:
    world.goal()
    for scopes, codes in (([Right.READ], []), ([Right.READ, Right.INCENTIVE_GOALS], ["revenue-q3"])):
        _, text = create_token(user=world.finance, name="x", scopes=scopes, expires_on=None, by=world.finance)
        listed = Client(headers={"Authorization": f"Bearer {text}"}).get("/api/v1/incentive-goals/").json()["results"]
        assert [one["code"] for one in listed] == codes


def test_the_audit_and_its_export_hold_no_person_and_no_number(world: World, client: Client) -> None:
    goal = world.goal()
    browser = factories.signed_in(world.owner)
    browser.post(f"/asks/incentive_goal/{goal.code}/", {"text": "Why is it so high?"})
    entries = AuditEntry.objects.filter(object_type__in=["scorecard.incentivegoal", "accounts.thread"])
    assert {(one.object_id, one.object_label, one.before, one.after) for one in entries} == {("0", "", None, None)}
    assert {one.by for one in entries} == {world.finance, world.executive, world.owner}
    admin = factories.signed_in(world.people["administrator"])
    for address in ("/audit/", "/audit/export/csv/"):
        answer: Any = admin.get(address)
        said = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"incentive goal" in said
        assert b"revenue-q3" not in said
        assert b"so high" not in said
    for address in ("/admin/accounts/thread/", "/admin/accounts/load/", "/admin/accounts/loadchange/"):
        assert b"incentive" not in admin.get(address).content.partition(b"<main")[2]


def test_a_person_reads_questions_and_tries_values_without_anything_being_kept(world: World) -> None:
    goal = world.goal()
    world.close()
    browser = factories.signed_in(world.owner)
    before = AuditEntry.objects.count()
    page = browser.get("/incentives/", {"period": "2011-Q3", f"if_{goal.code}": "95"}).content.decode()
    assert "would pay 125.0 %" in page
    assert "50 + (100 − 50) × (84 − 80) ÷ (90 − 80) = 70.0 %" in page
    assert AuditEntry.objects.count() == before
    bad = browser.get("/incentives/", {"period": "2011-Q3", f"if_{goal.code}": "<b>"}).content.decode()
    assert "&lt;b&gt;" in bad
    assert browser.get(f"/incentives/of/{world.owner.pk}/2011-Q3/pdf/").content.startswith(b"%PDF")


def test_a_goal_is_written_approved_and_dropped_on_its_pages(world: World) -> None:
    finance, executive = factories.signed_in(world.finance), factories.signed_in(world.executive)
    form = {
        "code": "by-hand",
        "people": [world.owner.pk],
        "period": "2011-Q3",
        "weight": "100",
        "measure": "cell",
        "kpi": world.kpi.pk,
        "tier": world.tier.pk,
        "threshold": "80",
        "target": "90",
        "maximum": "100",
        "at_threshold": "50",
        "at_maximum": "150",
    }
    assert finance.post("/incentives/new/", form | {"target": "80"}).status_code == 400
    assert finance.post("/incentives/new/", form).status_code == 302
    assert finance.post("/incentives/goals/by-hand/approve/", {"version": 1, "why": "late"}).status_code == 400
    assert executive.post("/incentives/goals/by-hand/approve/", {"version": 1, "why": "late"}).status_code == 302
    further = {**form, "seen": 1, "maximum": "110"}
    assert finance.post("/incentives/goals/by-hand/edit/", further).status_code == 302
    assert finance.post("/incentives/goals/by-hand/drop/", {"version": 2}).status_code == 200  # asks first
    assert finance.post("/incentives/goals/by-hand/drop/", {"version": 2, "sure": 1}).status_code == 302
    assert IncentiveGoal.objects.get(code="by-hand").versions.count() == 1


# -- as a file

HEADER = (
    "code,person,team,team_name,period,weight,measure,kpi,tier,initiatives,"
    "threshold,target,maximum,at_threshold,at_maximum"
)
ROW = "{code},{person},{team},{name},2011-Q3,{weight},cell,revenue,T1,,80,{target},100,50,150"


def goals_file(folder: Path, *rows: dict[str, Any]) -> Path:
    begin = {"code": "g1", "person": "omar@tierboard.example", "team": "", "name": "", "weight": 100, "target": 90}
    path = folder / "goals.csv"
    path.write_text("\n".join([HEADER, *(ROW.format(**(begin | row)) for row in rows)]) + "\n")
    return path


def errors_of(report: LoadReport) -> list[tuple[str, str]]:
    return [(error.column, error.reason) for error in report.errors]


def test_a_file_writes_drafts_and_its_export_changes_nothing(world: World, tmp_path: Path) -> None:
    team = {"code": "g2", "person": "", "team": "omar@tierboard.example;stella@tierboard.example", "name": "Both"}
    path = goals_file(tmp_path, {"weight": 60}, {**team, "weight": 40})
    report = load_file(kind="incentive_goals", path=path, by=world.finance)
    assert (errors_of(report), report.counts.created) == ([], 2)
    assert set(GoalVersion.objects.values_list("state", "written_by")) == {("draft", world.finance.pk)}
    again = tmp_path / "again.csv"
    export_file(kind="incentive_goals", path=again)
    report = load_file(kind="incentive_goals", path=again, by=world.finance)
    assert (errors_of(report), report.counts.unchanged, GoalVersion.objects.count()) == ([], 2, 2)


def test_a_file_is_refused_row_by_row_for_what_pages_refuse(world: World, tmp_path: Path) -> None:
    for row, by, said in (
        ({"person": world.finance.email}, world.finance, "is your own goal"),
        ({"target": 80}, world.finance, "is out of order"),
        ({"weight": 101}, world.finance, "is not between 0 and 100"),
        ({}, world.steward, "asks for the right"),
        ({}, world.people["administrator"], "asks for the right"),
    ):
        report = load_file(kind="incentive_goals", path=goals_file(tmp_path, row), by=by)
        assert any(said in reason for _, reason in errors_of(report)), (row, errors_of(report))
    assert not IncentiveGoal.objects.exists()
    load_file(kind="incentive_goals", path=goals_file(tmp_path, {}), by=world.finance)
    moved = goals_file(tmp_path, {"person": world.steward.email})
    report = load_file(kind="incentive_goals", path=moved, by=world.finance)
    assert [column for column, _ in errors_of(report)] == ["person"]
    both = goals_file(tmp_path, {}, {"code": "g2", "weight": 1})
    report = load_file(kind="incentive_goals", path=both, by=world.finance)
    assert any("100 at most" in reason for _, reason in errors_of(report))


def test_a_load_is_taken_back_by_those_who_write_goals_alone(world: World, tmp_path: Path) -> None:
    path = goals_file(tmp_path, {})
    load = Load.objects.get(pk=load_file(kind="incentive_goals", path=path, by=world.finance).load or 0)
    for by in (world.steward, world.people["administrator"], world.owner):
        with pytest.raises(UndoRefused):
            undo_load(load=load, by=by)
    assert may_undo(load, world.executive)
    undo_load(load=load, by=world.executive)
    assert not IncentiveGoal.objects.exists()
    load = Load.objects.get(pk=load_file(kind="incentive_goals", path=path, by=world.finance).load or 0)
    approve_goal(version=GoalVersion.objects.get(), by=world.executive, why="late")
    with pytest.raises(UndoRefused, match="approved or written anew"):
        undo_load(load=load, by=world.finance)


def test_lists_of_loads_say_to_others_that_a_goal_changed_who_and_when(world: World, tmp_path: Path) -> None:
    path = goals_file(tmp_path, {"code": "secret-goal"})
    load = load_file(kind="incentive_goals", path=path, by=world.finance, source="bonus-omar.csv").load
    for person in (world.steward, world.people["administrator"]):
        browser = factories.signed_in(person)
        listed = browser.get("/imports/").content.decode()
        assert "an incentive goal changed" in listed
        assert "Fay" in listed
        assert "bonus-omar" not in listed
        addresses = [reverse("import", args=[load]), reverse("undo_load", args=[load])]
        addresses += [reverse(name, args=["incentive_goals"]) for name in ("import_export", "import_sample")]
        for address in addresses:
            answer = browser.get(address)
            assert answer.status_code in {403, 404}, address
            assert b"secret-goal" not in answer.content
    finance = factories.signed_in(world.finance)
    assert "bonus-omar" in finance.get("/imports/").content.decode()
    assert "facts" not in finance.get("/imports/").content.decode().partition("<select")[2].partition("</select")[0]
    assert finance.get(f"/imports/{load}/").status_code == 200


def test_no_token_that_an_administrator_made_reads_or_writes_goals(world: World) -> None:
    body = [{"code": "g1", "person": world.owner.email}]
    for person, status in ((world.steward, 403), (world.people["administrator"], 403), (world.finance, 422)):
        browser = factories.signed_in(person)
        answer = browser.post("/api/v1/incentive-goals/bulk/", body, content_type="application/json")
        assert answer.status_code == status, person
    assert Right.INCENTIVE_GOALS in DECISIONS


# -- stopped with an executive's word


def test_what_was_stopped_counts_unless_an_executive_agreed_before_it_was_due(world: World) -> None:
    day = today()
    ahead = CALENDAR.period(Kind.QUARTER, shift(month_of(day), 3))
    row = factories.initiative("held", baseline_due=first_day(ahead.last), stage="in_progress")
    points = {"threshold": Decimal(20), "target": Decimal(60), "maximum": Decimal(100)}
    named = {"measure": Measure.ON_TIME, "kpi": None, "tier": None, "initiatives": ("held",), "period": ahead}
    goal = world.goal(**named, **points)
    browser = factories.signed_in(world.executive)
    address = f"/incentives/goals/{goal.code}/stop/"
    assert browser.post(address, {"initiative": "held"}).status_code == 409  # it runs
    Initiative.objects.filter(pk=row.pk).update(stage="on_hold")
    TrackedChange.objects.create(
        initiative=row, what="stage", before="in_progress", after="on_hold", on=day, by=world.owner
    )
    assert Endings(ahead.last_day).of(row.pk) == Ending()
    assert "Agree" in browser.get(f"/incentives/goals/{goal.code}/").content.decode()
    assert factories.signed_in(world.other).post(address, {"initiative": "held"}).status_code == 403
    assert browser.post(address, {"initiative": "held"}).status_code == 302
    assert Endings(ahead.last_day).of(row.pk) == Ending(stopped_on=day, stopped_by=world.executive.pk)


def test_who_is_erased_is_erased_in_goals_that_no_administrator_is_shown(world: World) -> None:
    goal = world.goal()
    GoalVersion.objects.filter(goal=goal).update(why="Omar asked for it.")
    browser = factories.signed_in(world.owner)
    browser.post(f"/asks/incentive_goal/{goal.code}/", {"text": "Omar here: why?"})
    naming = Naming(world.owner)
    assert not [one for one in naming.texts() if "incentive" in one.label or "Omar" in one.text]
    _replace_in_records(naming)
    assert "Omar" not in GoalVersion.objects.get(goal=goal).why
    assert "Omar" not in ThreadWord.objects.get().text
