"""The page on which finance decides: what looks wrong first, then what reaches back, then what is within the usual."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.urls import reverse

from accounts.company import today_of
from accounts.models import Company, User
from accounts.reading.people import deciders_besides
from accounts.rights import Right
from core.decisions import USUAL, Choices, SendLine
from core.formatting import counted
from initiatives.choices import BenefitState, TurnaroundState
from initiatives.models import Benefit, Turnaround
from initiatives.reading.approvals import for_executive
from kpis.access import proposable_by
from kpis.choices import ProposalState, TargetState
from kpis.models import Kpi, KpiProposal, Target, TargetBatch
from kpis.pages.effects import batch_words
from kpis.reading.effects import Effects, Move
from kpis.rules.target import with_own
from scorecard.pages.proposals import Desk, ShownProposal


@dataclass(frozen=True, slots=True)
class Block:
    """The proposals of one KPI that are within the usual; ``key`` is what its button says."""

    kpi: Kpi
    unit: str
    rows: tuple[ShownProposal, ...]

    @property
    def key(self) -> str:
        """What names it in a form and in the address."""
        return f"kpi-{self.kpi.pk}"

    @property
    def period(self) -> str:
        """What all its rows are for; empty where they differ."""
        return _same(row.period for row in self.rows)

    @property
    def proposer(self) -> str:
        """Who proposed all of them; empty where several did."""
        return _same(row.proposer for row in self.rows)

    @property
    def choosable(self) -> int:
        """How many of its rows can be approved."""
        return sum(not row.overtaken for row in self.rows)


@dataclass(frozen=True, slots=True)
class Asked:
    """A batch: who proposed it, when, with which note, how much of it waits; whether the person may take it back."""

    batch: TargetBatch
    count: int
    withdrawable: bool


@dataclass
class ApprovalsPage:
    """What waits for decisions, as one person sees it, with what they marked."""

    user: User
    company: Company
    choices: Choices

    @cached_property
    def decides(self) -> bool:
        """Whether the person decides on anything here."""
        return self.user.has_perm(Right.APPROVE_TARGETS)

    @cached_property
    def _waiting(self) -> list[Target]:
        return _all_waiting(self.user)

    @cached_property
    def desk(self) -> Desk:
        """What the rows are read with."""
        return Desk(self._waiting, self.company, today_of(self.company))

    @cached_property
    def _rows(self) -> list[ShownProposal]:
        return self.desk.shown(self.choices)

    @cached_property
    def own(self) -> list[ShownProposal]:
        """What the person wrote or proposed: somebody else decides on it."""
        return [row for row in self._rows if vars(row.target)["own"]]

    @cached_property
    def rows(self) -> list[ShownProposal]:
        """What others proposed."""
        return [row for row in self._rows if not vars(row.target)["own"]]

    # -- the groups

    @cached_property
    def odd(self) -> list[ShownProposal]:
        """Those that look mistyped, or can no longer be approved: each is decided by itself."""
        return [row for row in self.rows if row.odd or row.overtaken]

    @cached_property
    def back(self) -> list[ShownProposal]:
        """Those that count in ended periods."""
        return [row for row in self.rows if row.reaches and not (row.odd or row.overtaken)]

    @cached_property
    def usual(self) -> list[ShownProposal]:
        """The others."""
        return [row for row in self.rows if not (row.odd or row.overtaken or row.reaches)]

    @cached_property
    def blocks(self) -> list[Block]:
        """The usual ones by KPI."""
        groups = (list(rows) for _, rows in groupby(self.usual, key=lambda row: row.kpi.pk))
        return [Block(rows[0].kpi, rows[0].unit, tuple(rows)) for rows in groups]

    def of_group(self, name: str) -> list[int]:
        """The ids that a button marks: of one KPI, or all within the usual; none of another name."""
        rows = self.usual if name == USUAL else next((one.rows for one in self.blocks if one.key == name), ())
        return [row.target.pk for row in rows]

    @property
    def compared_odd(self) -> str:
        """What the first group's numbers are of."""
        return compared_with(self.odd)

    @property
    def compared_back(self) -> str:
        """What the second group's numbers are of."""
        return compared_with(self.back)

    @property
    def compared_usual(self) -> str:
        """What the third group's numbers are of."""
        return compared_with(self.usual)

    @property
    def elsewhere(self) -> bool:
        """Whether what is in force for any row comes from one of another length."""
        return any(row.elsewhere for row in self.rows)

    @property
    def columns(self) -> int:
        """How many columns the table has."""
        return 8 + (self.decides or self.withdraws)

    # -- the heading

    @cached_property
    def turned_back(self) -> int:
        """How many verdicts all that reaches back would change together."""
        return sum(one.turns for one in self.desk.together(row.target for row in self.back))

    @cached_property
    def batches(self) -> list[Asked]:
        """What others sent, the oldest first."""
        found: dict[int, tuple[TargetBatch, list[Target]]] = {}
        for row in self.rows:
            if batch := row.target.batch:
                found.setdefault(batch.pk, (batch, []))[1].append(row.target)
        return [Asked(batch, len(rows), self._withdrawable(rows)) for _, (batch, rows) in sorted(found.items())]

    def _withdrawable(self, rows: Iterable[Target]) -> bool:
        return not self.decides and all(row.kpi_id in self.proposes for row in rows)

    @cached_property
    def proposes(self) -> set[int]:
        """The KPIs whose targets the person may propose, and so take back."""
        return set(proposable_by(self.user, Kpi.objects.all()).values_list("pk", flat=True)) if self._waiting else set()

    @property
    def withdraws(self) -> bool:
        """Whether the person may take proposals of others back: those who decide reject them instead."""
        return not self.decides and any(row.target.kpi_id in self.proposes for row in self.rows)

    @cached_property
    def deciders(self) -> str:
        """Who decides on what the person proposed: ``Fay or Frieda``; empty where nobody else may."""
        return deciders_besides(self.user)

    # -- the line beside the button

    @property
    def seen(self) -> str:
        """What the page shows, for the form's hidden field: what is proposed anew since is not decided unseen."""
        return " ".join(f"{row.target.pk}:{row.target.batch_id}" for row in self.rows)

    @cached_property
    def line(self) -> SendLine:
        """What sending does."""
        marked = [row for row in self.rows if row.choice]
        approved = [row.target for row in marked if not row.rejected]
        does = batch_words(self.desk.together(approved))
        return SendLine(len(self.rows), len(approved), len(marked) - len(approved), does)


