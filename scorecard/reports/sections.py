"""The sections of a pack beside the matrix: initiatives by level, growth and value, coverage, benefits, definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from core.formatting import NOTHING, Style
from core.periods import Kind, Month
from core.registry import load_kinds
from initiatives.choices import Level, ReasonKind, ScheduleStatus, Stage
from initiatives.formulas import Plan, Reason, Verdict
from initiatives.pages.coverage import percent
from initiatives.reading.running_initiatives import Serving
from initiatives.wording import reasons_words, slip_words
from kpis.models import Kpi, Target, ValueKpis
from kpis.reading.lifecycle import Records
from kpis.wording import computed_in_words, counted_in, style_of
from scorecard.pages.matrix import signed
from scorecard.reading.frozen_matrix import exact
from scorecard.reading.growth import holds_a_start
from scorecard.reports.outlook import money
from scorecard.reports.pack import (
    TARGET_COLUMNS,
    BenefitLine,
    CoverageLine,
    Definition,
    GrowthLine,
    LevelCount,
    Undertaking,
)
from scorecard.reports.sources import Source

_FLOWS = ("started", "finished_on_time", "finished_late", "cancelled")
_STANDS = ("running", "on_schedule", "at_risk", "late", "not_reported")
_DATES = ("baseline_start", "baseline_due", "started_on", "due", "finished_on")
_GRAVITY = [*(status.value for status in (ScheduleStatus.LATE, ScheduleStatus.AT_RISK, ScheduleStatus.NOT_REPORTED))]


# -- initiatives


def count_of(found: Mapping[str, Any], name: str = "") -> LevelCount:
    """A group of the report."""
    return LevelCount(found["key"] or "", name or found["name"], **{one: found[one] for one in (*_STANDS, *_FLOWS)})


def undertakings(source: Source) -> tuple[Undertaking, ...]:
    """What runs, the gravest first within its level; then what is on hold. Those that wait or ended are counted."""
    told = [one for one in source.sections["initiatives"] if one["running"] or one["stage"] == Stage.ON_HOLD]
    levels = [level.value for level in Level]
    order = sorted(told, key=lambda one: (levels.index(one["level"]), _gravity(one), one["due"] or "", one["code"]))
    return tuple(_undertaking(source, one) for one in order)


def _gravity(one: Mapping[str, Any]) -> int:
    if not one["running"]:
        return len(_GRAVITY) + 1
    return _GRAVITY.index(one["status"]) if one["status"] in _GRAVITY else len(_GRAVITY)


def _undertaking(source: Source, one: Mapping[str, Any]) -> Undertaking:
    begin, promised, started, due, finished = (_day(one[name]) for name in _DATES)
    plan = Plan(begin, promised, started, due, finished)
    redated = max((reason["redated"] for reason in one["reasons"]), default=0)
    status = ScheduleStatus(one["status"]) if one["status"] else None
    return Undertaking(
        code=one["code"],
        title=one["title"],
        level=one["level"],
        department=source.departments.get(one["department"], ""),
        customer=source.customers.get(one["customer"]["customer"], "") if one["customer"] else "",
        owner=source.people.get(one["owner"]["person"], "") if one["owner"] else "",
        stage=Stage(one["stage"]),
        status=status,
        reasons=_reasons(one, plan, status),
        progress=one["progress"],
        due=plan.due,
        slip=plan.slip,
        redated=redated,
        cost=exact(one["cost"]),
        money=money(source, one["cost"]) if one["cost"] is not None else "",
    )


def _reasons(one: Mapping[str, Any], plan: Plan, status: ScheduleStatus | None) -> str:
    """Why it stands as it does, in the words of its page."""
    if status is None:
        return slip_words(plan.slip) if plan.slip else ""
    reasons = tuple(_reason(reason) for reason in one["reasons"])
    only = len(reasons) == 1 and reasons[0].kind == ReasonKind.NOTHING
    return "" if only and not plan.slip else reasons_words(Verdict(status, reasons), plan)


def _reason(found: Mapping[str, Any]) -> Reason:
    kind, status = ReasonKind(found["kind"]), ScheduleStatus(found["status"])
    return Reason(status, kind, found["days"], found["milestone"] or "", found["redated"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# -- growth and value


def growth(source: Source) -> tuple[GrowthLine, ...]:
    """The tiers' customers, with their revenue where a steward named it."""
    kpi = revenue(source)
    row = next((one for one in source.matrix.rows if kpi and one.kpi.code == kpi.code), None)
    worth = {cell.tier.code: cell.actual for cell in row.cells} if row else {}
    style = style_of(row.kpi, source.company.currency, worth.values()) if row else Style()
    whole = worth.get("all")
    return tuple(
        _growth(source, one, worth.get(one["tier"]), whole, style) for one in source.sections["growth"]["rows"]
    )


def net(source: Source) -> int | None:
    """Who joined and returned less who left; None where nobody did, or most who came were customers before."""
    found = next((one for one in source.sections["growth"]["rows"] if one["tier"] == "all"), None)
    came_or_went = found and (found["joined"] or found["returned"] or found["left"])
    if not found or not came_or_went or holds_a_start(source.period, Records(source.today)):
        return None
    return int(found["net"])


def revenue(source: Source) -> Kpi | None:
    """The KPI that a steward named for what customers bring; None where nobody did, or the matrix lacks it."""
    named = ValueKpis.objects.select_related("revenue").get(pk=1).revenue
    known = {row.kpi.code: row.kpi for row in source.matrix.rows}
    return known.get(named.code) if named else None


