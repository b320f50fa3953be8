"""Styles and scripts as they are gathered: the one thing on the disk that is everybody's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class PublicFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the library is not typed
    """Whoever gathers them, the web server reads them, as another user perhaps, and so does a proxy."""

    def stored_name(self, name: str) -> str:
        """Where nothing was gathered a file has its own name, so that a page that tells of an error comes without its
        look rather than not at all; of files that were gathered each has to be there.
        """
        return str(super().stored_name(name)) if self.hashed_files else name

    def post_process(self, *args: Any, **options: Any) -> Iterator[Any]:
        """What the library makes of them: files beside them under other names, and compressed ones."""
        before = os.umask(0o022)
        try:
            yield from super().post_process(*args, **options)
        finally:
            os.umask(before)
