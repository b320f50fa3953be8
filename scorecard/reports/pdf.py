"""The pack as a PDF: tagged, with bookmarks and alternative texts (PDF/UA-1), the same bytes from the same values.

Typst sets it, offline and from this folder's sources alone: no package, no font of the machine, no clock.
"""

from __future__ import annotations

import json
from functools import cache
from io import BytesIO
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any, Final

import pikepdf
import typst

from scorecard.reports.glyphs import FONTS
from scorecard.reports.layout import layout
from scorecard.reports.pack import Pack

STANDARD: Final = "ua-1"
_SOURCES = Path(__file__).parent / "pdf_source"
_MAIN = "main.typ"


def write_pdf(pack: Pack, paper: str = "a4") -> bytes:
    """The bytes of the PDF on ``a4`` or ``letter``. Raises KeyError for another paper."""
    with TemporaryDirectory() as folder:  # typst reads what is no text, a logo, from files alone
        for source in _SOURCES.glob("*.typ"):
            copyfile(source, Path(folder, source.name))
        Path(folder, "logo").write_bytes(pack.logo)
        Path(folder, "pack.json").write_text(json.dumps(layout(pack, paper), ensure_ascii=False), "utf-8")
        found: Any = typst.compile(
            str(Path(folder, _MAIN)),
            root=folder,
            format="pdf",
            font_paths=fonts(),
            ignore_system_fonts=True,
            pdf_standards=STANDARD,
            timestamp=int(pack.at.timestamp()),
        )
    return _packed(found)


def _packed(content: bytes) -> bytes:
    """The same objects, the thousands of small ones that tags are put together and compressed: a third of the size."""
    packed = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        document.save(
            packed,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
            deterministic_id=True,
        )
    return packed.getvalue()


@cache
def fonts() -> typst.Fonts:
    """The pack's own fonts, and those that typst brings."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])
