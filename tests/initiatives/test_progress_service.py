"""Updates and milestones as writes: one word a day, reasons for dates, nothing twice and nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.company import today
from accounts.models import AuditEntry, User
from core.stale import revision_of
from core.writes import StaleWrite
from initiatives.choices import Health, Stage, Tracked
from initiatives.models import Initiative, Milestone, StatusUpdate, TrackedChange
from initiatives.services.milestones import (
    add_milestone,
    drop_milestone,
    redate_milestone,
    rename_milestone,
    tick_milestone,
    untick_milestone,
)
from initiatives.services.status_updates import StaleUpdate, give_update, latest_mark
from tests import factories
from tests.kept import kept

YESTERDAY, TOMORROW = (timedelta(days=-1), timedelta(days=1))


@kept
def portal(omar: User) -> Initiative:
    """Omar's."""
    return factories.initiative("portal", owner=omar)


@kept
def pilot(portal: Initiative) -> Milestone:
    """Due tomorrow."""
    return factories.milestone(portal, due=today() + TOMORROW)


def say(initiative: Initiative, by: User, health: str = "on_schedule", progress: int = 10, **more: Any) -> StatusUpdate:
    """Somebody's word, from a form that shows the latest."""
    known = {"note": "", "seen": latest_mark(initiative)}
    return give_update(initiative=initiative, by=by, health=health, progress=progress, **known | more)[0]


def changes() -> list[tuple[str, str, str, str]]:
    return list(TrackedChange.objects.values_list("what", "before", "after", "reason"))


# Updates


def test_an_update_is_of_today(portal: Initiative, omar: User) -> None:
    update = say(portal, omar, "at_risk", 40, note=" Waiting ")
    assert (update.on, update.known_from, update.author) == (today(), today(), omar)
    assert (update.health, update.progress, update.note) == (Health.AT_RISK, 40, "Waiting")
    assert AuditEntry.objects.get().verb == "reported"


def test_a_second_word_that_day_replaces_the_first_and_the_audit_keeps_both(portal: Initiative, omar: User) -> None:
    first = say(portal, omar, "at_risk", 40)
    second = say(portal, omar, "late", 40)
    assert (second.pk, second.revision) == (first.pk, 2)
    assert StatusUpdate.objects.count() == 1
    entry = AuditEntry.objects.get(verb="reported again")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["health"], entry.after["health"]) == ("at_risk", "late")


def test_the_next_days_word_is_another_update(portal: Initiative, omar: User) -> None:
    factories.status_update(portal, on=today() + YESTERDAY, author=omar)
    say(portal, omar)
    assert StatusUpdate.objects.count() == 2


def test_the_same_form_sent_twice_is_one_update(portal: Initiative, pilot: Milestone, omar: User) -> None:
    form: dict[str, Any] = {
        "ticked": [pilot.pk],
        "due": portal.due and portal.due + TOMORROW,
        "due_reason": "Parts",
        "seen": "",
    }
    updates = [say(portal, omar, **form) for _ in range(2)]
    assert updates[0] == updates[1]
    assert (StatusUpdate.objects.get().revision, TrackedChange.objects.count()) == (1, 2)


def test_an_older_form_with_something_else_to_say_is_told_what_is_newer(
    portal: Initiative, omar: User, stella: User
) -> None:
    seen = latest_mark(portal)
    newer = say(portal, omar, "late")
    with pytest.raises(StaleUpdate) as caught:
        say(portal, stella, "on_schedule", seen=seen)
    assert caught.value.newer == newer
    with pytest.raises(StaleUpdate):
        say(portal, omar, "on_schedule", seen=seen)
    with pytest.raises(StaleUpdate):  # the same words, and a tick that is not there yet
        say(portal, omar, "late", seen=seen, ticked=[factories.milestone(portal, due=today()).pk])
    assert StatusUpdate.objects.get().health == "late"


