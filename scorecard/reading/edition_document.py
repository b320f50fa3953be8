"""What an edition says of a period: one document of plain values, made of the live readings.

People and customers stand in it by key alone (``{"person": 7}``): what they are called lies beside it. Numbers with
decimals are texts. What it holds is read at one time; nothing in it refers to a row that may change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from accounts.company import company
from core.auditing import key_of
from core.canonical import digests, pointer
from core.numbers import rounded_text
from core.periods import Month, Period, first_day, month_code
from customers.reading.growth import read_growth
from customers.serializers import GrowthSerializer
from initiatives.choices import BenefitState, Stage
from initiatives.models import Benefit, Initiative, RealisedBenefit
from initiatives.querysets import InitiativeQuerySet
from initiatives.reading.benefits import Brought, read_benefits
from initiatives.reading.coverage import read_coverage
from initiatives.reading.report import By, Tally, read_report
from initiatives.reading.standings import Money, Standing, read_standings
from initiatives.serializers.pain import CoverageSerializer
from kpis.formulas.values import Components, counted_parts
from kpis.models import Kpi, PeriodCell, TierActual
from kpis.reading.goals import band_of
from kpis.reading.matrix import Cell, Matrix, MatrixBuilder
from kpis.rollup.merging import window
from scorecard.reading.edition_evidence import Endings, read_evidence
from scorecard.reading.edition_links import frozen_links
from scorecard.reading.matrix_json import exact_text, matrix_json
from scorecard.reading.narratives import frozen_narratives
from scorecard.reading.references import CellBook

FORMAT = 1
# What is made of the live readings, in the order of the document; the rest says who closed the period and how.
CONTENT = (
    *("matrix", "growth", "initiatives", "report", "coverage", "composite", "benefits", "narratives"),
    *("links", "evidence"),
)
# What signing adds to a document that was prepared.
OF_SIGNING = ("edition", "previous_digest", "closed_at", "signed_by", "one_person")
_LISTS = ("initiatives", "benefits", "narratives", "links")  # editions from before there were links have none


def read_content(period: Period, today: date) -> dict[str, Any]:
    """All that is live of a period that has ended, as of its last day where a day matters.

    ``composite`` is that of the matrix, empty where nobody wrote weights; ``narratives`` are those of the period;
    ``links`` what was seen as of its last month; ``evidence`` says who entered what (editions issued before goals were
    paid by them have none).
    """
    builder = MatrixBuilder(period, today)
    built = builder.build()
    matrix = told_matrix(builder, built)
    evidence = read_evidence(period, (row.kpi for row in built.rows))
    beside = {"links": frozen_links(period), "evidence": evidence}
    return {"matrix": matrix, "composite": matrix["composite"], **read_sections(built, today), **beside}


def read_sections(built: Matrix, today: date) -> dict[str, Any]:
    """What a document has beside its matrix: of a period that runs as of today."""
    period = built.period
    day = min(period.last_day, today)
    work = read_work(Initiative.objects.order_by("code"), day)
    return {
        "growth": read_growth_section(period, today),
        "initiatives": work["initiatives"],
        "report": _report(period, day),
        "coverage": _plain(CoverageSerializer(read_coverage(period)).data),
        "benefits": work["benefits"],
        "narratives": frozen_narratives(built, company().currency),
    }


def read_growth_section(period: Period, today: date) -> Any:
    """Customers in, out and net, as a document has them."""
    return _plain(GrowthSerializer(read_growth(period, today)).data)


def read_work(initiatives: InitiativeQuerySet, day: date) -> dict[str, Any]:
    """How initiatives stood at the end of a day, and what their approved benefits brought, as a document has them."""
    standings = read_standings(initiatives, as_of=day)
    endings = Endings(day)
    return {
        "initiatives": [_initiative(one, endings) for one in standings],
        "benefits": _benefits(standings, day),
    }


def with_parts(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the digests of its parts: of each member, cell, initiative, benefit and narrative."""
    return {**document, "parts": digests(document, _pointers(document))}


