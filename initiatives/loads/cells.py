"""Cells that hold several things, joined by ``;``: tiers, KPIs, a team. Their one canonical order is sorted."""

from __future__ import annotations

import re

from accounts.rules.money import clean_currency
from core.loading.columns import CellType, choice_type, key_type, text_type
from initiatives.choices import MOST_LISTED, CustomerRole, MomentStage, too_many
from initiatives.rules.initiative import kpi_and_tier

_LONGEST_TEAM_NAME = 120
_EMAIL_LENGTH = 254
_CODE_LENGTH = 60
_PERSON = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# The cell is measured before it is taken apart: what it may list of the longest there are.
_LONGEST_CODES = MOST_LISTED["tiers"] * (_CODE_LENGTH + 1)
_LONGEST_KPIS = MOST_LISTED["kpis"] * (2 * _CODE_LENGTH + 2)
_LONGEST_TEAM = MOST_LISTED["team"] * (_EMAIL_LENGTH + 1) + _LONGEST_TEAM_NAME
_LONGEST_THEME = 120
_LONGEST_THEMES = 2 * MOST_LISTED["themes"] * (_LONGEST_THEME + 1)  # an accent may be a character of its own
_LONGEST_INITIATIVES = MOST_LISTED["initiatives"] * (_CODE_LENGTH + 1)
_MOMENT = "a moment of truth"


def parts(text: str) -> list[str]:
    """What a cell joins, in its order, without blanks and empty ones."""
    return [part for piece in text.split(";") if (part := piece.strip())]


def _clean_codes(text: str) -> str:
    return _joined("tiers", set(parts(text_type(_LONGEST_CODES).clean(text))))


def _clean_kpis(text: str) -> str:
    found = [kpi_and_tier(part) for part in parts(text_type(_LONGEST_KPIS).clean(text))]
    return _joined("kpis", {f"{kpi}@{tier}" if tier else kpi for kpi, tier in found})


def _clean_initiatives(text: str) -> str:
    return _joined("initiatives", set(parts(text_type(_LONGEST_INITIATIVES).clean(text))), _MOMENT)


def _clean_themes(text: str) -> str:
    """Each theme as it names pain, once whatever its case."""
    theme = key_type(_LONGEST_THEME)
    found: dict[str, str] = {}
    for part in parts(text_type(_LONGEST_THEMES).clean(text)):
        named = theme.clean(part)
        found.setdefault(named.casefold(), named)
    return _joined("themes", set(found.values()), _MOMENT)


def _clean_role(text: str) -> str:
    return _ROLE.clean(_ROLE_SIGNS.sub("_", text))


def _clean_moment_stage(text: str) -> str:
    return _MOMENT_STAGE.clean(_ROLE_SIGNS.sub("_", text))


def _joined(name: str, found: set[str], what: str = "an initiative") -> str:
    if problem := too_many(name, len(found), what):
        raise ValueError(problem)
    return ";".join(sorted(found))


def _clean_team(text: str) -> str:
    """The name first, then people's addresses, sorted."""
    listed = parts(text_type(_LONGEST_TEAM).clean(text))
    names = ";".join(part for part in listed if not is_person(part))
    people = {part.lower() for part in listed if is_person(part)}
    if len(names) > _LONGEST_TEAM_NAME:
        raise ValueError(f"names a team in more than {_LONGEST_TEAM_NAME} characters")
    return ";".join(part for part in (names, _joined("team", people)) if part)


def is_person(part: str) -> bool:
    """Whether a part of a team is a person's e-mail address rather than a name."""
    return len(part) <= _EMAIL_LENGTH and _PERSON.fullmatch(part) is not None


def team_name(text: str) -> str:
    """The name in a team's cell; empty where it has people alone."""
    return ";".join(part for part in parts(text) if not is_person(part))


def team_people(text: str) -> list[str]:
    """The e-mail addresses in a team's cell."""
    return [part for part in parts(text) if is_person(part)]


# People write “being helped” and “decision-maker”.
_ROLE_SIGNS = re.compile(r"[\s-]+")
_ROLE, _MOMENT_STAGE = choice_type(CustomerRole), choice_type(MomentStage)

CODES = CellType(_clean_codes, longest=_LONGEST_CODES)
KPIS = CellType(_clean_kpis, longest=_LONGEST_KPIS)
TEAM = CellType(_clean_team, team_name, lambda name: name, longest=_LONGEST_TEAM)
CURRENCY = CellType(clean_currency, longest=3)
INITIATIVES = CellType(_clean_initiatives, longest=_LONGEST_INITIATIVES)
THEMES = CellType(_clean_themes, longest=_LONGEST_THEMES)
ROLE = CellType(_clean_role, words=_ROLE.words)
MOMENT_STAGE = CellType(_clean_moment_stage, words=_MOMENT_STAGE.words)
