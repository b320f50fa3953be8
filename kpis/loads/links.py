"""Links from a leading KPI to a trailing one as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from accounts.loads import Change, LoadJob, Refusal, RowKind
from accounts.loads.refusing import lacking
from accounts.loads.taking import Key
from accounts.models import User
from accounts.rights import Right
from core.loading import Column, Record
from core.loading.columns import choice_type, code_in, text_type
from core.loading.rows import Row
from core.periods import month_of
from kpis.choices import LIVE_LINKS, LONGEST_TEXT, LinkSign, LinkStage
from kpis.loads.lookups import KPI
from kpis.models import Kpi, Link
from kpis.models.links import ALL_LAGS
from kpis.reading.links import Makings
from kpis.rules.links import LAGS, LinkCells, link_problems
from kpis.services.linking import WAITS

_PROPOSED = "is proposed: it is tested once a steward has written it down"


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a batch's checks look up: the KPIs by code, what they are made of, and who proposed the pairs that wait."""

    kpis: dict[str, Kpi]
    makings: Makings
    waiting: Mapping[Key, int | None]


class Links(RowKind[_Kept]):
    """What is believed to lead to what, written down before it is tested. ``stage``, in no file, is what a row came to:
    of who may only propose links each new row is a proposal, as by their page and by a single call.
    """

    name = "links"
    title = "Links from leading to trailing"
    model = Link
    row_right = Right.MANAGE_LINKS
    bulk_rights = (Right.MANAGE_LINKS, Right.PROPOSE_LINKS)
    columns = (
        Column("leading", code_in(Kpi), key=True, reference=KPI),
        Column("trailing", code_in(Kpi), key=True, reference=KPI),
        Column("sign", choice_type(LinkSign)),
        Column("lags", LAGS, optional=True, default=ALL_LAGS),
        Column("mechanism", text_type(LONGEST_TEXT)),
        Column("stage", choice_type(LinkStage), hidden=True),
    )

    def rows(self) -> QuerySet[Any]:
        """Those that are written down or wait: no other link of their two KPIs can be."""
        return super().rows().filter(stage__in=LIVE_LINKS)

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Which load brought it, and who."""
        return {"load": job.load, "by": job.by} if job else {}

    def prepare(self, job: LoadJob, rows: list[Row]) -> _Kept:
        """What KPIs are made of is read once for a file."""
        kept: _Kept | None = self.held(job)
        if kept is not None:
            return kept
        return _Kept(Kpi.objects.in_bulk(field_name="code"), Makings(month_of(job.today)), _waiting())

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules of a link, as its page asks them."""
        kept, record = self.held(job), {**(before or {"lags": ALL_LAGS}), **row.record}
        leading, trailing = (kept.kpis[record[name]] for name in ("leading", "trailing"))
        cells = LinkCells(leading.pk, trailing.pk, record["sign"], record["lags"] or ALL_LAGS, record["mechanism"])
        taken = WAITS if row.key in kept.waiting and not self._repeats(job, row, before) else ""
        job.refuse_all(row, link_problems(cells, kept.makings.of(leading), kept.makings.of(trailing), taken=taken))
        if before is None and _proposes(job.by):
            job.warn(row, "", _PROPOSED)

    def _repeats(self, job: LoadJob, row: Row, before: Record | None) -> bool:
        """Whether a row says what who brings it has proposed before, which changes nothing."""
        own = job.by is not None and _proposes(job.by) and self.held(job).waiting[row.key] == job.by.pk
        return own and all((before or {})[name] == text for name, text in row.record.items())

    def changes(self, job: LoadJob, rows: list[Row], before: dict[Key, Record]) -> list[Change]:
        """What is new is written down, or proposed by who may do no more."""
        new = (LinkStage.PROPOSED if _proposes(job.by) else LinkStage.WRITTEN).value
        changes = super().changes(job, rows, before)
        return [one if one.before else replace(one, after={**(one.after or {}), "stage": new}) for one in changes]

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """An owner brings proposals, and takes their own back, and nothing else."""
        return self._beyond_proposing(by, changes) if _proposes(by) else super().refusals(by, changes)

    def _beyond_proposing(self, by: User, changes: list[Change]) -> Iterator[Refusal]:
        waiting = _waiting()
        for change in changes:
            proposed = change.before is None and (change.after or {}).get("stage") == LinkStage.PROPOSED
            if not proposed or waiting.get(change.key, by.pk) != by.pk:
                yield Refusal(change, lacking(self.row_right))

    def export(self) -> Iterator[Record]:
        """Those that are written down; what is proposed is in no file."""
        return (self.record(obj) for obj in self.rows().filter(stage=LinkStage.WRITTEN).iterator(chunk_size=2_000))


def _waiting() -> dict[Key, int | None]:
    """Who proposed the links that wait, by the codes of their KPIs."""
    rows = Link.objects.filter(stage=LinkStage.PROPOSED).values_list("leading__code", "trailing__code", "by")
    return {(leading, trailing): by for leading, trailing, by in rows}


def _proposes(by: User | None) -> bool:
    """Whether somebody may propose links and not write them down."""
    return by is not None and by.has_perm(Right.PROPOSE_LINKS) and not by.has_perm(Right.MANAGE_LINKS)
