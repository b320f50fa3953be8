"""The pack as a PDF, with bookmarks."""

from __future__ import annotations

import json
from io import BytesIO

from scorecard.reports.layout import layout
from scorecard.reports.pack import Pack
from scorecard.reports.typesetting import typeset


def write_pdf(pack: Pack, paper: str = "a4") -> bytes:
    """The bytes of the PDF on ``a4`` or ``letter``. Raises KeyError for another paper."""
    values = json.dumps(layout(pack, paper), ensure_ascii=False).encode()
    return _packed(typeset("main.typ", {"logo": pack.logo, "pack.json": values}, pack.at))


def _packed(content: bytes) -> bytes:
    """The same objects, the thousands of small ones that tags are put together and compressed: a third of the size."""
    import pikepdf

    packed = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        document.save(
            packed,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
            deterministic_id=True,
        )
    return packed.getvalue()