def _growth(
    source: Source, one: Mapping[str, Any], value: Fraction | None, whole: Fraction | None, style: Style
) -> GrowthLine:
    counts = ("opening", "joined", "returned", "moved_in", "left", "moved_out", "closing", "net")
    return GrowthLine(
        code=one["tier"],
        name=source.tiers.get(one["tier"], one["tier"]),
        **{name: one[name] for name in counts},
        revenue=value,
        value="" if value is None else style.short(value),
        share="" if value is None or not whole else percent(value / whole),
    )


# -- coverage


def coverage(source: Source) -> tuple[CoverageLine, ...]:
    """Every department with pain or work for it, the heaviest pain first."""
    return tuple(_coverage(source, one) for one in source.sections["coverage"]["departments"])


def orphans(source: Source) -> tuple[CoverageLine, ...]:
    """Themes of which some pain, or all of it, goes unanswered, the heaviest first."""
    return tuple(_coverage(source, one) for one in source.sections["coverage"]["orphaned_pain"])


def unanswered(source: Source) -> Fraction | None:
    """The share of all pain that nothing running answers; None where nobody told of any."""
    found = source.sections["coverage"]
    return Fraction(found["uncovered"], found["weight"]) if found["weight"] else None


def _coverage(source: Source, one: Mapping[str, Any]) -> CoverageLine:
    weight, risk = source.sections["coverage"]["weight"], one["revenue_at_risk"]
    return CoverageLine(
        department=source.departments.get(one["department"], one["department"] or ""),
        theme=one["theme"],
        pain=exact(one["pain_share"]),
        running=exact(one["running_share"]),
        budget=exact(one["budget_share"]),
        serving=Serving(**one["serving"]).words,
        revenue=money(source, risk) if risk and Fraction(risk) else "",
        is_orphaned=one["orphaned"],
        unanswered=Fraction(one["uncovered"], weight) if weight else Fraction(0),
    )


# -- benefits and definitions


def benefits(source: Source) -> Iterable[BenefitLine]:
    """Approved benefits of what runs or is done: planned for the period's end beside realised."""
    kpis = {row.kpi.code: row.kpi for row in source.matrix.rows}
    for one in source.sections["benefits"]:
        kpi = kpis.get(one["kpi"] or "")
        title = source.by_code[one["initiative"]]["title"] if one["initiative"] in source.by_code else one["initiative"]
        yield BenefitLine(title, one["name"], *(_gain(source, one[name], kpi) for name in _GAINS))


_GAINS = ("planned", "to_date", "realised")


def _gain(source: Source, text: str | None, kpi: Kpi | None) -> str:
    """An amount, or the difference that a KPI makes; – where it is not known."""
    if text is None:
        return NOTHING
    return signed(style_of(kpi, source.company.currency), Fraction(text)) if kpi else money(source, text)


def definitions(source: Source) -> Iterable[Definition]:
    """What the KPIs of the matrix mean, in its order, as of today; of those that are gone nothing is known."""
    known = {kpi.code: kpi for kpi in Kpi.objects.select_related("owner", "facts_of")}
    names = {code: kpi.name for code, kpi in known.items()}
    for row in source.matrix.rows:
        kpi = known.get(row.kpi.code)
        if kpi is None:
            yield Definition(row.kpi.name, "", "It is no longer in the library.", "", "")
            continue
        style = style_of(kpi, source.company.currency)
        meaning = kpi.customer_criterion or kpi.definition
        owner = str(kpi.owner) if kpi.owner else ""
        yield Definition(row.kpi.name, counted_in(kpi, style), meaning, _computed(kpi, names), owner)


def _computed(kpi: Kpi, names: Mapping[str, str]) -> str:
    """``Ratio of two sums; pooled over its months``: its methods in short, its formula in names."""
    if kpi.calculated:
        return computed_in_words(kpi, names)
    time = kpi.get_time_method_display()
    source = f"; facts of “{kpi.facts_of.name}”" if kpi.facts_of else ""
    return f"{kpi.get_customer_method_display()}; {time[0].lower()}{time[1:]}{source}."


def missing(source: Source) -> Iterable[tuple[str, str]]:
    """What was missing when the edition was prepared, each with the reason for which it was let go."""
    for one in source.sections.get("missing", ()):
        yield f"{one['title']}: {one['detail']}", one["waiver"]["reason"] if one["waiver"] else ""


def targets(source: Source) -> Iterable[tuple[str, ...]]:
    """Approved targets of the period's fiscal year and later, as the file ``targets`` has them: a year's row begins
    before its quarters.
    """
    period = source.period
    first, last = period.calendar.period(Kind.YEAR, period.first).first, Month(_LAST_YEAR * 100 + 12)
    standing = set(Target.objects.approved().reaching(first, last).values_list("pk", flat=True))
    kind: Any = load_kinds()["targets"]
    for row in Target.objects.filter(pk__in=standing).select_related("kpi", "tier").order_by(*_TARGET_ORDER):
        record = kind.record(row)
        yield tuple(record[name] for name in TARGET_COLUMNS)


_LAST_YEAR = 2199  # of the years that every door takes
_TARGET_ORDER = ("kpi__indicator", "kpi__position", "kpi__code", "tier__rank", "tier__code", "from_month", "per")
