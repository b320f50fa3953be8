"""Benefits as pages write them: what was promised, what it should have brought by now, and what it brought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from accounts.company import company
from accounts.models import User
from core.formatting import NOTHING, Style, counted, day_name, month_name, number, sentence_list
from core.periods import Month
from core.sentences import Phrase, Sentence
from initiatives.choices import BenefitKind, BenefitState
from initiatives.models import Benefit
from initiatives.reading.benefits import BenefitReport, Brought, LevelSum, read_benefits, report_benefits
from initiatives.reading.standings import Standing
from initiatives.rules.benefit import may_decide
from initiatives.services.benefits import UNDECIDED, may_propose
from kpis.wording import style_of

_LOOKS = {
    BenefitState.DRAFT: "no-data",
    BenefitState.PROPOSED: "near",
    BenefitState.APPROVED: "met",
    BenefitState.REJECTED: "missed",
    BenefitState.SUPERSEDED: "no-target",
    BenefitState.WITHDRAWN: "no-target",
}
SHAPES = {
    BenefitState.DRAFT: "○",
    BenefitState.PROPOSED: "◆",
    BenefitState.APPROVED: "●",
    BenefitState.REJECTED: "■",
    BenefitState.SUPERSEDED: "–",
    BenefitState.WITHDRAWN: "–",
}


@dataclass(frozen=True, slots=True)
class ShownBenefit:
    """A version of a benefit with its numbers in words, and what this person may do with it."""

    brought: Brought
    promise: str
    to_date: str
    realised: str
    how: str
    css_class: str
    shape: str
    decided: str
    may_decide: bool
    may_withdraw: bool
    may_realise: bool

    @property
    def benefit(self) -> Benefit:
        """The version."""
        return self.brought.benefit

    @property
    def course(self) -> str:
        """Whether it brought what it should have by now, in words; empty where that is not known."""
        on_course = self.brought.on_course
        return "" if on_course is None else "on course" if on_course else "behind"

    @property
    def course_shape(self) -> str:
        """The mark that tells it apart without colour."""
        return "●" if self.brought.on_course else "▲"

    @property
    def course_class(self) -> str:
        """The class that colours that."""
        return "status-met" if self.brought.on_course else "status-near"


@dataclass(frozen=True, slots=True)
class BenefitsPart:
    """The benefits of one initiative: those that stand or wait, then what is past."""

    code: str
    standing: tuple[ShownBenefit, ...]
    past: tuple[ShownBenefit, ...]
    may_propose: bool


# Where on the page the lists are that its sentences count.
WAITING, BY_LEVEL, APPROVED = "#waiting", "#by-level", "#approved"
_PAST = (BenefitState.REJECTED, BenefitState.SUPERSEDED, BenefitState.WITHDRAWN)


def build(standing: Standing, user: User) -> BenefitsPart | None:
    """The part of an initiative's page; None where there is nothing to show and nothing to propose."""
    row = standing.initiative
    proposes = may_propose(user, row)
    found = read_benefits(Benefit.objects.filter(initiative=row))
    if not found and not proposes:
        return None
    currency = company().currency
    shown = [shown_benefit(one, user, proposes=proposes, currency=currency) for one in found]
    return BenefitsPart(
        row.code,
        tuple(one for one in shown if one.benefit.state not in _PAST),
        tuple(one for one in shown if one.benefit.state in _PAST),
        proposes,
    )


def shown_benefit(one: Brought, user: User, *, proposes: bool, currency: str) -> ShownBenefit:
    """A version in words; ``proposes``: whether the person may propose benefits of its initiative."""
    benefit, state = one.benefit, BenefitState(one.benefit.state)
    own, total = (style.adding_up(one.realised, one.now, one.baseline) for style in styles(one, currency))
    return ShownBenefit(
        one,
        promise=f"{gain(own, benefit.value_per_year)} a year from {month_name(Month(benefit.from_month))}",
        to_date=gain(total, one.to_date),
        realised=gain(total, one.realised, signed=True),
        how=_how(one, own),
        css_class=f"status-{_LOOKS[state]}",
        shape=SHAPES[state],
        decided=_decided(benefit),
        may_decide=state == BenefitState.PROPOSED and may_decide(user, benefit),
        may_withdraw=proposes and state in UNDECIDED,
        may_realise=proposes and state == BenefitState.APPROVED and one.in_money,
    )


def styles(one: Brought, currency: str) -> tuple[Style, Style]:
    """How the promise is written, and what it comes to: in the company's money, or in the KPI's unit."""
    if one.benefit.kpi:
        style = style_of(one.benefit.kpi, currency)
        return style, style
    return Style("currency", one.benefit.currency or currency, 0), Style("currency", currency, 0)


def gain(style: Style, value: Fraction | Decimal | None, *, signed: bool = False) -> str:
    """A difference: of percentages in points."""
    if value is None:
        return NOTHING
    sign = "+" if signed and value > 0 else ""
    return sign + (f"{number(value, style.decimals)} points" if style.unit == "percent" else style.full(value))


