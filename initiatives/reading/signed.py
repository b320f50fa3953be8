"""Coverage and the upward report of a closed period as they were signed, as the values that pages show.

Initiatives, departments and tiers are called what they were called then. They are rows of no table: what a page leads
to is what there is today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date
from fractions import Fraction
from typing import Any

from accounts.models import Department
from core.numbers import rounded_text
from core.periods import Period
from customers.reading.signed_growth import SignedTiers
from initiatives.choices import Health, ScheduleStatus, Stage
from initiatives.formulas import Plan, Scores, UpdateState, Verdict
from initiatives.models import Initiative
from initiatives.reading.coverage import Coverage, Line, every_department
from initiatives.reading.report import FEW, By, Held, Report, Tally
from initiatives.reading.running_initiatives import Serving
from initiatives.reading.standings import Standing

_COUNTED = (
    *("running", "on_schedule", "at_risk", "late", "not_reported", "customer_focused", "not_started", "on_hold"),
    *("started", "finished_on_time", "finished_late", "cancelled"),
)


class SignedRegister:
    """The initiatives of a document, with what they were called. Two queries."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.tiers = SignedTiers(document)
        self.day = date.fromisoformat(document["report"]["as_of"])
        names = {one["key"]: one["name"] for one in document["report"]["groups"]["department"]}
        self._departments = {row.code: copy(row) for row in every_department()}
        for code, name in names.items():
            self._departments.setdefault(code, Department(code=code)).name = name
        self._told = {one["code"]: one for one in document["initiatives"]}

    def department(self, code: str | None) -> Department | None:
        """By code; None for none."""
        return self._departments.get(code) if code else None

    def standing(self, code: str) -> Standing:
        """How an initiative stood, by code."""
        told = self._told[code]
        row = Initiative(
            **{name: told[name] for name in ("code", "title", "level", "customer_focused")},
            department=self.department(told["department"]),
            serves=self.department(told.get("serves")),
        )
        said = told["progress"]
        status = ScheduleStatus(told["status"]) if told["status"] else None
        return Standing(
            *(row, self.day, Stage(told["stage"]), Plan(*(None,) * 5), Scores(None, None)),
            *(_fraction(told["cost"]), _fraction(told["spent"])),
            latest=None if said is None else UpdateState(0, self.day, Health.ON_SCHEDULE, said),
            verdict=Verdict(status, ()) if status else None,
        )

    def running(self) -> list[Mapping[str, Any]]:
        """Those that ran."""
        return [one for one in self._told.values() if one["running"]]

    def named(self, codes: Iterable[str]) -> tuple[Standing, ...]:
        """The standings of those codes."""
        return tuple(self.standing(code) for code in codes)


# -- coverage


def signed_coverage(document: Mapping[str, Any], period: Period) -> Coverage:
    """The coverage of an edition's document."""
    told, register = document["coverage"], SignedRegister(document)
    lines: dict[str, Any] = {name: tuple(_line(one, told, register) for one in told[name]) for name in _LINES}
    return Coverage(
        period=period,
        as_of=date.fromisoformat(told["as_of"]),
        **{name: told[name] for name in ("weight", "uncovered", "running", "customer_focused")},
        budget=Fraction(told["budget"]),
        without_rate=register.named(told["without_rate"]),
        orphaned_initiatives=register.named(told["orphaned_initiatives"]),
        **lines,
    )


_LINES = ("departments", "themes", "tiers", "orphaned_pain")


def _line(told: Mapping[str, Any], whole: Mapping[str, Any], register: SignedRegister) -> Line:
    """Shares are made of what they are shares of: those of the document are rounded already."""
    serving, cost = told["serving"], Fraction(told["cost"])
    return Line(
        department=register.department(told["department"]),
        theme=told["theme"],
        tier=register.tiers[told["tier"]] if told["tier"] else None,
        weight=told["weight"],
        pain_share=_share(told["weight"], whole["weight"]),
        uncovered=told["uncovered"],
        tiers=tuple(register.tiers[code] for code in told.get("uncovered_tiers", ())),
        revenue_at_risk=Fraction(told["revenue_at_risk"]),
        uncovered_revenue=Fraction(told.get("uncovered_revenue", "0")),
        serving=Serving(serving["running"], serving["late"], serving["not_reported"]),
        running_share=_share(serving["running"], whole["running"]),
        cost=cost,
        budget_share=_share(cost, Fraction(whole["budget"])),
        without_cost=told["without_cost"],
    )


def _share(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / whole if whole else None


# -- the report


def signed_report(document: Mapping[str, Any], period: Period, by: Iterable[By]) -> Report:
    """The report of an edition's document; who put something on hold is not kept."""
    told, register = document["report"], SignedRegister(document)
    groups = {one: tuple(_tally(row, one, register) for row in told["groups"][one.value]) for one in by}
    held = tuple(
        Held(register.standing(one["code"]), date.fromisoformat(one["since"]) if one["since"] else None, "")
        for one in told["on_hold"]
    )
    return Report(register.day, period, _tally(told["total"], None, register), groups, held, told["undated"])


def _tally(told: Mapping[str, Any], by: By | None, register: SignedRegister) -> Tally:
    few = () if told["running"] > FEW or by is None else _members(told["key"], by, register)
    return Tally(told["key"], told["name"], **{name: told[name] for name in _COUNTED}, progress=few)


def _members(key: str | None, by: By, register: SignedRegister) -> tuple[Standing, ...]:
    """Who runs in a group, where a document says it: of levels, departments and tiers."""
    rows = register.running()
    if by == By.TIER:
        known = [one for one in rows if "tiers" in one]
        return register.named(one["code"] for one in known if not one["tiers"] or key in one["tiers"])
    return register.named(one["code"] for one in rows if one[by.value] == key)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


# -- what is another by now


def differing_lines(signed: Coverage, live: Coverage) -> int:
    """How many lines of a coverage say something else by now."""
    then, now = _lines(signed), _lines(live)
    return sum(then.get(key) != now.get(key) for key in {*then, *now})


def _lines(found: Coverage) -> dict[Any, Any]:
    lines = (*found.departments, *found.themes, *found.tiers)
    told = {
        (one.department and one.department.code, one.theme, one.tier and one.tier.code): (
            *(one.weight, one.uncovered, one.revenue_at_risk, one.serving),
            rounded_text(one.cost),
        )
        for one in lines
    }
    return {**told, "all": (found.weight, found.running, found.customer_focused, rounded_text(found.budget))}


def differing_tallies(signed: Report, live: Report) -> int:
    """How many lines of a report say something else by now."""
    then, now = _tallies(signed), _tallies(live)
    return sum(then.get(key) != now.get(key) for key in {*then, *now})


def _tallies(found: Report) -> dict[Any, Any]:
    rows = [(by, one) for by, tallies in found.groups.items() for one in tallies]
    told = {(by, one.key): [getattr(one, name) for name in _COUNTED] for by, one in [("all", found.total), *rows]}
    return {**told, "held": sorted(one.standing.initiative.code for one in found.held)}
