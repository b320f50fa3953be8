"""The mail about an action that a narrative gave somebody: once for each action."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.urls import reverse

from accounts.company import company
from accounts.models import User
from accounts.services.outbox import absolute, write_mail
from core.reader import to_its_reader
from core.registry import Subject
from scorecard.models import Narrative


def tell_narrated_doer(row: Narrative, subject: Subject) -> None:
    """Whose action it is; nobody where there is none or they noted it themselves."""
    if row.owner is not None and row.owner_id != row.by_id:
        _write(row.owner, row, subject)


@to_its_reader
def _write(person: User, row: Narrative, subject: Subject) -> None:
    context = {
        "person": person,
        "company": company(),
        "row": row,
        "subject": subject,
        "url": absolute(f"{subject.url}#narrative"),
        "my_url": absolute(reverse("my")),
    }
    write_mail(
        key=f"narrated:{row.pk}:{row.revision}:{person.pk}",
        to=person,
        subject=f"{row.by} noted an action for you: {row.action}",
        body=render_to_string("mail/narrated.txt", context),
    )
