"""A change of what a KPI means ends the targets of the meaning before: it says so first, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import AuditEntry, OutgoingMail, User
from core.periods import Month
from core.stale import revision_of
from core.writes import StaleTransition
from customers.models import Tier
from kpis.choices import TargetState
from kpis.models import Kpi, KpiVersion, Target, TargetBatch
from kpis.services.decisions import approve
from kpis.services.definitions import change_meaning, edit_kpi
from kpis.services.meanings import take_back_meaning
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.kpis.reading import cell, record

MONTHS = dict.fromkeys([202601, 202602, 202603, 202604, 202605, 202606], 2)


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1", name="Gold")


@kept
def visits(gold: Tier) -> Kpi:
    """Two a month; the targets are one from January, three from May, and one of the second quarter."""
    kpi = factories.kpi("visits", name="Visits")
    record(kpi, factories.customer(tier=gold), MONTHS)
    factories.target(kpi, gold, 202601, 1)
    factories.target(kpi, gold, 202605, 3)
    factories.target(kpi, gold, 202604, 9, per="quarter")
    return kpi


def states() -> dict[tuple[int, str], str]:
    return {(one.from_month, one.per): one.state for one in Target.objects.order_by("version")}


def days(kpi: Kpi, by: User, month: int = 202605, **more: Any) -> Kpi:
    return change_meaning(kpi=kpi, by=by, meaning={"unit": "days", **more}, from_month=Month(month), reason="Days now.")


def test_a_change_withdraws_the_approved_targets_that_start_in_or_after_it(visits: Kpi, stella: User) -> None:
    days(visits, stella)
    assert states() == {(202601, "month"): "approved", (202605, "month"): "withdrawn", (202604, "quarter"): "approved"}
    entry = AuditEntry.objects.get(verb="withdrawn by a change of meaning")
    assert (entry.by, entry.after and entry.after["state"]) == (stella, "withdrawn")


def test_finance_is_told_of_what_a_change_withdrew(visits: Kpi, stella: User, fay: User) -> None:
    days(visits, stella)
    mail = OutgoingMail.objects.get(to=fay)
    assert mail.subject == "1 approved target of “Visits” ended with its old meaning"
    assert "Gold, per month from May 2026" in mail.body


def test_taking_a_change_back_has_its_targets_stand_again(visits: Kpi, gold: Tier, stella: User) -> None:
    days(visits, stella)
    assert cell("2026-05", visits, gold).target is None
    factories.target(visits, gold, 202606, 7)
    kpi = take_back_meaning(kpi=visits, by=stella)
    assert (kpi.unit, kpi.versions_from, KpiVersion.objects.count()) == ("number", None, 0)
    assert states()[202605, "month"] == TargetState.APPROVED
    assert states()[202606, "month"] == TargetState.WITHDRAWN
    assert cell("2026-06", visits, gold).target == 3
    with pytest.raises(ValidationError, match="never changed"):
        take_back_meaning(kpi=visits, by=stella)


def waiting(kpi: Kpi, tier: Tier, month: int, by: User, **fields: Any) -> Target:
    """A proposal of a person, version 2 of its row."""
    batch = TargetBatch.objects.create(proposed_by=by)
    return factories.target(kpi, tier, month, 8, state="proposed", version=2, batch=batch, created_by=by, **fields)


def test_what_nobody_has_decided_is_withdrawn_and_who_wrote_it_told(
    visits: Kpi, gold: Tier, stella: User, omar: User, fay: User
) -> None:
    proposed = waiting(visits, gold, 202605, omar)
    draft = factories.target(visits, gold, 202606, 4, state="draft", created_by=omar)
    earlier = factories.target(visits, gold, 202602, 5, state="draft", created_by=omar)
    days(visits, stella)
    found = dict(Target.objects.values_list("pk", "state"))
    assert (found[proposed.pk], found[draft.pk], found[earlier.pk]) == ("withdrawn", "withdrawn", "draft")
    mail = OutgoingMail.objects.get(to=omar)
    assert mail.subject == "2 targets of “Visits” withdrawn: it means something else now"
    assert "Gold, per month from May 2026: at least 8" in mail.body
    with pytest.raises(StaleTransition):
        approve(targets=[proposed.pk], by=fay)
    days(visits, stella, unit="score")
    assert OutgoingMail.objects.filter(to=omar).count() == 1


def test_a_proposal_for_the_new_meaning_goes_with_it(visits: Kpi, gold: Tier, stella: User, omar: User) -> None:
    days(visits, stella)
    proposed = waiting(visits, gold, 202606, omar)
    take_back_meaning(kpi=visits, by=stella)
    proposed.refresh_from_db()
    assert proposed.state == TargetState.WITHDRAWN
    assert "Gold, per month from June 2026" in OutgoingMail.objects.get(to=omar).body


def test_a_band_in_the_old_unit_is_given_anew_or_left_empty(visits: Kpi, stella: User) -> None:
    edit_kpi(kpi=visits, by=stella, values={"near_band_abs": 1})
    with pytest.raises(ValidationError, match="old unit"):
        days(visits, stella)
    days(visits, stella, near_band_abs=None)
    assert list(KpiVersion.objects.order_by("from_month").values_list("unit", "near_band_abs")) == [
        ("number", 1),
        ("days", None),
    ]


def test_a_changed_band_stands_for_its_whole_version_and_no_other(visits: Kpi, gold: Tier, stella: User) -> None:
    days(visits, stella)
    factories.target(visits, gold, 202605, 4, version=2)
    assert [str(cell(f"2026-0{month}", visits, gold).status) for month in (4, 5, 6)] == ["met", "missed", "missed"]
    edit_kpi(kpi=visits, by=stella, values={"near_band_abs": 2})
    assert [str(cell(f"2026-0{month}", visits, gold).status) for month in (4, 5, 6)] == ["met", "near", "near"]
    assert list(KpiVersion.objects.order_by("from_month").values_list("near_band_abs", flat=True)) == [None, 2]


def test_a_change_without_history_stands_for_all_months(gold: Tier, stella: User) -> None:
    kpi = days(factories.kpi("fresh"), stella)
    assert (kpi.unit, KpiVersion.objects.count()) == ("days", 0)


def test_a_formula_is_held_against_what_its_inputs_mean_in_each_month(visits: Kpi, stella: User) -> None:
    days(visits, stella)
    twice = factories.kpi("twice", unit="days", formula="", customer_method="sum", time_method="sum")
    meaning = {"formula": "2 * visits", "customer_method": "", "time_method": ""}
    record(twice, factories.customer(), {202601: 1})
    with pytest.raises(ValidationError, match="formula"):
        change_meaning(kpi=twice, by=stella, meaning=meaning, from_month=Month(202603), reason="So")
    change_meaning(kpi=twice, by=stella, meaning=meaning, from_month=Month(202605), reason="So")


# -- the page


def sent(kpi: Kpi, **more: str) -> dict[str, str]:
    now = Kpi.objects.get(pk=kpi.pk)
    meaning = {"unit": "days", "direction": "higher", "customer_method": "sum", "time_method": "sum", "formula": ""}
    return {**meaning, "from_month": "2026-05", "reason": "Days now.", "seen": revision_of(now), **more}


def test_the_page_shows_what_a_change_ends_before_it_does(visits: Kpi, gold: Tier, stella: User) -> None:
    factories.target(visits, gold, 202606, 4, state="draft")
    browser = signed_in(stella)
    answer = browser.post("/kpis/visits/meaning/", sent(visits))
    shown = " ".join(answer.content.decode().split())
    assert "<strong>1 undecided target</strong> that begins in or after May 2026 will be withdrawn undecided" in shown
    assert "<strong>1 approved target</strong> that begins in or after May 2026 will be withdrawn" in shown
    assert "<strong>2 approved targets</strong> that began before run on, and will count until April 2026" in shown
    assert not KpiVersion.objects.exists()
    again = sent(visits, seen_targets=answer.context["ends"].token)
    assert browser.post("/kpis/visits/meaning/", again).status_code == 302
    assert states()[202605, "month"] == "withdrawn"


def test_the_page_proposes_the_same_numbers_anew(visits: Kpi, stella: User) -> None:
    browser = signed_in(stella)
    token = browser.post("/kpis/visits/meaning/", sent(visits)).context["ends"].token
    browser.post("/kpis/visits/meaning/", sent(visits, seen_targets=token, propose_anew="1"))
    waiting = Target.objects.get(state=TargetState.PROPOSED)
    assert (waiting.from_month, waiting.value, waiting.batch and waiting.batch.proposed_by) == (202605, 3, stella)


def test_the_page_takes_the_latest_change_back(visits: Kpi, stella: User) -> None:
    days(visits, stella)
    now = Kpi.objects.get(pk=visits.pk)
    assert "Take the latest change back" in signed_in(stella).get("/kpis/visits/").content.decode()
    signed_in(stella).post("/kpis/visits/take-back/", {"seen": "older"})
    assert KpiVersion.objects.exists()
    asked = signed_in(stella).post("/kpis/visits/take-back/", {"seen": revision_of(now)}).content.decode()
    assert "of the meaning that goes are withdrawn" in asked
    signed_in(stella).post("/kpis/visits/take-back/", {"seen": revision_of(now), "sure": "1"})
    assert not KpiVersion.objects.exists()


def test_a_band_says_first_which_verdicts_it_turns(visits: Kpi, stella: User) -> None:
    assert str(cell("2026-05", visits, "T1").status) == "missed"
    browser = signed_in(stella)
    form = browser.get("/kpis/visits/edit/").context["form"]
    typed = {field.html_name: field.value() or "" for field in form} | {"near_band_abs": "1"}
    answer = browser.post("/kpis/visits/edit/", typed)
    turned = [
        (one.period.code, one.tier.code, str(one.before), str(one.after)) for one in answer.context["turned"].turned
    ]
    assert ("2026-05", "T1", "missed", "near") in turned
    assert Kpi.objects.get(code="visits").near_band_abs is None
    typed["seen_turned"] = answer.context["turned"].token
    assert browser.post("/kpis/visits/edit/", typed).status_code == 302
    assert Kpi.objects.get(code="visits").near_band_abs == 1


def test_the_inbox_says_from_where_on_a_proposal_wont_count(visits: Kpi, gold: Tier, stella: User, fay: User) -> None:
    days(visits, stella)
    factories.target(visits, gold, 202602, 5, state="proposed", batch=TargetBatch.objects.create(proposed_by=stella))
    shown = signed_in(fay).get("/approvals/").content.decode()
    assert "Won’t count from May 2026 on" in shown


def test_grid_and_api_say_it_too(visits: Kpi, gold: Tier, stella: User) -> None:
    days(visits, stella)
    draft = factories.target(visits, gold, 202604, 5, per="quarter", version=2, state="draft", created_by=stella)
    browser = signed_in(stella)
    page = " ".join(browser.get("/targets/?year=2026&per=quarter").content.decode().split())
    assert "Visits, Gold, per quarter from April 2026: won’t count from May 2026 on" in page
    rows = browser.get("/api/v1/targets/").json()["results"]
    assert {row["id"]: row["ends_before"] for row in rows if row["state"] == "draft"} == {draft.pk: "2026-05"}
    assert browser.get(f"/api/v1/targets/{draft.pk}/").json()["ends_before"] == "2026-05"


# -- the upgrade


def test_what_the_rule_turned_on_upgrade_is_listed(visits: Kpi, gold: Tier, stella: User, fay: User) -> None:
    days(visits, stella, 202604)
    assert str(cell("2026-04", visits, gold).status) == "no_target"
    assert "of an earlier meaning gave" not in signed_in(fay).get("/approvals/").content.decode()
    later = datetime.now(UTC) + timedelta(days=900)
    MigrationRecorder.Migration.objects.filter(name__endswith="_versions_have_unit_and_band").update(applied=later)
    page = signed_in(fay).get("/approvals/")
    turned = {(one.period.code, one.tier.code, str(one.before)) for one in page.context["turned"].turned}
    assert ("2026-04", "T1", "met") in turned
    assert "of an earlier meaning gave" in page.content.decode()
    assert states()[202601, "month"] == "approved"
    factories.target(visits, gold, 202604, 1)
    page = signed_in(fay).get("/approvals/")
    assert not [one for one in page.context["turned"].turned if one.tier.code == "T1" and one.period.code == "2026-04"]
