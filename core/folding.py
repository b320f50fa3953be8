"""Search without regard to case, in every alphabet and on both databases.

SQLite's own ``LIKE`` takes Ü and ü for different letters. Every search of ours, of the admin and of a filter ends in
that operator, so it is replaced where a connection begins, and no search has to think of it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


def search_beyond_ascii() -> None:
    """Have each new connection to SQLite fold case as PostgreSQL does."""
    connection_created.connect(_replace_like, dispatch_uid="core.folding")


def _replace_like(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "sqlite":
        for arguments in (2, 3):
            connection.connection.create_function("like", arguments, like, deterministic=True)


def like(pattern: object, text: object, escape: str | None = "") -> bool | None:
    """``text LIKE pattern ESCAPE escape`` as SQLite calls it; None (no answer) where one of them is null."""
    if pattern is None or text is None or escape is None:
        return None
    return bool(_compiled(str(pattern), escape).fullmatch(str(text).lower()))


@lru_cache(maxsize=256)
def _compiled(pattern: str, escape: str) -> re.Pattern[str]:
    """``%`` is any text, ``_`` one character; after ``escape`` each is itself."""
    parts, letters = [], iter(pattern.lower())
    for letter in letters:
        if letter == escape.lower() and escape:
            parts.append(re.escape(next(letters, "")))
        else:
            parts.append({"%": ".*", "_": "."}.get(letter, re.escape(letter)))
    return re.compile("".join(parts), re.DOTALL)
