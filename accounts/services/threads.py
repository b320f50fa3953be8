"""Asking, answering, asking again, and actions: saved with an audit entry, told once to whom it concerns.

Nothing here is deleted, and no word is changed: a mistake is mended by another word.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import may_answer, may_note_action, may_tick
from accounts.audit import record
from accounts.choices import ThreadState, Verb, WordKind
from accounts.company import today
from accounts.models import Action, Thread, ThreadWord, User
from accounts.rights import Right
from accounts.rules.threads import NewAction, action_problems, word_problems
from accounts.services.thread_mails import tell_asked, tell_asker, tell_doer
from core.auditing import key_of, state_of
from core.registry import Subject, confidential_subjects
from core.texts import plain
from core.writes import StaleTransition, refuse

_MAY_NOT_ASK = "Your roles do not include asking or answering."


@transaction.atomic
def ask(*, subject: Subject, by: User, text: str, action: NewAction | None = None) -> Thread:
    """Ask about a subject; its owner gets a mail, once. The same question while it is open is the same one.

    Raises PermissionDenied, ValidationError by field.
    """
    text = _said(by, subject, text, action)
    if double := _standing(subject, by, text):
        return double
    thread = Thread.objects.create(kind=subject.kind, key=subject.key, asked_by=by)
    word = _say(thread, WordKind.ASKED, by, text, action, subject)
    tell_asked(word, subject)
    return thread


@transaction.atomic
def answer(*, thread: Thread, subject: Subject, by: User, text: str, action: NewAction | None = None) -> ThreadWord:
    """Answer an open question; its asker gets a mail, once.

    Raises PermissionDenied for those whose it is not to answer, StaleTransition where somebody else answered
    meanwhile, ValidationError by field.
    """
    if not may_answer(by, subject):
        raise PermissionDenied("This is not yours to answer: its owner does that, or who may take it.")
    text = _said(by, subject, text, action)
    if double := _last(thread, WordKind.ANSWERED, by, text):
        return double
    _swap(thread, ThreadState.OPEN, ThreadState.ANSWERED, "It was answered meanwhile")
    word = _say(thread, WordKind.ANSWERED, by, text, action, subject)
    tell_asker(word, subject)
    return word


@transaction.atomic
def reopen(*, thread: Thread, subject: Subject, by: User, text: str) -> ThreadWord:
    """Its asker asks again, and says what is still open; the owner gets another mail, once.

    Raises PermissionDenied for everybody else, StaleTransition where it is open already, ValidationError by field.
    """
    if thread.asked_by_id != by.pk:
        raise PermissionDenied("Who asked may ask again; ask a question of your own.")
    text = _said(by, subject, text, None)
    if double := _last(thread, WordKind.REOPENED, by, text):
        return double
    _swap(thread, ThreadState.ANSWERED, ThreadState.OPEN, "It is open already")
    word = _say(thread, WordKind.REOPENED, by, text, None, subject)
    tell_asked(word, subject)
    return word


@transaction.atomic
def tick(*, action: Action, subject: Subject, by: User, done: bool = True) -> Action:
    """Tick an action off, or take that back; ticked twice it is ticked once. Raises PermissionDenied."""
    if not may_tick(by, action, subject):
        raise PermissionDenied("Whose action it is, who noted it, and who answers for this, tick it off.")
    before = state_of(action)
    values: dict[str, Any] = {"done_at": timezone.now(), "done_by": by} if done else {"done_at": None, "done_by": None}
    if Action.objects.filter(pk=action.pk, done_at__isnull=done).update(**values):
        action.refresh_from_db()
        verb = Verb.TICKED_ACTION if done else Verb.UNTICKED_ACTION
        record(by=by, verb=verb, obj=action, before=before, after=state_of(action))
    return action


def _said(by: User, subject: Subject, text: str, action: NewAction | None) -> str:
    """The text as it is kept, once all of it was looked at."""
    if not by.has_perm(Right.COMMENT):
        raise PermissionDenied(_MAY_NOT_ASK)
    if action and not may_note_action(by, subject):
        raise PermissionDenied("Your roles do not include noting actions about this.")
    text = plain(text)
    refuse([*word_problems(text), *(action_problems(action, today=today()) if action else ())])
    return text


def _standing(subject: Subject, by: User, text: str) -> Thread | None:
    """The same question of the same person, still open: a form that was sent twice."""
    rows = Thread.objects.filter(kind=subject.kind, key=subject.key, asked_by=by, state=ThreadState.OPEN)
    return rows.filter(words__text=text, words__kind=WordKind.ASKED).first()


def _last(thread: Thread, kind: WordKind, by: User, text: str) -> ThreadWord | None:
    """The last word, where it is this one."""
    last = thread.words.order_by("-at", "-pk").first()
    return last if last and (last.kind, last.by_id, last.text) == (kind, by.pk, text) else None


def _swap(thread: Thread, seen: ThreadState, to: ThreadState, late: str) -> None:
    if not Thread.objects.filter(pk=thread.pk, state=seen).update(state=to):
        raise StaleTransition(f"{late}; nothing of yours was kept.")
    thread.refresh_from_db(fields=["state"])


def _say(thread: Thread, kind: WordKind, by: User, text: str, action: NewAction | None, subject: Subject) -> ThreadWord:
    """Keep a word with its action, and the entries of both."""
    word = ThreadWord.objects.create(thread=thread, kind=kind, by=by, text=text)
    verb = {WordKind.ASKED: Verb.ASKED, WordKind.ANSWERED: Verb.ANSWERED, WordKind.REOPENED: Verb.REOPENED}[kind]
    if thread.kind in confidential_subjects():
        record(by=by, verb=verb, obj=Thread(pk=0))  # who and when: what about, and what was said, is nobody else's
        return word
    about = {"about": f"{thread.kind} {thread.key}", "asked_by": key_of(thread.asked_by)}
    record(by=by, verb=verb, obj=thread, after=about | {"text": text})
    if action and action.owner and action.due:
        made = Action.objects.create(word=word, text=plain(action.text), owner=action.owner, due=action.due)
        record(by=by, verb=Verb.NOTED_ACTION, obj=made, after=state_of(made))
        tell_doer(made, subject)
    return word