def _pointers(document: Mapping[str, Any]) -> Iterable[str]:
    yield from (pointer(name) for name in document if name != "parts")
    for row, of in enumerate(document["matrix"]["rows"]):
        yield from (pointer("matrix", "rows", row, "cells", cell) for cell in range(len(of["cells"])))
    for name in _LISTS:
        yield from (pointer(name, place) for place in range(len(document.get(name, ()))))


# -- the matrix


def read_matrix(period: Period, today: date, kpis: Sequence[Kpi] | None = None) -> dict[str, Any]:
    """The live matrix as the API gives it, with what each cell is made of and measured by; of no edition. ``kpis``:
    of these rows alone.
    """
    builder = MatrixBuilder(period, today, kpis)
    return told_matrix(builder, builder.build())


def told_matrix(builder: MatrixBuilder, matrix: Matrix) -> dict[str, Any]:
    """The same of a live matrix that was built. Two queries."""
    return matrix_json(matrix, state="closed", more=_MadeOf(builder).of)


def frozen_summary(text: str, period: Period, today: date) -> tuple[str, dict[str, Any]]:
    """The summary of a period as its edition keeps it: as it reads, and as it was written with what it names."""
    return CellBook.of_texts([text], period, today, company().currency).frozen(text)


class _MadeOf:
    """What the cells of a matrix are made of. Two queries."""

    def __init__(self, builder: MatrixBuilder) -> None:
        self._methods = builder.methods
        end = month_code(builder.end)
        cells = PeriodCell.objects.of_periods({builder.period.code, end})
        self._stored = {(cell.period, cell.kpi_id, cell.tier_id): cell for cell in cells}
        self._codes = {
            pk: end if method.counts_window else builder.period.code for pk, method in builder.methods.items()
        }
        rows = TierActual.objects.filter(month__in={*builder.period.months, *_windows(builder)})
        self._entered = set(rows.order_by().values_list("kpi_id", flat=True).distinct())

    def of(self, kpi: Kpi, cell: Cell) -> dict[str, Any]:
        """Numerator and denominator (None where there is none: of a calculated cell, or without a value), the near
        band, the method, and of which months the value and its signal are.
        """
        numerator, denominator = self._parts(kpi, cell)
        return {
            "numerator": exact_text(numerator),
            "denominator": exact_text(denominator),
            "band": _band(kpi),
            "method": method_of(kpi),
            "last_month": month_code(cell.last_month) if cell.last_month else None,
            "rule": cell.rule and cell.rule.value,
            "signal_month": month_code(cell.signal_month) if cell.signal_month else None,
        }

    def _parts(self, kpi: Kpi, cell: Cell) -> Any:
        stored = self._stored.get((self._codes[kpi.pk], kpi.pk, cell.tier.pk))
        if kpi.calculated or stored is None or cell.actual is None:
            return None, None
        parts = Components(
            *(stored.numerator, stored.denominator, stored.facts, stored.customers),
            kpi.source_id in self._entered,
        )
        return counted_parts(self._methods[kpi.pk], parts)


def _windows(builder: MatrixBuilder) -> Iterable[int]:
    """The months behind trailing values; none where nothing looks back."""
    for kpi in builder.kpis:
        if builder.methods[kpi.pk].counts_window:
            return window(kpi, builder.period)
    return ()


def _band(kpi: Kpi) -> dict[str, str | None]:
    """How far from the target is near: in percent of it, and in the KPI's own unit, which goes before."""
    band = band_of(kpi)
    return {"percent": exact_text(band.percent), "absolute": exact_text(band.absolute)}


def method_of(kpi: Kpi) -> dict[str, Any]:
    """How a KPI's values come about: by customers and months, or by its formula."""
    if kpi.calculated:
        return {"customers": None, "time": None, "formula": kpi.formula}
    return {"customers": kpi.customer_method, "time": kpi.time_method, "formula": None}


# -- initiatives


