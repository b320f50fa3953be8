"""What cells of several things write: the rows that link something of the register to tiers, KPIs, people, themes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from accounts.loads import Change
from core.keys import is_none
from initiatives.loads.cells import parts
from initiatives.rules.initiative import kpi_and_tier


def replace_list(
    through: Any,
    owner: str,
    changes: Iterable[Change],
    ids: dict[str, int],
    column: str,
    rows_of: Callable[[str], Iterable[dict[str, Any]]],
) -> None:
    """Have the rows of ``through``, whose ``owner`` column holds an id, say what the cells of a column say, where a
    cell says something else than before. ``ids`` are those of the owners by the code that is their key.
    """
    differing = [change for change in changes if (change.before or {}).get(column, "") != (change.after or {})[column]]
    there = [ids[change.key[0]] for change in differing if change.before]
    through.objects.filter(**{f"{owner}__in": there}).delete()
    rows = (
        through(**{owner: ids[change.key[0]]}, **values)
        for change in differing
        for values in rows_of((change.after or {})[column])
    )
    through.objects.bulk_create(rows, batch_size=500)


def kpi_rows(cell: str, kpis: dict[str, int], tiers: dict[str, int]) -> Iterator[dict[str, Any]]:
    """The KPIs of a cell with their tiers, by id."""
    for kpi, tier in map(kpi_and_tier, parts(cell)):
        yield {"kpi_id": kpis[kpi], "tier_id": tiers[tier] if tier else None}


def unknown_codes(
    tiers: Iterable[str], kpis: Iterable[tuple[str, str]], known_tiers: Iterable[str], known_kpis: Iterable[str]
) -> list[tuple[str, str]]:
    """What a row's lists of tiers and KPIs name that is not there, as (column, reason)."""
    pairs, there, library = list(kpis), set(known_tiers), set(known_kpis)
    named = {tier for _, tier in pairs if tier}
    return [
        *(("tiers", is_none(code, "tier")) for code in tiers if code not in there),
        *(("kpis", is_none(kpi, "KPI")) for kpi, _ in pairs if kpi not in library),
        *(("kpis", is_none(code, "tier")) for code in sorted(named) if code not in there),
    ]
