"""Nobody changes or deletes an audit entry: not by the ORM, not in the admin, not by SQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import AuditEntry, User
from accounts.models.frozen import MESSAGE, lifted
from tests.factories import signed_in


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def save(entry: AuditEntry) -> None:
    entry.verb = Verb.DELETED
    entry.save()


WAYS: dict[str, Callable[[AuditEntry], object]] = {
    "save": save,
    "update": lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(before=None),
    "update of all": lambda entry: AuditEntry.objects.update(by=None),
    "bulk update": lambda entry: AuditEntry.objects.bulk_update([entry], ["after"]),
    "delete": lambda entry: entry.delete(),
    "delete of all": lambda entry: AuditEntry.objects.all().delete(),
    "raw delete": lambda entry: AuditEntry.objects.all()._raw_delete("default"),
    "SQL update": lambda entry: sql("UPDATE accounts_auditentry SET verb = 'x'"),
    "SQL update of nothing": lambda entry: sql("UPDATE accounts_auditentry SET verb = verb"),
    "SQL delete": lambda entry: sql("DELETE FROM accounts_auditentry"),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_entry_stays_as_it_was_written(ada: User, way: str) -> None:
    entry = record(by=ada, verb=Verb.CREATED, obj=ada, before={"a": 1}, after={"a": 2})
    kept = AuditEntry.objects.values().get()
    with pytest.raises(DatabaseError, match=MESSAGE), transaction.atomic():
        WAYS[way](entry)
    assert AuditEntry.objects.values().get() == kept


@pytest.mark.parametrize("page", ["change", "delete"])
def test_nobody_changes_or_deletes_one_in_the_admin(ada: User, root: User, page: str) -> None:
    entry = record(by=ada, verb=Verb.CREATED, obj=ada)
    for person in (ada, root):
        answer = signed_in(person).post(f"/admin/accounts/auditentry/{entry.pk}/{page}/", {"post": "yes", "verb": "x"})
        assert answer.status_code == 403
    actions = {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}
    signed_in(root).post("/admin/accounts/auditentry/", actions)
    assert AuditEntry.objects.get(pk=entry.pk).verb == "created"


def test_what_erases_lifts_it_and_it_holds_again_after(ada: User, noor: User) -> None:
    entry = record(by=noor, verb=Verb.CREATED, obj=ada)
    with transaction.atomic(), lifted():
        AuditEntry.objects.filter(pk=entry.pk).update(by=None)
    assert AuditEntry.objects.get(pk=entry.pk).by is None
    with pytest.raises(DatabaseError, match=MESSAGE), transaction.atomic():
        AuditEntry.objects.update(by=ada)


def test_new_entries_are_written_as_ever(ada: User) -> None:
    record(by=ada, verb=Verb.CREATED, obj=ada)
    record(by=ada, verb=Verb.CHANGED, obj=ada)
    assert AuditEntry.objects.count() == 2
