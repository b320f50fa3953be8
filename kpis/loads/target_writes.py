"""Writing target versions in bulk, with an audit entry for each approval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.audit import record_all
from accounts.choices import Verb
from accounts.loads import Change, LoadJob, LoadRefused
from accounts.models import User
from core.loading import Record
from kpis.choices import TargetState
from kpis.models import Target
from kpis.services.decision_mails import tell_proposers
from kpis.services.publishing import publish_ready


class DecidedMeanwhile(LoadRefused):
    """A target was decided on between reading and writing its state."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one row does: a new version ``number``, or the approval of ``draft``, which may supersede another."""

    change: Change
    record: Record
    number: int
    draft: Target | None
    superseded: Target | None

    @property
    def approves(self) -> bool:
        """Whether the version counts from now on."""
        return self.record["state"] == TargetState.APPROVED


def write_steps(job: LoadJob, steps: list[Step], values: Callable[[Any], dict[str, Any]]) -> None:
    """Supersede, approve, create; in this order, for one version of a row is approved.

    Proposers are told as after a decision on the page.
    """
    load = job.load.pk if job.load else None
    superseded = [step.superseded for step in steps if step.superseded]
    _move(superseded, {TargetState.APPROVED}, state=TargetState.SUPERSEDED)
    how = "by command" if job.by is None else "with a file"
    note = f"{how.capitalize()}, load {load}"
    decided = {"decided_by": job.approved_by, "decided_at": timezone.now(), "decision_note": note}
    waiting = {TargetState.DRAFT, TargetState.PROPOSED}
    drafts = [step.draft for step in steps if step.draft]
    _move(drafts, waiting, state=TargetState.APPROVED, **decided)
    for step in steps:
        if step.draft and step.superseded:
            Target.objects.filter(pk=step.draft.pk).update(supersedes=step.superseded.version)
    fresh = [step for step in steps if step.draft is None]
    created = Target.objects.bulk_create(
        [
            Target(
                version=step.number,
                created_by=job.by,
                load=job.load,
                supersedes=step.superseded.version if step.superseded else None,
                **values(step.record),
                **(decided if step.approves else {}),
            )
            for step in fresh
        ],
        batch_size=500,
    )
    approved = [target for target in created if target.state == TargetState.APPROVED]
    details = {"load": load, "how": how}
    audit(Verb.SUPERSEDED, superseded, by=job.approved_by, details=details)
    audit(Verb.APPROVED, [*approved, *drafts], by=job.approved_by, details=details)
    publish_ready({target.kpi_id for target in (*approved, *drafts)}, job.approved_by)
    if job.approved_by:
        tell_proposers(drafts, by=job.approved_by, verb="approved", reason="")


def _move(targets: list[Target], expected: set[TargetState], **fields: Any) -> None:
    """Compare and swap the state of many. Raises DecidedMeanwhile where one has moved on."""
    pks = [target.pk for target in targets]
    if pks and Target.objects.filter(pk__in=pks, state__in=expected).update(**fields) != len(pks):
        raise DecidedMeanwhile("A target was decided by somebody else meanwhile; load the file again")


def audit(verb: Verb, targets: list[Target], *, by: User | None, details: dict[str, Any]) -> None:
    """An audit entry for each target."""
    models.prefetch_related_objects(targets, "kpi", "tier")
    record_all(by=by, verb=verb, changes=((target, None, details) for target in targets))
