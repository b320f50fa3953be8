"""Stages by file: what is new is taken over as it stands, what is there goes on as its page would let it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from accounts.audit import record_all
from accounts.choices import Verb
from accounts.loads import Change, LoadJob
from accounts.loads.people import PERSON
from accounts.models import User
from core.loading import Column, Record
from core.loading.columns import EMAIL, CellType, text_type
from initiatives.choices import Quadrant, Stage
from initiatives.models import Initiative
from initiatives.reading.stages import held_from
from initiatives.reading.standings import Scoring
from initiatives.rules.stages import (
    Course,
    approval_refusal,
    counts_as_approved,
    is_approval,
    start_refusal,
    steps_between,
    transition_refusal,
)
from initiatives.services.stages import UNAPPROVED

_MOMENT = CellType(str, datetime.fromisoformat, datetime.isoformat)
_NO_DECISION: Record = dict.fromkeys(UNAPPROVED, "")

# Kept beside the row, so that taking a load back brings an approval back that the load took away.
DECISIONS = (
    Column("approved_by", EMAIL, null=True, hidden=True, reference=PERSON),
    Column("approved_at", _MOMENT, null=True, hidden=True),
    Column("approved_as", text_type(12), hidden=True),
    Column("override_by", EMAIL, null=True, hidden=True, reference=PERSON),
    Column("override_at", _MOMENT, null=True, hidden=True),
    Column("override_reason", text_type(10_000), hidden=True),
)


@dataclass(frozen=True, slots=True)
class Courses:
    """What the rules of stages look at beside a row: the stored initiatives by code, read once for a batch."""

    stored: dict[str, Initiative]
    started: frozenset[str]
    held: dict[int, str]
    scoring: Scoring

    @classmethod
    def read(cls, codes: Iterable[str]) -> Courses:
        """Of the initiatives of these codes."""
        there = Initiative.objects.filter(code__in=set(codes))
        stored = {row.code: row for row in there}
        started = frozenset(there.started().values_list("code", flat=True))
        held = held_from([row.pk for row in stored.values() if row.stage == Stage.ON_HOLD])
        return cls(stored, started, held, Scoring.read())

    def course(self, record: Record) -> Course:
        """Where the row's initiative stands: at its stored stage with the row's scores and dates, a new one at
        the stage that it comes with.
        """
        row = self.stored.get(record["code"])
        scored = _as_scored(record)
        return Course(
            stage=Stage(row.stage if row else record["stage"]),
            quadrant=self.scoring.scores(scored).quadrant,
            approved=self._approved(row) if row else True,
            approved_as=row.approved_as if row else "",
            justification=row.justification if row else "",
            overridden=row is not None and row.override_by_id is not None,
            dated=all(record[name] for name in ("baseline_start", "baseline_due", "due")),
        )

    def _approved(self, row: Initiative) -> bool:
        decided, started = row.approved_at is not None, row.code in self.started
        return counts_as_approved(
            Stage(row.stage), decided=decided, held_from=self.held.get(row.pk, ""), started=started
        )

    def lacks(self, record: Record) -> str:
        """What a new row that is approved or runs would need to start here; empty where nothing is missing."""
        course = self.course(record)
        return _fragment(start_refusal(course)) if course.stage in {Stage.APPROVED, Stage.IN_PROGRESS} else ""

    def refusal(self, record: Record, by: User | None) -> str:
        """Why the row's initiative does not go on to the row's stage, step by step; empty where it does.

        A person with the right approves by their row. By command nobody approves: what was a candidate is
        then taken over, and a major bet still waits for its approval.
        """
        course = self.course(record)
        for step in steps_between(course.stage, Stage(record["stage"])):
            approval = is_approval(course.stage, step)
            if refusal := approval_refusal(course) if approval else transition_refusal(course, step):
                return _fragment(refusal)
            as_what = (course.quadrant or "") if approval and by else course.approved_as
            course = replace(course, stage=step, approved=True, approved_as=as_what)
        return ""


def _fragment(sentence: str) -> str:
    """A page's sentence as a row error says it."""
    return f"{sentence[:1].lower()}{sentence[1:]}".rstrip(".")


def _as_scored(record: Record) -> Initiative:
    scores = ("loyalty_impact", "vendor_choice_impact", "effort")
    start = record["baseline_start"]
    return Initiative(
        cost=record["cost"] or None,
        currency=record["currency"],
        baseline_start=date.fromisoformat(start) if start else None,
        **{name: int(record[name]) if record[name] else None for name in scores},
    )


def approves(change: Change) -> bool:
    """Whether a changed row stands for an approval, which asks for the right to approve."""
    if change.before is None or change.after is None:
        return False
    steps = steps_between(Stage(change.before["stage"]), Stage(change.after["stage"]))
    return bool(steps) and is_approval(Stage(change.before["stage"]), steps[0])


def decided(change: Change, scoring: Scoring, by: User | None) -> Change:
    """The change with what comes with its stage: an approval in the name of who loads it, or none any more."""
    after = change.after
    if change.before is None or after is None or not change.differs("stage"):
        return change
    if after["stage"] == Stage.CANDIDATE:
        return replace(change, after={**after, **_NO_DECISION})
    if by is None or not approves(change):
        return change
    quadrant: Quadrant | None = scoring.scores(_as_scored(after)).quadrant
    approval = {"approved_by": by.email, "approved_at": timezone.now().isoformat(), "approved_as": quadrant or ""}
    return replace(change, after={**after, **approval})


def log_stages(job: LoadJob, changes: Iterable[Change], rows: dict[str, Initiative]) -> None:
    """An audit entry for each initiative that the load took over, approved, or moved to another stage."""
    told = {"load": job.load.pk, "file": job.load.source}
    by_verb: dict[Verb, list[tuple[Initiative, Record | None, dict[str, object]]]] = {}
    for change, verb, stages in _verbs(changes):
        before = {"stage": stages[0]} if stages[0] else None
        entry = rows[change.key[0]], before, {"stage": stages[1], **told}
        by_verb.setdefault(verb, []).append(entry)
    for verb, entries in by_verb.items():
        record_all(by=job.by, verb=verb, changes=entries)


def _verbs(changes: Iterable[Change]) -> Iterator[tuple[Change, Verb, tuple[str, str]]]:
    """Of each change of stage its verb, and the stages before (empty for a new row) and after."""
    for change in changes:
        before, after = (change.before or {}).get("stage", ""), (change.after or {}).get("stage", "")
        if not after or after == before or (not before and after == Stage.CANDIDATE):
            continue
        approved = change.differs("approved_by") and (change.after or {})["approved_by"]
        taken = not before or (before == Stage.CANDIDATE and after != Stage.CANCELLED)
        yield change, Verb.APPROVED if approved else Verb.TAKEN_OVER if taken else Verb.MOVED, (before, after)
