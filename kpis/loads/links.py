"""Links from a leading KPI to a trailing one as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.loads import LoadJob, RowKind
from accounts.loads.taking import Key
from accounts.rights import Right
from core.loading import Column, Record
from core.loading.columns import choice_type, code_in, text_type
from core.loading.rows import Row
from core.periods import month_of
from kpis.choices import LONGEST_TEXT, LinkSign, LinkStage
from kpis.loads.lookups import KPI
from kpis.models import Kpi, Link
from kpis.models.links import ALL_LAGS
from kpis.reading.links import Makings
from kpis.rules.links import LAGS, LinkCells, link_problems
from kpis.services.linking import WAITS


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a batch's checks look up: the KPIs by code, what they are made of, and the pairs that wait as proposals."""

    kpis: dict[str, Kpi]
    makings: Makings
    waiting: set[Key]


class Links(RowKind[_Kept]):
    """What is believed to lead to what, written down before it is tested."""

    name = "links"
    title = "Links from leading to trailing"
    model = Link
    row_right = Right.MANAGE_LINKS
    columns = (
        Column("leading", code_in(Kpi), key=True, reference=KPI),
        Column("trailing", code_in(Kpi), key=True, reference=KPI),
        Column("sign", choice_type(LinkSign)),
        Column("lags", LAGS, optional=True, default=ALL_LAGS),
        Column("mechanism", text_type(LONGEST_TEXT)),
    )

    def rows(self) -> QuerySet[Any]:
        """Those that are written down; what is proposed is in no file."""
        return super().rows().filter(stage=LinkStage.WRITTEN)

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Which load brought it, and who."""
        return {"load": job.load, "by": job.by} if job else {}

    def prepare(self, job: LoadJob, rows: list[Row]) -> _Kept:
        """What KPIs are made of is read once for a file."""
        kept: _Kept | None = self.held(job)
        if kept is not None:
            return kept
        waiting = Link.objects.filter(stage=LinkStage.PROPOSED).values_list("leading__code", "trailing__code")
        return _Kept(Kpi.objects.in_bulk(field_name="code"), Makings(month_of(job.today)), set(waiting))

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules of a link, as its page asks them."""
        kept, record = self.held(job), {**(before or {"lags": ALL_LAGS}), **row.record}
        leading, trailing = (kept.kpis[record[name]] for name in ("leading", "trailing"))
        cells = LinkCells(leading.pk, trailing.pk, record["sign"], record["lags"] or ALL_LAGS, record["mechanism"])
        taken = WAITS if row.key in kept.waiting else ""
        job.refuse_all(row, link_problems(cells, kept.makings.of(leading), kept.makings.of(trailing), taken=taken))
