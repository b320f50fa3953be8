"""Setting a PDF: tagged, with alternative texts (PDF/UA-1), the same bytes from the same values.

Typst sets it, offline and from this folder's sources alone: no package, no font of the machine, no clock. It is loaded
with the first PDF, for most processes never write one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from scorecard.reports.glyphs import FONTS

if TYPE_CHECKING:
    import typst

_SOURCES = Path(__file__).parent / "pdf_source"


def typeset(source: str, files: Mapping[str, bytes], at: datetime) -> bytes:
    """The bytes of the PDF that one of the sources sets from these files, by their names, dated at that moment."""
    import typst

    with TemporaryDirectory() as folder:  # typst reads what is no text, a logo, from files alone
        for path in _SOURCES.glob("*.typ"):
            copyfile(path, Path(folder, path.name))
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        pdf: Any = typst.compile(
            str(Path(folder, source)),
            root=folder,
            format="pdf",
            font_paths=_fonts(),
            ignore_system_fonts=True,
            pdf_standards="ua-1",
            timestamp=int(at.timestamp()),
        )
    found: bytes = pdf
    return found


@cache
def _fonts() -> typst.Fonts:
    """The pack's own fonts, and those that typst brings."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])
