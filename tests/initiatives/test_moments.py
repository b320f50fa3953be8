"""Writing moments of truth down: who may, what is refused, what the audit gives back, and the same by call and file."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.choices import Role
from accounts.models import AuditEntry, User
from accounts.services.reverts import revert_entry
from core.stale import revision_of
from core.writes import StaleWrite
from initiatives.models import Moment
from initiatives.services.moments import create_moment, delete_moment, edit_moment
from tests import factories as make
from tests.factories import signed_in
from tests.loads.bulk import JSON, send

ADDRESS = "/api/v1/moments/"
FIRST = {"code": "first-order", "name": "The first order", "stage": "starting", "role": "user"}


def values(**fields: Any) -> dict[str, Any]:
    kpi, tier, work = make.kpi("repeats"), make.tier("T1"), make.initiative("portal")
    return {**FIRST, "kpis": [(kpi, tier)], "tiers": [tier], "themes": [" Waiting "], "initiatives": [work], **fields}


def last() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def test_a_steward_writes_changes_and_deletes_one_and_the_audit_gives_each_back(stella: User) -> None:
    row = create_moment(by=stella, values=values())
    linked = {"tiers": ["T1"], "kpis": ["repeats@T1"], "themes": ["Waiting"], "initiatives": ["portal"]}
    assert row.lists == linked
    edit_moment(moment=row, by=stella, values={"themes": ["Prices"], "kpis": []}, seen=revision_of(row))
    assert last().before == {"themes": ["Waiting"], "kpis": ["repeats@T1"]}
    revert_entry(entry=last(), by=stella)
    assert Moment.objects.get().lists == linked
    delete_moment(moment=row, by=stella)
    delete_moment(moment=row, by=stella)
    revert_entry(entry=last(), by=stella)
    back = Moment.objects.get()
    assert (back.code, back.lists) == ("first-order", linked)


def test_an_owner_words_the_criterion_and_nothing_else(stella: User, omar: User) -> None:
    row = create_moment(by=stella, values=values())
    row = edit_moment(moment=row, by=omar, values={"criterion": " It is there\r\non the day "}, seen=revision_of(row))
    assert row.criterion == "It is there\non the day"
    with pytest.raises(PermissionDenied, match="owner words the criterion"):
        edit_moment(moment=row, by=omar, values={"name": "Other", "criterion": "x"}, seen=revision_of(row))
    with pytest.raises(PermissionDenied):
        create_moment(by=omar, values=FIRST)
    with pytest.raises(PermissionDenied):
        delete_moment(moment=row, by=omar)


@pytest.mark.parametrize("who", [Role.EXECUTIVE, Role.FINANCE, Role.ADMINISTRATOR])
def test_others_write_nothing(everyone: dict[str, User], who: str) -> None:
    row = make.moment()
    with pytest.raises(PermissionDenied):
        edit_moment(moment=row, by=everyone[who], values={"criterion": "x"}, seen=revision_of(row))
    with pytest.raises(PermissionDenied):
        create_moment(by=everyone[who], values=FIRST)


def test_who_comes_too_late_changes_nothing(stella: User) -> None:
    row = make.moment(name="As it is")
    seen = revision_of(row)
    edit_moment(moment=row, by=stella, values={"themes": ["Prices"]}, seen=seen)  # a list alone counts as well
    with pytest.raises(StaleWrite):
        edit_moment(moment=row, by=stella, values={"name": "Mine"}, seen=seen)
    assert Moment.objects.get().name == "As it is"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": "new"}, "code"),
        ({"code": "Bulk"}, "code"),
        ({"code": "two words"}, "code"),
        ({"name": " "}, "name"),
        ({"stage": "later"}, "stage"),
        ({"role": "king"}, "role"),
        ({"criterion": "x" * 2_001}, "criterion"),
        ({"our_win": "x" * 501}, "our_win"),
        ({"themes": ["late; dear"]}, "themes"),
        ({"themes": ["Late", "late"]}, "themes"),
        ({"themes": ["la\u200bte"]}, "themes"),
        ({"themes": [str(one) for one in range(51)]}, "themes"),
    ],
)
def test_each_wrong_field_is_named(stella: User, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        create_moment(by=stella, values={**FIRST, **fields})
    assert field in refused.value.message_dict
    assert not Moment.objects.exists()


def test_computed_columns_are_no_tiers_of_a_moment_and_all_customers_a_column_of_a_metric(stella: User) -> None:
    everybody, nobody, kpi = make.all_customers(), make.untiered(), make.kpi("repeats")
    with pytest.raises(ValidationError) as refused:
        create_moment(by=stella, values={**FIRST, "tiers": [everybody], "kpis": [(kpi, nobody)]})
    assert set(refused.value.message_dict) == {"tiers", "kpis"}
    assert create_moment(by=stella, values={**FIRST, "kpis": [(kpi, everybody)]}).lists["kpis"] == ["repeats@all"]


def test_by_call_it_is_written_read_filtered_changed_and_deleted(stella: User, omar: User) -> None:
    values()
    body = {**FIRST, "kpis": ["repeats@T1"], "tiers": ["T1"], "themes": ["Waiting"], "initiatives": ["portal"]}
    browser = signed_in(stella)
    made = browser.post(ADDRESS, body, content_type=JSON)
    assert made.status_code == 201, made.content
    assert {name: made.json()[name] for name in body} == body
    for asked, count in (
        ("tier=T1", 1),
        ("kpi=repeats", 1),
        ("theme=WAITING", 1),
        ("initiative=portal", 1),
        ("stage=using", 0),
    ):
        assert len(browser.get(f"{ADDRESS}?{asked}").json()["results"]) == count, asked
    owner, address = signed_in(omar), made["Location"]
    worded = owner.patch(address, {"criterion": "At once"}, content_type=JSON, headers={"If-Match": made["ETag"]})
    assert worded.json()["criterion"] == "At once"
    assert (
        owner.patch(address, {"name": "x", "revision": worded.json()["revision"]}, content_type=JSON).status_code == 403
    )
    assert (
        browser.patch(address, {"name": "x"}, content_type=JSON, headers={"If-Match": made["ETag"]}).status_code == 412
    )
    bad = browser.post(
        ADDRESS, {**body, "stage": "never", "kpis": ["nothing"], "initiatives": ["x"]}, content_type=JSON
    )
    assert {error["field"].partition(".")[0] for error in bad.json()["errors"]} == {"stage", "kpis", "initiatives"}
    assert browser.post(ADDRESS, body, content_type=JSON).status_code == 422  # the code is taken
    assert browser.delete(address).status_code == 204


def test_many_rows_at_once_ask_of_an_owner_what_one_does(omar: User) -> None:
    make.moment("first-order", name="The first order")
    row = {"code": "first-order", "criterion": "At once"}
    assert send(omar, "moments", [row]).status_code == 200
    refused = send(omar, "moments", [{**row, "criterion": "Now", "name": "Mine"}])
    assert [error["field"] for error in refused.json()["errors"]] == ["name"]
    assert send(omar, "moments", [{**FIRST, "code": "second"}]).status_code == 422
    assert Moment.objects.get().criterion == "At once"
