"""What the matrix's page takes from its address, and the links that choose rows, columns and order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from core.formatting import counted
from customers.models import Tier
from kpis.choices import Beyond, MatrixOrder, Status
from kpis.reading.matrix import Matrix, Row
from kpis.reading.selection import Selected, Selection, counted_columns, department_name
from scorecard.pages.verdict import JUDGED, Tally, all_counts, head_name, tally

HEATMAP = "heatmap"


@dataclass(frozen=True, slots=True)
class Link:
    """Something to choose. ``chosen``: it is in force, and the link lifts it where it can be lifted."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class CountLink:
    """How many cells have a status, and the KPIs that these are of. ``number`` is None while the period runs."""

    status: Status
    number: int | None
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class BeyondLink:
    """How many cells go beyond the noise in one way, and the KPIs that these are of."""

    beyond: Beyond
    number: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column, its counts of met, near and missed."""

    tier: Tier
    url: str
    chosen: bool
    counts: tuple[CountLink, ...]

    @property
    def name(self) -> tuple[str, str]:
        """Its name, and apart from it what a phone leaves out."""
        return head_name(self.tier)


@dataclass(frozen=True, slots=True)
class Controls:
    """All that chooses what the page shows. ``said`` tells what is left out, empty where nothing is."""

    chips: tuple[CountLink, ...]
    beyond: tuple[BeyondLink, ...]
    heads: tuple[Head, ...]
    orders: tuple[Link, ...]
    departments: tuple[Link, ...]
    department: str
    said: str
    all_url: str
    view: Link


def parse(params: Mapping[str, Any], matrix: Matrix) -> Selection:
    """What an address asks for. What is no choice filters nothing; ``missed=on`` is the old way to say missed."""
    beyond = str(params.get("signal") or "")
    status = str(params.get("status") or ("missed" if params.get("missed") == "on" else ""))
    tier, department, order = (str(params.get(name) or "") for name in ("tier", "department", "order"))
    departments = {row.kpi.department.code for row in matrix.rows if row.kpi.department}
    tier = tier if tier in {one.code for one in matrix.tiers} else ""
    return Selection(
        status=Status(status) if status in Status.values else None,
        beyond=Beyond(beyond) if beyond in Beyond.values else None,
        tier=tier,
        department=department if department in departments else "",
        order=MatrixOrder(order) if order in MatrixOrder.values else MatrixOrder.DEFINED,
        counted=counted_columns(matrix, tier),
        edition=str(params.get("edition") or ""),
    )


def controls(matrix: Matrix, selected: Selected, selection: Selection, here: str, view: str = "") -> Controls:
    """The links of a page. Chips and heads count the department's cells whatever the status that is chosen."""
    return _Builder(matrix, selected, selection, here, view).build()


