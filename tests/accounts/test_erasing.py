"""Erasing a person: no table names them any more but in the texts that were listed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models

from accounts.models import AuditEntry, FailedGuess, ListView, Load, LoadChange, OutgoingMail, ResetRequest, User
from accounts.reading.naming import Naming
from accounts.services.erasing import erase_person
from accounts.services.people import deactivate
from accounts.services.threads import ask
from accounts.services.tokens import create_token
from core.registry import subjects_of
from initiatives.models import Initiative, StatusUpdate, TrackedChange
from kpis.models import KpiProposal
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

NAME, ADDRESS = "Omar Haddad", "omar@tierboard.example"


def named_anywhere() -> set[str]:
    """Every column of every table in which the name or the address stands, with the row: ``kpis.kpi:definition:7``."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        columns = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        for row in model._base_manager.values("pk", *(field.name for field in columns)):
            for field in columns:
                value = row[field.name]
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
                if NAME.lower() in text.lower() or ADDRESS in text.lower():
                    found.add(f"{model._meta.label_lower}:{field.name}:{row['pk']}")
    return found


@kept
def gone(omar: User, ada: User, ines: User, fay: User) -> User:
    """Omar, who did and was called all kinds of things, and has left."""
    User.objects.filter(pk=omar.pk).update(name=NAME)
    omar.refresh_from_db()
    initiative = factories.initiative("lights", owner=omar, title=f"Lights of {NAME}")
    factories.status_update(initiative, author=omar, note=f"{ADDRESS} will see to it", on=date(2011, 9, 1))
    TrackedChange.objects.create(initiative=initiative, what="stage", on=date(2011, 9, 1), reason=f"{NAME} said so")
    ask(subject=subjects_of("initiative", ["lights"], fay)["lights"], text=f"What does {NAME} do?", by=fay)
    factories.kpi_proposal(
        "asked", proposed_by=omar, state="withdrawn", values={"owner": ADDRESS, "code": "asked", "name": "Asked"}
    )
    load = Load.objects.create(kind="kpis", source="kpis.csv", by=omar)
    LoadChange.objects.create(load=load, kind="kpis", key=f"x, {ADDRESS}", change="updated", before={"owner": ADDRESS})
    OutgoingMail.objects.create(key="a", to=omar, subject="x", body=f"Dear {NAME}")
    OutgoingMail.objects.create(key="b", to=ines, subject=f"{NAME} asks", body=f"{NAME} <{ADDRESS}> asks")
    FailedGuess.objects.create(account=ADDRESS, at=load.at)
    ResetRequest.objects.create(email=ADDRESS, caller="x")
    AccessAttempt.objects.create(username=ADDRESS, failures_since_start=1)
    ListView.objects.create(list="initiatives", user=omar, name=f"{NAME}’s own")
    create_token(user=omar, name=f"{NAME}’s program", scopes=["tierboard.read"], expires_on=None, by=omar)
    deactivate(person=omar, receiver=ines, by=ada)
    return omar


def test_no_row_names_who_was_erased_but_the_texts_that_were_listed(gone: User, ada: User) -> None:
    entries = AuditEntry.objects.filter(by=gone).count()
    left = erase_person(person=gone, by=ada)
    assert named_anywhere() == {one.ref for one in left}
    assert {one.place.partition(" of ")[0] for one in left} == {"title", "note", "reason", "text"}
    gone.refresh_from_db()
    assert str(gone) == f"Erased person {gone.pk}"
    assert AuditEntry.objects.filter(by=gone).count() == entries  # what was done stays done
    assert StatusUpdate.objects.get().author == gone


def test_each_table_is_walked_once_for_texts_and_once_for_records(
    gone: User, ada: User, django_assert_max_num_queries: Any
) -> None:
    browser = signed_in(ada)
    with django_assert_max_num_queries(150) as asked:
        assert NAME in browser.get(f"/people/{gone.pk}/erase/").content.decode()
    searched = [query["sql"] for query in asked.captured_queries if " LIKE " in query["sql"]]
    tables = Counter(sql.partition(" FROM ")[2].partition(" WHERE ")[0] for sql in searched)
    assert set(tables.values()) == {1, 2}


def test_what_a_load_changed_still_leads_to_the_same_person(gone: User, ada: User) -> None:
    erase_person(person=gone, by=ada)
    gone.refresh_from_db()
    assert LoadChange.objects.get().before == {"owner": gone.email}
    assert KpiProposal.objects.get().values["owner"] == gone.email


def test_the_page_edits_texts_as_it_erases_and_lists_the_rest_afterwards(gone: User, ada: User) -> None:
    browser, page = signed_in(ada), f"/people/{gone.pk}/erase/"
    shown = browser.get(page).content.decode()
    assert "This cannot be taken back" in shown
    assert "Backups of the database" in shown
    assert f"Lights of Erased person {gone.pk}" in shown
    title = f"initiatives.initiative:title:{Initiative.objects.get().pk}"
    sent = {"change": title, f"text:{title}": "The warehouse’s lights"}
    assert browser.post(page, sent).status_code == 400  # not confirmed
    assert browser.post(page, sent | {"confirmed": ADDRESS}).status_code == 302
    assert Initiative.objects.get().title == "The warehouse’s lights"
    texts = browser.get(f"/people/{gone.pk}/texts/").content.decode()
    note = f"initiatives.statusupdate:note:{StatusUpdate.objects.get().pk}"
    assert note in texts
    browser.post(f"/people/{gone.pk}/texts/", {"change": note, f"text:{note}": "Somebody will see to it"})
    assert StatusUpdate.objects.get().note == "Somebody will see to it"
    assert note not in named_anywhere()


@pytest.mark.parametrize("ref", ["accounts.user:name:1", "accounts.auditentry:verb:1", "x:y:z", "kpis.kpi:name:no"])
def test_nothing_but_what_people_wrote_is_edited_here(ref: str, gone: User, ada: User) -> None:
    with pytest.raises(ValidationError, match="not there any more"):
        erase_person(person=gone, by=ada, edits={ref: "x"})
    gone.refresh_from_db()
    assert gone.erased_at is None


def test_who_is_active_is_not_erased_and_who_was_erased_does_not_come_back(gone: User, ada: User, ines: User) -> None:
    with pytest.raises(ValidationError, match="Deactivate"):
        erase_person(person=ines, by=ada)
    erase_person(person=gone, by=ada)
    signed_in(ada).post(f"/people/{gone.pk}/activate/")
    gone.refresh_from_db()
    assert (gone.is_active, gone.has_usable_password()) == (False, False)


def test_another_word_that_holds_the_name_is_left_alone() -> None:
    naming = Naming(User(pk=7, name="Ann", email="ann@x.example"))
    assert not naming.names_them("Annual report, joann@x.example")
    assert naming.without("ANN, ann@x.example") == "Erased person 7, person-7@erased.invalid"


@pytest.mark.django_db
def test_the_audit_is_frozen_again_afterwards(gone: User, ada: User) -> None:
    erase_person(person=gone, by=ada)
    with pytest.raises(Exception, match="audit entry"), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_auditentry SET verb = 'x'")
