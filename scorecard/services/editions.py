"""Closing a period: what is missing is done or waived, one person prepares, another signs, and an edition is issued."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import today_of
from accounts.models import Company, User
from accounts.rights import Right
from core.auditing import key_of, state_of
from core.periods import Period
from core.texts import plain
from core.writes import StaleWrite, TransitionRefused, refuse
from customers.models import Customer
from kpis.rollup.runs import lock_rollups
from scorecard.models import Closing, Edition, EditionName, Waiver
from scorecard.models.editions import LONGEST_REASON, LONGEST_SUMMARY
from scorecard.reading.checklist import Item, read_checklist
from scorecard.reading.edition_document import FORMAT, OF_SIGNING, frozen_summary, read_content, with_parts
from scorecard.reading.editions import (
    canonical_bytes,
    cell_names,
    differing_cells,
    document_of,
    latest_edition,
    sections_that_differ,
    written_summary,
)
from scorecard.rules.editions import Asked, period_problems, preparing_problems, signing_problems
from scorecard.rules.references import reference_problems
from scorecard.services.closing_mails import (
    tell_preparer_changed,
    tell_preparer_refused,
    tell_preparer_signed,
    tell_signers,
)

_OPEN_ITEMS = "Nothing of that is missing any more; look at the list again."


class ChangedSince(StaleWrite):
    """What was prepared is not what would be signed; the message says what changed since."""


def next_number(period: Period) -> int:
    """Of the edition that would be issued next."""
    latest = latest_edition(period)
    return latest.number + 1 if latest else 1


# -- what is missing


@transaction.atomic
def waive(*, period: Period, items: list[str] | None, reason: str, by: User) -> list[Waiver]:
    """Let go of what is missing, by its keys in the checklist (None: all that is left), with one reason.

    Raises PermissionDenied, ValidationError by field, StaleWrite where none of it is missing any more.
    """
    found, told = _held(), plain(reason)
    _require_preparer(by)
    refuse(_text_problems("reason", told, LONGEST_REASON, required=True))
    number = next_number(period)
    left = [item for item in read_checklist(period, today_of(found), number) if item.is_open]
    wanted = [item for item in left if items is None or item.key in items]
    if not wanted:
        raise StaleWrite(_OPEN_ITEMS)
    return [_waive(period, number, item, told, by) for item in wanted]


def _waive(period: Period, number: int, item: Item, reason: str, by: User) -> Waiver:
    waiver = Waiver.objects.create(
        period=period.code, number=number, item=item.key, reason=reason, by=by, at=timezone.now()
    )
    record(by=by, verb=Verb.WAIVED, obj=waiver, after=state_of(waiver))
    return waiver


@transaction.atomic
def take_back_waiver(*, waiver: Waiver, by: User) -> None:
    """Have what was waived be missing again, until its edition is issued.

    Raises PermissionDenied, TransitionRefused.
    """
    _held()
    _require_preparer(by)
    if Edition.objects.filter(period=waiver.period, number__gte=waiver.number).exists():
        raise TransitionRefused("The edition with this waiver was signed: it stands in it.")
    record(by=by, verb=Verb.TOOK_BACK_WAIVER, obj=waiver, before=state_of(waiver))
    waiver.delete()


# -- prepare


@transaction.atomic
def prepare_closing(*, period: Period, by: User, summary: str = "", reason: str = "") -> Closing:
    """Freeze a period for somebody else to sign; in place of what was prepared of it before.

    Raises PermissionDenied, ValidationError by field.
    """
    found = _held()
    _require_preparer(by)
    return _prepare(found, period, by, _Told(plain(summary), plain(reason)))


@dataclass(frozen=True, slots=True)
class _Told:
    """What people wrote for an edition, and whether a command did it in their name."""

    summary: str
    reason: str
    by_command: bool = False


def _prepare(found: Company, period: Period, by: User, told: _Told) -> Closing:
    """Within the transaction that holds the company's row."""
    refuse(_text_problems("summary", told.summary, LONGEST_SUMMARY))
    refuse(_text_problems("reason", told.reason, LONGEST_REASON))
    today, latest = today_of(found), latest_edition(period)
    refuse(period_problems(period, today))
    content, number = read_content(period, today), latest.number + 1 if latest else 1
    refuse(reference_problems("summary", told.summary, cell_names(content["matrix"])))
    items = read_checklist(period, today, number)
    missing = sum(item.is_open for item in items)
    differs = latest is None or _is_another(document_of(latest), content, told.summary)
    refuse(preparing_problems(Asked(period, number, told.reason, missing, differs), today))
    closing = _keep(period, number, by, _prepared(period, content, by, told, items, today))
    if not told.by_command:
        tell_signers(closing, one_may_close=found.one_may_close)
    return closing


