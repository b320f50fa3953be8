"""The audit keeps the way in: the token or the session, and the address, whichever service wrote the entry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.audit import record, record_all
from accounts.callers import session_hash
from accounts.choices import Verb, Via
from accounts.models import AuditEntry, User
from accounts.models.frozen import lifted
from accounts.rights import Right
from kpis.loads.target_writes import audit
from tests import factories
from tests.accounts.test_tokens import token_of
from tests.factories import PASSWORD, signed_in


def way_in(verb: str = "created") -> tuple[Any, ...]:
    entry = AuditEntry.objects.filter(verb=verb).first()
    assert entry
    return entry.via, entry.token, entry.session, entry.address


def test_a_page_leaves_a_hash_of_its_session_and_the_address(stella: User) -> None:
    browser = signed_in(stella)
    browser.post("/admin/accounts/department/add/", {"code": "x", "name": "X"}, REMOTE_ADDR="10.0.0.9")
    key = browser.session.session_key
    assert key
    assert way_in() == (Via.BROWSER, None, session_hash(key), "10.0.0.9")
    assert key not in json.dumps(list(AuditEntry.objects.values()), default=str)
    assert len(session_hash(key)) == 16


def test_two_sessions_of_one_person_are_told_apart(stella: User) -> None:
    for code in ("x", "y"):
        signed_in(stella).post("/admin/accounts/department/add/", {"code": code, "name": code})
    assert len(set(AuditEntry.objects.values_list("session", flat=True))) == 2


def test_a_call_by_token_leaves_the_token_and_the_address(stella: User) -> None:
    token, text = token_of(stella, Right.READ, Right.CREATE_CANDIDATE)
    with lifted():
        AuditEntry.objects.all().delete()
    body = {"code": "lights", "title": "Lights", "level": "corporate", "department": factories.department().code}
    answer = Client().post(
        "/api/v1/initiatives/", body, content_type="application/json",
        headers={"Authorization": f"Bearer {text}"}, REMOTE_ADDR="2001:db8::7",
    )  # fmt: skip
    assert answer.status_code == 201, answer.json()
    assert way_in() == (Via.TOKEN, token, "", "2001:db8::7")


def test_a_session_at_the_api_leaves_the_session(stella: User) -> None:
    browser = signed_in(stella)
    body = {"code": "lights", "title": "Lights", "level": "corporate", "department": factories.department().code}
    assert browser.post("/api/v1/initiatives/", body, content_type="application/json").status_code == 201
    assert way_in() == (Via.BROWSER, None, session_hash(browser.session.session_key or ""), "127.0.0.1")


def test_behind_a_proxy_the_address_is_what_the_proxy_wrote(stella: User, settings: Any) -> None:
    settings.PROXY_COUNT = 1
    headers = {"X-Forwarded-For": "1.1.1.1, 10.0.0.7"}
    signed_in(stella).post("/admin/accounts/department/add/", {"code": "x", "name": "X"}, headers=headers)
    assert way_in()[3] == "10.0.0.7"


def test_a_command_leaves_neither(tmp_path: Any, db: None) -> None:
    factories.kpi("revenue")
    path = tmp_path / "departments.csv"
    path.write_text("code,name\nsales,Sales\n")
    call_command("load", "departments", path, verbosity=0)
    for entry in AuditEntry.objects.all():
        assert (entry.via, entry.token, entry.session, entry.address) == (Via.COMMAND, None, "", None)
    assert AuditEntry.objects.exists()


def test_entries_for_many_objects_say_so_as_well(stella: User) -> None:
    record_all(by=stella, verb=Verb.CHANGED, changes=[(stella, None, None)])
    assert AuditEntry.objects.get().via == Via.COMMAND


def test_targets_that_a_file_approves_say_so_as_well(fay: User) -> None:
    audit(
        Verb.APPROVED, [factories.target(factories.kpi("revenue"), factories.tier("T1"), 201201, 1)], by=fay, details={}
    )
    assert way_in("approved") == (Via.COMMAND, None, "", None)


def test_nothing_of_a_request_stays_when_it_is_answered(stella: User) -> None:
    signed_in(stella).post("/admin/accounts/department/add/", {"code": "x", "name": "X"})
    record(by=stella, verb=Verb.SAVED, obj=stella)
    assert way_in("saved") == (Via.COMMAND, None, "", None)


def test_signing_in_does_not_carry_over_to_the_next_request(stella: User, fay: User) -> None:
    token, text = token_of(fay)
    Client().get("/api/v1/schema/", headers={"Authorization": f"Bearer {text}"})
    signed_in(stella).post("/admin/accounts/department/add/", {"code": "x", "name": "X"})
    assert way_in()[1] is None
    assert token.pk


def test_the_audit_shows_it(ada: User, stella: User) -> None:
    browser = signed_in(stella)
    browser.post("/admin/accounts/department/add/", {"code": "x", "name": "X"}, REMOTE_ADDR="10.0.0.9")
    entry = AuditEntry.objects.get()
    page = signed_in(ada).get(f"/admin/accounts/auditentry/{entry.pk}/change/").content.decode()
    for text in ("10.0.0.9", entry.session, "In the browser"):
        assert text in page
    for sought in ("10.0.0.9", entry.session):
        found = signed_in(ada).get(f"/admin/accounts/auditentry/?q={sought}").content.decode()
        assert "1 audit entry" in found


def test_a_changed_password_names_the_session_that_changed_it(ines: User) -> None:
    browser = signed_in(ines)
    new = "another correct horse"
    browser.post("/accounts/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    via, token, session, address = way_in("changed password")
    assert (via, token, address, len(session)) == (Via.BROWSER, None, "127.0.0.1", 16)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("10.0.0.7:51234", "10.0.0.7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("unknown", "127.0.0.1"),
        ("x" * 300, "127.0.0.1"),
    ],
)
def test_an_address_is_kept_in_its_one_spelling(written: str, kept: str, stella: User, settings: Any) -> None:
    settings.PROXY_COUNT = 1
    headers = {"X-Forwarded-For": written}
    signed_in(stella).post("/admin/accounts/department/add/", {"code": "x", "name": "X"}, headers=headers)
    assert way_in()[3] == kept


def test_a_caller_by_socket_file_has_no_address(stella: User) -> None:
    signed_in(stella).post("/admin/accounts/department/add/", {"code": "x", "name": "X"}, REMOTE_ADDR="")
    assert way_in()[3] is None
