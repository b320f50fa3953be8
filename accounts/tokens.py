"""What a token is made of: 32 random bytes of which only a digest is kept."""

from __future__ import annotations

import hashlib
import secrets

PREFIX_LENGTH = 8


def new_token() -> str:
    """A fresh token: 32 random bytes as 43 characters that a header can carry."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token: its SHA-256, 64 hexadecimal digits.

    A token is random, so that a slow hash would add nothing but time to every call.
    """
    return hashlib.sha256(token.encode()).hexdigest()
