"""Two editions of a period side by side, or one beside what is live: what they say otherwise, and why.

Both are documents of plain values; nothing is computed anew but what is live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Company, User
from core.formatting import counted, day_name, period_name, short_day
from core.periods import Period
from core.shapes import LIVE
from initiatives.choices import ScheduleStatus, Stage
from kpis.models import Kpi
from scorecard.models import Edition
from scorecard.pages.edition_cells import Value, beyond_of, missed_of, style_in, target_of, values_beside
from scorecard.pages.narratives import ShownNarrative, frozen_narratives, live_narratives, summary_of
from scorecard.reading.edition_document import read_content
from scorecard.reading.editions import DifferingCell, cells_side_by_side, differing_cells, document_of, names_of

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: an edition, or (``edition`` None) what is live."""

    period: Period
    edition: Edition | None
    document: Document
    narratives: Mapping[tuple[str, str], ShownNarrative]

    @property
    def code(self) -> str:
        """As addresses name it."""
        return str(self.edition.number) if self.edition else LIVE

    @property
    def name(self) -> str:
        """``Edition 1``, ``Today``."""
        return f"Edition {self.edition.number}" if self.edition else "Today"

    @property
    def signed(self) -> str:
        """Who signed it and when; of what is live that nobody did."""
        if self.edition is None:
            return "live, signed by nobody"
        return f"signed by {self.edition.signed_by}, {day_name(self.edition.closed_at.date())}"

    @property
    def missed(self) -> str:
        """``18 of 98 targets missed``."""
        missed, judged = missed_of(self.document["matrix"])
        return f"{missed} of {counted(judged, 'target')} missed"

    @property
    def reason(self) -> str:
        """Why it was issued; empty of the first, and of what is live."""
        return str(self.document.get("reason") or "")


@dataclass(frozen=True, slots=True)
class Part:
    """A cell on one side: its value with the verdict, target and what its chart says."""

    value: Value
    target: str
    beyond: str


@dataclass(frozen=True, slots=True)
class CellLine:
    """A cell on both sides; each flag marks what of it differs."""

    name: str
    url: str
    left: Part
    right: Part
    differs: bool

    @property
    def other_value(self) -> bool:
        """Whether the value is another."""
        return self.left.value.words != self.right.value.words

    @property
    def other_status(self) -> bool:
        """Whether the verdict is another."""
        return self.left.value.status != self.right.value.status

    @property
    def other_target(self) -> bool:
        """Whether the target is another."""
        return self.left.target != self.right.target

    @property
    def other_beyond(self) -> bool:
        """Whether its chart says something else."""
        return self.left.beyond != self.right.beyond

    @property
    def what(self) -> str:
        """What differs, in words; a cell may differ in what it is made of alone."""
        flags = {
            "value": self.other_value,
            "verdict": self.other_status,
            "target": self.other_target,
            "signal": self.other_beyond,
        }
        named = [name for name, other in flags.items() if other]
        return ", ".join(named) or ("what it is made of" if self.differs else "")


@dataclass(frozen=True, slots=True)
class TextLine:
    """Something on both sides in words, empty where a side does not have it."""

    name: str
    url: str
    left: str
    right: str


