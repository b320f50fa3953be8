"""Reads a page as a person does: its text without markup, one space between words."""

import re
from html import unescape
from typing import Any


def text_of(response: Any) -> str:
    """The page's text, of a test client's response."""
    body = re.sub(r"(?s)<(script|style|title).*?</\1>", " ", response.content.decode())
    words = " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())
    return re.sub(r" ([.,:;])(?= |$)", r"\1", words)
