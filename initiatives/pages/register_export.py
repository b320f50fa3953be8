"""The register as a table for spreadsheets: what the list shows, row by row, in columns that can be worked with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from core.numbers import rounded
from core.sheets import Value
from initiatives.formulas import UpdateState
from initiatives.models import Initiative, InitiativeKpi
from initiatives.pages.register import row_words
from initiatives.reading.names import Names
from initiatives.reading.standings import Standing

KpiLinks = dict[int, list[str]]


@dataclass(frozen=True, slots=True)
class _Row:
    """What a column is read from."""

    standing: Standing
    names: Names
    kpis: KpiLinks
    currency: str

    @property
    def initiative(self) -> Initiative:
        return self.standing.initiative

    @property
    def latest(self) -> UpdateState | None:
        return self.standing.latest


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _money(value: Fraction | None) -> Value:
    """Whole cents: a spreadsheet's numbers hold no more."""
    return None if value is None else float(rounded(value, 2))


def _own(value: object) -> Value:
    return None if value is None else float(str(value))


COLUMNS: dict[str, Callable[[_Row], Value]] = {
    "Code": lambda row: row.initiative.code,
    "Initiative": lambda row: row.initiative.title,
    "Stage": lambda row: row.standing.stage.label,
    "Schedule status": lambda row: row.standing.status.label if row.standing.status else None,
    "Why": lambda row: row_words(row.standing),
    "Level": lambda row: row.initiative.get_level_display(),
    "Business unit": lambda row: _name(row.initiative.business_unit),
    "Customer": lambda row: row.names.customer(row.initiative),
    "Department": lambda row: row.initiative.department.name,
    "Serves": lambda row: _name(row.initiative.serves or row.initiative.department),
    "Tiers": lambda row: ", ".join(tier.code for tier in row.initiative.tiers.all()) or "all",
    "Theme": lambda row: row.initiative.theme,
    "Customer-focused": lambda row: _yes(row.initiative.customer_focused),
    "Owner": lambda row: _name(row.initiative.owner),
    "Sponsor": lambda row: _name(row.initiative.sponsor),
    "Team": lambda row: row.initiative.team_name,
    "KPIs": lambda row: ", ".join(row.kpis.get(row.initiative.pk, ())),
    "Progress, %": lambda row: row.standing.progress,
    "Owner's word": lambda row: row.latest.health.label if row.latest else None,
    "Reported on": lambda row: row.latest.on if row.latest else None,
    "Note": lambda row: row.latest.note if row.latest else None,
    "Loaded by": lambda row: row.latest.loaded_by or None if row.latest else None,
    "Quadrant": lambda row: row.standing.scores.quadrant.label if row.standing.scores.quadrant else "not scored",
    "Impact": lambda row: row.standing.scores.impact,
    "Impact on loyalty": lambda row: row.initiative.loyalty_impact,
    "Impact on vendor choice": lambda row: row.initiative.vendor_choice_impact,
    "Burden": lambda row: row.standing.scores.burden,
    "Effort": lambda row: row.initiative.effort,
    "Cost": lambda row: _own(row.initiative.cost),
    "Spent": lambda row: _own(row.initiative.spent),
    "Currency": lambda row: row.initiative.currency or row.currency,
    "Cost in the company's currency": lambda row: _money(row.standing.cost),
    "Baseline start": lambda row: row.standing.plan.baseline_start,
    "Baseline due": lambda row: row.standing.plan.baseline_due,
    "Started": lambda row: row.standing.plan.started_on,
    "Due": lambda row: row.standing.plan.due,
    "Finished": lambda row: row.standing.plan.finished_on,
    "Slip, days": lambda row: row.standing.plan.slip if row.standing.plan.due else None,
    "Re-dated, times": lambda row: row.standing.plan.redated,
    "As of": lambda row: row.standing.as_of,
}


def _name(thing: object) -> str:
    return str(thing) if thing else ""


def rows(standings: Sequence[Standing], names: Names, currency: str) -> Iterator[list[Value]]:
    """A row per initiative in the columns' order, customers as ``names`` allows; ``currency`` is the company's."""
    links = _links(standings)
    for one in standings:
        row = _Row(one, names, links, currency)
        yield [read(row) for read in COLUMNS.values()]


def _links(standings: Sequence[Standing]) -> KpiLinks:
    """The KPIs that each of them should move, as a file names them."""
    found: KpiLinks = {}
    wanted = InitiativeKpi.objects.filter(initiative__in=[one.initiative.pk for one in standings])
    for link in wanted.select_related("kpi", "tier").order_by("kpi__position", "tier__rank"):
        text = f"{link.kpi.code}@{link.tier.code}" if link.tier else link.kpi.code
        found.setdefault(link.initiative_id, []).append(text)
    return found


def file_name(day: date) -> str:
    """``initiatives-2026-05-03``."""
    return f"initiatives-{day.isoformat()}"
