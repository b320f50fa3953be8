"""The pack's value, made: read once, with the rights of who asks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from django.utils import timezone

from accounts.models import User
from core.formatting import day_name, month_name, period_months, period_name, sentence_list
from core.periods import Month, Period, stored_month
from core.sentences import Sentence
from customers.choices import TierScope
from kpis.choices import Status
from kpis.reading.matrix import Matrix
from kpis.reading.selection import Selection
from scorecard.models import Edition
from scorecard.pages.headline import Counts, Places, say, tallies_of
from scorecard.pages.matrix import ShownCell
from scorecard.pages.matrix_table import ShownRow, show_matrix
from scorecard.pages.verdict import tally
from scorecard.reports import sections
from scorecard.reports.outlook import look_ahead
from scorecard.reports.pack import Column, Pack, PackCell, PackRow
from scorecard.reports.signals import tell
from scorecard.reports.sources import Source, read_source


def compose_pack(period: Period, edition: Edition | None, reader: User) -> Pack:
    """The pack of an edition or, without one, of the open period, as the reader may read it. As of today."""
    source = read_source(period, edition, reader)
    shown = shown_rows(source)
    columns = tuple(_columns(source.matrix))
    packed = {(row.kpi.code, cell.tier.code): _cell(row, cell) for row in shown for cell in row.cells}
    told = tell(source, columns, shown, packed)
    report, document = source.sections["report"], source.sections
    kpi = sections.revenue(source)
    return Pack(
        company=source.company.name,
        currency=source.company.currency,
        logo=source.logo,
        period=period,
        title=period_name(period),
        months=period_months(period),
        edition=edition.number if edition else None,
        editions=Edition.objects.filter(period=period.code).count(),
        digest=source.digest,
        at=source.at,
        signed=_signed(source),
        as_of=source.as_of,
        made_on=source.today,
        to_date=source.matrix.to_date,
        headline=_headline(source),
        summary=document.get("summary") or "",
        reason=document.get("reason") or "",
        missing=tuple(sections.missing(source)),
        columns=columns,
        rows=tuple(_row(source, row, packed) for row in shown),
        told=told,
        outlook=look_ahead(source, told),
        running=sections.count_of(report["total"]),
        levels=tuple(sections.count_of(one) for one in report["groups"]["level"]),
        departments=tuple(sections.count_of(one) for one in report["groups"]["department"]),
        undertakings=sections.undertakings(source),
        growth=sections.growth(source),
        value_name=kpi.name if kpi else "",
        benefits=tuple(sections.benefits(source)),
        pain=document["coverage"]["weight"],
        unanswered=sections.unanswered(source),
        coverage=sections.coverage(source),
        orphans=sections.orphans(source),
        definitions=tuple(sections.definitions(source)),
        targets=tuple(sections.targets(source)),
    )


def _headline(source: Source) -> Sentence:
    """That of the home page, of initiatives as they stood at the period's end."""
    matrix, report = source.matrix, source.sections["report"]["total"]
    tallies = tallies_of(matrix)
    counted = {one.tier.code for one in tallies}
    cells = [(row.kpi.code, cell) for row in matrix.rows for cell in row.cells if cell.tier.code in counted]
    gaps = [(kpi, cell.tier.code) for kpi, cell in cells if cell.is_gap]
    counts = Counts(
        tallies=tallies,
        to_date=matrix.to_date,
        moved=Counter(beyond for _, cell in cells for beyond in cell.beyond),
        charted=any(cell.signal or cell.assurance for _, cell in cells),
        alone=sum(not source.serving(*gap).running for gap in gaps),
        running=report["running"],
        late=report["late"],
        today=False,
        unanswered=sections.unanswered(source),
        net=sections.net(source),
    )
    return say(counts, Places(source.period))


def shown_rows(source: Source) -> list[ShownRow]:
    """The rows as the matrix's page writes them, leading ones first."""
    found = show_matrix(source.matrix, source.company.currency, Selection())
    return [row for group in found.groups for row in group.rows]


def _signed(source: Source) -> str:
    """``signed 29 October 2026 by Farah Haddad``; empty of what is open."""
    if source.edition is None:
        return ""
    day = timezone.localdate(source.edition.closed_at)
    return f"signed {day_name(day)}"


def _columns(matrix: Matrix) -> Iterable[Column]:
    index = {one.tier.code: one.blend.index for one in matrix.composites}
    for one in tally(matrix.tiers, matrix.rows):
        met, near, missed = (one.counts[status] for status in (Status.MET, Status.NEAR, Status.MISSED))
        tier = one.tier
        yield Column(tier.code, tier.name, TierScope(tier.scope), met, near, missed, index.get(tier.code))


def _row(source: Source, row: ShownRow, packed: Mapping[tuple[str, str], PackCell]) -> PackRow:
    kpi = row.kpi
    return PackRow(
        kpi=kpi.code,
        name=kpi.name,
        indicator=kpi.indicator,
        unit=kpi.unit,
        label=row.unit,
        direction=kpi.direction,
        style=row.cells[0].style,
        cells=tuple(packed[kpi.code, cell.tier.code] for cell in row.cells),
        note=_note(row, _thin(source, kpi.code)),
    )


def _cell(row: ShownRow, one: ShownCell) -> PackCell:
    cell = one.cell
    return PackCell(
        tier=cell.tier.code,
        status=cell.status,
        pace=cell.pace,
        **{name: getattr(cell, name) for name in ("actual", "target", "low", "high", "previous")},
        shown=one.value,
        aim=one.aim if cell.status != Status.NO_TARGET else "",
        change=one.change.amount if one.change else "",
        words=one.said,
        signal=cell.signal,
        is_gap=cell.is_gap,
        months=(cell.months_with_data, cell.months_expected),
        provisional=cell.provisional,
    )


def _thin(source: Source, kpi: str) -> list[Month]:
    """The months of a KPI that look incomplete, in order."""
    if source.edition is None:
        rows = (row for row in source.matrix.rows if row.kpi.code == kpi)
        return sorted({one.month for row in rows for cell in row.cells for one in cell.thin})
    told = (row for row in source.sections["matrix"]["rows"] if row["kpi"] == kpi)
    return sorted({stored_month(code) for row in told for cell in row["cells"] for code in cell["thin"]})


def _note(row: ShownRow, thin: list[Month]) -> str:
    """``2 of 3 months with data``; ``August 2026 looks incomplete``; both; empty where all is there."""
    looks = "looks" if len(thin) == 1 else "look"
    incomplete = f"{sentence_list(map(month_name, thin))} {looks} incomplete" if thin else ""
    return "; ".join(part for part in (row.months, incomplete) if part)
