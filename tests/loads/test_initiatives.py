"""Files of the register: rows that are refused or warned of, defaults, the past, and taking back."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.company import today
from accounts.loads import UndoRefused, undo_load
from accounts.models import Load, User
from initiatives.choices import Quadrant, Stage, Tracked
from initiatives.models import Initiative, Milestone, StatusUpdate, TrackedChange
from initiatives.services.milestones import drop_milestone, tick_milestone
from initiatives.services.recognition import thank
from initiatives.services.register import edit_initiative
from initiatives.services.stages import move_stage
from initiatives.services.status_updates import respond
from tests.loads.files import Loader, contents

ROW: dict[str, str] = {
    "code": "new-one",
    "title": "New one",
    "level": "corporate",
    "department": "sales",
    "baseline_start": "2011-01-01",
    "baseline_due": "2011-12-31",
    "stage": "approved",
}


def text(*rows: dict[str, str]) -> str:
    """Rows as a file, each with ``ROW``'s cells where it says nothing else."""
    names = list(dict.fromkeys([*ROW, *(name for row in rows for name in row)]))
    return "\n".join([",".join(names), *(",".join({**ROW, **row}.get(name, "") for name in names) for row in rows)])


def one(code: str = "new-one") -> Initiative:
    return Initiative.objects.get(code=code)


def tracked() -> list[tuple[str, str, str]]:
    return list(TrackedChange.objects.order_by("pk").values_list("what", "before", "after"))


# Rows that are refused


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ({"code": "new"}, ["code"]),
        ({"code": "Report"}, ["code"]),
        ({"code": "a b"}, ["code"]),
        ({"title": ""}, ["title"]),
        ({"level": "galaxy"}, ["level"]),
        ({"level": "key_account"}, ["customer"]),
        ({"level": "business_unit"}, ["business_unit"]),
        ({"department": "nowhere"}, ["department"]),
        ({"serves": "nowhere"}, ["serves"]),
        ({"customer": "C9"}, ["customer"]),
        ({"tiers": "T1;T9"}, ["tiers"]),
        ({"tiers": "all"}, ["tiers"]),
        ({"customer_focused": "maybe"}, ["customer_focused"]),
        ({"owner": "omar"}, ["owner"]),
        ({"team": "x" * 121}, ["team"]),
        ({"loyalty_impact": "6"}, ["loyalty_impact"]),
        ({"vendor_choice_impact": "0"}, ["vendor_choice_impact"]),
        ({"effort": "2.5"}, ["effort"]),
        ({"cost": "-1"}, ["cost"]),
        ({"cost": "1.00001"}, ["cost"]),
        ({"currency": "EURO"}, ["currency"]),
        ({"baseline_start": ""}, ["baseline_start"]),
        ({"baseline_due": "", "stage": "in_progress"}, ["baseline_due"]),
        ({"baseline_due": "2010-12-31"}, ["baseline_due"]),
        ({"due": "31.12.2011"}, ["due"]),
        ({"started_on": "2011-02-01", "finished_on": "2011-01-31", "stage": "done"}, ["finished_on"]),
        ({"stage": "running"}, ["stage"]),
        ({"kpis": "nothing"}, ["kpis"]),
        ({"kpis": "revenue@T9"}, ["kpis"]),
        ({"kpis": "revenue@untiered"}, ["kpis"]),
        ({"kpis": "revenue@"}, ["kpis"]),
        ({"kpis": "nothing@T9"}, ["kpis", "kpis"]),
    ],
)
def test_a_bad_row_names_its_column_and_changes_nothing(
    filled: Loader, row: dict[str, str], columns: list[str]
) -> None:
    assert filled.bad("initiatives", text(row)) == [(2, column) for column in columns]


MILESTONES = "initiative,title,due\n"
UPDATES = "initiative,on,health,progress,author\n"
PAIN = "source,department,theme,tier,month,mentions,severity\n"


