"""What happened to a KPI in a column, month by month, from the product's own records: what a chart marks and a list
beside it tells. An event is no proof of a cause.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.choices import LoadState
from accounts.models import LoadChange
from core.formatting import counted, day_name
from core.periods import Month, first_day, last_day, month_code, month_of, months_between
from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import Stage
from initiatives.models import Initiative
from kpis.choices import TargetState
from kpis.models import Kpi, KpiVersion, Restatement, Retiering, Step, Target
from kpis.models.versions import VersionBook
from kpis.reading.last_changes import changed_words
from kpis.reading.retiered import steps_of_moves
from kpis.wording import actual_words, style_of, words_of
from scorecard.models import Remark


class EventKind(StrEnum):
    """What sort of thing happened."""

    INITIATIVE = "initiative"
    TARGET = "target"
    MEANING = "meaning"
    RETIERING = "re-tiering"
    RESTATEMENT = "restatement"
    UNDONE = "load taken back"
    STEP = "step"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class TrendEvent:
    """Something that happened, at the month that it is about. ``url`` leads to its record, empty where that has no
    page. A person's own word has the id of its ``remark`` and whose it is (``by``); 0 of all else.
    """

    month: Month
    kind: EventKind
    text: str
    url: str = ""
    remark: int = 0
    by: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A KPI in a tier, from a month to a month; ``currency`` is the company's."""

    kpi: Kpi
    tier: Tier
    first: Month
    last: Month
    currency: str


def read_trend_events(column: Column) -> list[TrendEvent]:
    """All of it, the earliest first; empty where nothing happened. A constant number of queries."""
    sources = (_initiatives, _targets, _meanings, _retierings, _moves, _restatements, _undone, _steps, _remarks)
    found = [event for source in sources for event in source(column)]
    order = list(EventKind)
    return sorted(found, key=lambda event: (event.month, order.index(event.kind), event.text))


def _initiatives(column: Column) -> Iterator[TrendEvent]:
    """Started and finished ones that serve the column; of a loaded one that runs the baseline is its start."""
    began = Q(stage__in=[Stage.IN_PROGRESS, Stage.ON_HOLD, Stage.DONE]) | Q(started_on__isnull=False)
    for row in Initiative.objects.moving(column.kpi, column.tier).filter(began).distinct().order_by("code"):
        start = row.started_on or (row.baseline_start if row.stage in {Stage.IN_PROGRESS, Stage.DONE} else None)
        finish = row.finished_on if row.stage == Stage.DONE else None
        for day, verb in ((start, "Started"), (finish, "Finished")):
            if day is not None and column.first <= month_of(day) <= column.last:
                url = reverse("initiative", args=[row.code])
                yield TrendEvent(month_of(day), EventKind.INITIATIVE, f"{verb}: “{row.title}”, {day_name(day)}", url)


def _targets(column: Column) -> Iterator[TrendEvent]:
    """Targets that were approved, those that were decided together as one, at the first month that they are for."""
    decided = Target.objects.filter(kpi=column.kpi, tier=column.tier, decided_at__isnull=False)
    rows = decided.filter(state__in=[TargetState.APPROVED, TargetState.SUPERSEDED])
    rows = rows.select_related("kpi", "tier", "decided_by").order_by("decided_at", "from_month", "pk")
    book = VersionBook.read([column.kpi])
    for _, together in groupby(rows, key=lambda row: (row.decided_at, row.decided_by_id)):
        inside = [row for row in together if column.first <= row.from_month <= column.last]
        if inside:
            first = inside[0]
            yield TrendEvent(Month(first.from_month), EventKind.TARGET, _target_words(inside, column, book))


def _target_words(rows: Sequence[Target], column: Column, book: VersionBook) -> str:
    first = rows[0]
    first.kpi = book.of_target(first)
    says = words_of(first, style_of(first.kpi, column.currency))
    version = f", version {first.version}" if first.version > 1 else ""
    what = f"Target {says} per {first.per}{version}" if len(rows) == 1 else f"{len(rows)} targets, the first {says}"
    who = f" by {first.decided_by}" if first.decided_by else ""
    return f"{what}, approved{who} on {day_name(localdate(first.decided_at))}"


def _meanings(column: Column) -> Iterator[TrendEvent]:
    """New versions of what the KPI means; the first one's row is no change."""
    rows = list(KpiVersion.objects.filter(kpi=column.kpi).order_by("from_month"))
    for row in rows[1:]:
        if column.first <= row.from_month <= column.last:
            why = f": {row.reason}" if row.reason else ""
            url = reverse("kpi", args=[column.kpi.code])
            yield TrendEvent(
                Month(row.from_month), EventKind.MEANING, f"It means something else from here on{why}", url
            )


