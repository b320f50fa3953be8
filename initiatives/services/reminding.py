"""When a person wants to be reminded."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import User
from core.auditing import state_of
from initiatives.models import ReminderTime


@transaction.atomic
def set_reminder_time(*, user: User, weekday: int, hour: int) -> ReminderTime:
    """From now on the weekly mail comes at that hour (0 is Monday), in the company's time zone.

    The first one is the next such moment. Raises ValidationError by field.
    """
    row, _ = ReminderTime.objects.get_or_create(user=user)
    before = state_of(row)
    row.weekday, row.hour = weekday, hour
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError({"weekday": "Choose a day of the week and an hour."}) from error
    if state_of(row) != before:
        row.handled_at = timezone.now()
        row.save()
        record(by=user, verb=Verb.CHANGED, obj=row, before=before, after=state_of(row))
    return row