class _Builder:
    def __init__(self, matrix: Matrix, selected: Selected, selection: Selection, here: str, view: str) -> None:
        self.matrix, self.selected, self.selection = matrix, selected, selection
        self.here, self.view = here, view
        self.tallies = tally(matrix.tiers, selected.of_department)

    def build(self) -> Controls:
        """All of them."""
        one = self.selection
        other = "" if self.view else HEATMAP
        return Controls(
            chips=tuple(self._chips()),
            beyond=tuple(self._beyond()),
            heads=tuple(map(self._head, self.tallies)),
            orders=tuple(Link(order.label, self.to(order=order), one.order == order) for order in MatrixOrder),
            departments=tuple(self._departments()),
            department=self._names.get(one.department, ""),
            said=self._said(),
            all_url=self.to(status="", signal="", tier="", department=""),
            view=Link("Table" if self.view else "Heatmap", self.to(view=other), chosen=False),
        )

    def to(self, **changed: str) -> str:
        """The address of this page with something else chosen."""
        one = self.selection
        now = (
            {"status": one.status or "", "signal": one.beyond or "", "tier": one.tier}
            | kept_choices(one, self.view)
            | changed
        )
        if now.get("order") == MatrixOrder.DEFINED:
            now["order"] = ""
        query = urlencode({name: str(value) for name, value in now.items() if value})
        return f"{self.here}?{query}" if query else self.here

    @property
    def _names(self) -> dict[str, str]:
        """Departments of the matrix's KPIs: names by code."""
        found = {row.kpi.department.code: department_name(row.kpi) for row in self.matrix.rows if row.kpi.department}
        return dict(sorted(found.items(), key=lambda item: item[1]))

    def _departments(self) -> Iterable[Link]:
        names = self._names
        if len(names) > 1:
            yield Link("All departments", self.to(department=""), not self.selection.department)
            for code, name in names.items():
                yield Link(name, self.to(department=code), self.selection.department == code)

    def _chips(self) -> Iterable[CountLink]:
        chosen = [one for one in self.tallies if one.tier.code in self.selection.counted]
        counts: Counter[Status] = all_counts(chosen)
        for status in Status:
            if counts[status] or status == self.selection.status:
                yield self._count(status, counts[status], self.selection.tier, self.selection.status == status)

    def _beyond(self) -> Iterable[BeyondLink]:
        counts = beyond_counts(self.selected.of_department, self.selection)
        for beyond in Beyond:
            chosen = self.selection.beyond == beyond
            if counts[beyond] or chosen:
                yield BeyondLink(beyond, counts[beyond], self.to(signal="" if chosen else beyond), chosen)

    def _head(self, one: Tally) -> Head:
        code = one.tier.code
        here = self.selection.tier == code
        found = [status for status in JUDGED if one.counts[status]]
        counts = [
            self._count(status, one.counts[status], code, here and self.selection.status == status) for status in found
        ]
        shown = () if self.matrix.to_date else tuple(counts)
        return Head(one.tier, self.to(tier="" if here else code), here, shown)

    def _count(self, status: Status, number: int, tier: str, chosen: bool) -> CountLink:
        url = self.to(status="" if chosen else status, tier=tier)
        return CountLink(status, None if self.matrix.to_date else number, url, chosen)

    def _said(self) -> str:
        one = self.selection
        tier = next((tier.name for tier in self.matrix.tiers if tier.code == one.tier), "")
        what = [
            f"{one.status.label} in {tier or 'a tier'}" if one.status else "",
            f"{one.beyond.label} in {tier or 'a tier'}" if one.beyond else "",
            f"of {self._names[one.department]}" if one.department else "",
        ]
        narrowed = ", ".join(part for part in what if part)
        total = counted(len(self.matrix.rows), "KPI")
        shown = f"{len(self.selected.rows)} of {total}: {narrowed}." if narrowed else ""
        alone = f"Counts and order are of {tier} alone." if tier else ""
        return " ".join(part for part in (shown, alone) if part)


def beyond_counts(rows: Iterable[Row], selection: Selection) -> Counter[Beyond]:
    """How many of the cells that count go beyond the noise, and in which way."""
    return Counter(one for row in rows for cell in row.cells if selection.chooses(cell) for one in cell.beyond)


def kept_choices(selection: Selection, view: str) -> dict[str, str]:
    """What a link to other cells keeps of the address: department, order, view and edition, where they are chosen."""
    order = "" if selection.order == MatrixOrder.DEFINED else selection.order.value
    found = {"department": selection.department, "order": order, "view": view, "edition": selection.edition}
    return {name: value for name, value in found.items() if value}


def said_columns(
    tiers: Sequence[Tier], rows: Sequence[Row], selection: Selection
) -> tuple[tuple[Tier, ...], tuple[Row, ...]]:
    """The columns and cells that the sentence is about: the tier asked for, else all columns."""
    places = [place for place, tier in enumerate(tiers) if not selection.tier or tier.code == selection.tier]
    narrowed = (Row(row.kpi, tuple(row.cells[place] for place in places)) for row in rows)
    return tuple(tiers[place] for place in places), tuple(narrowed)
