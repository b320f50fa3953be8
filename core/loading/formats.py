"""Number formats of a worksheet: what kind of thing a number is shown as. Pure.

A format has up to four sections, divided by ``;``: of numbers above 0, below 0, of 0, and of text. Of the
many things that they can do only those matter that would make another number, or another thing, of it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from core.loading.cells import Shown

# What the numbers of built-in formats mean (ECMA-376 part 1, 18.8.30); 27 to 36 and 50 to 58 are dates of East Asia.
BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00",
    48: "##0.0E+0",
    49: "@",
    **dict.fromkeys((14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "hh:mm"),
}

_LONGEST = 255  # characters of a format, as in a spreadsheet
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*](?P<space>.)|\[(?P<bracket>[^\]]*)\]?'
    r"|(?P<general>General)|(?P<ampm>AM/PM|A/P)|(?P<exponent>[Ee][+-])|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"[<>=]")
_ELAPSED = re.compile(r"(h+|m+|s+)\Z", re.IGNORECASE)
_SCALE = re.compile(r"[0#?],+(?![0#?,])")
_CURRENCIES = frozenset({"EUR", "USD", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "CNY"})


@dataclass(frozen=True, slots=True)
class Section:
    """What one section of a format does to a number."""

    kind: Shown = Shown.NUMBER
    zeros: int = 0
    decimals: int | None = None  # None: as many as it takes
    only_zeros: bool = False


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format by the sign of a number."""

    above: Section
    below: Section
    zero: Section

    def of(self, number: float) -> Section:
        """The section by which a number is shown."""
        return self.above if number > 0 else self.below if number < 0 else self.zero


@lru_cache(maxsize=4_096)
def read_format(code: str) -> NumberFormat:
    """A format by its code; one that cannot be understood shows numbers otherwise."""
    if len(code) > _LONGEST:
        other = Section(Shown.OTHERWISE)
        return NumberFormat(other, other, other)
    texts = _sections(code)
    if any(_CONDITION.search(bracket) for bracket in re.findall(r"\[([^\]]*)\]", code)):
        return _conditional([_section(text, signs="-()") for text in texts])
    above = _section(texts[0], signs="+")
    below = _section(texts[1], signs="-()") if len(texts) > 1 else above
    zero = _section(texts[2], signs="-()") if len(texts) > 2 else above
    return NumberFormat(above, below, zero)


def _conditional(sections: list[Section]) -> NumberFormat:
    """Which section shows a number depends on its size: taken where all of them would show it alike."""
    worst = next((one for one in sections if one.kind is not Shown.NUMBER), sections[0])
    if any(one.kind is not worst.kind for one in sections):
        worst = Section(Shown.OTHERWISE)
    return NumberFormat(worst, worst, worst)


def _sections(code: str) -> list[str]:
    """The sections' texts; a ``;`` in quotes divides nothing."""
    found = [""]
    for match in _TOKEN.finditer(code):
        if match["plain"] == ";":
            found.append("")
        else:
            found[-1] += match[0]
    return found[:3]


def _section(text: str, signs: str = "") -> Section:
    """What a section does; ``signs`` are the literals that stand for a minus where one is expected."""
    literals, plain, special = "", "", set[str]()
    for match in _TOKEN.finditer(text):
        name = match.lastgroup or ""
        if name in {"quoted", "escaped"}:
            literals += match[name]
        elif name == "bracket":
            literals += _bracket(match[name], special)
        elif name in {"general", "ampm", "exponent"}:
            special.add(name)
        elif name == "plain":
            plain += match[name]
    return _judged(plain, literals, special, signs)


def _bracket(text: str, special: set[str]) -> str:
    """A currency such as ``[$€-407]`` is its sign; a colour, a country and a condition are nothing."""
    if _ELAPSED.match(text):
        special.add("elapsed")
    return text[1:].partition("-")[0] if text.startswith("$") else ""


def _judged(plain: str, literals: str, special: set[str], signs: str) -> Section:
    dated = re.sub(r"[^ymdhsegb]", "", plain.lower())
    if special & {"ampm", "elapsed"} or dated:
        return Section(Shown.DATE if set(dated) & set("yde") or dated == "m" * len(dated) > "" else Shown.TIME)
    if not _only_money(literals, signs) or not _only_number(plain, signs) or _SCALE.search(plain):
        return Section(Shown.OTHERWISE)
    digits = re.sub(r"[^0#?.]", "", plain)
    if not digits and not special & {"general"} and "@" not in plain and "-" not in literals + plain:
        return Section(Shown.OTHERWISE)  # shows nothing at all
    if "%" in plain:
        return Section(Shown.PERCENT if plain.count("%") == 1 else Shown.OTHERWISE)
    if special & {"general", "exponent"} or "@" in plain:
        return Section(Shown.ROUNDED if "exponent" in special else Shown.NUMBER)
    whole, point, below = digits.partition(".")
    return Section(
        Shown.NUMBER, whole.count("0"), len(below) if point else 0, whole.strip("0") == "" and "," not in plain
    )


def _only_money(literals: str, signs: str) -> bool:
    """Whether what a format writes beside the digits is blank, money, or the minus that it stands for."""
    left = "".join(letter for letter in literals if not (letter.isspace() or letter in signs))
    return left in _CURRENCIES or all(unicodedata.category(letter) == "Sc" for letter in left)


def _only_number(plain: str, signs: str) -> bool:
    """Whether it has places for digits, and nothing that would look like another number."""
    allowed = set("0#?.,%@ \u00a0\u202f" + signs)
    return all(letter in allowed or unicodedata.category(letter) == "Sc" for letter in plain) and "/" not in plain