def _is_another(document: Mapping[str, Any], content: Mapping[str, Any], summary: str) -> bool:
    """Whether anything is another than the edition has it, be it a summary that was written anew alone."""
    return (bool(summary) and summary != written_summary(document)) or bool(sections_that_differ(document, content))


def _prepared(
    period: Period, content: Mapping[str, Any], by: User, told: _Told, items: list[Item], today: date
) -> dict[str, Any]:
    """The document without what signing adds."""
    summary, source = frozen_summary(told.summary, period, today)
    return {
        "format": FORMAT,
        "period": period.code,
        "prepared_by": key_of(by),
        "by_command": told.by_command,
        "reason": told.reason or None,
        "missing": [item.plain for item in items],
        "summary": summary,
        "summary_source": source,
        **content,
    }


def _keep(period: Period, number: int, by: User, document: Mapping[str, Any]) -> Closing:
    content, digest = canonical_bytes(document)
    closing, _ = Closing.objects.update_or_create(
        period=period.code,
        defaults={
            "number": number,
            "content": content,
            "digest": digest,
            "prepared_by": by,
            "prepared_at": timezone.now(),
        },
    )
    record(by=by, verb=Verb.PREPARED, obj=closing, after=state_of(closing) | {"sha256": digest})
    return closing


@transaction.atomic
def withdraw_closing(*, period: Period, by: User) -> None:
    """Take back what was prepared and not signed. Raises PermissionDenied, StaleWrite where there is nothing."""
    _held()
    _require_preparer(by)
    closing = _prepared_of(period)
    record(by=by, verb=Verb.WITHDRAWN, obj=closing, before=state_of(closing))
    closing.delete()


def _prepared_of(period: Period) -> Closing:
    closing = Closing.objects.filter(period=period.code).select_related("prepared_by").first()
    if closing is None:
        raise StaleWrite("Nothing is prepared here any more: it was signed or withdrawn meanwhile.")
    return closing


# -- refuse, or sign


@transaction.atomic
def refuse_closing(*, period: Period, digest: str, reason: str, by: User) -> None:
    """Send back what somebody prepared, with a reason; nothing is prepared then, and who prepared it gets a mail.

    Raises PermissionDenied, ValidationError by field, StaleWrite where something else is prepared by now.
    """
    found, told = _held(), plain(reason)
    _require_signer(by)
    refuse(_text_problems("why", told, LONGEST_REASON, required=True))
    closing = _prepared_as_seen(period, digest)
    refuse(signing_problems(closing.prepared_by_id, by, one_may_close=found.one_may_close))
    record(by=by, verb=Verb.REFUSED_TO_SIGN, obj=closing, before=state_of(closing), after={"reason": told})
    tell_preparer_refused(closing, by=by, reason=told)
    closing.delete()


def _require_signer(by: User) -> None:
    if not by.has_perm(Right.CLOSE_PERIODS):
        raise PermissionDenied("Executives and finance sign closings; your roles do not include it.")


def _prepared_as_seen(period: Period, digest: str) -> Closing:
    closing = _prepared_of(period)
    if closing.digest != digest:
        raise StaleWrite("It was prepared anew meanwhile: look at what it is now, then decide.")
    return closing


def sign_closing(*, period: Period, digest: str, by: User) -> Edition:
    """Issue what somebody else prepared, as ``digest`` says that the signer saw it; who prepared it gets a mail.

    Raises PermissionDenied, ValidationError where the same person may not, or a rollup is owed, StaleWrite where
    something else is prepared by now, ChangedSince where the period is another than when it was prepared, of which
    who prepared it is told as well.
    """
    try:
        with transaction.atomic():
            found = _held()
            _require_signer(by)
            return _sign(found, period, _prepared_as_seen(period, digest), by)
    except ChangedSince as changed:
        tell_preparer_changed(period.code, digest, by=by, why=str(changed))
        raise


def _sign(found: Company, period: Period, closing: Closing, by: User) -> Edition:
    refuse(signing_problems(closing.prepared_by_id, by, one_may_close=found.one_may_close))
    today = today_of(found)
    refuse(period_problems(period, today))
    prepared = json.loads(bytes(closing.content))
    _require_unchanged(prepared, read_content(period, today))
    return _issue(closing, prepared, by)


def _require_unchanged(prepared: Mapping[str, Any], live: Mapping[str, Any]) -> None:
    """Raise ChangedSince where what is live is not what was prepared; when its cells were computed is left out."""
    if changed := list(_changes(prepared, live)):
        raise ChangedSince(f"Not signed: since it was prepared {'; '.join(changed)}. Prepare it again.")


