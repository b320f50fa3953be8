"""Cells that hold several things, joined by ``;``: tiers, KPIs, a team. Their one canonical order is sorted."""

from __future__ import annotations

import re

from accounts.rules.money import clean_currency
from core.loading.columns import CellType, text_type
from initiatives.choices import MOST_LISTED, too_many

_LONGEST_TEAM_NAME = 120
_EMAIL_LENGTH = 254
_CODE_LENGTH = 60
_PERSON = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# The cell is measured before it is taken apart: what it may list of the longest there are.
_LONGEST_CODES = MOST_LISTED["tiers"] * (_CODE_LENGTH + 1)
_LONGEST_KPIS = MOST_LISTED["kpis"] * (2 * _CODE_LENGTH + 2)
_LONGEST_TEAM = MOST_LISTED["team"] * (_EMAIL_LENGTH + 1) + _LONGEST_TEAM_NAME


def parts(text: str) -> list[str]:
    """What a cell joins, in its order, without blanks and empty ones."""
    return [part for piece in text.split(";") if (part := piece.strip())]


def _clean_codes(text: str) -> str:
    return _joined("tiers", set(parts(text_type(_LONGEST_CODES).clean(text))))


def _clean_kpis(text: str) -> str:
    found = [kpi_and_tier(part) for part in parts(text_type(_LONGEST_KPIS).clean(text))]
    return _joined("kpis", {f"{kpi}@{tier}" if tier else kpi for kpi, tier in found})


def _joined(name: str, found: set[str]) -> str:
    if problem := too_many(name, len(found)):
        raise ValueError(problem)
    return ";".join(sorted(found))


def kpi_and_tier(part: str) -> tuple[str, str]:
    """``nps@T1`` or ``nps``: the KPI's code and the tier's, empty for all that the initiative is for."""
    kpi, at, tier = (piece.strip() for piece in part.partition("@"))
    if not kpi or (at and not tier) or "@" in tier:
        raise ValueError(f"“{part}” is no KPI; one looks like nps or nps@T1, several are joined by ;")
    return kpi, tier


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


CODES = CellType(_clean_codes, longest=_LONGEST_CODES)
KPIS = CellType(_clean_kpis, longest=_LONGEST_KPIS)
TEAM = CellType(_clean_team, team_name, lambda name: name, longest=_LONGEST_TEAM)
CURRENCY = CellType(clean_currency)
