"""What people change of their own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.audit import record_change
from accounts.choices import Verb
from accounts.models import User
from accounts.rules import people as rules
from core.auditing import state_of
from core.texts import plain
from core.writes import is_double, refuse

FIELDS = frozenset({"name", "number_format", "date_format", "single_keys"})


@transaction.atomic
def change_profile(*, person: User, values: Mapping[str, Any]) -> bool:
    """Change what ``values`` names of ``FIELDS``; answers whether anything did. Raises ValidationError by field."""
    row = User.objects.select_for_update().get(pk=person.pk)
    before = state_of(row)
    for name in FIELDS & values.keys():
        setattr(row, name, plain(values[name]) if name == "name" else values[name])
    refuse([] if row.name else [("name", "is missing")])
    row.full_clean(exclude={"password", "email"})
    row.save(update_fields=sorted(FIELDS))
    return record_change(by=person, verb=Verb.CHANGED, obj=row, before=before)


def change_email(*, person: User, email: str) -> bool:
    """Sign in with another address from now on; whoever asks has confirmed it with the password.

    Raises ValidationError where it is no address, or somebody else's.
    """
    try:
        return _change_email(person, email.strip().lower())
    except Exception as error:
        if not is_double(error):
            raise
        refuse([("email", "This address is somebody else’s.")])
        return False


@transaction.atomic
def _change_email(person: User, email: str) -> bool:
    row = User.objects.select_for_update().get(pk=person.pk)
    refuse(rules.address_problems(email, but=row))
    before = state_of(row)
    row.email = email
    row.save(update_fields=["email"])
    return record_change(by=person, verb=Verb.CHANGED, obj=row, before=before)
