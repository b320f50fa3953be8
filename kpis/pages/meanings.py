"""What a change of meaning or of a band does to what people have read and agreed, as its page says it first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Company
from core.formatting import month_name, period_name
from core.periods import Kind, Month, shift
from kpis.choices import Per
from kpis.models import Kpi, Target
from kpis.models.versions import VersionBook
from kpis.reading.turned_verdicts import Turned
from kpis.rules.target import TargetCells, ends_before, last_month
from kpis.services.meanings import fitting
from kpis.services.versions import undecided_by, withdrawn_by
from kpis.wording import style_of, words_of

SHOWN = 50  # rows that a page writes out


@dataclass(frozen=True, slots=True)
class EndedTarget:
    """An approved target that a change ends: for whom, for which months, and what it says."""

    tier: str
    span: str
    words: str


class EndedTargets:
    """The targets that a change of meaning from a month on ends.

    Approved ones: ``withdrawn`` start in or after the month; ``shortened`` began before it and count until the month
    before alone. ``undecided`` are drafts and proposals that start in or after it: they are withdrawn as well.
    """

    def __init__(self, company: Company, kpi: Kpi, from_month: Month, meant: Kpi) -> None:
        """``meant`` is the KPI as it is to mean."""
        self.company, self.kpi, self.from_month = company, kpi, from_month
        self.versions = VersionBook.read([kpi])
        self.withdrawn = withdrawn_by(kpi, from_month)
        self.undecided = undecided_by(kpi, from_month)
        self.shortened = list(self._shortened())
        self.proposable = len(fitting(meant, self.withdrawn))

    def _shortened(self) -> Iterable[Target]:
        rows = (
            Target.objects.approved().filter(kpi=self.kpi, from_month__lt=self.from_month).select_related("kpi", "tier")
        )
        latest = {(row.tier_id, row.per): row for row in rows.order_by("from_month")}
        for row in latest.values():
            cells = TargetCells(row.tier.code, Month(row.from_month), Per(row.per), row.until_month)
            ended = ends_before(self.kpi, cells, self.company.calendar, self.versions)
            if ended is None and last_month(cells, self.company.calendar) >= self.from_month:
                yield row

    def __bool__(self) -> bool:
        return bool(self.withdrawn or self.shortened or self.undecided)

    @property
    def token(self) -> str:
        """What a form says was seen: the versions that the page named."""
        return "-".join(str(row.pk) for row in (*self.withdrawn, *self.shortened, *self.undecided))

    @property
    def month(self) -> str:
        """From which month on."""
        return month_name(self.from_month)

    @property
    def month_before(self) -> str:
        """The last month in which they count."""
        return month_name(shift(self.from_month, -1))

    @property
    def by_effect(self) -> dict[str, list[Target]]:
        """The targets by what becomes of them: ``withdrawn``, ``shortened``, ``undecided``."""
        return {"withdrawn": self.withdrawn, "shortened": self.shortened, "undecided": self.undecided}

    @property
    def lists(self) -> list[tuple[str, int, list[EndedTarget]]]:
        """By what becomes of them, where it becomes of any: how many, and the first of them."""
        found = self.by_effect.items()
        return [(effect, len(rows), [self._shown(row) for row in rows[:SHOWN]]) for effect, rows in found if rows]

    def _shown(self, row: Target) -> EndedTarget:
        row.kpi = self.versions.of_target(row)
        period = period_name(self.company.calendar.period(Kind(row.per), Month(row.from_month)))
        span = f"from {period} on" if row.per == Per.MONTH else period
        return EndedTarget(row.tier.name, span, words_of(row, style_of(row.kpi, self.company.currency)))


@dataclass(frozen=True, slots=True)
class TurnedVerdicts:
    """Verdicts of ended periods that are turned, as a page writes them."""

    turned: Sequence[Turned]

    def __bool__(self) -> bool:
        return bool(self.turned)

    @property
    def token(self) -> str:
        """What a form says was seen: how many, and of which."""
        return f"{len(self.turned)}-" + "-".join(f"{one.period.code}.{one.tier.code}.{one.after}" for one in self.shown)

    @property
    def shown(self) -> Sequence[Turned]:
        """The latest of them."""
        return self.turned[:SHOWN]

    @property
    def more(self) -> int:
        """How many are not written out."""
        return len(self.turned) - len(self.shown)
