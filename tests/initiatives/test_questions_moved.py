"""The migration that moves questions about updates into threads: nothing is lost, each with what answered it."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts.company import today
from accounts.models import Load, Thread, User
from initiatives.models import StatusUpdate, UpdateResponse
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db
moving = import_module("initiatives.migrations.0008_questions_stand_in_threads")


def said(code: str, days: int, author: User, note: str, **fields: Any) -> StatusUpdate:
    """A word of so many days ago, given at that day's end."""
    row = apps.get_model("initiatives", "Initiative").objects.get(code=code)
    update = make.status_update(row, author=author, on=today() - timedelta(days=days), note=note, **fields)
    StatusUpdate.objects.filter(pk=update.pk).update(at=timezone.now() - timedelta(days=days))
    return update


def asked(update: StatusUpdate, by: User, days: int, text: str) -> UpdateResponse:
    """A question of so many days ago, as it was kept before."""
    row = UpdateResponse.objects.create(update=update, verb="asked_back", text=text, by=by)
    UpdateResponse.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(days=days))
    return row


class Editor:
    """As much of a schema editor as the migration asks of one; SQLite's own wants no transaction around it."""

    connection = connection

    def execute(self, sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)


def run(step: str) -> None:
    getattr(moving, step)(apps, Editor())


def threads() -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    return [
        (one.key, one.state, [(word.kind, word.text, word.by.name) for word in one.words.all()])
        for one in Thread.objects.order_by("pk")
    ]


@kept
def history(omar: User, ines: User, fay: User, stella: User) -> None:
    """Answered by a word; not by the same word again, nor by a file in the owner's name; and without any word since."""
    make.initiative("lights", owner=omar)
    first = said("lights", 9, omar, "Going on.", progress=40)
    asked(first, ines, 8, "When?")
    said("lights", 6, omar, "Going on.", progress=40)
    load = Load.objects.create(kind="status_updates", source="words.csv", by=stella)
    said("lights", 5, omar, "By file.", load=load)
    said("lights", 4, omar, "In May.", progress=45)
    asked(first, fay, 3, "For how much?")
    make.initiative("doors", owner=omar)
    silent = said("doors", 9, omar, "", health="late", progress=10)
    asked(silent, ines, 8, "Why late?")
    said("doors", 2, omar, "", health="at_risk", progress=20)
    UpdateResponse.objects.create(update=silent, verb="acknowledged", by=fay)


def test_questions_move_with_their_answers(history: None) -> None:
    run("move_questions")
    assert threads() == [
        ("lights", "answered", [("asked", "When?", "Ines"), ("answered", "In May.", "Omar")]),
        ("doors", "answered", [("asked", "Why late?", "Ines"), ("answered", "At risk, 20 %.", "Omar")]),
        ("lights", "open", [("asked", "For how much?", "Fay")]),
    ]
    assert UpdateResponse.objects.filter(verb="asked_back", thread=None).count() == 0
    moved = UpdateResponse.objects.get(text="When?")
    assert moved.thread is not None
    assert moved.thread.opened_at == moved.at


def test_a_second_run_moves_nothing_and_they_move_back(history: None) -> None:
    run("move_questions")
    run("move_questions")
    assert Thread.objects.count() == 3
    run("move_back")
    assert not Thread.objects.exists()
    assert UpdateResponse.objects.count() == 4
