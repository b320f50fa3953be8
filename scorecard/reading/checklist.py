"""What is missing of a period before it is closed: each with who owns it and where it is done, and whether it is
waived. Nothing of it stands in the way of closing once it is done or waived.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import Q
from django.urls import reverse

from accounts.company import company
from accounts.models import User
from core.auditing import key_of
from core.formatting import counted, month_name, months_words, sentence_list
from core.periods import Month, Period, month_code, shift
from customers.choices import TierScope
from initiatives.choices import BenefitState, ReasonKind
from initiatives.models import Benefit, Initiative
from initiatives.reading.standings import read_standings
from initiatives.reading.subjects import INITIATIVE
from initiatives.wording import reason_words
from kpis.choices import Per, TargetState
from kpis.models import Kpi, RolledSlice, Target
from kpis.reading.matrix import Cell, Matrix, build_matrix
from kpis.reading.subjects import CELL, KPI, cell_key
from scorecard.models import Narrative, Waiver
from scorecard.reading.narratives import wanted_of

ACTUALS, UNMARKED, THIN = "actuals", "unmarked", "thin"
NARRATIVES, SILENT, PROPOSALS = "narratives", "silent", "proposals"
GROUPS = {
    ACTUALS: "Actuals",
    UNMARKED: "Months to be marked complete",
    THIN: "Months that look incomplete",
    NARRATIVES: "Narratives",
    SILENT: "Silent initiatives",
    PROPOSALS: "Proposals undecided",
}


Named = tuple[str, str]  # a subject that can be asked about, by kind and key


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is missing. ``key`` names it for good, ``group`` is one of ``GROUPS``; ``owner`` is None where
    nobody's it is. ``url`` is the page where it is done, by ``verb``; ``subject`` is what its owner can be asked about.
    ``waiver`` let it go.
    """

    key: str
    group: str
    title: str
    detail: str
    owner: User | None
    url: str
    verb: str
    subject: Named | None = None
    waiver: Waiver | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is neither done nor waived."""
        return self.waiver is None

    @property
    def plain(self) -> dict[str, Any]:
        """As an edition keeps it."""
        waived = self.waiver
        return {
            "item": self.key,
            "title": self.title,
            "detail": self.detail,
            "owner": key_of(self.owner),
            "waiver": {"reason": waived.reason, "by": key_of(waived.by)} if waived else None,
        }


def read_checklist(period: Period, today: date, number: int) -> list[Item]:
    """What is missing of a period for its edition of that number, group by group; empty where nothing is."""
    waivers = Waiver.objects.filter(period=period.code, number=number).select_related("by")
    found = {waiver.item: waiver for waiver in waivers}
    matrix = build_matrix(period, today=today)
    items = [*_of_cells(matrix), *_untold(matrix, today), *_silent(period), *_proposals(period)]
    return [_with(item, found.get(item.key)) for item in items]


def _with(item: Item, waiver: Waiver | None) -> Item:
    return Item(
        *(item.key, item.group, item.title, item.detail, item.owner, item.url, item.verb),
        subject=item.subject,
        waiver=waiver,
    )


# -- what was measured


def _of_cells(matrix: Matrix) -> Iterator[Item]:
    """KPIs whose months are not all there, are still to be confirmed, or look incomplete, as all customers show it."""
    owners = {user.pk: user for user in User.objects.filter(owned_kpis__in=[row.kpi.pk for row in matrix.rows])}
    rows = [(row.kpi, _everybody(row.cells), row.cells) for row in matrix.rows if not row.kpi.calculated]
    held = _held(matrix.period)
    for kpi, cell, cells in rows:
        if _lacks(kpi, cell):
            yield _missing(kpi, cell, cells, owners, _gaps(kpi, matrix.period, held))
    for kpi, cell, _ in rows:
        if cell.provisional:
            words = f"{months_words(cell.months_with_data, cell.months_expected)} confirmed"
            yield _of_kpi(UNMARKED, kpi, kpi.name, words, owners, reverse("freshness"), "Mark")
    for kpi, cell, _ in rows:
        for thin in cell.thin:
            title = f"{kpi.name}, {month_name(thin.month)}"
            key = f"{THIN}:{kpi.code}:{month_code(thin.month)}"
            owner = owners.get(kpi.owner_id or 0)
            yield Item(key, THIN, title, thin.counts, owner, reverse("freshness"), "Look", (KPI, kpi.code))


def _everybody(cells: tuple[Cell, ...]) -> Cell:
    return next(cell for cell in cells if cell.tier.scope == TierScope.ALL)


def _lacks(kpi: Kpi, cell: Cell) -> bool:
    """Whether months without data leave it without a value, or with a part of the whole."""
    gaps = cell.months_with_data < cell.months_expected and not cell.provisional
    return gaps and (cell.actual is None or kpi.method.additive)


def _held(period: Period) -> set[tuple[int, Month]]:
    rows = RolledSlice.objects.filter(month__in=period.months, facts__gt=0)
    return {(kpi, Month(month)) for kpi, month in rows.values_list("kpi_id", "month")}


def _gaps(kpi: Kpi, period: Period, held: set[tuple[int, Month]]) -> list[Month]:
    return [month for month in period.months if (kpi.source_id, month) not in held]


def _missing(kpi: Kpi, cell: Cell, cells: tuple[Cell, ...], owners: dict[int, User], gaps: list[Month]) -> Item:
    months = sentence_list(month_name(month) for month in gaps)
    title = f"{kpi.name}, {months}" if gaps else kpi.name
    without = sum(one.months_with_data < one.months_expected for one in cells)
    have = months_words(cell.months_with_data, cell.months_expected)
    return _of_kpi(ACTUALS, kpi, title, f"{counted(without, 'cell')} without all months: {have}", owners)


def _of_kpi(
    group: str, kpi: Kpi, title: str, detail: str, owners: dict[int, User], url: str = "", verb: str = "Enter"
) -> Item:
    return Item(
        *(f"{group}:{kpi.code}", group, title, detail, owners.get(kpi.owner_id or 0)),
        *(url or reverse("kpi", args=[kpi.code]), verb, (KPI, kpi.code)),
    )


# -- what was said and decided


def _untold(matrix: Matrix, today: date) -> Iterator[Item]:
    """Cells of which a narrative is asked for and nobody wrote one."""
    asked = wanted_of(matrix, today=today)
    written = set(Narrative.objects.filter(period=matrix.period.code).values_list("kpi_id", "tier_id")) if asked else ()
    left = [one for one in asked if (one.kpi.pk, one.cell.tier.pk) not in written]
    owners = User.objects.in_bulk({one.kpi.owner_id for one in left if one.kpi.owner_id})
    currency = company().currency if left else ""
    for one in left:
        kpi, tier = one.kpi, one.cell.tier
        url = f"{reverse('cell', args=[matrix.period.code, kpi.code, tier.code])}#narrative"
        yield Item(
            *(f"{NARRATIVES}:{one.name}", NARRATIVES, f"{kpi.name}, {tier.name}", one.words(currency)),
            *(owners.get(kpi.owner_id or 0), url, "Write", (CELL, cell_key(kpi, tier, matrix.period))),
        )


def _silent(period: Period) -> Iterator[Item]:
    """Initiatives that ran on the period's last day, and nobody said a word of for too long."""
    for one in read_standings(Initiative.objects.order_by("code"), as_of=period.last_day):
        if one.silent and one.verdict:
            words = next(reason_words(why) for why in one.verdict.reasons if why.kind == ReasonKind.SILENT)
            row = one.initiative
            url = reverse("initiative", args=[row.code])
            owner = cast("User | None", row.owner)
            yield Item(f"{SILENT}:{row.code}", SILENT, row.title, words, owner, url, "Look", (INITIATIVE, row.code))