def _how(one: Brought, style: Style) -> str:
    """Where the realised number comes from."""
    benefit = one.benefit
    if benefit.kind == BenefitKind.MONEY:
        if one.without_rate:
            return f"There is no rate for {benefit.currency}: sums leave it out."
        return f"Entered for {counted(len(one.months), 'month')}." if one.months else "Nothing was entered yet."
    column = benefit.tier.name if benefit.tier else "all customers"
    if one.baseline is None or one.now is None:
        return f"{benefit.kpi} in {column}: no cells yet before and after its start."
    return (
        f"{benefit.kpi} in {column}: {style.full(one.now)} in {one.since}, {style.full(one.baseline)} in {one.before}."
    )


def _decided(benefit: Benefit) -> str:
    """Who proposed and who decided, when and why."""
    proposer = benefit.proposed_by or benefit.created_by
    told = [f"proposed by {proposer}" if proposer else ""]
    if benefit.decided_by and benefit.decided_at:
        state = BenefitState(benefit.state)
        verb = "rejected" if state == BenefitState.REJECTED else "approved"
        told.append(f"{verb} by {benefit.decided_by} on {day_name(benefit.decided_at.date())}")
    words = ", ".join(text for text in told if text)
    return f"{words}: {benefit.decision_note}" if benefit.decision_note else words


@dataclass(frozen=True, slots=True)
class ShownSum:
    """A line of the table by level."""

    name: str
    initiatives: int
    promising: int
    planned: str
    to_date: str
    realised: str
    waiting: str
    cost: str
    spent: str
    in_kpis: str


@dataclass(frozen=True, slots=True)
class BenefitsPage:
    """All that the page of benefits shows."""

    headline: Sentence
    detail: Sentence
    levels: tuple[ShownSum, ...]
    total: ShownSum
    approved: tuple[ShownBenefit, ...]
    left_out: str


def benefits_page(user: User, currency: str, *, approved: Iterable[Brought], waiting: int) -> BenefitsPage:
    """Planned, realised and cost by level, and everything that was approved; ``waiting``: so many proposals wait."""
    report, style = report_benefits(), Style("currency", currency, 0)
    return BenefitsPage(
        headline=_headline(report, style),
        detail=_detail(report, waiting, style),
        levels=tuple(_sum(one, style) for one in report.levels),
        total=_sum(report.total, style),
        approved=_all_shown(approved, user, currency),
        left_out=_left_out(report),
    )


def _all_shown(rows: Iterable[Brought], user: User, currency: str) -> tuple[ShownBenefit, ...]:
    """Changes of an initiative's benefits are made on its own page, so nobody is asked about here."""
    return tuple(shown_benefit(one, user, proposes=False, currency=currency) for one in rows)


def _headline(report: BenefitReport, style: Style) -> Sentence:
    """``€1.2m was brought of €1.5m planned to date.``: like against like; what a year promises stands beside it."""
    total = report.total
    if not total.promising:
        return (Phrase("No benefit has been approved yet."),)
    good = total.realised >= total.to_date
    words = f"{style.full(total.realised)} was brought of {style.full(total.to_date)} planned to date"
    return (Phrase(words, "status-met" if good else "status-missed", APPROVED), Phrase("."))


def _detail(report: BenefitReport, waiting: int, style: Style) -> Sentence:
    total = report.total
    saying = f"{number(total.promising)} of {counted(total.initiatives, 'initiative')}"
    found = [Phrase(saying, "", BY_LEVEL), Phrase(f" say what they should bring: {style.full(total.planned)} a year.")]
    if total.kpi_benefits:
        count = counted(total.kpi_benefits, "benefit")
        found += [Phrase(" "), Phrase(count, "", APPROVED)]
        found += [Phrase(f" in a KPI’s own unit beside them, {total.kpi_met} on course.")]
    if waiting:
        found += [Phrase(" "), Phrase(counted(waiting, "proposal"), "", WAITING)]
        found += [Phrase(f" {'waits' if waiting == 1 else 'wait'} for finance.")]
    return tuple(found)


def _sum(one: LevelSum, style: Style) -> ShownSum:
    return ShownSum(
        name=one.level.label if one.level else "All",
        initiatives=one.initiatives,
        promising=one.promising,
        planned=style.full(one.planned),
        to_date=style.full(one.to_date),
        realised=style.full(one.realised),
        waiting=style.full(one.waiting),
        cost=style.full(one.cost),
        spent=style.full(one.spent),
        in_kpis=f"{one.kpi_met} of {one.kpi_benefits}" if one.kpi_benefits else NOTHING,
    )


def _left_out(report: BenefitReport) -> str:
    """What sums leave out for want of a rate."""
    benefits = _named(f"{one.benefit.name} ({one.benefit.currency})" for one in report.without_rate)
    costs = _named(f"{one.initiative.title} ({one.initiative.currency})" for one in report.cost_without_rate)
    told = [f"benefits of {benefits}" if benefits else "", f"costs of {costs}" if costs else ""]
    words = sentence_list([text for text in told if text])
    return f"Without a rate, and so left out of the sums: {words}." if words else ""


def _named(names: Iterable[str]) -> str:
    found: Sequence[str] = [f"“{name}”" for name in names]
    return sentence_list(found) if found else ""
