"""Milestones and status updates by REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.choices import Role
from accounts.company import today
from accounts.models import AuditEntry, User
from initiatives.models import Initiative, Milestone, StatusUpdate, TrackedChange
from tests import factories
from tests.api.test_initiatives import JSON, fields, problem
from tests.factories import signed_in
from tests.kept import kept

STEPS, UPDATES = "/api/v1/milestones/", "/api/v1/status-updates/"


@kept
def invoices(omar: User) -> Initiative:
    """Omar's initiative, which runs."""
    return factories.initiative("invoices", owner=omar)


@kept
def pilot(invoices: Initiative) -> Milestone:
    """A step of it that is due in ten days."""
    return factories.milestone(invoices, due=today() + timedelta(days=10))


def changed(user: User, milestone: Milestone, **values: Any) -> Any:
    """The answer to a change, by who read the milestone just before."""
    browser, address = signed_in(user), f"{STEPS}{milestone.pk}/"
    tag = browser.get(address)["ETag"]
    return browser.patch(address, values, content_type=JSON, headers={"If-Match": tag})


def test_a_milestone_is_added_re_dated_ticked_and_dropped(invoices: Initiative, omar: User) -> None:
    browser, due = signed_in(omar), today() + timedelta(days=10)
    answer = browser.post(STEPS, {"initiative": "invoices", "title": "Pilot", "due": str(due)}, content_type=JSON)
    assert answer.status_code == 201
    pilot = Milestone.objects.get()
    assert answer["Location"] == f"{STEPS}{pilot.pk}/"
    later = str(due + timedelta(days=5))
    assert fields(changed(omar, pilot, due=later)) == ["reason"]
    assert changed(omar, pilot, due=later, reason="Ill.", title="First pilot").json()["due"] == later
    assert changed(omar, pilot, done_on=str(today())).json()["done_on"] == str(today())
    assert changed(omar, pilot, done_on=None).json()["done_on"] is None
    dropped = browser.post(f"{STEPS}{pilot.pk}/drop/", {"reason": "Not needed."}, content_type=JSON).json()
    assert (dropped["dropped_on"], dropped["title"]) == (str(today()), "First pilot")
    assert set(TrackedChange.objects.values_list("what", flat=True)) == {"due", "done_on", "dropped_on"}


def test_all_of_a_change_is_kept_or_none(pilot: Milestone, omar: User) -> None:
    answer = changed(omar, pilot, title="Other", due=str(today()))
    assert fields(answer) == ["reason"]
    assert Milestone.objects.get().title == "Pilot"


def test_a_milestone_that_somebody_changed_meanwhile_is_not_overwritten(pilot: Milestone, omar: User) -> None:
    browser, address = signed_in(omar), f"{STEPS}{pilot.pk}/"
    seen = browser.get(address).json()["revision"]
    Milestone.objects.update(title="Theirs")
    problem(browser.patch(address, {"title": "Mine", "revision": seen}, content_type=JSON), 409)
    problem(browser.patch(address, {"title": "Mine"}, content_type=JSON, headers={"If-Match": f'"{seen}"'}), 412)
    assert fields(browser.patch(address, {"title": "Mine"}, content_type=JSON)) == ["revision"]
    assert Milestone.objects.get().title == "Theirs"


def test_a_milestone_is_not_deleted(pilot: Milestone, ada: User) -> None:
    problem(signed_in(ada).delete(f"{STEPS}{pilot.pk}/"), 405)


def test_milestones_of_one_initiative_that_are_open(pilot: Milestone, ines: User) -> None:
    factories.milestone(pilot.initiative, "Design", due=today(), done_on=today())
    factories.milestone(factories.initiative(), due=today())
    rows = signed_in(ines).get(f"{STEPS}?initiative=invoices&done=false").json()["results"]
    assert [row["title"] for row in rows] == ["Pilot"]
    assert fields(signed_in(ines).get(f"{STEPS}?initiative=nowhere")) == ["initiative"]


# -- updates


def report(user: User, **values: Any) -> Any:
    body = {"initiative": "invoices", "health": "on_schedule", "progress": 40, "note": "Fine."} | values
    return signed_in(user).post(UPDATES, body, content_type=JSON)