def _changes(prepared: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[str]:
    for name in sections_that_differ(prepared, live):
        cells = differing_cells(prepared["matrix"], live["matrix"]) if name == "matrix" else []
        if not cells:
            yield f"the {name} changed"
            continue
        names = [f"{cell.row['name']}, {cell.column['name']}" for cell in cells]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"{len(names)} of the cells changed: {'; '.join(names[:3])}{more}"


def _issue(closing: Closing, prepared: dict[str, Any], by: User) -> Edition:
    """The edition, after the one that was issued last; what was prepared is gone with it."""
    before, now = Edition.objects.order_by("-pk").first(), timezone.now()
    content, digest = canonical_bytes(_signed(closing, prepared, by, before, now))
    edition = Edition.objects.create(
        period=closing.period,
        number=closing.number,
        document=content,
        digest=digest,
        previous_digest=before.digest if before else None,
        prepared_by=closing.prepared_by,
        prepared_at=closing.prepared_at,
        signed_by=by,
        closed_at=now,
    )
    EditionName.objects.bulk_create(_names(edition, json.loads(content)))
    record(by=by, verb=Verb.SIGNED, obj=edition, after=state_of(edition) | {"sha256": digest})
    closing.delete()
    tell_preparer_signed(edition)
    return edition


def _signed(
    closing: Closing, prepared: dict[str, Any], by: User, before: Edition | None, now: datetime
) -> dict[str, Any]:
    added = {
        "edition": closing.number,
        "previous_digest": before.digest if before else None,
        "closed_at": now.isoformat().replace("+00:00", "Z"),
        "signed_by": key_of(by),
        "one_person": closing.prepared_by_id == by.pk,
    }
    matrix = prepared["matrix"] | {"edition": closing.number}
    return with_parts({**prepared, "matrix": matrix, **{name: added[name] for name in OF_SIGNING}})


def _names(edition: Edition, document: Mapping[str, Any]) -> list[EditionName]:
    """What people and customers of a document are called today."""
    keys: dict[str, set[int]] = {"person": set(), "customer": set()}
    _gather(document, keys)
    people = User.objects.filter(pk__in=keys["person"])
    customers = Customer.everyone.filter(pk__in=keys["customer"])
    rows = [*(("person", row.pk, str(row)) for row in people), *(("customer", row.pk, row.name) for row in customers)]
    return [EditionName(edition=edition, kind=kind, key=key, name=name[:255]) for kind, key, name in rows]


def _gather(value: Any, keys: dict[str, set[int]]) -> None:
    if isinstance(value, list):
        for one in value:
            _gather(one, keys)
    elif isinstance(value, dict):
        for name, one in value.items():
            if len(value) == 1 and name in keys and isinstance(one, int):
                keys[name].add(one)
            else:
                _gather(one, keys)


# -- by command


@transaction.atomic
def close_by_command(
    *, period: Period, prepared_by: User, signed_by: User, summary: str = "", reason: str = "", anyway: str = ""
) -> Edition:
    """Prepare and sign in the name of two people, in one transaction; ``anyway`` waives all that is missing.

    Raises PermissionDenied, ValidationError by field; where something is missing and not waived, at ``missing``.
    """
    found = _held()
    _require_preparer(prepared_by)
    if not signed_by.has_perm(Right.CLOSE_PERIODS):
        raise PermissionDenied(f"{signed_by} may not sign: executives and finance do.")
    refuse(signing_problems(prepared_by.pk, signed_by, one_may_close=found.one_may_close))
    refuse(period_problems(period, today_of(found)))
    if anyway and any(item.is_open for item in read_checklist(period, today_of(found), next_number(period))):
        waive(period=period, items=None, reason=anyway, by=prepared_by)
    closing = _prepare(found, period, prepared_by, _Told(plain(summary), plain(reason), by_command=True))
    return _issue(closing, json.loads(bytes(closing.content)), signed_by)  # nothing can have changed in between


def missing_of(period: Period, today: date) -> list[Item]:
    """What of a period is neither done nor waived for its next edition."""
    return [item for item in read_checklist(period, today, next_number(period)) if item.is_open]


# -- shared


def _held() -> Company:
    """The company, held until the transaction ends, so that editions are issued one after the other; and no rollup
    shows its cells meanwhile.
    """
    found = Company.objects.select_for_update().get(pk=1)
    lock_rollups()
    return found


def _require_preparer(by: User) -> None:
    if not by.has_perm(Right.PREPARE_CLOSINGS):
        raise PermissionDenied("Finance and stewards prepare closings; your roles do not include it.")


def _text_problems(field: str, text: str, longest: int, *, required: bool = False) -> Iterator[tuple[str, str]]:
    if required and not text:
        yield field, "is needed: it stands in the edition"
    if len(text) > longest:
        yield field, f"has {len(text)} characters; {longest} at most"