def _proposals(period: Period) -> Iterator[Item]:
    """Targets that reach into the period and benefits, proposed and not decided."""
    lasts = Q(per=Per.MONTH, until_month=None) | Q(until_month__gte=period.first)
    reaches = lasts | Q(from_month__gte=shift(period.first, -11))  # of a quarter or a year
    targets = Target.objects.filter(reaches, state=TargetState.PROPOSED, from_month__lte=period.last)
    for target in targets.select_related("kpi", "tier", "batch__proposed_by").order_by(
        "kpi__position", "tier__rank", "pk"
    ):
        title = f"Target: {target.kpi.name}, {target.tier.name}, from {month_name(Month(target.from_month))}"
        yield Item(
            *(f"{PROPOSALS}:target-{target.pk}", PROPOSALS, title, f"version {target.version}; finance decides"),
            *(target.batch.proposed_by if target.batch else None, reverse("approvals"), "Decide"),
        )
    for benefit in Benefit.objects.filter(state=BenefitState.PROPOSED).select_related(
        "initiative__owner", "proposed_by"
    ):
        yield Item(
            *(f"{PROPOSALS}:benefit-{benefit.pk}", PROPOSALS, f"Benefit: {benefit.name}", benefit.initiative.title),
            *(cast("User | None", benefit.proposed_by or benefit.initiative.owner), reverse("benefits"), "Decide"),
        )
