"""Targets: drafts are written in the admin; what was approved stays as it is, through every door."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from accounts.models import AuditEntry, User
from core.stale import revision_of
from kpis.choices import Direction, TargetState, TimeMethod
from kpis.models import Target
from kpis.services.decisions import approve
from kpis.services.targets import propose
from tests import factories
from tests.factories import signed_in


def browser_of(user: User) -> Any:
    return signed_in(user)


def only_entry() -> Any:
    return AuditEntry.objects.get()


def form(**fields: Any) -> dict[str, Any]:
    kpi = fields.pop("kpi", None) or factories.kpi("revenue")
    tier = fields.pop("tier", None) or factories.tier("T1")
    return {"kpi": kpi.pk, "tier": tier.pk, "from_month": "2011-07", "per": "month", "value": "12.5", **fields}


def add(user: User, **fields: Any) -> Any:
    return browser_of(user).post("/admin/kpis/target/add/", form(**fields))


def change(by: User, draft: Target, values: dict[str, str]) -> Any:
    """The draft's form as it is shown, with other values."""
    seen = revision_of(Target.objects.get(pk=draft.pk))
    return browser_of(by).post(f"/admin/kpis/target/{draft.pk}/change/", values | {"seen": seen})


def test_finance_writes_a_draft(fay: User) -> None:
    assert add(fay).status_code == 302
    target = Target.objects.get()
    assert (target.state, target.version, target.created_by, str(target.value)) == ("draft", 1, fay, "12.5000")
    assert only_entry().after["state"] == "draft"


def test_a_state_that_is_sent_along_is_not_taken(fay: User) -> None:
    add(fay, state="approved", version="7", decided_by=str(fay.pk))
    target = Target.objects.get()
    assert (target.state, target.version, target.decided_by) == ("draft", 1, None)


def test_the_draft_after_an_approved_target_is_its_next_version(fay: User) -> None:
    kpi, tier = factories.kpi("revenue"), factories.tier("T1")
    factories.target(kpi, tier, 201107, 10)
    add(fay, kpi=kpi, tier=tier)
    assert [*Target.objects.values_list("version", "state")] == [(1, "approved"), (2, "draft")]


def test_a_draft_changes_in_its_numbers_and_not_in_its_place(fay: User) -> None:
    draft = factories.target(factories.kpi("revenue"), factories.tier("T1"), 201107, 10, state=TargetState.DRAFT)
    answer = change(fay, draft, {"value": "11", "from_month": "2012-01", "per": "year"})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (str(draft.value), draft.from_month, draft.per) == ("11.0000", 201107, "month")
    found = only_entry()
    assert (found.before["value"], found.after["value"]) == ("10.0000", "11.0000")


def test_whoever_writes_a_number_here_does_not_decide_on_it(fay: User, stella: User) -> None:
    row = factories.kpi("revenue"), factories.tier("T1"), 201107, 10
    draft = factories.target(*row, state=TargetState.DRAFT, created_by=stella)
    change(fay, draft, {"value": "10", "note": "As in the plan"})
    draft.refresh_from_db()
    assert draft.created_by == stella
    change(fay, draft, {"value": "11"})
    propose(targets=[draft.pk], by=stella)
    with pytest.raises(PermissionDenied):
        approve(targets=[draft.pk], by=fay)


BAD = [
    ({"per": "quarter", "from_month": "2011-08"}, "is not the first month of a fiscal quarter"),
    ({"per": "year"}, "is not the first month of a fiscal year"),
    ({"value": "", "low": "1", "high": "2"}, "Value must not be empty"),
    ({"value": "1.23456"}, "“1.23456” has more than 4 decimals."),
    ({"per": "quarter", "until_month": "2011-12"}, "Until month must be empty"),
    ({"from_month": "2011-13"}, "Is no month; a month looks like 2011-09."),
]


@pytest.mark.parametrize(("fields", "words"), BAD)
def test_a_draft_that_makes_no_sense_is_refused(fields: dict[str, str], words: str, fay: User) -> None:
    answer = add(fay, **fields)
    assert answer.status_code == 200
    assert words in str(answer.context_data["adminform"].form.errors)


def test_a_range_needs_two_bounds_in_order(fay: User) -> None:
    kpi, tier = factories.kpi("load", direction=Direction.RANGE), factories.tier("T1")
    answer = add(fay, kpi=kpi, tier=tier, value="", low="2", high="1")
    assert "High lies below low" in str(answer.context_data["adminform"].form.errors)
    assert add(fay, kpi=kpi, tier=tier, value="", low="1", high="2").status_code == 302


def test_a_trailing_year_has_yearly_targets_alone(fay: User) -> None:
    answer = add(fay, kpi=factories.kpi("ttm", time_method=TimeMethod.TTM))
    assert "per year" in str(answer.context_data["adminform"].form.errors)


@pytest.fixture(params=["approved", "superseded", "withdrawn"])
def decided(request: Any, db: None) -> Target:
    """A target that was decided on."""
    return factories.target(factories.kpi("revenue"), factories.tier("T1"), 201107, 10, state=request.param)


def test_a_decided_target_is_shown_and_not_changed_in_the_admin(decided: Target, root: User) -> None:
    browser = browser_of(root)
    address = f"/admin/kpis/target/{decided.pk}/change/"
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"value": "99"}).status_code == 403
    assert Target.objects.get().value == 10


