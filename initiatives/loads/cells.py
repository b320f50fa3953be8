"""Cells that hold several things, joined by ``;``: tiers, KPIs, a team. Their one canonical order is sorted."""

from __future__ import annotations

import re

from core.loading.columns import CellType, text_type

_LONGEST_TEAM_NAME = 120
_PERSON = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EMAIL_LENGTH = 254


def parts(text: str) -> list[str]:
    """What a cell joins, in its order, without blanks and empty ones."""
    return [part for piece in text.split(";") if (part := piece.strip())]


def _clean_codes(text: str) -> str:
    return ";".join(sorted(set(parts(text_type(5_000).clean(text)))))


def _clean_kpis(text: str) -> str:
    found = [kpi_and_tier(part) for part in parts(text_type(10_000).clean(text))]
    return ";".join(sorted({f"{kpi}@{tier}" if tier else kpi for kpi, tier in found}))


def kpi_and_tier(part: str) -> tuple[str, str]:
    """``nps@T1`` or ``nps``: the KPI's code and the tier's, empty for all that the initiative is for."""
    kpi, at, tier = (piece.strip() for piece in part.partition("@"))
    if not kpi or (at and not tier) or "@" in tier:
        raise ValueError(f"“{part}” is no KPI; one looks like nps or nps@T1, several are joined by ;")
    return kpi, tier


def _clean_team(text: str) -> str:
    """The name first, then people's addresses, sorted."""
    people = sorted({part.lower() for part in parts(text) if is_person(part)})
    names = [part for part in parts(text_type(5_000).clean(text)) if not is_person(part)]
    if len(";".join(names)) > _LONGEST_TEAM_NAME:
        raise ValueError(f"names a team in more than {_LONGEST_TEAM_NAME} characters")
    if any(len(person) > _EMAIL_LENGTH for person in people):
        raise ValueError("has an address that is too long")
    return ";".join([*names, *people])


def is_person(part: str) -> bool:
    """Whether a part of a team is a person's e-mail address rather than a name."""
    return _PERSON.fullmatch(part) is not None


def team_name(text: str) -> str:
    """The name in a team's cell; empty where it has people alone."""
    return ";".join(part for part in parts(text) if not is_person(part))


def team_people(text: str) -> list[str]:
    """The e-mail addresses in a team's cell."""
    return [part for part in parts(text) if is_person(part)]


def clean_currency(text: str) -> str:
    """Three letters, in capitals. Raises ValueError."""
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError("is no currency code such as EUR")
    return text.upper()


CODES = CellType(_clean_codes)
KPIS = CellType(_clean_kpis)
TEAM = CellType(_clean_team, team_name, lambda name: name)
CURRENCY = CellType(clean_currency)
