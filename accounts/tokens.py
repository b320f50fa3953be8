"""What a token is made of: 32 random bytes of which only a digest is kept."""

from __future__ import annotations

import hashlib
import secrets
import string

_ID = string.ascii_lowercase + string.digits
_ID_LENGTH = 8
_MARK = "tb_"  # by which scanners of code and logs know one of ours
_OLD_PREFIX = 8  # of a token from before they were marked


def new_token() -> str:
    """A fresh secret: 32 random bytes as 43 characters that a header or an address can carry."""
    return secrets.token_urlsafe(32)


def new_api_token() -> tuple[str, str]:
    """A fresh token of the API, ``tb_<id>_<secret>``: its beginning, which is kept and shown, and its whole text."""
    prefix = _MARK + "".join(secrets.choice(_ID) for _ in range(_ID_LENGTH))
    return prefix, f"{prefix}_{new_token()}"


def prefixes_of(text: str) -> set[str]:
    """What may be kept of a token's beginning: those that were made before tokens had a mark have fewer characters."""
    return {text[:_OLD_PREFIX], text[: len(_MARK) + _ID_LENGTH]}


def digest(token: str) -> str:
    """What is kept of a token: its SHA-256, 64 hexadecimal digits.

    A token is random, so that a slow hash would add nothing but time to every call.
    """
    return hashlib.sha256(token.encode()).hexdigest()
