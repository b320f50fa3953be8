"""References to cells in what people write: ``[[renewal_rate@gold]]``. Pure: which there are is the caller's to say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from core.writes import Problem

_REFERENCE = re.compile(r"\[\[([^\[\]]*)\]\]")
_NEAR = 3  # of what may have been meant
_ALIKE = 0.6
MOST_REFERENCES = 40  # in one text


def references_in(text: str) -> list[str]:
    """The cells that a text names, each once, in its order: ``renewal_rate@gold``."""
    return list(dict.fromkeys(match[1].strip() for match in _REFERENCE.finditer(text)))


def with_values(text: str, shown: Callable[[str], str]) -> str:
    """The text with what ``shown`` says of each cell in the place of its reference."""
    return _REFERENCE.sub(lambda match: shown(match[1].strip()), text)


def reference_problems(field: str, text: str, known: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with the references of a text: brackets that do not close, and cells that there are not, each
    with those that may be meant.
    """
    cells = list(dict.fromkeys(known))
    if _REFERENCE.sub("", text).count("[["):
        yield field, "has “[[” without “]]”: a reference reads [[kpi@tier]]"
    found = references_in(text)
    if len(found) > MOST_REFERENCES:
        yield field, f"names {len(found)} cells; {MOST_REFERENCES} at most"
        return
    for name in found:
        if name not in cells:
            yield field, f"names “{name}”, and there is no such cell in this period{near_words(name, cells)}"


def near_words(name: str, cells: Iterable[str]) -> str:
    """``; near it: renewal_rate@gold, renewal_rate@silver``; how a reference is written where nothing is near."""
    by_folded = {cell.casefold(): cell for cell in cells}
    near = [by_folded[one] for one in get_close_matches(name.casefold(), by_folded, n=_NEAR, cutoff=_ALIKE)]
    return f"; near it: {', '.join(near)}" if near else ": a reference reads [[kpi@tier]]"