def _initiative(one: Standing, endings: Endings) -> dict[str, Any]:
    row, plan = one.initiative, one.plan
    ending = endings.of(row.pk)
    return {
        "code": row.code,
        "title": row.title,
        "level": row.level,
        "department": row.department.code if row.department else None,
        "customer": key_of(row.customer),
        "owner": key_of(row.owner),
        "customer_focused": row.customer_focused,
        "serves": row.serves.code if row.serves else None,
        "tiers": sorted(tier.code for tier in row.tiers.all()),
        "stage": one.stage.value,
        "running": one.running,
        "status": one.status.value if one.status else None,
        "reasons": [_reason(reason) for reason in (one.verdict.reasons if one.verdict else ())],
        "baseline_start": _day(plan.baseline_start),
        "baseline_due": _day(plan.baseline_due),
        "started_on": _day(plan.started_on),
        "due": _day(plan.due),
        "finished_on": _day(plan.finished_on),
        "finished_by": _person(ending.finished_by if one.stage == Stage.DONE else None),
        "stopped_on": _day(ending.stopped_on),
        "stopped_by": _person(ending.stopped_by),
        "progress": one.progress,
        "cost": exact_text(one.cost),
        "spent": exact_text(one.spent),
    }


def _reason(reason: Any) -> dict[str, Any]:
    return {
        "status": reason.status.value,
        "kind": reason.kind.value,
        "days": reason.days,
        "milestone": reason.milestone or None,
        "redated": reason.redated,
    }


def _report(period: Period, day: date) -> dict[str, Any]:
    report = read_report(by=_BY, period=period, as_of=day)
    return {
        "as_of": _day(report.as_of),
        "total": _tally(report.total),
        "groups": {by.value: [_tally(one) for one in report.groups[by]] for by in _BY},
        "on_hold": [{"code": held.standing.initiative.code, "since": _day(held.since)} for held in report.held],
        "undated": report.undated,
    }


# Owners are people: the document has them at their initiatives, by key.
_BY = (By.LEVEL, By.DEPARTMENT, By.TIER, By.BUSINESS_UNIT)
_COUNTED = (
    *("running", "on_schedule", "at_risk", "late", "not_reported", "customer_focused", "not_started", "on_hold"),
    *("started", "finished_on_time", "finished_late", "cancelled"),
)


def _tally(one: Tally) -> dict[str, Any]:
    return {"key": one.key, "name": one.name, **{name: getattr(one, name) for name in _COUNTED}}


def _benefits(standings: Iterable[Standing], day: date) -> list[dict[str, Any]]:
    known = [one.initiative.pk for one in standings]
    rows = Benefit.objects.filter(state=BenefitState.APPROVED, initiative__in=known)
    read = read_benefits(rows.order_by("initiative__code", "name", "version"), day=day)
    money = Money.read()
    return [_benefit(one, money, day) for one in read]


def _benefit(one: Brought, money: Money, day: date) -> dict[str, Any]:
    """With the months entered of one in money, and the rate of the fiscal year in which it begins."""
    row = one.benefit
    begins = first_day(Month(row.from_month))
    return {
        "initiative": row.initiative.code,
        "name": row.name,
        "kind": row.kind,
        "kpi": row.kpi.code if row.kpi else None,
        "tier": row.tier.code if row.tier else None,
        "planned": exact_text(one.planned),
        "to_date": exact_text(one.to_date),
        "realised": exact_text(one.realised),
        "baseline": exact_text(one.baseline),
        "now": exact_text(one.now),
        "from_month": month_code(Month(row.from_month)),
        "currency": row.currency or None,
        "rate": _rate(money.rate(row.currency, min(begins, day))) if one.in_money else None,
        "entered": [_entered(entry) for entry in one.months],
    }


def _entered(entry: RealisedBenefit) -> dict[str, Any]:
    value = exact_text(Fraction(entry.value))
    return {"month": month_code(Month(entry.month)), "value": value, "by": _person(entry.by_id)}


def _rate(rate: Fraction | None) -> str | None:
    """A rate with all the decimals that there can be: money is multiplied by it exactly."""
    return None if rate is None else rounded_text(rate, 8)


# -- plain values


def _plain(value: Any) -> Any:
    """What a serializer answers, without its own kinds of mappings and lists."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _person(pk: int | None) -> dict[str, int] | None:
    return {"person": pk} if pk is not None else None
