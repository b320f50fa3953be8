"""Who may ask, answer and tick off, and who administers: asked by page and services alike."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from accounts.models import Action, Thread, User
from accounts.rights import Right
from core.registry import Subject, confidential_subjects


def require_administrator(by: User | None) -> None:
    """Raises PermissionDenied for who does not administer, as of this moment; None is the operator."""
    now = User.objects.get(pk=by.pk) if by is not None else None
    if now is not None and not now.has_perm(Right.ADMINISTER):
        raise PermissionDenied("Administrators keep people and their roles.")


def can_answer(user: User | None) -> bool:
    """Whether a person could answer at all: nobody, and who has no way in, cannot."""
    return user is not None and user.is_active and user.has_perm(Right.COMMENT)


def answers_for(user: User, subject: Subject) -> bool:
    """Whether a subject is the person's own to answer for: as its owner, or as one who stands in."""
    return user.pk in subject.answering or (subject.asked is not None and subject.asked.pk == user.pk)


def may_answer(user: User, subject: Subject) -> bool:
    """Whether the person may answer what is asked about a subject: its people, and those who may take it."""
    takes = bool(subject.takers) and user.has_perm(subject.takers)
    return user.has_perm(Right.COMMENT) and (takes or answers_for(user, subject))


def is_asked(user: User, thread: Thread, subject: Subject) -> bool:
    """Whether a question is this person's to answer: the owner's; where there is none, or the owner asks, of those
    who stand in; and where there is nobody, of all who may take it.
    """
    if thread.asked_by_id == user.pk or not user.has_perm(Right.COMMENT):
        return False
    if subject.asked is not None and subject.asked.pk != thread.asked_by_id:
        return bool(subject.asked.pk == user.pk)
    if subject.answering - {thread.asked_by_id}:
        return user.pk in subject.answering
    return bool(subject.takers) and user.has_perm(subject.takers)


def may_note_action(user: User, subject: Subject) -> bool:
    """Whether the person may note an action: anywhere, or about what is their own; about nothing confidential, for an
    action is read by more than its subject.
    """
    if subject.kind in confidential_subjects():
        return False
    if user.has_perm(Right.NOTE_ACTIONS):
        return True
    return user.has_perm(Right.NOTE_OWN_ACTIONS) and answers_for(user, subject)


def may_tick(user: User, action: Action, subject: Subject) -> bool:
    """Whether the person may tick an action off: whose it is, who noted it, and who answers for the subject."""
    own = user.pk in {action.owner_id, action.word.by_id}
    return user.has_perm(Right.COMMENT) and (own or may_answer(user, subject))
