"""Links: written down by stewards, proposed by owners, decided, changed and deleted; each before it is tested."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.company import today
from accounts.models import Company, User
from accounts.rights import Right
from core.auditing import state_of
from core.decisions import Decision, reasoned
from core.periods import month_of
from core.stale import as_seen
from core.texts import plain, tidied
from core.writes import Problem, StaleTransition, TransitionRefused, refuse
from kpis.choices import LinkStage
from kpis.models import Link, LinkEvidence
from kpis.models.links import ALL_LAGS
from kpis.reading.links import Makings
from kpis.rules.links import LinkCells, link_problems, read_lags

FIELDS = ("sign", "lags", "mechanism")
TAKEN = "has a link from this leading KPI already: change that one"
WAITS = "has a link from this leading KPI that is proposed and waits: decide on that one"
_UNDECIDED: dict[str, Any] = {"decided_by": None, "decided_at": None, "decision_note": ""}
_DENIED = "Stewards write links; your roles do not include it."


@transaction.atomic
def write_link(*, by: User, values: Mapping[str, Any]) -> Link:
    """Write a link down: ``values`` has two KPIs, ``sign``, ``mechanism`` and, but for all of them, ``lags``.

    Raises PermissionDenied, ValidationError by field.
    """
    _require(by, Right.MANAGE_LINKS, _DENIED)
    return _made(values, by, LinkStage.WRITTEN, Verb.CREATED)


@transaction.atomic
def propose_link(*, by: User, values: Mapping[str, Any]) -> Link:
    """Ask the stewards to write a link down. Raises PermissionDenied, ValidationError by field."""
    _require(by, Right.PROPOSE_LINKS, "Owners propose links; stewards write them.")
    return _made(values, by, LinkStage.PROPOSED, Verb.PROPOSED)


def enter_link(*, by: User, values: Mapping[str, Any]) -> Link:
    """Written down by who may, else proposed. Raises PermissionDenied, ValidationError by field."""
    return (write_link if by.has_perm(Right.MANAGE_LINKS) else propose_link)(by=by, values=values)


@transaction.atomic
def change_link(*, link: Link, by: User, values: Mapping[str, Any], seen: str | None = None) -> Link:
    """Change what ``values`` names of sign, lags and mechanism. What was tested of another sign or other lags is kept,
    and said of these alone.

    Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    _require(by, Right.MANAGE_LINKS, _DENIED)
    row = as_seen(Link.objects.select_for_update().filter(pk=link.pk).first(), seen, link)
    before = state_of(row)
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    _validate(row)
    row.save(update_fields=FIELDS)
    record_change(by=by, verb=Verb.CHANGED, obj=row, before=before)
    return row


@transaction.atomic
def delete_link(*, link: Link, by: User, seen: str | None = None) -> None:
    """It goes with what was tested of it; deleted twice is as deleted once. Raises PermissionDenied, StaleWrite."""
    _require(by, Right.MANAGE_LINKS, _DENIED)
    row = Link.objects.select_for_update().filter(pk=link.pk).first()
    if row is not None:
        as_seen(row, seen, link)
        record(by=by, verb=Verb.DELETED, obj=row, before=state_of(row))
        row.delete()


@transaction.atomic
def decide_links(*, decisions: Sequence[Decision], by: User) -> list[Link]:
    """Write some proposed links down and decline others, each for its own reason: all of it or nothing.

    Raises PermissionDenied, ReasonsMissing, StaleTransition where one was decided or withdrawn meanwhile,
    TransitionRefused for none, ValidationError for one that cannot stand any more.
    """
    _require(by, Right.MANAGE_LINKS, "Stewards decide on proposed links.")
    said = reasoned(decisions)
    rows = list(Link.objects.select_for_update().filter(pk__in=said).order_by("pk"))
    if not rows:
        raise TransitionRefused("There is no proposed link among these; nothing was decided.")
    for row in rows:
        _decide(row, said[row.pk], by)
    return rows


@transaction.atomic
def withdraw_link(*, link: Link, by: User) -> Link:
    """Take back what nobody has decided. Raises PermissionDenied for others, StaleTransition."""
    row = _held(link)
    if row.by_id != by.pk or not by.has_perm(Right.PROPOSE_LINKS):
        raise PermissionDenied("Only who proposed it can take it back.")
    _require_waiting(row)
    return _move(row, LinkStage.WITHDRAWN, by, Verb.WITHDRAWN)