def _retierings(column: Column) -> Iterator[TrendEvent]:
    """Re-tierings that stand, with how many customers each moved."""
    span = {"starts_on__gte": first_day(column.first), "starts_on__lte": last_day(column.last)}
    for row in Retiering.objects.filter(**span, load__state=LoadState.APPLIED).select_related("kpi"):
        moved = counted(row.up + row.down, "customer")
        text = (
            f"Re-tiering by {row.kpi.name}: {moved} moved, {row.up} up and {row.down} down; {row.new} got a first tier"
        )
        yield TrendEvent(month_of(row.starts_on), EventKind.RETIERING, text, reverse("retiering"))


def _moves(column: Column) -> Iterator[TrendEvent]:
    """Months in which more than a twentieth of the tier's customers moved, however that came about."""
    if column.tier.scope != TierScope.TIER:
        return
    for cause in steps_of_moves(column.kpi.pk, first_day(column.first), last_day(column.last)):
        if cause.tier == column.tier.pk:
            yield TrendEvent(cause.month, EventKind.RETIERING, cause.reason)


def _restatements(column: Column) -> Iterator[TrendEvent]:
    """Actuals of the column that were corrected, with the value before and after."""
    rows = Restatement.objects.filter(kpi=column.kpi, tier=column.tier, month__gte=column.first, month__lte=column.last)
    book, style = VersionBook.read([column.kpi]), style_of(column.kpi, column.currency)
    for row in rows.select_related("by").order_by("at"):
        meant = book.at(column.kpi, Month(row.month))
        before = actual_words(meant, row.old_numerator, row.old_denominator, style) or "nothing"
        after = actual_words(meant, row.numerator, row.denominator, style) or "nothing"
        by = f", {row.by}" if row.by else ""
        why = f": {row.reason}" if row.reason else ""
        text = f"Restated from {before} to {after} on {day_name(localdate(row.at))}{by}{why}"
        yield TrendEvent(Month(row.month), EventKind.RESTATEMENT, text)


def _undone(column: Column) -> Iterator[TrendEvent]:
    """Loads of its numbers that were taken back: of facts, which are told of all columns, or of its own actuals."""
    months = {month_code(month): month for month in months_between(column.first, column.last)}
    source = column.kpi.facts_of.code if column.kpi.facts_of else column.kpi.code
    keys = {" | ".join([source, *tier, code]) for tier in ([], [column.tier.code]) for code in months}
    rows = LoadChange.objects.filter(kind__in=("facts", "tier_actuals"), key__in=keys, load__state=LoadState.UNDONE)
    for row in rows.select_related("load__undone_by").order_by("load_id", "key"):
        load, month = row.load, months[row.key.rpartition(" | ")[2]]
        by = f" by {load.undone_by}" if load.undone_by else ""
        on = f" on {day_name(localdate(load.undone_at))}" if load.undone_at else ""
        yield TrendEvent(month, EventKind.UNDONE, f"Load {load.pk} was taken back{by}{on}: {changed_words(row)}")


def _steps(column: Column) -> Iterator[TrendEvent]:
    """Steps that stand, of the column or of all."""
    rows = Step.objects.filter(_of_column(column), kpi=column.kpi, taken_back_at=None)
    for row in rows.filter(month__gte=column.first, month__lte=column.last).select_related("by"):
        by = f" ({row.by})" if row.by else ""
        yield TrendEvent(Month(row.month), EventKind.STEP, f"Limits are taken anew: {row.reason}{by}")


def _remarks(column: Column) -> Iterator[TrendEvent]:
    """What people remarked, on the column or on all."""
    rows = Remark.objects.filter(_of_column(column), kpi=column.kpi, taken_back_at=None)
    rows = rows.filter(month__gte=column.first, month__lte=column.last).select_related("by")
    for row in rows.order_by("pk"):
        text = f"{row.text} ({row.by}, {day_name(localdate(row.at))})"
        yield TrendEvent(Month(row.month), EventKind.REMARK, text, remark=row.pk, by=row.by_id)


def _of_column(column: Column) -> Any:
    return Q(tier=column.tier) | Q(tier=None)


def as_text(events: Sequence[TrendEvent]) -> str:
    """The events as a text that can be kept."""
    return json.dumps([asdict(event) for event in events])


def from_text(text: str) -> list[TrendEvent]:
    """The events of such a text."""
    return [
        TrendEvent(**{**one, "month": Month(one["month"]), "kind": EventKind(one["kind"])}) for one in json.loads(text)
    ]


def numbered(events: Sequence[TrendEvent]) -> list[tuple[int, Month, list[TrendEvent]]]:
    """The events by month, the earliest first, each month with the number under which chart and list tell of it."""
    months = groupby(events, key=lambda event: event.month)
    return [(place, month, list(together)) for place, (month, together) in enumerate(months, start=1)]