def test_the_same_words_from_somebody_else_are_not_the_same_update(
    portal: Initiative, omar: User, stella: User
) -> None:
    say(portal, omar)
    with pytest.raises(StaleUpdate):
        say(portal, stella, seen="")


def test_a_word_that_lies_ahead_is_not_the_latest(portal: Initiative, omar: User) -> None:
    factories.status_update(portal, "late", on=today() + TOMORROW, author=omar)
    assert latest_mark(portal) == ""


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"health": "fine"}, "health"),
        ({"progress": 101}, "progress"),
        ({"progress": -1}, "progress"),
        ({"note": "x" * 10_001}, "note"),
        ({"due": date(2031, 1, 1)}, "due_reason"),
    ],
)
def test_each_wrong_field_is_named_and_nothing_is_kept(
    portal: Initiative, pilot: Milestone, omar: User, words: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        say(portal, omar, **{"ticked": [pilot.pk]} | words)
    assert set(caught.value.message_dict) == {field}
    assert not StatusUpdate.objects.exists()
    assert Milestone.objects.get().done_on is None


def test_a_milestone_that_needs_a_reason_takes_the_whole_update_back(
    portal: Initiative, pilot: Milestone, omar: User
) -> None:
    with pytest.raises(ValidationError, match="Pilot"):
        say(portal, omar, redated={pilot.pk: (date(2031, 1, 1), " ")})
    assert not StatusUpdate.objects.exists()


@pytest.mark.parametrize("stage", [Stage.CANDIDATE, Stage.DONE, Stage.CANCELLED])
def test_of_what_is_not_under_way_there_is_nothing_to_report(portal: Initiative, omar: User, stage: Stage) -> None:
    Initiative.objects.update(stage=stage)
    with pytest.raises(ValidationError, match="nothing to report"):
        say(portal, omar)


def test_its_people_and_stewards_report_alone(portal: Initiative, stella: User, ines: User, fay: User) -> None:
    assert say(portal, stella)
    for person in (ines, fay):
        with pytest.raises(PermissionDenied):
            say(portal, person)


def test_milestones_of_another_initiative_are_left_alone(portal: Initiative, omar: User) -> None:
    other = factories.milestone(factories.initiative(), due=today())
    say(portal, omar, ticked=[other.pk], redated={other.pk: (date(2031, 1, 1), "Mine")})
    other.refresh_from_db()
    assert (other.done_on, other.due) == (None, today())


def test_a_new_due_date_is_tracked_with_its_reason(portal: Initiative, omar: User) -> None:
    was, later = portal.due, date(2031, 1, 1)
    assert was is not None
    say(portal, omar, due=later, due_reason=" Parts ")
    portal.refresh_from_db()
    assert (portal.due, portal.revision) == (later, 2)
    assert changes() == [(Tracked.DUE, was.isoformat(), "2031-01-01", "Parts")]


# Milestones


def test_a_new_milestone_is_known_from_today(portal: Initiative, omar: User) -> None:
    made = add_milestone(initiative=portal, by=omar, title=" Roll-out ", due=date(2026, 3, 1))
    assert (made.title, made.known_from) == ("Roll-out", today())


@pytest.mark.parametrize("title", ["", "  ", "Pilot", "x" * 201])
def test_a_milestone_has_a_title_of_its_own(portal: Initiative, pilot: Milestone, omar: User, title: str) -> None:
    with pytest.raises(ValidationError) as caught:
        add_milestone(initiative=portal, by=omar, title=title, due=date(2026, 3, 1))
    assert set(caught.value.message_dict) == {"title"}


def test_a_milestone_is_renamed(pilot: Milestone, omar: User) -> None:
    factories.milestone(pilot.initiative, "Roll-out", due=today())
    assert rename_milestone(milestone=pilot, by=omar, title="Trial").title == "Trial"
    with pytest.raises(ValidationError, match="already"):
        rename_milestone(milestone=pilot, by=omar, title="Roll-out")


def test_another_due_date_needs_a_reason_and_is_tracked(pilot: Milestone, omar: User) -> None:
    was, later = pilot.due, pilot.due + TOMORROW
    with pytest.raises(ValidationError, match="Say why"):
        redate_milestone(milestone=pilot, by=omar, due=later, reason=" ")
    redate_milestone(milestone=pilot, by=omar, due=later, reason="Parts")
    assert changes() == [(Tracked.DUE, was.isoformat(), later.isoformat(), "Parts")]
    redate_milestone(milestone=pilot, by=omar, due=later, reason="")
    assert len(changes()) == 1


def test_who_saw_another_due_date_is_told(pilot: Milestone, omar: User, stella: User) -> None:
    pilot.refresh_from_db()
    seen, due = revision_of(pilot), pilot.due
    redate_milestone(milestone=pilot, by=stella, due=due + TOMORROW, reason="Parts", seen=seen)
    with pytest.raises(StaleWrite, match="somebody else"):
        redate_milestone(milestone=pilot, by=omar, due=due + 2 * TOMORROW, reason="Mine", seen=seen)


def test_ticked_twice_it_keeps_its_first_day(pilot: Milestone, omar: User) -> None:
    tick_milestone(milestone=pilot, by=omar, on=date(2026, 3, 1))
    assert tick_milestone(milestone=pilot, by=omar).done_on == date(2026, 3, 1)
    assert len(changes()) == 1
    assert untick_milestone(milestone=pilot, by=omar).done_on is None
    untick_milestone(milestone=pilot, by=omar)
    assert [(before, after) for _, before, after, _ in changes()] == [("", "2026-03-01"), ("2026-03-01", "")]


def test_nothing_is_done_tomorrow(pilot: Milestone, omar: User) -> None:
    with pytest.raises(ValidationError, match="ahead"):
        tick_milestone(milestone=pilot, by=omar, on=today() + TOMORROW)


def test_what_is_dropped_says_why_and_takes_no_more(pilot: Milestone, omar: User) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        drop_milestone(milestone=pilot, by=omar, reason="")
    dropped = drop_milestone(milestone=pilot, by=omar, reason="Not needed")
    assert (dropped.dropped_on, dropped.dropped_reason) == (today(), "Not needed")
    for write in (tick_milestone, untick_milestone):
        with pytest.raises(StaleWrite, match="dropped"):
            write(milestone=pilot, by=omar)


def test_milestones_are_its_peoples(pilot: Milestone, ines: User) -> None:
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: add_milestone(initiative=pilot.initiative, by=ines, title="x", due=today()),
        lambda: rename_milestone(milestone=pilot, by=ines, title="x"),
        lambda: redate_milestone(milestone=pilot, by=ines, due=today(), reason="x"),
        lambda: tick_milestone(milestone=pilot, by=ines),
        lambda: untick_milestone(milestone=pilot, by=ines),
        lambda: drop_milestone(milestone=pilot, by=ines, reason="x"),
    )
    for refused in attempts:
        with pytest.raises(PermissionDenied):
            refused()


def test_every_write_of_a_milestone_is_in_the_audit(pilot: Milestone, omar: User) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        rename_milestone(milestone=pilot, by=omar, title="Trial")
        redate_milestone(milestone=pilot, by=omar, due=date(2026, 4, 1), reason="Parts")
        tick_milestone(milestone=pilot, by=omar)
        untick_milestone(milestone=pilot, by=omar)
        drop_milestone(milestone=pilot, by=omar, reason="Not needed")
    entries = AuditEntry.objects.filter(object_type="initiatives.milestone", by=omar).order_by("pk")
    assert [(entry.verb, entry.after) for entry in entries] == [
        ("renamed", {"title": "Trial"}),
        ("re-dated", {"due": "2026-04-01", "reason": "Parts"}),
        ("ticked", {"done_on": "2026-03-01"}),
        ("unticked", {"done_on": None}),
        ("dropped", {"dropped_on": "2026-03-01", "dropped_reason": "Not needed"}),
    ]
