"""Files that were checked and wait to be loaded: kept aside for a day, for the session that brought them."""

from __future__ import annotations

import secrets
import time
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404

from core.loading import AS_IT_IS, Reading

_SESSION_KEY = "waiting_file"
_KEPT_FOR = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that somebody brought: where it is, what it was called, what it holds."""

    token: str
    name: str
    kind: str
    approve: bool
    sheet: str = ""
    decimal: str = ""

    @property
    def reading(self) -> Reading:
        """What the person said of it."""
        return Reading(self.sheet, self.decimal)

    @property
    def path(self) -> Path:
        """Where it is kept; its ending tells nothing, its content does."""
        return _folder() / f"{self.token}{Path(self.name).suffix.lower()[:8]}"


def keep(
    session: MutableMapping[str, Any],
    file: UploadedFile[bytes],
    kind: str,
    *,
    approve: bool,
    reading: Reading = AS_IT_IS,
) -> WaitingFile:
    """Put a file aside; the one that the session had brought before goes."""
    _sweep()
    forget(session)
    name = Path(file.name or "file").name[:255]
    waiting = WaitingFile(secrets.token_urlsafe(16), name, kind, approve, reading.sheet, reading.decimal)
    try:
        with waiting.path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
    except OSError:
        waiting.path.unlink(missing_ok=True)  # half a file on a full disk
        raise
    session[_SESSION_KEY] = asdict(waiting)
    return waiting


def find(session: MutableMapping[str, Any], token: str) -> WaitingFile:
    """The session's file. Raises Http404 where it is another's, or gone."""
    kept = session.get(_SESSION_KEY) or {}
    waiting = WaitingFile(**kept) if kept.get("token") == token else None
    if waiting is None or not waiting.path.exists():
        raise Http404("This file is not here any more. Bring it again.")
    return waiting


def forget(session: MutableMapping[str, Any]) -> None:
    """Remove the session's file."""
    kept = session.pop(_SESSION_KEY, None)
    if kept:
        WaitingFile(**kept).path.unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(settings.VAR_DIR) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _sweep() -> None:
    """Remove what nobody came back for."""
    for path in _folder().iterdir():
        if path.stat().st_mtime < time.time() - _KEPT_FOR:
            path.unlink(missing_ok=True)
