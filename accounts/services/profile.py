"""What people change of their own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.template.loader import render_to_string

from accounts.audit import record_change
from accounts.choices import Verb
from accounts.company import company
from accounts.models import User
from accounts.rules import people as rules
from accounts.services.outbox import write_mail
from core.auditing import state_of
from core.reader import to_its_reader
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
    before, old = state_of(row), row.email
    row.email = email
    row.save(update_fields=["email"])
    changed = record_change(by=person, verb=Verb.CHANGED, obj=row, before=before)
    if changed:
        _tell_old_address(row, old)
    return changed


@to_its_reader
def _tell_old_address(person: User, old: str) -> None:
    """Whoever reads the old address learns of it, for somebody else may have done this."""
    body = render_to_string("mail/address_changed.txt", {"person": person, "company": company()})
    subject = "Your address in Tierboard was changed"
    write_mail(key=f"address:{person.pk}:{uuid4().hex}", to=person, subject=subject, body=body, address=old)
