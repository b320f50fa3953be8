"""Sessions as Django keeps them, and beside each the person and the browser that it is of.

Without the second table nobody could say in which browsers a person is signed in, or end them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.prepared import Prepared

SEEN_EVERY = timedelta(hours=1)
_SEEN = "seen"
_SESSION = Prepared(lambda key: Session.objects.filter(session_key=key), Session)


class SessionStore(DatabaseSessions):
    """Notes a session beside itself whenever it is saved with somebody signed in, and about once an hour of use."""

    def load(self) -> dict[str, Any]:
        """What is kept; where it was last heard of more than an hour ago, it is saved after the answer."""
        found: dict[str, Any] = super().load()
        seen = found.get(_SEEN)
        if seen and datetime.fromisoformat(seen) < timezone.now() - SEEN_EVERY:
            self.modified = True
        return found

    def _get_session_from_db(self) -> Session | None:
        """The row; None where there is none, or it is over."""
        rows = _SESSION.read(self.session_key)
        if rows and rows[0].expire_date > timezone.now():
            return rows[0]
        self._session_key = None
        return None

    def save(self, must_create: bool = False) -> None:
        """Keep it, and who it is of."""
        person = self.get(SESSION_KEY)
        if person is not None:
            self[_SEEN] = timezone.now().isoformat()
        super().save(must_create)
        if person is not None:
            self._note(int(person))

    def delete(self, session_key: str | None = None) -> None:
        """Forget it, and what is noted beside it."""
        from accounts.models import PersonSession

        if key := session_key or self.session_key:
            PersonSession.objects.filter(pk=key).delete()
        super().delete(session_key)

    def _note(self, person: int) -> None:
        from accounts.callers import caller, device
        from accounts.models import PersonSession

        values = {"person_id": person, "address": caller().address, "seen_at": timezone.now()}
        new = {**values, "device": device()}
        PersonSession.objects.update_or_create(pk=self.session_key, defaults=values, create_defaults=new)