@pytest.mark.parametrize(
    ("kind", "text", "column"),
    [
        ("milestones", MILESTONES + "nothing,Pilot,2011-01-01", "initiative"),
        ("milestones", MILESTONES + "portal,,2011-01-01", "title"),
        ("milestones", MILESTONES + "portal,Pilot,soon", "due"),
        ("status_updates", UPDATES + "nothing,2011-01-01,late,5,a@b.co", "initiative"),
        ("status_updates", UPDATES + "portal,2011-02-30,late,5,a@b.co", "on"),
        ("status_updates", UPDATES + "portal,2011-01-01,bad,5,a@b.co", "health"),
        ("status_updates", UPDATES + "portal,2011-01-01,late,101,a@b.co", "progress"),
        ("status_updates", UPDATES + "portal,2011-01-01,late,5,", "author"),
        ("pain_points", PAIN + "survey,nowhere,Waiting,T1,2011-01,1,1", "department"),
        ("pain_points", PAIN + "survey,sales,Waiting,T9,2011-01,1,1", "tier"),
        ("pain_points", PAIN + "survey,sales,Waiting,untiered,2011-01,1,1", "tier"),
        ("pain_points", PAIN + "survey,sales,Waiting,T1,2011-13,1,1", "month"),
        ("pain_points", PAIN + "survey,sales,Waiting,T1,2011-01,-1,1", "mentions"),
        ("pain_points", PAIN + "survey,sales,Waiting,T1,2011-01,1,6", "severity"),
    ],
)
def test_bad_rows_of_the_other_kinds_are_told_too(filled: Loader, kind: str, text: str, column: str) -> None:
    assert filled.bad(kind, text) == [(2, column)]


@pytest.mark.parametrize("stage", ["in_progress", "done"])
@pytest.mark.parametrize("column", ["baseline_start", "baseline_due"])
def test_the_baseline_of_what_has_started_stays(filled: Loader, stage: str, column: str) -> None:
    filled.good("initiatives", text({"stage": stage}))
    assert filled.bad("initiatives", text({"stage": stage, column: "2011-06-01"})) == [(2, column)]
    filled.good("initiatives", text({"stage": stage, "title": "Other"}))


def test_the_baseline_of_what_once_ran_stays(filled: Loader, stella: User) -> None:
    filled.good("initiatives", text({"stage": "in_progress"}))
    move_stage(initiative=one(), to=Stage.ON_HOLD, by=stella, seen=Stage.IN_PROGRESS, reason="No people")
    assert filled.bad("initiatives", text({"stage": "on_hold", "baseline_due": "2012-06-01"})) == [(2, "baseline_due")]


def test_the_baseline_of_what_has_not_started_moves(filled: Loader) -> None:
    filled.good("initiatives", text({}))
    filled.good("initiatives", text({"baseline_due": "2012-06-01"}))
    assert one().baseline_due == date(2012, 6, 1)


# Major bets, and what to reconsider

BET = {"loyalty_impact": "5", "effort": "4"}
RECONSIDER = {"loyalty_impact": "1", "effort": "4"}


@pytest.mark.parametrize("scores", [BET, RECONSIDER])
def test_what_runs_already_without_approval_is_warned_of(filled: Loader, scores: dict[str, str]) -> None:
    report = filled("initiatives", text({"stage": "in_progress", **scores}))
    assert report.ok
    assert [(warning.line, warning.column) for warning in report.warnings] == [(2, "stage")]


@pytest.mark.parametrize("scores", [BET, RECONSIDER])
def test_what_would_start_without_approval_is_refused(filled: Loader, scores: dict[str, str]) -> None:
    filled.good("initiatives", text(scores))
    assert filled.bad("initiatives", text({"stage": "in_progress", **scores})) == [(2, "stage")]


def test_what_an_executive_let_start_starts(filled: Loader, ines: User) -> None:
    filled.good("initiatives", text({"code": "bet", **BET}, {"code": "doubtful", **RECONSIDER}))
    Initiative.objects.filter(code="bet").update(justification="It pays", approved_as=Quadrant.MAJOR_BET)
    Initiative.objects.filter(code="doubtful").update(override_by=ines)
    rows = ({"code": code, "stage": "in_progress"} for code in ("bet", "doubtful"))
    filled.good("initiatives", text(*rows))


