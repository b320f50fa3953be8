"""Questions about status updates move into threads, each with the word that answered it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_WORD = ("health", "progress", "note")


def move_questions(apps: Any, editor: Any) -> None:
    """A thread for each question; answered where by the rule of then an update answered it."""
    responses = apps.get_model("initiatives", "UpdateResponse").objects.filter(verb="asked_back", thread=None)
    answers: dict[int, list[Any]] = {}
    for response in responses.select_related("update__initiative").order_by("at", "pk"):
        initiative = response.update.initiative
        if initiative.pk not in answers:
            answers[initiative.pk] = sorted(_answering(apps, initiative), key=lambda update: update.at)
        given = next((update for update in answers[initiative.pk] if update.at > response.at), None)
        response.thread = _thread(apps, response, initiative.code, given)
        response.save(update_fields=["thread"])
    _settle(editor)


def _settle(editor: Any) -> None:
    """Have PostgreSQL look at the references now, for it alters no table in which some wait to be looked at."""
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _answering(apps: Any, initiative: Any) -> Iterator[Any]:
    """The owners' own words that say another thing than the one of the day before: these answered."""
    updates = apps.get_model("initiatives", "StatusUpdate").objects.filter(initiative=initiative)
    rows = list(updates.select_related("load").order_by("on"))
    for before, update in pairwise([None, *rows]):
        assert update is not None  # noqa: S101  only the first before is None
        own = update.load is None or update.load.by_id == update.author_id
        if own and (before is None or any(getattr(before, name) != getattr(update, name) for name in _WORD)):
            yield update


def _thread(apps: Any, response: Any, code: str, given: Any) -> Any:
    """A question as a thread, with its answer."""
    word = apps.get_model("accounts", "ThreadWord").objects
    thread = apps.get_model("accounts", "Thread").objects.create(
        kind="initiative",
        key=code,
        asked_by_id=response.by_id,
        state="answered" if given else "open",
        opened_at=response.at,
    )
    word.create(thread=thread, kind="asked", text=response.text, by_id=response.by_id, at=response.at)
    if given:
        said = given.note or f"{given.health.replace('_', ' ').capitalize()}, {given.progress} %."
        word.create(thread=thread, kind="answered", text=said, by_id=given.author_id, at=given.at)
    return thread


def move_back(apps: Any, editor: Any) -> None:
    """The questions stand at their updates anyway; the threads that were made of them go."""
    responses = apps.get_model("initiatives", "UpdateResponse").objects.exclude(thread=None)
    threads = list(responses.values_list("thread", flat=True))
    responses.update(thread=None)
    apps.get_model("accounts", "Thread").objects.filter(pk__in=threads).delete()
    _settle(editor)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_threads_and_actions"),
        ("initiatives", "0007_mentions_have_a_limit"),
    ]

    operations = [
        migrations.AddField(
            model_name="updateresponse",
            name="thread",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.thread",
            ),
        ),
        migrations.RunPython(move_questions, move_back),
    ]