def _all_waiting(user: User) -> list[Target]:
    """Every proposal, each with ``own``, in the order of the matrix."""
    rows = Target.objects.filter(state=TargetState.PROPOSED, batch__isnull=False)
    named = with_own(rows, user).select_related("kpi__owner", "tier", "batch__proposed_by", "created_by")
    return list(named.order_by("kpi__indicator", "kpi__position", "kpi__code", "from_month", "per", "tier__rank"))


def line_of(user: User, company: Company, choices: Choices) -> SendLine:
    """What sending these choices does, without the rest of the page."""
    waiting = [target for target in _all_waiting(user) if not vars(target)["own"]]
    approved = [target for target in waiting if target.pk in set(choices.approved)]
    rejected = sum(target.pk in set(choices.rejected) for target in waiting)
    effects = Effects(approved, company.calendar, today_of(company))
    does = batch_words(effects.of([Move.approve(one) for one in approved]))
    return SendLine(len(waiting), len(approved), rejected, does)


def compared_with(rows: Sequence[ShownProposal]) -> str:
    """``compared with 2025 and with the 12 months to Oct 2026``: what the actuals of a group are of."""
    before, latest = (list(_different(getattr(row, name) for row in rows)) for name in ("last_year_of", "latest_of"))
    told = [text for text in (_or(before), _or([f"the {one}" if "months" in one else one for one in latest])) if text]
    return f"compared with {' and with '.join(told)}" if told else ""


def _same(texts: Iterable[str]) -> str:
    found = set(texts)
    return found.pop() if len(found) == 1 else ""


def _different(texts: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(text.partition(", ")[0] for text in texts if text)


def _or(texts: Sequence[str]) -> str:
    """The first few of them."""
    return " or ".join(texts) if len(texts) < 3 else f"{texts[0]}, {texts[1]} …"


def waiting_elsewhere(user: User) -> list[tuple[str, str]]:
    """What else waits, as this person may read or decide it, with the page on which it is: words and address."""
    found = [(counted(Benefit.objects.filter(state=BenefitState.PROPOSED).count(), "planned benefit"), "benefits")]
    if user.has_perm(Right.MANAGE_KPIS):
        waiting = KpiProposal.objects.filter(state=ProposalState.PROPOSED)
        found.append((counted(waiting.count(), "proposed KPI"), "kpi_proposals"))
    if user.has_perm(Right.APPROVE_INITIATIVES):
        nominated = Turnaround.objects.filter(state=TurnaroundState.NOMINATED)
        found.append((counted(len(for_executive(user)), "initiative"), "stage_approvals"))
        found.append((counted(nominated.count(), "turnaround"), "recognition"))
    return [(words, reverse(name)) for words, name in found if not words.startswith("0 ")]
