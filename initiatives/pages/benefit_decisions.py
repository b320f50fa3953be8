"""Planned benefits that wait for finance: what looks odd first, what an approval does to the sums, what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.pages.decisions import MOST, Decided, lately
from accounts.reading.people import deciders_besides
from accounts.rights import Right
from core.decisions import APPROVE, REJECT, USUAL, Choices, SendLine, stays_because
from core.formatting import NOTHING, Style
from initiatives.choices import BenefitState
from initiatives.models import Benefit
from initiatives.pages.benefits import SHAPES, ShownBenefit, gain, shown_benefit, styles
from initiatives.reading.benefit_effects import Sums, counts, in_force, sums_after
from initiatives.reading.benefits import Brought, read_benefits
from initiatives.rules.benefit import is_own
from initiatives.rules.benefit_doubts import doubts
from initiatives.services.benefit_decisions import overtaken_among, superseded_by


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """A proposal beside the version in force, what is odd about it, what an approval does, and what was marked."""

    shown: ShownBenefit
    in_force: str
    odd: tuple[str, ...]
    effect: str
    verdict: str
    reason: str
    problem: str

    @property
    def pk(self) -> int:
        """What names it in the form."""
        return self.shown.benefit.pk

    @property
    def name(self) -> str:
        """What it is, in words."""
        return f"{self.shown.benefit.name}, {self.shown.benefit.initiative.title}"

    @property
    def approved(self) -> bool:
        """Whether it is marked to be approved."""
        return self.verdict == APPROVE

    @property
    def rejected(self) -> bool:
        """Whether it is marked to be rejected."""
        return self.verdict == REJECT


@dataclass
class BenefitDesk:
    """What waits and what was decided, as one person sees it, with what they marked. ``currency`` is the company's."""

    user: User
    currency: str
    choices: Choices

    @cached_property
    def decides(self) -> bool:
        """Whether the person decides on anything here."""
        return self.user.has_perm(Right.APPROVE_TARGETS)

    @cached_property
    def read(self) -> list[Brought]:
        """What stands, waits, may stand again, or was decided of late."""
        states = (BenefitState.APPROVED, BenefitState.PROPOSED, BenefitState.SUPERSEDED)
        rows = Benefit.objects.filter(Q(state__in=states) | Q(decided_at__gte=lately()))
        return read_benefits(rows.select_related("created_by", "proposed_by", "decided_by"))

    def _in(self, state: BenefitState) -> list[Brought]:
        return [one for one in self.read if one.benefit.state == state]

    @cached_property
    def approved(self) -> list[Brought]:
        """What counts."""
        return self._in(BenefitState.APPROVED)

    @cached_property
    def waiting(self) -> list[Brought]:
        """All that waits, by whomever."""
        return self._in(BenefitState.PROPOSED)

    @cached_property
    def _others(self) -> list[Brought]:
        return [one for one in self.waiting if not is_own(self.user, one.benefit)]

    # -- what waits

    @cached_property
    def own(self) -> list[ShownProposal]:
        """What the person wrote or proposed: somebody else decides on it."""
        return [self._shown(one) for one in self.waiting if is_own(self.user, one.benefit)]

    @cached_property
    def rows(self) -> list[ShownProposal]:
        """What others proposed."""
        return [self._shown(one) for one in self._others]

    @property
    def odd(self) -> list[ShownProposal]:
        """Those to be looked at first: each is decided by itself."""
        return [row for row in self.rows if row.odd]

    @property
    def usual(self) -> list[ShownProposal]:
        """The others."""
        return [row for row in self.rows if not row.odd]

    def of_group(self, name: str) -> list[int]:
        """The ids that a button marks; none of another name."""
        return [row.pk for row in self.usual] if name == USUAL else []

    @cached_property
    def deciders(self) -> str:
        """Who decides on what the person proposed; empty where nobody else may."""
        return deciders_besides(self.user)

    def _shown(self, one: Brought) -> ShownProposal:
        before, benefit = in_force(one, self.approved), one.benefit
        others = [other.planned for other in self.approved if other.in_money and other.planned]
        earlier = before.benefit if before else None
        planned = one.planned if one.in_money else None
        return ShownProposal(
            shown_benefit(one, self.user, proposes=False, currency=self.currency),
            gain(styles(before, self.currency)[0], before.benefit.value_per_year) if before else NOTHING,
            tuple(doubts(benefit, earlier, planned, max(others, default=None), self.currency)),
            self._effect(one),
            self.choices.verdicts.get(benefit.pk, ""),
            self.choices.reasons.get(benefit.pk, ""),
            self.choices.problems.get(benefit.pk, ""),
        )

    # -- what a decision does

    @cached_property
    def _now(self) -> Sums:
        return sums_after(self.approved)

    def _effect(self, one: Brought) -> str:
        after = sums_after(self.approved, [one])
        if not counts(one) and after == self._now:
            return _uncounted(one)
        return f"It {self._words(after)}."

    def _words(self, after: Sums) -> str:
        """``makes the sum planned to date €300 instead of €0, and that of a year €1,200 instead of €0``"""
        now, style = self._now, Style("currency", self.currency, 0)
        parts = (("planned to date", now.to_date, after.to_date), ("planned a year", now.planned, after.planned))
        told = [f"{name} {style.full(new)} instead of {style.full(old)}" for name, old, new in parts if new != old]
        return f"makes the sum {' and that '.join(told)}" if told else "changes no sum of planned benefits"

    @cached_property
    def line(self) -> SendLine:
        """What sending does; works without the rest of the page."""
        waiting = {one.benefit.pk: one for one in self._others}
        approved = [waiting[pk] for pk in self.choices.approved if pk in waiting]
        rejected = sum(pk in waiting for pk in self.choices.rejected)
        does = self._words(sums_after(self.approved, approved))
        return SendLine(len(waiting), len(approved), rejected, does, "planned benefit")

    # -- what was decided

    @cached_property
    def decided(self) -> list[Decided]:
        """Of the last thirty days, the latest first, at most two hundred."""
        since = lately()
        found = [one for one in self.read if (at := one.benefit.decided_at) and at >= since]
        found.sort(key=lambda one: (one.benefit.decided_at, one.benefit.pk), reverse=True)
        shown = [one.benefit for one in found[:MOST]]
        overtaken = overtaken_among(shown)
        stays = {one.pk: self._stays(one, overtaken=one.pk in overtaken) for one in shown}
        again = self._again([one for one in shown if not stays[one.pk]])
        return [self._decision(one, stays[one.benefit.pk], again.get(one.benefit.pk)) for one in found[:MOST]]

    def said_of(self, pk: int) -> str:
        """What taking that decision back does; empty where it stays, or was decided earlier."""
        return next((one.said for one in self.decided if one.pk == pk), "")

    def _again(self, free: Sequence[Benefit]) -> dict[int, Brought]:
        by_pk = {one.benefit.pk: one for one in self.read}
        return {pk: by_pk[before.pk] for pk, before in superseded_by(free).items() if before.pk in by_pk}

    def _decision(self, one: Brought, stays: str, again: Brought | None) -> Decided:
        benefit, state = one.benefit, BenefitState(one.benefit.state)
        shown = shown_benefit(one, self.user, proposes=False, currency=self.currency)
        outcome = "taken back" if state == BenefitState.WITHDRAWN else state.label.lower()
        assert benefit.decided_at is not None  # noqa: S101 - of those that were decided
        return Decided(
            pk=benefit.pk,
            title=f"{benefit.name}, {benefit.initiative.title}",
            url=f"{reverse('initiative', args=[benefit.initiative.code])}#benefits",
            outcome=outcome,
            shape=SHAPES[state],
            at=benefit.decided_at,
            by=str(benefit.decided_by),
            words=shown.promise,
            reason=benefit.decision_note,
            stays=stays,
            said="" if stays else self._said(one, again),
        )

    def _said(self, one: Brought, again: Brought | None) -> str:
        if one.benefit.state == BenefitState.REJECTED:
            return "It waits for a decision again and changes no sum; who proposed it is told."
        effect = self._words(sums_after(self.approved, [again] if again else [], [one]))
        if again is None:
            entered = " What was entered of it stays on record and leaves the sums." if one.months else ""
            return f"It {effect}. Nothing stands in its place then; who proposed it is told.{entered}"
        before = gain(styles(again, self.currency)[0], again.benefit.value_per_year)
        return f"It {effect}. Version {again.benefit.version} stands again, {before} a year; who proposed it is told."

    def _stays(self, benefit: Benefit, *, overtaken: bool) -> str:
        own = is_own(self.user, benefit)
        why = stays_because(benefit.state, benefit.get_state_display(), own=own, overtaken=overtaken)
        return why or ("" if self.decides else "finance takes decisions back")


def _uncounted(one: Brought) -> str:
    """Why no sum changes."""
    if not one.in_money:
        return "Counted in the KPI’s own unit: no sum of money changes."
    if one.without_rate:
        return f"There is no rate for {one.benefit.currency}: sums leave it out."
    return f"No sum changes while its initiative is {one.benefit.initiative.get_stage_display().lower()}."
