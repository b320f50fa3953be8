"""How a currency is written, at every door."""

from __future__ import annotations

import re

from core.texts import why_no_text


def currency_problem(code: str) -> str:
    """Why a text names no currency, as a reason; empty where it does, in capitals or not, and where it names none."""
    return "" if re.fullmatch(r"([A-Za-z]{3})?", code) else "is no currency code such as EUR"


def clean_currency(text: str) -> str:
    """Three letters, in capitals. Raises ValueError with the reason."""
    if reason := why_no_text(text, 0) or currency_problem(text):
        raise ValueError(reason)
    return text.upper()