def test_an_owner_reports_ticks_and_moves(pilot: Milestone, omar: User) -> None:
    moved = factories.milestone(pilot.initiative, "Design", due=today())
    later = str(today() + timedelta(days=3))
    redated = [{"milestone": moved.pk, "due": later, "reason": "Ill."}]
    answer = report(omar, ticked=[pilot.pk], redated=redated)
    assert answer.status_code == 201
    assert (answer.json()["author"], answer.json()["on"]) == (omar.email, str(today()))
    pilot.refresh_from_db()
    moved.refresh_from_db()
    assert (pilot.done_on, str(moved.due)) == (today(), later)


def test_the_same_report_sent_twice_is_one(invoices: Initiative, omar: User) -> None:
    assert report(omar, seen="").json()["id"] == report(omar, seen="").json()["id"]
    assert StatusUpdate.objects.count() == 1


def test_a_report_that_has_not_seen_the_latest_is_refused(invoices: Initiative, omar: User, stella: User) -> None:
    mark = report(omar).json()["mark"]
    assert "reported meanwhile" in problem(report(stella, seen="", note="Mine."), 409)["detail"]
    assert report(stella, seen=mark, note="Mine.").status_code == 201


@pytest.mark.parametrize(("name", "value"), [("health", "green"), ("progress", 101), ("initiative", "nowhere")])
def test_a_bad_value_is_named(invoices: Initiative, omar: User, name: str, value: Any) -> None:
    assert fields(report(omar, **{name: value})) == [name]
    assert not StatusUpdate.objects.exists()


def test_a_reviewer_acknowledges_or_asks_back(invoices: Initiative, omar: User, ines: User) -> None:
    number = report(omar).json()["id"]
    address = f"{UPDATES}{number}/respond/"
    browser = signed_in(ines)
    assert fields(browser.post(address, {"verb": "asked_back"}, content_type=JSON)) == ["text"]
    answer = browser.post(address, {"verb": "asked_back", "text": "Why?"}, content_type=JSON)
    assert (answer.status_code, answer.json()["by"]) == (201, ines.email)
    shown = browser.get(f"{UPDATES}{number}/").json()["responses"]
    assert [(one["verb"], one["text"]) for one in shown] == [("asked_back", "Why?")]
    problem(signed_in(omar).post(address, {"verb": "acknowledged"}, content_type=JSON), 403)


def test_the_same_word_sent_twice_is_said_once(invoices: Initiative, omar: User) -> None:
    first = report(omar)
    written = AuditEntry.objects.count()
    again = report(omar)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json(), AuditEntry.objects.count()) == (first.json(), written)
    assert "Location" in first
    assert "Location" not in again
    replaced = report(omar, note="Better.")
    assert (replaced.status_code, replaced.json()["id"]) == (201, first.json()["id"])
    assert (replaced.json()["note"], AuditEntry.objects.count()) == ("Better.", written + 1)


def test_who_has_no_part_in_it_writes_neither_steps_nor_updates(pilot: Milestone, ines: User) -> None:
    other = factories.person("Olga", Role.OWNER)
    for user in (other, ines):
        problem(report(user), 403)
        problem(changed(user, pilot, title="Mine"), 403)
        body = {"initiative": "invoices", "title": "Mine", "due": str(today())}
        problem(signed_in(user).post(STEPS, body, content_type=JSON), 403)
        problem(signed_in(user).post(f"{STEPS}{pilot.pk}/drop/", {"reason": "x"}, content_type=JSON), 403)


def test_many_updates_cost_the_list_no_more_queries(
    invoices: Initiative, omar: User, ines: User, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    browser = signed_in(ines)

    def make(days: int) -> None:
        update = factories.status_update(invoices, on=today() - timedelta(days=days), author=omar)
        update.responses.create(verb="acknowledged", by=ines)

    make(1)
    with django_assert_max_num_queries(7) as few:
        browser.get(UPDATES)
    for days in range(2, 12):
        make(days)
    with django_assert_num_queries(len(few.captured_queries)):
        assert len(browser.get(UPDATES).json()["results"]) == 11
