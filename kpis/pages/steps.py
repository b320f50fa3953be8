"""The steps of a KPI's charts as its page shows them: those set, those that may be, and whether it looks seasonal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.company import today_of
from accounts.models import Company, User
from accounts.rights import Right
from core.formatting import month_name, number
from core.periods import Month, month_code, month_of, shift
from kpis.forms.signals import StepForm, TakeStepBackForm
from kpis.formulas.signals import LEAST_POINTS, Limits
from kpis.models import Kpi, Step
from kpis.reading.signals import is_charted, read_book
from kpis.reading.step_proposals import ProposedStep, propose_steps, read_seasonal
from kpis.wording import style_of


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step that was set; ``ended`` says who took it back, when and why, and is empty while it counts."""

    step: Step
    since: str
    column: str
    ended: str
    form: TakeStepBackForm


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """A step that may be set: what for, the limits before and after in words, and the form filled in."""

    since: str
    column: str
    reason: str
    before: str
    after: str
    fields: tuple[tuple[str, str], ...]


class StepsPage:
    """The panel of a KPI's steps. What may be set is worked out for those who may set it."""

    def __init__(self, company: Company, kpi: Kpi, user: User, form: StepForm | None = None) -> None:
        self.kpi, self.company = kpi, company
        self.may_set = user.has_perm(Right.SET_STEPS)
        self.today = today_of(company)
        self.form = form or StepForm(initial={"month": month_code(month_of(self.today))})

    @cached_property
    def is_charted(self) -> bool:
        """Whether the KPI has a chart today."""
        return is_charted(self.kpi, month_of(self.today))

    @cached_property
    def steps(self) -> list[ShownStep]:
        """Those that were set, the latest first."""
        rows = Step.objects.filter(kpi=self.kpi.pk).select_related("tier", "by", "taken_back_by")
        return [self._shown(row) for row in rows.order_by("-month", "-pk")]

    @cached_property
    def proposals(self) -> list[ShownProposal]:
        """Those that may be set."""
        if not (self.may_set and self.is_charted):
            return []
        return [self._proposal(one) for one in propose_steps(self._book, self.kpi, self.today)]

    @cached_property
    def seasonal_hint(self) -> str:
        """Why it looks seasonal, in a sentence; empty where it doesn't, or is marked so."""
        if not (self.may_set and self.is_charted):
            return ""
        hint = read_seasonal(self._book, self.kpi, shift(month_of(self.today), -1))
        if hint is None:
            return ""
        style = style_of(self.kpi, self.company.currency)
        by_year, by_month = (style.apart(number(one, style.decimals + 1)) for one in (hint.by_year, hint.by_month))
        return (
            f"In {hint.months} months one month differs from the next by {by_month} on the average, but the "
            f"differences from the same month a year before by {by_year} only: it looks seasonal."
        )

    @cached_property
    def _book(self) -> Any:
        return read_book([self.kpi], shift(month_of(self.today), -1))

    def _shown(self, step: Step) -> ShownStep:
        ended = " ".join(self._ended(step))
        return ShownStep(
            step=step,
            since=month_name(step.month),
            column=step.tier.name if step.tier else "all columns",
            ended=ended,
            form=TakeStepBackForm(prefix=f"step-{step.pk}"),
        )

    def _ended(self, step: Step) -> Iterator[str]:
        if step.taken_back_at:
            yield f"Taken back{f' by {step.taken_back_by}' if step.taken_back_by else ''}:"
            yield step.why_taken_back

    def _proposal(self, one: ProposedStep) -> ShownProposal:
        tier = str(one.tier.pk) if one.tier else ""
        reason = f"{one.reason[:1].upper()}{one.reason[1:]}"
        months = f"not yet: {one.points} of {LEAST_POINTS} months"
        return ShownProposal(
            since=month_name(one.month),
            column=one.tier.name if one.tier else "all columns",
            reason=reason,
            before=self._limits(one.before) or "none yet",
            after=self._limits(one.after) or months,
            fields=(("month", _code(one.month)), ("tier", tier), ("reason", reason)),
        )

    def _limits(self, limits: Limits | None) -> str:
        """``17.3 % to 21.2 %``; empty without."""
        if limits is None:
            return ""
        style = style_of(self.kpi, self.company.currency)
        return f"{style.full(limits.lower)} to {style.full(limits.upper)}"


def _code(month: Month) -> str:
    return month_code(month)