def test_deleting_a_decided_target_is_answered_with_a_sentence(decided: Target, root: User) -> None:
    answer = browser_of(root).post(f"/admin/kpis/target/{decided.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert "stays, nothing was changed" in str(*get_messages(answer.wsgi_request))
    assert Target.objects.exists()
    assert not AuditEntry.objects.exists()


def test_targets_are_not_deleted_in_bulk(decided: Target, root: User) -> None:
    fields = {"action": "delete_selected", "_selected_action": [decided.pk], "post": "yes"}
    assert browser_of(root).post("/admin/kpis/target/", fields).status_code < 500
    assert Target.objects.exists()


WRITES = [
    lambda found: found.update(value=99),
    lambda found: found.update(from_month=201108),
    lambda found: found.update(state="draft"),
    lambda found: found.delete(),
    lambda found: Target.objects.bulk_update([_with_value(found.get(), 99)], ["value"]),
    lambda found: _with_value(found.get(), 99).save(),
]


def _with_value(target: Target, value: int) -> Target:
    target.value = value
    return target


@pytest.mark.parametrize("write", WRITES)
def test_the_database_itself_keeps_a_decided_target(write: Any, decided: Target) -> None:
    with pytest.raises(DatabaseError, match="approved target cannot be changed"), transaction.atomic():
        write(Target.objects.filter(pk=decided.pk))
    assert Target.objects.get().value == 10


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_has_no_door_to_it(method: str, decided: Target, root: User) -> None:
    before = Target.objects.filter(pk=decided.pk).values().get()
    for address in ("/api/v1/targets/", f"/api/v1/targets/{decided.pk}/"):
        sent = {"value": "99", "revision": revision_of(decided)}
        answer = getattr(browser_of(root), method)(address, sent, content_type="application/json")
        assert answer.status_code in {404, 405, 409, 422}
    assert Target.objects.values().get() == before


def test_nobody_approves_in_the_admin(fay: User) -> None:
    draft = factories.target(factories.kpi("revenue"), factories.tier("T1"), 201107, 10, state=TargetState.DRAFT)
    change(fay, draft, {"value": "10", "state": "approved"})
    assert Target.objects.get().state == "draft"
    assert "approve" not in browser_of(fay).get("/admin/kpis/target/").content.decode().split("changelist-filter")[0]


# -- two persons, and nothing unseen


def test_a_form_that_shows_an_old_draft_is_refused_and_shown_again(fay: User, stella: User) -> None:
    row = factories.kpi("revenue"), factories.tier("T1"), 201107, 10
    draft = factories.target(*row, state=TargetState.DRAFT, created_by=stella)
    address, seen = f"/admin/kpis/target/{draft.pk}/change/", revision_of(Target.objects.get())
    assert f'value="{seen}@' in browser_of(fay).get(address).content.decode()
    Target.objects.update(value=12)
    answer = browser_of(fay).post(address, {"value": "11", "seen": seen})
    assert "changed by somebody else while this form was open" in str(answer.context_data["adminform"].form.errors)
    assert Target.objects.get().value == 12
    browser_of(fay).post(address, {"value": "11", "seen": revision_of(Target.objects.get())})
    assert (Target.objects.get().value, [*Target.objects.get().earlier_writers.all()]) == (11, [stella])


def test_nobody_decides_on_a_number_of_theirs_that_another_touched_up_here(fay: User, stella: User) -> None:
    row = factories.kpi("revenue"), factories.tier("T1"), 201107, 10
    draft = factories.target(*row, state=TargetState.DRAFT, created_by=fay)
    change(stella, draft, {"value": "10", "plan_value": "9"})
    propose(targets=[draft.pk], by=stella)
    with pytest.raises(PermissionDenied):
        approve(targets=[draft.pk], by=fay)


@pytest.mark.parametrize("state", [TargetState.DRAFT, TargetState.PROPOSED])
def test_a_row_that_another_wrote_and_nobody_decided_is_not_added_over(state: str, fay: User, stella: User) -> None:
    kpi, tier = factories.kpi("revenue"), factories.tier("T1")
    factories.target(kpi, tier, 201107, 10, state=state, created_by=stella)
    answer = add(fay, kpi=kpi, tier=tier)
    assert answer.status_code == 302
    assert ("waits for finance" if state == "proposed" else "Stella wrote") in str(*get_messages(answer.wsgi_request))
    assert [*Target.objects.values_list("value", "state")] == [(10, state)]


def test_a_row_that_is_approved_already_is_not_written_again(fay: User) -> None:
    kpi, tier = factories.kpi("revenue"), factories.tier("T1")
    factories.target(kpi, tier, 201107, "12.5")
    assert "says so already" in str(*get_messages(add(fay, kpi=kpi, tier=tier).wsgi_request))
    assert Target.objects.count() == 1


def test_a_draft_is_deleted_here_and_its_note_is_kept_until_then(fay: User) -> None:
    add(fay, note="As in the plan")
    draft = Target.objects.get()
    assert draft.note == "As in the plan"
    change(fay, draft, {"value": "12.5", "note": "By the review"})
    assert Target.objects.get().note == "By the review"
    browser_of(fay).post(f"/admin/kpis/target/{draft.pk}/delete/", {"post": "yes"})
    assert not Target.objects.exists()
    assert AuditEntry.objects.filter(verb="deleted", before__value="12.5000").exists()


@pytest.mark.parametrize("who", ["ada", "ines", "omar"])
def test_whoever_proposes_no_targets_writes_none_here(who: str, request: Any, db: None) -> None:
    assert add(request.getfixturevalue(who)).status_code in {302, 403}
    assert not Target.objects.exists()
