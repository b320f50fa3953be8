"""Erasing a person: their name and address go wherever they stand by key, and what was done stays done.

Records (the audit, what loads changed, the outbox) have the name replaced; what people wrote is listed for the
administrator, who edits it here. No text of this kind can be put back: nothing keeps what was replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from accounts.access import require_administrator
from accounts.audit import record
from accounts.choices import DateFormat, NumberFormat, Verb
from accounts.models import (
    ApiToken,
    AuditEntry,
    FailedGuess,
    Invitation,
    KeptAnswer,
    ListView,
    OutgoingMail,
    ResetRequest,
    RoleGrant,
    ThreadWord,
    User,
)
from accounts.models.frozen import lifted
from accounts.reading.naming import Naming, NamingText, columns, is_confidential, is_open_text, is_record
from accounts.rules import people as rules
from accounts.services.sessions import end_sessions
from core.records import owned_by, person_parts
from core.registry import confidential_subjects
from core.writes import Problem, refuse

_GUESSES: tuple[type[models.Model], ...] = (AccessAttempt, AccessFailureLog, AccessLog)


def erasing_problems(person: User, by: User | None) -> Iterator[Problem]:
    """What stands against erasing a person."""
    yield from rules.account_problems(person, by)
    if person.is_active:
        yield "person", "Deactivate this person first, and hand over what is theirs."
    elif owned_by(person):
        yield "person", "Something is theirs still: make them active again, and hand it over when you deactivate them."


@transaction.atomic
def erase_person(*, person: User, by: User | None, edits: Mapping[str, str] | None = None) -> list[NamingText]:
    """Take a person's name and address out of the product, for good; answers the texts that hold one still.

    ``edits`` are the texts that the administrator changed, by ``NamingText.ref``. What was done stays, as done by
    ``Erased person 7``. Exports, mails that were sent, logs and backups are out of reach. Raises PermissionDenied,
    ValidationError where they are active or something is theirs, or where an edited text cannot be kept.
    """
    rules.one_at_a_time()
    require_administrator(by)
    row = User.objects.select_for_update().get(pk=person.pk)
    refuse(erasing_problems(row, by))
    naming = Naming(row)
    edit_texts(edits or {}, by=by)
    for part in person_parts():
        part.erase(row)
    replaced = _replace_in_records(naming)
    _erase_account(row)
    left = list(naming.texts())
    kept = {"replaced": replaced, "texts_left": [one.ref for one in left]}
    record(by=by, verb=Verb.ERASED, obj=row, after=kept)
    return left


def edit_texts(edits: Mapping[str, str], *, by: User | None) -> None:
    """Write texts anew, by ``NamingText.ref``; each has an audit entry that keeps neither.

    Raises ValidationError where one cannot be kept, with its place in front.
    """
    for ref, text in edits.items():
        _edit_text(ref, text, by)


def texts_left(person: User) -> list[NamingText]:
    """The texts that held the name of a person who was erased, as they are now; none of who was not."""
    entry = AuditEntry.objects.filter(
        verb=Verb.ERASED, object_type=User._meta.label_lower, object_id=str(person.pk)
    ).first()
    refs: Iterable[str] = entry.after["texts_left"] if entry and entry.after else ()
    return [found for ref in refs if (found := text_at(ref)) is not None]


def text_at(ref: str) -> NamingText | None:
    """The text that a form names; None where there is none, or none that people wrote."""
    label, _, rest = ref.partition(":")
    name, _, pk = rest.partition(":")
    model, field = next(
        ((model, one) for model, one in columns(is_open_text) if (model._meta.label_lower, one.name) == (label, name)),
        (None, None),
    )
    if model is None or field is None or (pk.isdecimal() and is_confidential(model, pk)):
        return None
    try:
        value = model._base_manager.filter(pk=pk).values_list(field.name, flat=True).first()
    except (ValueError, ValidationError):
        return None
    return None if value is None else NamingText(label, name, pk, value)


def erase_from_accounts(person: User) -> None:
    """What is the person's alone: mails to them, ways in, and what was guessed at their account."""
    end_sessions(person)
    OutgoingMail.objects.filter(to=person).delete()
    KeptAnswer.objects.filter(user=person).delete()
    ListView.objects.filter(user=person).delete()
    Invitation.objects.filter(person=person).delete()
    RoleGrant.objects.filter(user=person).delete()
    FailedGuess.objects.filter(account__iexact=person.email).delete()
    ResetRequest.objects.filter(email__iexact=person.email).delete()
    for guesses in _GUESSES:
        guesses._base_manager.filter(username__iexact=person.email).delete()
    ApiToken.objects.filter(user=person).update(name="A program")


def _erase_account(row: User) -> None:
    naming = Naming(row)
    User.objects.filter(pk=row.pk).update(
        email=naming.instead[row.email],
        name=f"Erased person {row.pk}",
        password=f"!erased-{row.pk}",
        is_superuser=False,
        last_login=None,
        number_format=NumberFormat.POINT,
        date_format=DateFormat.WORDS,
        single_keys=True,
        erased_at=timezone.now(),
    )
    row.refresh_from_db()


def _replace_in_records(naming: Naming) -> int:
    """Put the other words into every record and every value of JSON; how many that were. Answers of calls that are
    kept for a day are forgotten: they are what somebody was told, byte by byte.
    """
    KeptAnswer.objects.filter(pk__in=[pk for pk, _, _ in naming.cells_of(KeptAnswer, ["body"])]).delete()
    with lifted():
        replaced = list(naming.cells(is_record))
        for model, pk, column, value in replaced:
            model._base_manager.filter(pk=pk).update(**{column: naming.without_in(value)})
    words = ThreadWord.objects.filter(thread__kind__in=confidential_subjects())
    own = [word for word in words.iterator() if naming.names_them(word.text)]
    for word in own:  # which nobody but its readers may be shown
        ThreadWord.objects.filter(pk=word.pk).update(text=naming.without(word.text))
    return len(replaced) + len(own)


def _edit_text(ref: str, text: str, by: User | None) -> None:
    found = text_at(ref)
    if found is None:
        raise ValidationError("One of these texts is not there any more; nothing was changed.")
    model = apps.get_model(found.label)
    field: Any = model._meta.get_field(found.field)
    row = model._base_manager.get(pk=found.pk)
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=row.pk).update(**{field.name: field.clean(text, row)})
    except (ValidationError, DatabaseError) as error:
        why = " ".join(error.messages) if isinstance(error, ValidationError) else "It can no longer be changed."
        raise ValidationError(f"The {found.place} was not changed: {why}") from error
    record(by=by, verb=Verb.TOOK_NAME_OUT, obj=model._base_manager.get(pk=row.pk), after={"field": field.name})