@transaction.atomic
def take_back_link(*, link: Link, by: User, reason: str = "") -> Link:
    """Take a decision on a proposed link back: it waits again.

    Raises PermissionDenied (also for one's own), StaleTransition where it stays, and why.
    """
    _require(by, Right.MANAGE_LINKS, "Stewards take decisions on proposed links back.")
    row = _held(link)
    if row.by_id == by.pk:
        raise PermissionDenied(
            "Nobody takes back a decision on what they proposed: ask another steward. Nothing was changed."
        )
    if why := staying([row])[row.pk]:
        raise StaleTransition(f"“{row}”: {why}. Nothing was changed.")
    return _move(row, LinkStage.PROPOSED, by, Verb.TAKEN_BACK, reason=plain(reason), **_UNDECIDED)


def staying(links: Collection[Link]) -> dict[int, str]:
    """Why the decision on each proposed link stays as it is, by id, as a reason; empty where it can be taken back.

    Two queries.
    """
    tested = set(LinkEvidence.objects.filter(link__in=links).values_list("link", flat=True).distinct())
    live = set(Link.objects.live().values_list("leading", "trailing"))
    return {one.pk: _stays(one, tested, live) for one in links}


def _stays(link: Link, tested: Collection[int], live: Collection[tuple[int, int]]) -> str:
    if link.decided_at is None:
        return "nobody has decided on it" if link.waits else f"it is {link.get_stage_display()} by now"
    if link.stands:
        return "it was tested by now: delete it on its page instead" if link.pk in tested else ""
    pair = link.leading_id, link.trailing_id
    return "another link of the two KPIs was written or proposed since" if pair in live else ""


def taken_by(link: Link) -> str:
    """Why a new link of the two KPIs cannot be written beside one that stands or waits; empty where it can."""
    other = Link.objects.live().filter(leading=link.leading_id, trailing=link.trailing_id).first()
    if other is None:
        return ""
    return WAITS if other.waits else TAKEN


def problems_of(link: Link, makings: Makings | None = None) -> list[Problem]:
    """What is wrong with a link as it stands, as every door asks it. ``makings`` where they are read already."""
    found = makings or Makings(month_of(today()))
    taken = taken_by(link) if link.pk is None else ""
    cells = LinkCells(link.leading_id, link.trailing_id, link.sign, link.lags, link.mechanism)
    return list(link_problems(cells, found.of(link.leading), found.of(link.trailing), taken=taken))


# -- shared


def _made(values: Mapping[str, Any], by: User, stage: LinkStage, verb: Verb) -> Link:
    Company.objects.select_for_update().get(pk=1)  # two of one pair come one after the other
    named = {name: values[name] for name in ("leading", "trailing", *FIELDS) if name in values}
    link = Link(**{"lags": ALL_LAGS, **named}, stage=stage, by=by)
    _validate(link)
    link.save()
    record(by=by, verb=verb, obj=link, after=state_of(link))
    return link


def _validate(link: Link) -> None:
    link.mechanism = tidied(link.mechanism)
    refuse(problems_of(link))
    link.lags = read_lags(link.lags)


def _decide(row: Link, decision: Decision, by: User) -> None:
    _require_waiting(row)
    decided: dict[str, Any] = {"decided_by": by, "decided_at": timezone.now()}
    if not decision.approve:
        _move(row, LinkStage.DECLINED, by, Verb.DECLINED, decision_note=plain(decision.reason), **decided)
        return
    if problems := problems_of(row):
        why = "; ".join(f"the {field} KPI {reason}" for field, reason in problems)
        raise TransitionRefused(f"“{row}” cannot be written down as it is: {why}. Nothing was decided.")
    _move(row, LinkStage.WRITTEN, by, Verb.ACCEPTED, **decided)


def _move(row: Link, to: LinkStage, by: User, verb: Verb, *, reason: str = "", **fields: Any) -> Link:
    before = state_of(row)
    for name, value in {**fields, "stage": to}.items():
        setattr(row, name, value)
    row.save(update_fields=["stage", *fields])
    record_change(by=by, verb=verb, obj=row, before=before, reason=reason)
    return row


def _held(link: Link) -> Link:
    """The row, held until the transaction ends."""
    return Link.objects.select_for_update(of=("self",)).select_related("leading", "trailing").get(pk=link.pk)


def _require_waiting(row: Link) -> None:
    if not row.waits:
        raise StaleTransition(f"“{row}” was {row.get_stage_display()} meanwhile. Nothing of yours was changed.")


def _require(by: User, right: Right, denied: str) -> None:
    if not by.has_perm(right):
        raise PermissionDenied(denied)
