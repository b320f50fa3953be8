"""The page of one initiative, and the forms that enter, edit and move it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.company import today
from accounts.models import AuditEntry, User
from initiatives.choices import Level, Stage
from initiatives.models import Document, Initiative, Milestone, TrackedChange
from tests import factories as make
from tests.kept import kept

URL = "/initiatives/lights/"


def day(ahead: int) -> date:
    return today() + timedelta(days=ahead)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def form_of(page: Any, **typed: Any) -> dict[str, Any]:
    """What the form would send: what it was prefilled with, and what the person typed."""
    shown = {bound.html_name: bound.value() for bound in page.context["form"]}
    return {name: value for name, value in (shown | typed).items() if value not in (None, "", False)}


def now(code: str = "lights") -> Initiative:
    return Initiative.objects.get(code=code)


@kept
def lights(omar: User) -> Initiative:
    return make.initiative("lights", owner=omar)


@pytest.fixture
def browser(omar: User) -> Client:
    return make.signed_in(omar)


# Reading


def test_the_verdict_stands_first_with_its_reasons(lights: Initiative, browser: Client) -> None:
    make.milestone(lights, "pilot", due=day(-12))
    Initiative.objects.filter(pk=lights.pk).update(due=lights.due + timedelta(days=74))  # type: ignore[operator]
    for before in ("2026-01-01", "2026-02-01"):
        TrackedChange.objects.create(initiative=lights, what="due", before=before, on=day(-1))
    page = text(browser.get(URL))
    assert "milestone “pilot” is 12 days overdue; re-dated twice, 74 days of slip" in page
    assert "+74 days against" in page


def test_scores_cost_and_people_are_shown_and_what_is_missing_is_said(lights: Initiative, browser: Client) -> None:
    assert "not scored" in text(browser.get(URL))
    Initiative.objects.filter(pk=lights.pk).update(loyalty_impact=5, effort=5, cost=12_345_0000, currency="USD")
    page = text(browser.get(URL))
    assert "Major bet" in page
    assert "impact 5, burden 5" in page
    assert "left out of sums: no rate for USD" in page


def test_on_hold_says_since_when_by_whom_and_why(lights: Initiative, browser: Client) -> None:
    browser.post(f"{URL}stage/?to=on_hold", {"seen": "in_progress", "reason": "No budget.", "sure": "1"})
    page = text(browser.get(URL))
    assert "by Omar: No budget." in page
    assert "In progress → On hold" in page


def test_milestones_say_how_they_stand(lights: Initiative, browser: Client) -> None:
    make.milestone(lights, "Agreed", due=day(-30), done_on=day(-31))
    make.milestone(lights, "Pilot", due=day(-3))
    make.milestone(lights, "Rollout", due=day(20))
    make.milestone(lights, "Extra", due=day(5), dropped_on=day(-1), dropped_reason="Not needed.")
    page = text(browser.get(URL))
    assert "1 of 3 milestones done" in page
    for words in ("3 days overdue", "in 20 days", "dropped", "Not needed."):
        assert words in page


def test_an_address_without_an_initiative_says_so(browser: Client) -> None:
    answer = browser.get("/initiatives/nothing/")
    assert answer.status_code == 404
    assert "There is no initiative “nothing”." in text(answer)


def test_audit_is_for_administrators_but_for_the_last_change(lights: Initiative, browser: Client, ada: User) -> None:
    browser.post(f"{URL}stage/?to=on_hold", {"seen": "in_progress", "reason": "No budget.", "sure": "1"})
    assert "the newest entries, for administrators" in text(make.signed_in(ada).get(URL))
    assert "the newest entries, for administrators" not in text(browser.get(URL))
    assert "The initiative: put on hold by Omar" in text(browser.get(URL))


def test_those_who_may_not_edit_are_offered_nothing_to_change(lights: Initiative, fay: User) -> None:
    make.milestone(lights, due=day(-3))
    Document.objects.create(initiative=lights, title="Plan", url="https://docs.example/plan")
    page = text(make.signed_in(fay).get(URL))
    for offer in ("/edit/", "/stage/", "Tick", "Link a document", "Add a milestone"):
        assert offer not in page
    assert "https://docs.example/plan" in page


def test_ten_times_as_much_history_costs_the_same_queries(lights: Initiative, browser: Client) -> None:
    def add(number: int, start: int) -> None:
        for place in range(start, start + number):
            make.milestone(lights, f"M{place}", due=day(place))
            make.status_update(lights, on=day(-place))
            TrackedChange.objects.create(initiative=lights, what="due", before="2026-01-01", on=day(-place))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser.get(URL)
        return len(captured)

    add(3, 1)
    browser.get(URL)
    few = queries()
    add(27, 4)
    assert queries() == few


# Entering and editing


def test_a_candidate_is_entered_with_a_title_and_a_department(browser: Client, omar: User) -> None:
    department = make.department()
    answer = browser.post(
        "/initiatives/new/", {"title": "Faster answers", "level": "corporate", "department": department.pk}
    )
    made = now("faster-answers")
    assert answer["Location"] == "/initiatives/faster-answers/"
    assert (made.stage, made.owner, made.known_from) == (Stage.CANDIDATE, omar, today())


def test_a_candidate_can_be_prefilled_from_an_uncovered_pain(browser: Client) -> None:
    department, tier = make.department("service"), make.tier("T1")
    page = browser.get("/initiatives/new/?serves=service&department=service&theme=waiting&tier=T1&title=Pick+up")
    form = page.context["form"]
    assert (form["serves"].value(), form["department"].value()) == (department.pk, department.pk)
    assert (form["theme"].value(), form["tiers"].value(), form["title"].value()) == ("waiting", [tier.pk], "Pick up")


def test_what_is_missing_is_said_beside_its_field(browser: Client) -> None:
    answer = browser.post("/initiatives/new/", {"title": "X", "level": "key_account"})
    assert answer.status_code == 400
    errors = answer.context["form"].errors
    assert "department" in errors
    answer = browser.post(
        "/initiatives/new/", {"title": "X", "level": "key_account", "department": make.department().pk}
    )
    assert answer.context["form"].errors["customer"] == ["A key account's initiative names the customer."]
    assert not Initiative.objects.exists()


def test_a_word_of_the_addresses_is_no_code(browser: Client) -> None:
    fields = {"title": "X", "code": "board", "level": "corporate", "department": make.department().pk}
    answer = browser.post("/initiatives/new/", fields)
    assert "choose another code" in text(answer)


def test_a_customer_that_one_may_not_read_is_not_found_by_name(omar: User, browser: Client) -> None:
    make.customer("C9", name="Acme")
    fields = {"title": "X", "level": "key_account", "department": make.department().pk, "customer": "Acme"}
    assert "No customer is “Acme”." in text(browser.post("/initiatives/new/", fields))
    make.customer("C10", name="Mine", is_key_account=True, account_manager=omar)
    browser.post("/initiatives/new/", fields | {"customer": "mine"})
    assert Initiative.objects.get().customer.external_id == "C10"  # type: ignore[union-attr]


def test_editing_changes_what_was_typed_and_nothing_else(lights: Initiative, browser: Client) -> None:
    tier, kpi = make.tier("T1"), make.kpi("nps")
    lights.tiers.set([tier])
    page = browser.get(f"{URL}edit/")
    browser.post(f"{URL}edit/", form_of(page, title="Brighter lights", kpis=["nps@T1"], loyalty_impact="4"))
    after = now()
    assert (after.title, after.loyalty_impact, after.due) == ("Brighter lights", 4, lights.due)
    assert [(link.kpi, link.tier) for link in after.kpi_links.all()] == [(kpi, tier)]
    assert list(after.tiers.all()) == [tier]
    page = browser.get(f"{URL}edit/")
    assert 'value="nps@T1" checked> Nps, Tier T1' in text(page)


def test_kpis_are_found_by_name_or_code_and_what_is_unknown_is_named(omar: User, browser: Client) -> None:
    tier, kpi, other = make.tier("T1"), make.kpi("nps", name="Net promoter score"), make.kpi("calls")
    fields = {"title": "Faster", "level": "corporate", "department": make.department().pk}
    lines = {"kpi_typed": ["net promoter SCORE", "calls", ""], "kpi_typed_tier": ["T1", "", "T1"]}
    browser.post("/initiatives/new/", fields | lines)
    assert {(link.kpi, link.tier) for link in Initiative.objects.get().kpi_links.all()} == {(kpi, tier), (other, None)}
    lines = {"kpi_typed": ["Nett promoter", "calls"], "kpi_typed_tier": ["", "T1"]}
    answer = browser.post("/initiatives/new/", fields | {"title": "Again"} | lines)
    assert (answer.status_code, Initiative.objects.count()) == (400, 1)
    page = text(answer)
    assert "No KPI is called “Nett promoter”" in page
    assert ('value="Nett promoter"' in page, 'value="calls@T1" checked' in page) == (True, True)
    assert '<details class="more-fields-of-form" open>' in page


def test_a_new_candidate_shows_five_fields_and_the_rest_behind_more(browser: Client) -> None:
    page = browser.get("/initiatives/new/")
    names = [field.name for field in page.context["form"].parts[0][2]]
    assert names == ["title", "level", "customer", "business_unit", "department"]
    assert '<details class="more-fields-of-form" >' in text(page)


def test_a_new_due_date_of_what_runs_needs_a_reason(lights: Initiative, browser: Client) -> None:
    page = browser.get(f"{URL}edit/")
    answer = browser.post(f"{URL}edit/", form_of(page, due=str(day(120))))
    assert answer.context["form"].errors["reason"] == ["Say why the due date moves."]
    browser.post(f"{URL}edit/", form_of(page, due=str(day(120)), reason="The supplier is late."))
    assert now().due == day(120)
    assert "The supplier is late." in text(browser.get(URL))


def test_the_baseline_of_what_started_cannot_be_moved_by_hand_made_requests(
    lights: Initiative, browser: Client
) -> None:
    page = browser.get(f"{URL}edit/")
    browser.post(f"{URL}edit/", form_of(page, baseline_due=str(day(500)), title="Other"))
    assert now().baseline_due == lights.baseline_due
    assert now().title == "Other"


def test_who_comes_second_sees_what_changed_and_loses_nothing(
    lights: Initiative, browser: Client, stella: User
) -> None:
    page = browser.get(f"{URL}edit/")
    other = make.signed_in(stella)
    other.post(f"{URL}edit/", form_of(other.get(f"{URL}edit/"), title="Stella's title", theme="light"))
    answer = browser.post(f"{URL}edit/", form_of(page, title="Omar's title"))
    assert answer.status_code == 409
    shown = text(answer)
    assert "was changed by somebody else while this form was open." in shown
    assert "changed by Stella" in shown
    assert "theme from – to <strong>light</strong>" in shown
    assert answer.context["form"]["title"].value() == "Omar's title"
    assert now().title == "Stella's title"
    browser.post(f"{URL}edit/", form_of(answer))
    assert now().title == "Omar's title"


@pytest.mark.parametrize("address", ["edit/", "stage/?to=on_hold"])
def test_an_owner_changes_no_other_owners_initiative(address: str, omar: User, browser: Client) -> None:
    make.initiative("theirs")
    assert browser.get(f"/initiatives/theirs/{address}").status_code == 403
    answer = browser.post(f"/initiatives/theirs/{address}", {"seen": "in_progress", "reason": "x", "title": "x"})
    assert answer.status_code == 403
    assert now("theirs").stage == Stage.IN_PROGRESS


# Stages


def test_an_executive_approves_and_the_owner_starts(omar: User, ines: User, browser: Client) -> None:
    row = make.initiative("idea", owner=omar, stage=Stage.CANDIDATE, loyalty_impact=4, effort=1)
    assert "?to=approve" not in text(browser.get("/initiatives/idea/"))
    make.signed_in(ines).post("/initiatives/idea/stage/?to=approve", {"seen": "candidate", "reason": ""})
    row.refresh_from_db()
    assert (row.stage, row.approved_by) == (Stage.APPROVED, ines)
    browser.post("/initiatives/idea/stage/?to=in_progress", {"seen": "approved", "on": str(day(-2))})
    row.refresh_from_db()
    assert (row.stage, row.started_on) == (Stage.IN_PROGRESS, day(-2))


def test_a_major_bet_wants_a_justification_before_it_is_approved(ines: User) -> None:
    make.initiative("bet", stage=Stage.CANDIDATE, loyalty_impact=5, effort=5)
    browser = make.signed_in(ines)
    answer = browser.post("/initiatives/bet/stage/?to=approve", {"seen": "candidate"})
    assert answer.status_code == 400
    assert "Why its impact is worth its burden" in text(answer)
    browser.post("/initiatives/bet/stage/?to=approve", {"seen": "candidate", "reason": "It keeps Gold."})
    assert (now("bet").approved_as, now("bet").justification) == ("major_bet", "It keeps Gold.")


def test_what_is_to_be_reconsidered_cannot_start_until_it_is_overridden(omar: User, ines: User) -> None:
    make.initiative("doubt", owner=omar, stage=Stage.APPROVED, loyalty_impact=1, effort=5)
    browser = make.signed_in(omar)
    assert "starts only where an executive overrides" in text(browser.get("/initiatives/doubt/"))
    moves = browser.get("/initiatives/doubt/stage/").context["moves"]
    assert [(move.key, bool(move.refusal)) for move in moves if not move.is_grave] == [("in_progress", True)]
    make.signed_in(ines).post("/initiatives/doubt/stage/?to=override", {"seen": "approved", "reason": "By law."})
    browser.post("/initiatives/doubt/stage/?to=in_progress", {"seen": "approved"})
    assert now("doubt").stage == Stage.IN_PROGRESS
    assert "Overridden by Ines" in text(browser.get("/initiatives/doubt/"))


def test_a_stage_that_moved_on_meanwhile_is_left_alone(lights: Initiative, browser: Client) -> None:
    Initiative.objects.filter(pk=lights.pk).update(stage=Stage.ON_HOLD)
    answer = browser.post(f"{URL}stage/?to=cancelled", {"seen": "in_progress", "reason": "x", "sure": "1"}, follow=True)
    assert "nothing of yours was kept" in text(answer)
    assert now().stage == Stage.ON_HOLD


def test_holding_wants_a_reason(lights: Initiative, browser: Client) -> None:
    answer = browser.post(f"{URL}stage/?to=on_hold", {"seen": "in_progress", "reason": " "})
    assert answer.status_code == 400
    assert now().stage == Stage.IN_PROGRESS


# Milestones and documents


def test_a_milestone_is_added_ticked_moved_renamed_and_dropped(lights: Initiative, browser: Client) -> None:
    browser.post(f"{URL}milestones/", {"title": "Pilot", "due": str(day(10))})
    pilot = Milestone.objects.get()
    at = f"{URL}milestones/{pilot.pk}/"
    seen = browser.get(at).context["forms"]["redate"]["seen"].value()
    browser.post(at, {"verb": "redate", "due": str(day(20)), "reason": "Parts.", "seen": seen})
    browser.post(at, {"verb": "rename", "title": "First pilot"})
    browser.post(at, {"verb": "tick"})
    pilot.refresh_from_db()
    assert (pilot.due, pilot.title, pilot.done_on) == (day(20), "First pilot", today())
    browser.post(at, {"verb": "untick"})
    browser.post(at, {"verb": "drop", "reason": "Merged.", "sure": "1"})
    pilot.refresh_from_db()
    assert (pilot.done_on, pilot.dropped_on, pilot.dropped_reason) == (None, today(), "Merged.")
    assert "re-dated" not in text(browser.get(URL)).split('id="last-changes"')[0]
    assert "Merged." in text(browser.get(URL))


def test_moving_a_milestone_wants_a_reason_and_sees_who_was_quicker(lights: Initiative, browser: Client) -> None:
    pilot = make.milestone(lights, due=day(10))
    at = f"{URL}milestones/{pilot.pk}/"
    seen = browser.get(at).context["forms"]["redate"]["seen"].value()
    assert browser.post(at, {"verb": "redate", "due": str(day(20)), "seen": seen}).status_code == 400
    late = {"verb": "redate", "due": str(day(20)), "reason": "x", "seen": "another"}
    answer = browser.post(at, late)
    assert answer.status_code == 409
    assert "was changed by somebody else meanwhile" in text(answer)
    assert answer.context["forms"]["redate"]["seen"].value().startswith(seen.partition("@")[0])
    pilot.refresh_from_db()
    assert pilot.due == day(10)


def test_a_milestone_is_found_under_its_own_initiative_alone(lights: Initiative, browser: Client, omar: User) -> None:
    other = make.milestone(make.initiative("other", owner=omar), due=day(1))
    assert browser.post(f"{URL}milestones/{other.pk}/", {"verb": "tick"}).status_code == 404


def test_a_milestone_of_the_same_name_is_refused_on_the_page(lights: Initiative, browser: Client) -> None:
    make.milestone(lights, due=day(10))
    answer = browser.post(f"{URL}milestones/", {"title": "Pilot", "due": str(day(11))})
    assert answer.status_code == 400
    assert "There is a milestone “Pilot” already" in text(answer)


def test_a_document_is_linked_and_taken_out(lights: Initiative, browser: Client) -> None:
    browser.post(f"{URL}documents/", {"title": "Plan", "url": "https://docs.example/plan"})
    document = Document.objects.get()
    assert "https://docs.example/plan" in text(browser.get(URL))
    assert "Take out the link to “Plan”?" in text(browser.post(f"{URL}documents/{document.pk}/"))
    for _ in range(2):
        browser.post(f"{URL}documents/{document.pk}/", {"sure": "1"})
    assert not Document.objects.exists()
    browser.post(f"/audit/{AuditEntry.objects.get(verb='unlinked document').pk}/revert/", {"sure": "1"})
    assert Document.objects.get().url == "https://docs.example/plan"


def test_a_link_that_runs_a_script_is_refused(lights: Initiative, browser: Client) -> None:
    answer = browser.post(f"{URL}documents/", {"title": "Plan", "url": "javascript:alert(1)"})
    assert answer.status_code == 400
    assert not Document.objects.exists()


def test_a_business_units_initiative_names_it(lights: Initiative, browser: Client) -> None:
    unit = make.business_unit("north", name="North")
    Initiative.objects.filter(pk=lights.pk).update(level=Level.BUSINESS_UNIT, business_unit=unit)
    assert "Business unit</dt>" in text(browser.get(URL))
    assert "North" in text(browser.get(URL))
