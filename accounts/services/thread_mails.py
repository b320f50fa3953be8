"""Mails about questions and actions: whom it concerns is told once, by a key that names the word.

Of what is confidential no mail tells: mails lie in the outbox, and the inbox shows it to whom it concerns.
"""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from accounts.access import can_answer
from accounts.company import company
from accounts.models import Action, ThreadWord, User
from accounts.services.outbox import absolute, write_mail
from core.reader import to_its_reader
from core.registry import Subject, confidential_subjects


def tell_asked(word: ThreadWord, subject: Subject) -> None:
    """The subject's owner, of a question or that it is asked again; nobody where there is none or they ask."""
    person = None if subject.kind in confidential_subjects() else subject.asked
    if person is not None and person.pk != word.by_id and can_answer(person):
        _write(person, f"asked:{word.pk}", f"{word.by} asks about {subject.title}", "mail/asked.txt", word, subject)


def tell_asker(word: ThreadWord, subject: Subject) -> None:
    """Who asked, of the answer; nobody where they gave it themselves or have no way in any more."""
    person = word.thread.asked_by
    if person.is_active and person.pk != word.by_id and subject.kind not in confidential_subjects():
        subject_line = f"{word.by} answered about {subject.title}"
        _write(person, f"answered:{word.pk}", subject_line, "mail/answered.txt", word, subject)


def tell_doer(action: Action, subject: Subject) -> None:
    """Whose action it is; nobody where they noted it themselves."""
    if action.owner_id != action.word.by_id:
        key, line = f"action:{action.pk}", f"{action.word.by} noted an action for you: {action.text}"
        _write(action.owner, key, line, "mail/action.txt", action.word, subject, action=action)


@to_its_reader
def _write(person: User, key: str, line: str, template: str, word: ThreadWord, subject: Subject, **more: Any) -> None:
    context = {
        "person": person,
        "company": company(),
        "word": word,
        "subject": subject,
        "url": absolute(f"{subject.url}#thread-{word.thread_id}"),
        "my_url": absolute(reverse("my")),
        **more,
    }
    write_mail(key=f"{key}:{person.pk}", to=person, subject=line, body=render_to_string(template, context))