class Comparison:
    """The page of two sides; ``everything`` shows the cells that say the same too."""

    def __init__(self, left: Side, right: Side, company: Company, *, everything: bool) -> None:
        self.left, self.right, self.everything, self._company = left, right, everything, company
        self.period = left.period

    @property
    def title(self) -> str:
        """``Quarter 3, 2026: edition 1 beside edition 2``."""
        return f"{period_name(self.period)}: {self.left.name.lower()} beside {self.right.name.lower()}"

    @property
    def lead(self) -> str:
        """``7 of 135 cells differ, 7 with another verdict; 1 initiative, 2 narratives.``"""
        if self.says_the_same:
            return "Both say the same."
        cells = f"{self.differing} of {counted(self.total, 'cell')} differ, {self.turned} with another verdict"
        others = f"{counted(len(self.initiatives), 'initiative')}, {counted(len(self.narratives), 'narrative')}"
        return f"{cells}; {others}."

    @cached_property
    def cells(self) -> list[CellLine]:
        """Those that differ, or all."""
        found = self._pairs if self.everything else self._differing
        kpis = {kpi.code: kpi for kpi in Kpi.objects.filter(code__in={one.kpi for one in found})}
        differing = {(one.kpi, one.tier) for one in self._differing}
        return [self._line(one, kpis.get(one.kpi), (one.kpi, one.tier) in differing) for one in found]

    @cached_property
    def differing(self) -> int:
        """How many cells differ."""
        return len(self._differing)

    @cached_property
    def turned(self) -> int:
        """How many of them have another verdict."""
        return sum(one.turned for one in self._differing)

    @cached_property
    def total(self) -> int:
        """How many cells there are on either side."""
        return len(self._pairs)

    @cached_property
    def initiatives(self) -> list[TextLine]:
        """Those that stand otherwise, or on one side alone."""
        return list(_initiatives(self.left.document, self.right.document))

    @cached_property
    def narratives(self) -> list[TextLine]:
        """Those that read otherwise, or are on one side alone."""
        left, right = self.left.narratives, self.right.narratives
        found = []
        for key in dict.fromkeys([*left, *right]):
            one, other = left.get(key), right.get(key)
            words = _told(one), _told(other)
            if words[0] != words[1]:
                shown = one or other
                found.append(TextLine(shown.name if shown else "", shown.url if shown else "", *words))
        return found

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both."""
        return self.left, self.right

    @cached_property
    def summaries(self) -> list[TextLine]:
        """The summaries where they read otherwise; what is live has none, so that there is nothing to compare."""
        words = summary_of(self.left.document), summary_of(self.right.document)
        both = self.left.edition is not None and self.right.edition is not None
        return [TextLine("Summary", "", *words)] if both and words[0] != words[1] else []

    @property
    def says_the_same(self) -> bool:
        """Whether nothing at all differs."""
        return not (self.differing or self.initiatives or self.narratives or self.summaries)

    @property
    def other_url(self) -> str:
        """The same with all cells, or with those that differ alone."""
        asked = {"left": self.left.code, "right": self.right.code} | ({} if self.everything else {"all": "1"})
        return f"{reverse('scorecard_compare', args=[self.period.code])}?{urlencode(asked)}"

    @cached_property
    def _differing(self) -> list[DifferingCell]:
        return differing_cells(self.left.document["matrix"], self.right.document["matrix"])

    @cached_property
    def _pairs(self) -> list[DifferingCell]:
        return cells_side_by_side(self.left.document["matrix"], self.right.document["matrix"])

    def _line(self, one: DifferingCell, kpi: Kpi | None, differs: bool) -> CellLine:
        style, direction = style_in(one.row, kpi, self._company), one.row["direction"]
        left, right = (
            Part(value, target_of(cell, style, direction), beyond_of(cell))
            for value, cell in zip(values_beside(one, style), (one.then, one.now), strict=True)
        )
        there = self.right.edition is None and one.now is not None
        url = reverse("cell", args=[self.period.code, one.kpi, one.tier]) if there or kpi is not None else ""
        return CellLine(f"{one.row['name']}, {one.column['name']}", url, left, right, differs)


def _initiatives(left: Document, right: Document) -> Iterator[TextLine]:
    then, now = ({one["code"]: one for one in side["initiatives"]} for side in (left, right))
    for code in dict.fromkeys([*then, *now]):
        words = _stands(then.get(code)), _stands(now.get(code))
        if words[0] != words[1]:
            one = now.get(code) or then[code]
            yield TextLine(one["title"], reverse("initiative", args=[code]), *words)


def _stands(one: Mapping[str, Any] | None) -> str:
    """``in progress, late, due 3 May 2026, 40 %``; empty where a side does not have it."""
    if one is None:
        return ""
    status = [ScheduleStatus(one["status"]).label] if one["status"] else []
    due = [f"due {short_day(date.fromisoformat(one['due']))}"] if one["due"] else []
    progress = [f"{one['progress']} %"] if one["progress"] is not None else []
    return ", ".join([Stage(one["stage"]).label.lower(), *status, *due, *progress])


def _told(one: ShownNarrative | None) -> str:
    if one is None:
        return ""
    action = f"\nAction: {one.action}, {one.doing.removesuffix(', done')}" if one.action else ""
    return f"{one.text}{action}"


def side_of(edition: Edition | None, period: Period, company: Company, today: date, reader: User) -> Side:
    """An edition as a side, or what is live as of today."""
    if edition is None:
        document: Document = read_content(period, today)
        keys = [(one["kpi"], one["tier"]) for one in document["narratives"]]
        shown: Sequence[ShownNarrative] = live_narratives(period, company, today)
    else:
        document = document_of(edition)
        keys = [(one["kpi"], one["tier"]) for one in document["narratives"]]
        shown = frozen_narratives(document, names_of(edition, reader)["people"])
    return Side(period, edition, document, dict(zip(keys, shown, strict=True)))