# Defaults, lists and people


def test_the_due_date_is_the_baselines_where_nobody_says_otherwise(filled: Loader) -> None:
    filled.good("initiatives", text({"code": "a"}, {"code": "b", "due": "2012-02-01"}, {"code": "c", "due": ""}))
    found = dict(Initiative.objects.filter(code__in="abc").values_list("code", "due"))
    assert found == {"a": date(2011, 12, 31), "b": date(2012, 2, 1), "c": date(2011, 12, 31)}
    filled.good("initiatives", text({"code": "b", "due": ""}))
    assert one("b").due == date(2011, 12, 31)


def test_a_column_that_the_file_lacks_leaves_stored_values_alone(filled: Loader) -> None:
    before = {row["code"]: row for row in filled.exported("initiatives")}["portal"]
    keys = ("code", "level", "department", "business_unit", "baseline_start", "baseline_due", "stage")
    filled.good("initiatives", text({**{key: before[key] for key in keys}, "title": "Renamed"}))
    after = {row["code"]: row for row in filled.exported("initiatives")}["portal"]
    assert after == before | {"title": "Renamed"}


def test_an_empty_cell_takes_the_default(filled: Loader) -> None:
    names = list(filled.exported("initiatives")[0])
    before = {row["code"]: row for row in filled.exported("initiatives")}["portal"]
    kept = ("code", "title", "department", "baseline_start", "baseline_due")
    empty = dict.fromkeys(names, "") | {name: before[name] for name in kept}
    filled.good("initiatives", text(empty | {"level": "corporate", "stage": "in_progress"}))
    after = {row["code"]: row for row in filled.exported("initiatives")}["portal"]
    filled_in = {
        "level": "corporate",
        "stage": "in_progress",
        "customer_focused": "true",
        "due": before["baseline_due"],
    }
    assert after == empty | filled_in


def test_a_team_is_a_name_and_people_by_address(filled: Loader) -> None:
    filled.good("initiatives", text({"team": "zoe@tierboard.example; Web crew ;Ann@Tierboard.example;;"}))
    assert one().team_name == "Web crew"
    people = list(one().team.order_by("email"))
    assert [person.email for person in people] == ["ann@tierboard.example", "zoe@tierboard.example"]
    assert not any(person.has_usable_password() for person in people)
    row = {row["code"]: row for row in filled.exported("initiatives")}["new-one"]
    assert row["team"] == "Web crew;ann@tierboard.example;zoe@tierboard.example"


def test_lists_are_the_same_in_whatever_order(filled: Loader) -> None:
    filled.good("initiatives", text({"tiers": "T2; T1", "kpis": "revenue@T1 ;claims;revenue"}))
    report = filled("initiatives", text({"tiers": "T1;T2;T1", "kpis": "claims;revenue;revenue @ T1"}))
    assert (report.counts.updated, report.counts.unchanged) == (0, 1)
    found = one().kpi_links.values_list("kpi__code", "tier__code")
    assert sorted(found, key=str) == [("claims", None), ("revenue", "T1"), ("revenue", None)]


def test_lists_that_change_are_replaced(filled: Loader) -> None:
    filled.good("initiatives", text({"tiers": "T1", "kpis": "revenue@T1", "team": "Crew;ann@tierboard.example"}))
    filled.good("initiatives", text({"tiers": "T2", "kpis": "revenue", "team": "bob@tierboard.example"}))
    row = {row["code"]: row for row in filled.exported("initiatives")}["new-one"]
    assert (row["tiers"], row["kpis"], row["team"]) == ("T2", "revenue", "bob@tierboard.example")


def test_an_idea_needs_no_dates(filled: Loader) -> None:
    for stage in ("candidate", "on_hold", "cancelled"):
        filled.good("initiatives", text({"code": stage, "stage": stage, "baseline_start": "", "baseline_due": ""}))


# What a later file changes, by the day


