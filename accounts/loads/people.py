"""People named by a file."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.rules.people import gone_words
from core.loading import Reference


def ensure_people(emails: Iterable[str]) -> None:
    """Create those whom the company does not know yet, without a way to sign in."""
    emails = set(emails)
    known = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    User.objects.bulk_create([User(email=email, password=make_password(None)) for email in sorted(emails - known)])


# Who is to own or look after something from now on.
OWNER = Reference(User, "email", "person", create=ensure_people, refused=gone_words)
PERSON = Reference(User, "email", "person", create=ensure_people)
