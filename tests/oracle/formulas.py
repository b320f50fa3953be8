"""Arithmetic over names, read one character after the other and worked out while it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|\d+\.?\d*|\.\d+|[-+*/()])")

Number = Fraction | None


def tokens(text: str) -> list[str]:
    """Names, numbers, signs and parentheses, in their order."""
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        assert match, f"{text[at:]!r} is no arithmetic"
        found.append(match[1])
        at = match.end()
    return found


def names_in(text: str) -> list[str]:
    """The names of a formula, each once, as they come."""
    return list(dict.fromkeys(token for token in tokens(text) if token[0].isalpha() or token[0] == "_"))


def worked_out(text: str, values: Mapping[str, Number]) -> Number:
    """What a formula gives; a blank in, or a division by zero, gives a blank."""
    reading = Reading(tokens(text), values)
    found = reading.a_sum()
    assert not reading.rest, f"{reading.rest} is left over"
    return found


def combined(one: Number, sign: str, other: Number) -> Number:
    """Two numbers added, subtracted, multiplied or divided; blank where one is, or there is nothing to divide by."""
    if one is None or other is None:
        return None
    if sign in "+-":
        return one + other if sign == "+" else one - other
    if sign == "*":
        return one * other
    return one / other if other else None


class Reading:
    """A formula that is being read: sums of products of what is signed, in parentheses, a number or a name."""

    def __init__(self, tokens: list[str], values: Mapping[str, Number]) -> None:
        self.rest = list(tokens)
        self.values = values

    def is_next(self, signs: str) -> bool:
        """Whether one of these signs comes next."""
        return bool(self.rest) and self.rest[0] in signs

    def a_sum(self) -> Number:
        """Products, added or taken away from left to right."""
        found = self.a_product()
        while self.is_next("+-"):
            found = combined(found, self.rest.pop(0), self.a_product())
        return found

    def a_product(self) -> Number:
        """Terms, multiplied or divided from left to right."""
        found = self.a_term()
        while self.is_next("*/"):
            found = combined(found, self.rest.pop(0), self.a_term())
        return found

    def a_term(self) -> Number:
        """One thing, or the same with a sign before it."""
        token = self.rest.pop(0)
        if token in "+-":
            found = self.a_term()
            return found if found is None or token == "+" else -found
        if token == "(":
            found = self.a_sum()
            assert self.rest.pop(0) == ")", "a parenthesis stays open"
            return found
        if token[0].isdigit() or token[0] == ".":
            return Fraction(token if token[-1] != "." else token[:-1])
        return self.values[token]