def test_a_new_row_counts_from_its_own_dates_and_leaves_no_change(filled: Loader) -> None:
    load = filled.good("initiatives", text({"stage": "done", "finished_on": "2011-12-01"}))
    assert (one().known_from, one().load, tracked()) == (None, load, [])


def test_a_later_row_is_kept_by_the_day_with_its_load(filled: Loader, stella: User) -> None:
    filled.good("initiatives", text({"started_on": "", "finished_on": "", "due": ""}))
    later = {"stage": "done", "due": "2012-02-01", "started_on": "2011-02-01", "finished_on": "2012-01-31"}
    load = filled.good("initiatives", text({**later, "title": "Other"}), by=stella)
    assert tracked() == [
        (Tracked.STAGE, "approved", "done"),
        (Tracked.DUE, "2011-12-31", "2012-02-01"),
        (Tracked.STARTED_ON, "", "2011-02-01"),
        (Tracked.FINISHED_ON, "", "2012-01-31"),
    ]
    assert {(change.load, change.on, change.by) for change in TrackedChange.objects.all()} == {(load, today(), stella)}
    assert one().revision == 2


def test_a_later_milestone_is_kept_by_the_day_too(filled: Loader) -> None:
    filled.good("milestones", "initiative,title,due,done_on\nportal,Pilot,2011-04-15,\nportal,Extra,2011-05-01,")
    assert tracked() == [(Tracked.DUE, "2011-03-31", "2011-04-15"), (Tracked.DONE_ON, "2011-04-02", "")]
    assert {change.milestone for change in TrackedChange.objects.all()} == {Milestone.objects.get(title="Pilot")}


def test_a_later_update_counts_its_revision_up(filled: Loader) -> None:
    filled.good("status_updates", UPDATES + "portal,2011-02-01,late,10,omar@tierboard.example")
    assert list(StatusUpdate.objects.order_by("on").values_list("revision", "note")) == [(2, "Begun"), (1, "")]


def test_an_update_that_lies_ahead_is_refused(filled: Loader) -> None:
    ahead = (today() + timedelta(days=1)).isoformat()
    assert filled.bad("status_updates", UPDATES + f"portal,{ahead},late,10,omar@tierboard.example") == [(2, "on")]


def test_what_was_dropped_is_in_no_file_and_does_not_come_back_by_one(filled: Loader, root: User) -> None:
    drop_milestone(milestone=Milestone.objects.get(title="Pilot"), by=root, reason="Not needed")
    assert [row["title"] for row in filled.exported("milestones")] == ["Roll-out"]
    assert filled.bad("milestones", "initiative,title,due\nportal,Pilot,2011-05-01") == [(2, "title")]


# Taking back


def refused(load: Load, words: str) -> None:
    before = contents()
    with pytest.raises(UndoRefused, match=words):
        undo_load(load=load)
    assert contents() == before


def rows_of_the_register() -> dict[str, Any]:
    return {
        "initiatives": list(Initiative.objects.order_by("pk").values()),
        "milestones": list(Milestone.objects.order_by("pk").values()),
        "changes": list(TrackedChange.objects.order_by("pk").values()),
    }


def test_what_a_file_changed_returns_with_its_changes_by_the_day(filled: Loader) -> None:
    filled.good("initiatives", text({"tiers": "T1", "kpis": "revenue", "team": "Crew;ann@tierboard.example"}))
    before, exported = rows_of_the_register(), filled.exported("initiatives")
    changed = {"stage": "in_progress", "due": "2012-06-01", "tiers": "T2", "kpis": "", "team": ""}
    load = filled.good("initiatives", text(changed))
    assert len(tracked()) == 2
    undo_load(load=load)
    assert filled.exported("initiatives") == exported
    after = rows_of_the_register()
    # whoever saw the row before the undo has to look again
    assert [row.pop("revision") for row in before["initiatives"]][-1] == 1
    assert [row.pop("revision") for row in after["initiatives"]][-1] == 3
    assert after == before


def test_a_milestones_file_taken_back_takes_its_changes_along(filled: Loader) -> None:
    before = rows_of_the_register()
    undo_load(
        load=filled.good("milestones", "initiative,title,due,done_on\nportal,Pilot,2011-04-15,\nportal,X,2011-05-01,")
    )
    assert rows_of_the_register() == before


