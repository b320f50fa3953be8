"""KPIs by hand: created, described, given another meaning from a month on, retired. What has data is never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.audit import record
from accounts.audited import snapshot, users_of
from accounts.company import company, today
from accounts.models import Company, User
from accounts.rights import Right
from core.periods import Month, month_code, month_of
from core.registry import cells_touched
from core.texts import plain
from core.writes import StaleWrite, TransitionRefused, refuse, revision_of
from kpis.models import Kpi, Target
from kpis.models.versions import MEANING
from kpis.rules import kpi as rules
from kpis.rules.formula import Shelf, as_sentence
from kpis.rules.kpi import FIXED
from kpis.services.sources import settle_sources
from kpis.services.touches import lacks_base, slices_with_data
from kpis.services.versions import add_version, meaning_of, touch_from

# What describes a KPI and changes no number that people have read.
DESCRIPTION = (
    *("name", "department", "indicator", "decimals", "owner", "customer_criterion", "definition", "purpose"),
    *("data_source", "near_band", "near_band_abs", "currency", "unit", "complete_when"),
)
EDITABLE = frozenset({*DESCRIPTION, *FIXED, *MEANING, "position"})


@transaction.atomic
def create_kpi(*, by: User, values: Mapping[str, Any]) -> Kpi:
    """A new KPI, last of its kind in the matrix; its meaning stands for all months.

    ``values`` holds model fields. Raises PermissionDenied, ValidationError by field.
    """
    _require_steward(by)
    _one_writer()
    last = Kpi.objects.aggregate(last=Max("position"))["last"]
    kpi = check_kpi(values={"position": 0 if last is None else last + 1, **values})
    kpi.save()
    record(by=by, verb="created", obj=kpi, after=state_of(kpi))
    if kpi.facts_of_id:
        touch_from(kpi, Month(100001))
        cells_touched(by)
    return kpi


@transaction.atomic
def edit_kpi(*, kpi: Kpi, by: User, values: Mapping[str, Any], seen: str | None = None) -> Kpi:
    """Describe a KPI in other words; of one without a history the meaning too.

    ``seen`` is the revision that the person saw. A change of unit, of what silence means or of the
    meaning marks its months for the rollup. Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    _require_steward(by)
    old = _locked(kpi, seen)
    new = check_kpi(values={name: value for name, value in values.items() if name in EDITABLE}, kpi=old)
    new.save()
    if any(getattr(old, name) != getattr(new, name) for name in (*FIXED, *MEANING, "unit", "complete_when")):
        touch_from(new, Month(100001))
        cells_touched(by)
    record(by=by, verb="changed", obj=new, before=state_of(old), after=state_of(new))
    return new


def check_kpi(*, values: Mapping[str, Any], kpi: Kpi | None = None) -> Kpi:
    """A KPI as the values would make it, or a changed copy of one that is there; nothing is saved.

    For whoever wants to know before writing. Raises ValidationError by field.
    """
    given = {name: plain(value) if isinstance(value, str) else value for name, value in values.items()}
    meant = Kpi() if kpi is None else copy(kpi)
    if kpi is not None and kpi.source and not given.get("source", "-") and has_data(kpi):
        del given["source"]  # unsaid, what came first stays
    for name, value in given.items():
        setattr(meant, name, value)
    meant.currency = rules.normal_currency(meant.unit, meant.currency, company().currency)
    _settle_source(meant, said=given.get("source", ""), before=kpi)
    if kpi is not None:
        _refuse_relabelling(kpi, meant)
    library = _validate(meant)
    if kpi is not None and (kpi.unit, kpi.currency) != (meant.unit, meant.currency):
        refuse(rules.unit_problems(meant.code, library))
    return meant


@transaction.atomic
def change_meaning(
    *, kpi: Kpi, by: User, meaning: Mapping[str, str], from_month: Month, reason: str, seen: str | None = None
) -> Kpi:
    """Give a KPI another direction, method or formula from a month on; earlier periods keep the old meaning.

    ``meaning`` holds the names of ``kpis.models.versions.MEANING``. Where nothing was measured, entered or
    promised yet there is nothing to keep, and it stands for all months. Raises PermissionDenied,
    StaleWrite, ValidationError by field.
    """
    _require_steward(by)
    kpi = _locked(kpi, seen)
    before, old = state_of(kpi), meaning_of(kpi)
    for name in MEANING:
        setattr(kpi, name, plain(meaning.get(name, old[name])))
    if meaning_of(kpi) == old:
        raise ValidationError("Nothing would change: choose another method, direction or formula.")
    _settle_source(kpi)
    _validate(kpi)
    if has_history(kpi):
        _begin_version(kpi, old, from_month, by, plain(reason))
    kpi.save()
    settle_sources([kpi.pk])
    record(by=by, verb="changed meaning", obj=kpi, before=before, after=state_of(kpi) | {"reason": plain(reason)})
    cells_touched(by)
    return kpi


@transaction.atomic
def retire_kpi(*, kpi: Kpi, by: User, from_month: Month, reason: str, seen: str | None = None) -> Kpi:
    """Take a KPI out of the matrix from a month on; what it has is kept.

    Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    _require_steward(by)
    if not plain(reason):
        raise ValidationError({"reason": "Say why: people will look for it."})
    return _retired(_locked(kpi, seen), by, from_month, "retired", plain(reason))


@transaction.atomic
def bring_back_kpi(*, kpi: Kpi, by: User, seen: str | None = None) -> Kpi:
    """Put a retired KPI back into the matrix. Raises PermissionDenied, StaleWrite."""
    _require_steward(by)
    return _retired(_locked(kpi, seen), by, None, "brought back", "")


def has_data(kpi: Kpi) -> bool:
    """Whether anything was measured or entered for the KPI, by its own name or its source's."""
    return bool(slices_with_data({kpi.pk, kpi.source_id}))


