"""JSON as the API takes it: what no database, no sum and no answer could hold is refused where it comes in."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from core.texts import unkeepable

DEEPEST = 20  # lists and objects within each other
LONGEST_LIST = 20_000  # fields say what they take themselves: rows of a bulk call and ids of targets half of it
LONGEST_INNER_LIST = 1_000  # of a list within a row
MOST_VALUES = 500_000
MOST_DIGITS = 18  # of a whole number: what any database takes for an id
_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST_NUMBER = 40  # signs of any other


class NoText:
    """Stands where a text or a number stood that no database can keep: its field finds neither, and refuses it."""

    def __init__(self, text: str) -> None:
        self.text = printable(text)

    def __str__(self) -> str:
        return self.text


class PlainJSONParser(JSONParser):
    """Reads UTF-8 alone, nothing nested too deep and no list too long.

    A text with a NUL or with half of a character, and a number of more digits than anything here has, is left
    to its field to refuse, by its name, with the others.
    """

    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The values. Raises ParseError."""
        try:
            text = _in_bounds(str(stream.read(), "utf-8"))
            found = json.loads(text, parse_int=_whole, parse_float=_real, parse_constant=_no_number)
        except RecursionError as error:
            raise ParseError(_too_deep()) from error
        except ValueError as error:
            raise ParseError(f"JSON parse error - {printable(str(error))}") from error
        whole = [found]
        _look_through(whole)
        return whole[0]


def _in_bounds(text: str) -> str:
    """The text of a body. Raises ParseError for more values than are read, before room is made for any."""
    if sum(map(text.count, "[{,")) > MOST_VALUES:
        raise ParseError(f"A body has at most {MOST_VALUES:,} values.")
    return text


def _whole(text: str) -> int | NoText:
    return int(text) if len(text.lstrip("-")) <= MOST_DIGITS else NoText(_shortened(text))


def _real(text: str) -> float | NoText:
    number = float(text) if len(text) <= _LONGEST_NUMBER else math.inf
    return number if math.isfinite(number) else NoText(_shortened(text))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_NUMBER else f"{text[:_LONGEST_NUMBER]}…"


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _too_deep() -> str:
    return f"Lists and objects lie at most {DEEPEST} deep within each other; these lie deeper."


def _look_through(whole: list[Any]) -> None:
    """Put ``NoText`` in the place of texts that cannot be kept. Raises ParseError for too long, or too deep."""
    waiting: list[tuple[Any, int]] = [(whole, 0)]
    while waiting:
        holder, depth = waiting.pop()
        _check_size(holder, depth)
        for place, value in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
            if isinstance(place, str) and unkeepable(place):
                holder[printable(place)] = holder.pop(place)
            elif isinstance(value, str) and unkeepable(value):
                holder[place] = NoText(value)
            elif isinstance(value, dict | list):
                waiting.append((value, depth + 1))


def _check_size(holder: Any, depth: int) -> None:
    most = LONGEST_LIST if depth <= 2 else LONGEST_INNER_LIST
    if depth > DEEPEST:
        raise ParseError(_too_deep())
    if len(holder) > most:
        raise ParseError(f"A list has at most {most:,} entries here; one has {len(holder):,}.")


def printable(text: str) -> str:
    """A text that an answer can hold, whatever came in."""
    return _UNPRINTABLE.sub("\ufffd", text)