def test_a_row_that_a_later_file_changed_stands_in_the_way(filled: Loader) -> None:
    first = filled.good("initiatives", text({}))
    later = filled.good("initiatives", text({"title": "Other"}))
    refused(first, f"load {later.pk} changed new-one later")
    undo_load(load=later)
    undo_load(load=first)


def test_a_row_that_hands_changed_stands_in_the_way(filled: Loader, root: User) -> None:
    load = filled.good("initiatives", text({}))
    edit_initiative(initiative=one(), by=root, values={"description": "Not in any file"}, seen="1")
    refused(load, "new-one has been changed since by hand")


def test_a_stage_that_went_and_came_back_stands_in_the_way_too(filled: Loader, root: User) -> None:
    filled.good("initiatives", text({}))
    load = filled.good("initiatives", text({"title": "Other"}))
    for to, seen in ((Stage.ON_HOLD, Stage.APPROVED), (Stage.APPROVED, Stage.ON_HOLD)):
        move_stage(initiative=one(), to=to, by=root, seen=seen, reason="Because")
    refused(load, "new-one has been changed since by hand")


def test_hands_from_before_the_load_do_not(filled: Loader, root: User) -> None:
    filled.good("initiatives", text({}))
    edit_initiative(initiative=one(), by=root, values={"description": "Mine"}, seen="1")
    undo_load(load=filled.good("initiatives", text({"title": "Other"})))
    assert (one().title, one().description) == ("New one", "Mine")


def test_thanks_do_not_keep_a_change_from_being_taken_back_but_a_row_from_going(filled: Loader, root: User) -> None:
    created = filled.good("initiatives", text({}))
    changed = filled.good("initiatives", text({"title": "Other"}))
    thank(initiative=one(), by=root, text="Well done")
    undo_load(load=changed)
    refused(created, "new-one would go, and has thanks")


def test_an_initiative_with_milestones_or_updates_stays(filled: Loader) -> None:
    refused(Load.objects.get(kind="initiatives"), "portal would go, and has milestones")
    undo_load(load=Load.objects.get(kind="milestones"))
    refused(Load.objects.get(kind="initiatives"), "portal would go, and has status updates")


def test_a_milestone_that_hands_ticked_and_an_update_that_somebody_answered_stay(
    filled: Loader, root: User, ines: User
) -> None:
    tick_milestone(milestone=Milestone.objects.get(title="Roll-out"), by=root)
    refused(Load.objects.get(kind="milestones"), "changed since by hand")
    respond(update=StatusUpdate.objects.latest("on"), by=ines, verb="acknowledged")
    refused(Load.objects.get(kind="status_updates"), "changed since by hand")


HOSTILE_TEAMS = {
    "an address of dots": "a@" + "." * 30_000 + "@",
    "thirty thousand letters": "a" * 30_000,
    "thousands of people": ";".join(f"p{number}@x.io" for number in range(3_000)),
    "one person more than a team has": ";".join(f"p{number}@x.io" for number in range(101)),
}


@pytest.mark.parametrize("team", HOSTILE_TEAMS.values(), ids=HOSTILE_TEAMS)
def test_a_team_beyond_all_measure_is_refused_at_once(filled: Loader, team: str) -> None:
    began = time.process_time()
    head = "code,title,level,department,baseline_start,baseline_due,stage,team"
    assert filled.bad("initiatives", f"{head}\ncrew,Crew,corporate,sales,,,candidate,{team}") == [(2, "team")]
    assert time.process_time() - began < 2


def test_a_team_of_a_hundred_is_taken(filled: Loader) -> None:
    team = ";".join(f"p{number}@x.io" for number in range(100))
    head = "code,title,level,department,baseline_start,baseline_due,stage,team"
    filled.good("initiatives", f"{head}\ncrew,Crew,corporate,sales,,,candidate,{team}")
    assert Initiative.objects.get(code="crew").team.count() == 100
