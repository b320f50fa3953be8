"""Writing what happened in a cell and what is done about it, ticking that off, and remarks on a month of a chart.

Nothing is deleted: what a narrative said before, and a remark that was taken back, stand in the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import may_answer, may_note_action
from accounts.audit import record
from accounts.choices import Verb
from accounts.company import company, today_of
from accounts.models import User
from accounts.rights import Right
from accounts.rules.threads import NewAction
from core.auditing import state_of
from core.periods import Month, Period
from core.stale import as_seen
from core.texts import plain
from core.writes import StaleTransition, StaleWrite, refuse
from customers.models import Tier
from kpis.models import Kpi
from kpis.reading.matrix import build_matrix
from kpis.reading.subjects import AskedKpi, cell_subject, kpi_subject
from scorecard.models import Narrative, Remark
from scorecard.reading.references import CellBook
from scorecard.rules.narratives import Story, narrative_problems, remark_problems
from scorecard.services.narrative_mails import tell_narrated_doer

_ABOUT_OWN = "Executives, finance, stewards and administrators write this, and owners about their own KPIs."


@dataclass(frozen=True, slots=True)
class Place:
    """The cell that is written about."""

    kpi: Kpi
    tier: Tier
    period: Period

    @property
    def name(self) -> str:
        """``renewal_rate@gold``."""
        return f"{self.kpi.code}@{self.tier.code}"


def may_narrate(user: User, kpi: Kpi) -> bool:
    """Whether the person may write about a KPI and remark on its charts: anywhere, or about what is their own."""
    return may_note_action(user, kpi_subject(kpi))


@transaction.atomic
def write_narrative(
    *, place: Place, by: User, analysis: str, action: NewAction | None = None, seen: str | None = None
) -> Narrative:
    """Write the narrative of a cell, or write it anew; the same once more changes nothing.

    ``seen`` is the revision that was read: empty for none, None whatever there is. Whose the action is gets one mail.
    Raises PermissionDenied, ValidationError by field, StaleWrite where somebody else wrote meanwhile.
    """
    if not may_narrate(by, place.kpi):
        raise PermissionDenied(_ABOUT_OWN)
    found = _held(place, seen)
    values = _values(analysis, action)
    same = found is not None and _action_of(found) == _action_of(values)
    matrix = build_matrix(place.period, today=today_of(company()))
    story = Story(place.period, place.name, values["analysis"], action, same_action=same)
    refuse(narrative_problems(story, CellBook.of(matrix, "").names, today_of(company())))
    if found is None:
        return _begin(place, by, values)
    return found if same and found.analysis == values["analysis"] else _rewrite(found, by, values, same=same)


def _held(place: Place, seen: str | None) -> Narrative | None:
    rows = Narrative.objects.select_for_update(of=("self",)).select_related("kpi", "tier", "owner", "by")
    found = rows.filter(period=place.period.code, kpi=place.kpi, tier=place.tier).first()
    if found is None and not seen:
        return None
    if found is not None and seen == "":
        raise StaleWrite("Somebody else wrote it meanwhile; nothing of yours was kept. Read theirs, then write again.")
    return as_seen(found, seen, place.name)


def _values(analysis: str, action: NewAction | None) -> dict[str, Any]:
    return {
        "analysis": plain(analysis),
        "action": plain(action.text) if action else "",
        "owner": action.owner if action else None,
        "due": action.due if action else None,
    }


def _action_of(row: Narrative | dict[str, Any]) -> tuple[Any, ...]:
    names = ("action", "owner", "due")
    return tuple(row[name] if isinstance(row, dict) else getattr(row, name) for name in names)


def _begin(place: Place, by: User, values: dict[str, Any]) -> Narrative:
    row, new = Narrative.objects.get_or_create(
        period=place.period.code, kpi=place.kpi, tier=place.tier, defaults={**values, "by": by, "at": timezone.now()}
    )
    if not new:
        raise StaleWrite("Somebody else wrote it meanwhile; nothing of yours was kept. Read theirs, then write again.")
    record(by=by, verb=Verb.NARRATED, obj=row, after=state_of(row))
    tell_narrated_doer(row, cell_subject(AskedKpi(place.kpi, place.tier, place.period)))
    return row


def _rewrite(row: Narrative, by: User, values: dict[str, Any], *, same: bool) -> Narrative:
    """With its action as it stands where that is the same; another one has to be done anew."""
    before = state_of(row)
    again = {} if same else {"done_at": None, "done_by": None}
    for name, value in {**values, **again, "by": by, "at": timezone.now(), "revision": row.revision + 1}.items():
        setattr(row, name, value)
    row.save()
    record(by=by, verb=Verb.NARRATED, obj=row, before=before, after=state_of(row))
    if not same:
        period = Period.parse(row.period, company().calendar)
        tell_narrated_doer(row, cell_subject(AskedKpi(row.kpi, row.tier, period)))
    return row


@transaction.atomic
def tick_narrative(*, narrative: Narrative, by: User, done: bool = True) -> Narrative:
    """Tick the action of a narrative off, or take that back; ticked twice it is ticked once.

    Raises PermissionDenied, StaleWrite where it has no action any more.
    """
    row = Narrative.objects.select_for_update(of=("self",)).select_related("kpi", "tier", "owner").get(pk=narrative.pk)
    if not row.action:
        raise StaleWrite("It has no action any more; look at what it says now.")
    own = by.pk in {row.owner_id, row.by_id}
    if not (by.has_perm(Right.COMMENT) and (own or may_answer(by, kpi_subject(row.kpi)))):
        raise PermissionDenied("Whose action it is, who wrote it, and who answers for the KPI, tick it off.")
    if (row.done_at is not None) == done:
        return row
    before = state_of(row)
    row.done_at, row.done_by = (timezone.now(), by) if done else (None, None)
    row.save(update_fields=["done_at", "done_by"])
    verb = Verb.TICKED_ACTION if done else Verb.UNTICKED_ACTION
    record(by=by, verb=verb, obj=row, before=before, after=state_of(row))
    return row


@transaction.atomic
def remark(*, kpi: Kpi, tier: Tier | None, month: Month, text: str, by: User) -> Remark:
    """Have a KPI's charts say something of a month: in one column, or without a tier in all.

    The same remark once more is the same one. Raises PermissionDenied, ValidationError by field.
    """
    if not may_narrate(by, kpi):
        raise PermissionDenied(_ABOUT_OWN)
    told = plain(text)
    refuse(remark_problems(kpi, month, told, today_of(company())))
    same = Remark.objects.filter(kpi=kpi, tier=tier, month=month, text=told, by=by, taken_back_at=None).first()
    if same is not None:
        return same
    row = Remark.objects.create(kpi=kpi, tier=tier, month=month, text=told, by=by)
    record(by=by, verb=Verb.REMARKED, obj=row, after=state_of(row))
    return row


@transaction.atomic
def take_back_remark(*, remark: Remark, by: User) -> Remark:
    """Take a remark off the charts: who wrote it, and stewards.

    Raises PermissionDenied, StaleTransition where somebody else was faster.
    """
    row = Remark.objects.select_for_update(of=("self",)).select_related("kpi", "tier").get(pk=remark.pk)
    if not may_take_back(by, row.kpi, row.by_id):
        raise PermissionDenied("Who wrote a remark takes it back, and stewards do.")
    if row.taken_back_at is not None:
        raise StaleTransition("This remark was taken back already; nothing was changed.")
    before = state_of(row)
    row.taken_back_at, row.taken_back_by = timezone.now(), by
    row.save(update_fields=["taken_back_at", "taken_back_by"])
    record(by=by, verb=Verb.TOOK_BACK_REMARK, obj=row, before=before, after=state_of(row))
    return row


def may_take_back(user: User, kpi: Kpi, writer: int) -> bool:
    """Whether the person may take a remark on a KPI's charts back: its writer, by id, while they may remark, and
    stewards.
    """
    return (writer == user.pk and may_narrate(user, kpi)) or user.has_perm(Right.SET_STEPS)
