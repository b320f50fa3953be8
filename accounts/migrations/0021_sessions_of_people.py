"""Who is signed in already is listed as well, and can be signed out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations
from django.utils import timezone


def note_sessions(apps: Any, schema_editor: Any) -> None:
    """Note each session that lasts beside its person; where it is used nothing is known of yet."""
    notes = apps.get_model("accounts", "PersonSession").objects
    people = set(apps.get_model("accounts", "User").objects.values_list("pk", flat=True))
    lasting = apps.get_model("sessions", "Session").objects.filter(expire_date__gt=timezone.now())
    store = SessionStore()
    for session in lasting.iterator():
        person = store.decode(session.session_data).get(SESSION_KEY)
        if str(person or "").isdecimal() and int(person) in people:
            notes.get_or_create(pk=session.session_key, defaults={"person_id": int(person)})


class Migration(migrations.Migration):
    """The sessions of before."""

    dependencies = [("accounts", "0020_people_come_and_go"), ("sessions", "0001_initial")]
    operations = [migrations.RunPython(note_sessions, migrations.RunPython.noop)]
