"""Who is signed in, read with their roles: every page asks for both."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import F

from accounts.models import User
from core.prepared import Prepared

_PERSON = Prepared(lambda pk: User.objects.filter(pk=pk).annotate(granted=F("role_grants__role")), User)


class PersonBackend(ModelBackend):
    """Django's own, which checks the password; a session's person comes with their roles, in one query."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session; None where there is none, or the account was closed."""
        rows: list[Any] = _PERSON.read(user_id)
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        person: User = rows[0]
        person.roles = frozenset(row.granted for row in rows if row.granted)
        return person
