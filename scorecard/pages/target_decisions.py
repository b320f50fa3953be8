"""What was decided on targets in the last thirty days, and whether it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.company import today_of
from accounts.models import Company, User
from accounts.pages.decisions import MOST, lately
from accounts.rights import Right
from core.formatting import goal_in_full
from core.periods import Kind, Month
from kpis.choices import TargetState
from kpis.models import Target
from kpis.models.versions import VersionBook
from kpis.pages.effects import batch_words
from kpis.reading.effects import Effects, Move
from kpis.reading.target_history import history_address
from kpis.rules.target import stays_because, with_own
from kpis.services.decisions import overtaken_among, superseded_by
from kpis.wording import style_of
from scorecard.pages.proposals import goal_of, span_words

_SHAPES = {"approved": "●", "rejected": "■", "superseded": "–", "withdrawn": "–"}


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """One version that was decided: what it says, who decided when, why it stays, or what taking it back does.

    ``again`` is what would stand again; ``effect`` which verdicts change then. Both are empty where it stays.
    """

    target: Target
    words: str
    period: str
    outcome: str
    shape: str
    stays: str
    again: str
    effect: str
    history: str

    @property
    def name(self) -> str:
        """What it is, in words."""
        return f"{self.target.kpi.name}, {self.target.tier.name}, {self.period}"

    @property
    def said(self) -> str:
        """What taking it back does, as a sentence."""
        if self.target.state == TargetState.REJECTED:
            return "It waits for a decision again and changes no verdict; who proposed it is told."
        return f"It {self.effect}. {self.again}; who proposed it is told."


def decided_lately(user: User, company: Company) -> list[ShownDecision]:
    """The latest first, at most two hundred; a constant number of queries."""
    rows = with_own(Target.objects.filter(decided_at__gte=lately()), user)
    named = rows.select_related("kpi", "tier", "decided_by", "batch__proposed_by", "created_by")
    found = list(named.order_by("-decided_at", "kpi__indicator", "kpi__position", "kpi__code", "tier__rank")[:MOST])
    versions = VersionBook.read({target.kpi for target in found})
    for target in found:
        target.kpi = versions.of_target(target)
    return _shown(found, user, company)


def _shown(found: Sequence[Target], user: User, company: Company) -> list[ShownDecision]:
    finance = user.has_perm(Right.APPROVE_TARGETS)
    overtaken = overtaken_among(found)
    stays = {one.pk: _stays(one, finance=finance, overtaken=one.pk in overtaken) for one in found}
    free = [one for one in found if not stays[one.pk] and one.state == TargetState.APPROVED]
    again = superseded_by(free)
    effects = Effects(free, company.calendar, today_of(company))
    told = {one.pk: batch_words(effects.of([Move(one, again.get(one.pk))])) for one in free}
    return [
        ShownDecision(
            target=one,
            words=_words(one, company),
            period=span_words(one, company.calendar.period(Kind(one.per), Month(one.from_month))),
            outcome="taken back" if one.state == TargetState.WITHDRAWN else one.get_state_display().lower(),
            shape=_SHAPES[one.state],
            stays=stays[one.pk],
            again=_again(one, again.get(one.pk), company) if one.pk in told else "",
            effect=told.get(one.pk, ""),
            history=history_address(one.kpi, one.tier, one.per, Month(one.from_month)),
        )
        for one in found
    ]


def _stays(target: Target, *, finance: bool, overtaken: bool) -> str:
    why = stays_because(target, own=vars(target)["own"], overtaken=overtaken)
    return why or ("" if finance else "finance takes decisions back")


def _again(target: Target, before: Target | None, company: Company) -> str:
    if before is None:
        return "Nothing stands in its place then"
    before.kpi = target.kpi
    return f"Version {before.version} stands again, {_words(before, company)}"


def _words(target: Target, company: Company) -> str:
    return goal_in_full(style_of(target.kpi, company.currency), target.kpi.direction, *goal_of(target).parts)
