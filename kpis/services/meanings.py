"""Around a change of what a KPI means: what it would do, taking it back, and its targets proposed anew."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import company
from accounts.models import User
from core.auditing import state_of
from core.periods import Month, month_code
from core.registry import cells_touched
from kpis.choices import Per
from kpis.models import Kpi, Target, TargetBatch
from kpis.rules.target import TargetCells, target_problems
from kpis.services.definitions import (
    fit_source,
    has_history,
    locked_kpi,
    redefine,
    refuse_version,
    require_steward,
    validate_kpi,
)
from kpis.services.sources import settle_sources
from kpis.services.target_rows import VALUES
from kpis.services.targets import NewTarget, propose, save_drafts
from kpis.services.versions import meaning_of, remove_versions


def check_meaning(*, kpi: Kpi, meaning: Mapping[str, Any], from_month: Month) -> Kpi:
    """The KPI as another meaning would make it, for whoever wants to know before writing; nothing is saved.

    Raises ValidationError by field.
    """
    meant = copy(kpi)
    redefine(meant, meaning)
    fit_source(meant)
    validate_kpi(meant, from_month if has_history(kpi) else None)
    if has_history(kpi):
        refuse_version(meant, meaning_of(kpi), from_month)
    return meant


@transaction.atomic
def take_back_meaning(*, kpi: Kpi, by: User, seen: str | None = None) -> Kpi:
    """Take the latest change of meaning back: the one before stands again, with the targets that the change withdrew.

    Targets of the meaning that goes are withdrawn. Raises PermissionDenied, StaleWrite, ValidationError where it was
    never changed.
    """
    require_steward(by)
    kpi = locked_kpi(kpi, seen)
    versions = list(kpi.versions.order_by("from_month"))
    if len(versions) < 2:
        raise ValidationError("It was never changed: there is nothing to take back.")
    before, latest = state_of(kpi), versions[-1]
    for name, value in meaning_of(versions[-2]).items():
        setattr(kpi, name, value)
    fit_source(kpi)
    validate_kpi(kpi, Month(latest.from_month))
    remove_versions(kpi, [latest], by=by)
    kpi.save()
    settle_sources([kpi.pk])
    record(by=by, verb=Verb.TOOK_BACK_MEANING, obj=kpi, before=before, after=state_of(kpi))
    cells_touched(by)
    return kpi


@transaction.atomic
def propose_anew(*, kpi: Kpi, targets: list[Target], from_month: Month, by: User) -> TargetBatch | None:
    """Propose the numbers of targets that a change of meaning ended, as targets of the new one; None where none fits.

    Those that a later draft or proposal of their row stands beside are left alone. Raises PermissionDenied.
    """
    cells = fitting(kpi, targets)
    drafts = save_drafts(cells=cells, by=by) if cells else []
    note = f"The same numbers for what {kpi.name} means from {month_code(from_month)} on."
    return propose(targets=[draft.pk for draft in drafts], by=by, note=note) if drafts else None


def fitting(kpi: Kpi, targets: list[Target]) -> list[NewTarget]:
    """Those of the targets whose numbers can be targets of the KPI as it means here: a range of a range, and so on."""
    calendar = company().calendar
    cells = (_again(kpi, one) for one in targets)
    return [cell for cell in cells if not target_problems(kpi, _as_cells(cell), calendar)]


def _again(kpi: Kpi, target: Target) -> NewTarget:
    values = {name: getattr(target, name) for name in VALUES}
    return NewTarget(kpi, target.tier, Month(target.from_month), Per(target.per), **values)


def _as_cells(cell: NewTarget) -> TargetCells:
    numbers = cell.until_month, cell.value, cell.low, cell.high
    return TargetCells(cell.tier.code, cell.from_month, cell.per, *numbers, cell.tier.retired_from)
