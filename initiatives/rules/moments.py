"""What a moment of truth may say, and what of it an owner words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from core.keys import address_problems
from core.texts import too_long
from core.writes import Problem
from initiatives.choices import LONGEST_CRITERION, LONGEST_WIN, MOMENT_WORDS, too_many
from initiatives.models import MomentTheme
from initiatives.rules.initiative import link_problems, tier_problems

OWNED = frozenset({"criterion"})  # what owners write beside stewards
OWNERS_WORD_IT = "is for stewards to write: an owner words the criterion, and proposes the rest"
_WHAT = "a moment of truth"
_LONGEST = {"criterion": LONGEST_CRITERION, "customer_win": LONGEST_WIN, "our_win": LONGEST_WIN}
_LONGEST_THEME = int(MomentTheme._meta.get_field("theme").max_length or 0)


@dataclass(frozen=True, slots=True)
class MomentOutline:
    """A moment, as far as the rules look at it: ``tiers`` by code and scope, ``columns`` the scopes of the tiers in
    which it names KPIs, ``counts`` how many each of its lists names.
    """

    code: str
    criterion: str = ""
    customer_win: str = ""
    our_win: str = ""
    tiers: Sequence[tuple[str, str]] = ()
    columns: Sequence[str] = ()
    themes: Sequence[str] = ()
    counts: dict[str, int] = field(default_factory=dict)


def moment_problems(new: MomentOutline) -> Iterator[Problem]:
    """All that is wrong with a moment; empty where nothing is."""
    yield from address_problems("code", new.code)
    if new.code.lower() in MOMENT_WORDS - {"bulk"}:
        yield "code", f"“{new.code}” is a word of the product's own addresses; choose another"
    for name, most in _LONGEST.items():
        if len(getattr(new, name)) > most:
            yield name, too_long(most)
    for name, number in new.counts.items():
        if reason := too_many(name, number, _WHAT):
            yield name, reason
    yield from tier_problems(new.tiers)
    yield from link_problems(new.columns)
    yield from theme_problems(new.themes)


def theme_problems(themes: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with the themes that it names: files join them by ``;``, and case tells none apart."""
    seen: set[str] = set()
    for theme in themes:
        if ";" in theme:
            yield "themes", f"“{theme}” has a ; which files put between themes; call the theme otherwise"
        if len(theme) > _LONGEST_THEME:
            yield "themes", f"“{theme[:40]}…” {too_long(_LONGEST_THEME)}"
        if theme.casefold() in seen:
            yield "themes", f"“{theme}” is named twice"
        seen.add(theme.casefold())