def has_history(kpi: Kpi) -> bool:
    """Whether another meaning would relabel something: data, targets, earlier versions, a formula's values."""
    return rules.has_history(kpi, has_data=has_data(kpi), has_targets=Target.objects.filter(kpi=kpi).exists())


def state_of(kpi: Kpi) -> dict[str, Any]:
    """A KPI as the audit shows it."""
    named = {
        "department": kpi.department.code if kpi.department else None,
        "owner": kpi.owner.email if kpi.owner else None,
        "facts_of": kpi.facts_of.code if kpi.facts_of else None,
    }
    plain = ("code", *MEANING, *DESCRIPTION, *FIXED, "retired_from", "position")
    return {name: getattr(kpi, name) for name in plain} | named


def _refuse_relabelling(kpi: Kpi, meant: Kpi) -> None:
    """Raises ValidationError for what would change numbers that people have read."""
    old, new = rules.Definition.of(kpi), rules.Definition.of(meant)
    fixed = any(getattr(old, name) != getattr(new, name) for name in FIXED)
    another = [name for name in MEANING if getattr(kpi, name) != getattr(meant, name)]
    again = another if another and has_history(kpi) else []
    why = "has a history: change its meaning from a month on, and say why"
    refuse([*rules.fixed_problems(old, new, has_data=fixed and has_data(kpi)), *((name, why) for name in again)])


def _begin_version(kpi: Kpi, old: Mapping[str, str], from_month: Month, by: User, reason: str) -> None:
    before = copy(kpi)
    before.customer_method = old["customer_method"]
    lacks = partial(lacks_base, kpi.source_id)
    problems = rules.version_problems(before, kpi.customer_method, from_month, month_of(today()), lacks)
    refuse([*([] if reason else [("reason", "say why: whoever compares the periods reads it")]), *problems])
    add_version(kpi=kpi, old=old, new=meaning_of(kpi), from_month=from_month, by=by, reason=reason)


def _retired(kpi: Kpi, by: User, from_month: Month | None, verb: str, reason: str) -> Kpi:
    before = kpi.retired_from and month_code(Month(kpi.retired_from))
    kpi.retired_from = from_month
    kpi.save(update_fields=["retired_from"])
    after = {"retired_from": from_month and month_code(from_month), "reason": reason}
    record(by=by, verb=verb, obj=kpi, before={"retired_from": before}, after=after)
    return kpi


def _settle_source(kpi: Kpi, *, said: str = "", before: Kpi | None = None) -> None:
    """Who has no data of its own has no source; what somebody says is not what the first data decided."""
    if (kpi.formula or kpi.facts_of_id) and not said:
        kpi.source = ""
    if before is None or kpi.source != before.source:
        kpi.source_decided = False


def _validate(kpi: Kpi) -> rules.Library:
    """What it stands among, where it is good. Raises ValidationError by field."""
    kpi.full_clean(validate_constraints=False)
    library = _library_with(kpi)
    problems = rules.kpi_problems(rules.Definition.of(kpi), library)
    refuse((name, as_sentence(reason) if name == "formula" else reason) for name, reason in problems)
    kpi.validate_constraints()
    return library


def _library_with(kpi: Kpi) -> rules.Library:
    """The library as it will stand with this KPI as it is given."""
    stored = list(Kpi.objects.select_related("facts_of"))
    there = [*(other for other in stored if other.pk != kpi.pk), kpi]
    codes = {other.code: other.pk for other in stored}
    return rules.Library(
        shelf=Shelf.of(there, company().currency, before=stored),
        sources={other.code: other.facts_of.code for other in there if other.facts_of},
        names={other.code: other.name for other in there},
        formulas={other.code: other.formula for other in there},
        lacks_base=lambda code: lacks_base(codes[code]),
    )


@transaction.atomic
def delete_kpi(*, kpi: Kpi, by: User, seen: str | None = None) -> None:
    """A KPI that nothing refers to goes: no measurement, target or initiative, and no formula of another.

    Raises PermissionDenied, StaleWrite, TransitionRefused with its users.
    """
    _require_steward(by)
    row = _locked(kpi, seen)
    formulas = [
        f"the formula of {code}" for code, names in _library_with(row).shelf.formulas.items() if row.code in names
    ]
    users = [*users_of(row), *formulas]
    if users:
        reason = f"“{row.name}” is in use by {', '.join(users)}; nothing was changed. Retire it instead."
        raise TransitionRefused(reason)
    record(by=by, verb="deleted", obj=row, before=snapshot(row))
    row.delete()
    cells_touched(by)


def _locked(kpi: Kpi, seen: str | None) -> Kpi:
    """The KPI as it is, held until the transaction ends. Raises StaleWrite where it is not what was seen."""
    _one_writer()
    found = Kpi.objects.select_related("department", "owner", "facts_of").filter(pk=kpi.pk).first()
    if found is None:
        raise StaleWrite(f"“{kpi.name}” was deleted by somebody else meanwhile; nothing was changed.")
    if seen is not None and revision_of(found) != seen:
        raise StaleWrite(f"“{found.name}” was changed by somebody else meanwhile; nothing of yours was kept.")
    return found


def _one_writer() -> None:
    """One writer of definitions at a time: codes differ, and formulas are checked against all others."""
    Company.objects.select_for_update().get(pk=1)


def _require_steward(by: User) -> None:
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards keep the KPI library; an owner may propose a KPI to them.")
