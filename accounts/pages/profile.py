"""What the page of one's own account shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from accounts.callers import session_hash
from accounts.models import ApiToken, PersonSession, User
from accounts.pages.asking import Question
from accounts.rights import Right
from accounts.services.sessions import live_sessions
from accounts.services.tokens import live_tokens
from accounts.wording import WORDS
from core.formatting import counted, short_day


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A browser in which the person is signed in; ``named`` opens nothing. ``here``: the one that asks."""

    row: PersonSession
    named: str
    here: bool


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token with what it may do, in words."""

    row: ApiToken
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """One's own account. ``made``: a token that was made just now, and its text, shown this once."""

    sessions: tuple[ShownSession, ...]
    tokens: tuple[ShownToken, ...]
    made: ApiToken | None = None
    token: str = ""

    @property
    def others(self) -> int:
        """How many other browsers there are."""
        return sum(not one.here for one in self.sessions)


def profile_page(person: User, session_key: str | None, made: tuple[ApiToken, str] | None = None) -> ProfilePage:
    """The page of a person, as asked from one of their sessions."""
    token, text = made or (None, "")
    return ProfilePage(tuple(_sessions(person, session_key)), tuple(_tokens(person)), token, text)


def _sessions(person: User, here: str | None) -> Iterator[ShownSession]:
    for row in live_sessions(person):
        yield ShownSession(row, session_hash(row.pk), row.pk == here)


def _tokens(person: User) -> Iterator[ShownToken]:
    for token in live_tokens(person):
        yield ShownToken(token, tuple(WORDS[right] for right in Right if right in token.scopes))


def revoking(token: ApiToken) -> Question:
    """Which token it is, and what stops with it."""
    used = (
        f"It was last used on {short_day(token.last_used_at.date())}." if token.last_used_at else "Nothing has used it."
    )
    return Question(
        title=f"Revoke “{token.name}”?",
        does=(f"Whatever uses the token that begins with {token.prefix} is refused at once.", used),
        undo="It cannot be undone: a program that needs it again takes a new token.",
        verb="Revoke it",
        back=reverse("profile"),
        place="Profile",
    )


def revoking_tokens(tokens: QuerySet[ApiToken]) -> Question:
    """What stops with several tokens that an administrator chose."""
    live = tokens.filter(revoked_at=None)
    people, used = live.values("user").distinct().count(), live.exclude(last_used_at=None).count()
    what = counted(live.count(), "token")
    return Question(
        title=f"Revoke {what}?",
        does=(
            f"{what} of {counted(people, 'person', 'people')} {'is' if live.count() == 1 else 'are'} refused at once.",
            f"{used} of them were used before: the programs that use them stop.",
        ),
        undo="It cannot be undone: a new token is made for each program instead.",
        verb="Revoke them",
        back=reverse("admin:accounts_apitoken_changelist"),
        place="Tokens",
    )
