"""Who is signed in, read with their roles: every page asks for both."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import F

from accounts.models import User


class PersonBackend(ModelBackend):
    """Django's own, which checks the password; a session's person comes with their roles, in one query."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session; None where there is none, or the account was closed."""
        rows = list(User.objects.filter(pk=user_id).annotate(granted=F("role_grants__role")))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        person: User = rows[0]
        person.roles = frozenset(row.granted for row in rows if row.granted)
        return person
