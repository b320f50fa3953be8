"""KPIs by hand: created, described, given another meaning from a month on, retired. What has data is never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.audit import record
from accounts.audited import snapshot, users_of
from accounts.company import company
from accounts.models import Company, User
from accounts.rights import Right
from core.periods import Month, month_code, shift
from core.registry import cells_touched
from core.texts import plain
from core.writes import StaleWrite, TransitionRefused, revision_of
from kpis.choices import ADDING, Absent, CustomerMethod, Unit
from kpis.models import Fact, Kpi, Target
from kpis.models.versions import MEANING
from kpis.rules.formula import Shelf, as_sentence, formula_problem
from kpis.rules.source import source_problems
from kpis.services.sources import settle_sources
from kpis.services.touches import slices_with_data
from kpis.services.versions import add_version, meaning_of, refusal_from, touch_from

# What describes a KPI and changes no number that people have read.
DESCRIPTION = (
    *("name", "department", "indicator", "decimals", "owner", "customer_criterion", "definition", "purpose"),
    *("data_source", "near_band", "near_band_abs", "currency", "unit", "complete_when"),
)
# What would change numbers of all months: fixed as soon as there are data.
FIXED = ("absent", "facts_of", "source")
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
    if kpi is not None:
        _refuse_relabelling(kpi, {name for name, value in given.items() if getattr(kpi, name) != value})
    for name, value in given.items():
        setattr(meant, name, value)
    _complete(meant)
    _settle_source(meant, said=given.get("source", ""), before=kpi)
    _validate(meant)
    if kpi is not None and (kpi.unit, kpi.currency) != (meant.unit, meant.currency):
        _refuse_breaking_formulas(meant)
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
    return bool(kpi.versions_from) or kpi.calculated or has_data(kpi) or Target.objects.filter(kpi=kpi).exists()


def state_of(kpi: Kpi) -> dict[str, Any]:
    """A KPI as the audit shows it."""
    named = {
        "department": kpi.department.code if kpi.department else None,
        "owner": kpi.owner.email if kpi.owner else None,
        "facts_of": kpi.facts_of.code if kpi.facts_of else None,
    }
    plain = ("code", *MEANING, *DESCRIPTION, *FIXED, "retired_from", "position")
    return {name: getattr(kpi, name) for name in plain} | named


def _refuse_relabelling(kpi: Kpi, changed: set[str]) -> None:
    """Raises ValidationError for what would change numbers that people have read."""
    found = dict[str, str]()
    if (fixed := changed & set(FIXED)) and has_data(kpi):
        found |= dict.fromkeys(fixed, "The KPI has data, and this would relabel its history.")
    if (meant := changed & set(MEANING)) and has_history(kpi):
        found |= dict.fromkeys(meant, "The KPI has a history: change its meaning from a month on, and say why.")
    if found:
        raise ValidationError(found)


def _begin_version(kpi: Kpi, old: Mapping[str, str], from_month: Month, by: User, reason: str) -> None:
    if not reason:
        raise ValidationError({"reason": "Say why: whoever compares the periods reads it."})
    if late := refusal_from(kpi, from_month):
        raise ValidationError({"from_month": f"The month {late}."})
    ratio = kpi.customer_method == CustomerMethod.RATIO != old["customer_method"]
    if ratio and lacks_denominators(kpi, shift(from_month, -11)):
        raise ValidationError({"customer_method": "There are facts without a denominator, which a ratio needs."})
    add_version(kpi=kpi, old=old, new=meaning_of(kpi), from_month=from_month, by=by, reason=reason)


def lacks_denominators(source: Kpi, since: Month | None = None) -> bool:
    """Whether a fact of the KPI has no denominator of 0 or more, from a month on."""
    slices = (month for _, month in slices_with_data({source.source_id}) if month >= (since or 0))
    good = {"denominator__isnull": False, "denominator__gte": 0}
    return any(
        Fact.objects.filter(month=month, kpi_id=source.source_id).exclude(**good).exists()
        for month in sorted(set(slices))
    )


def _retired(kpi: Kpi, by: User, from_month: Month | None, verb: str, reason: str) -> Kpi:
    before = kpi.retired_from and month_code(Month(kpi.retired_from))
    kpi.retired_from = from_month
    kpi.save(update_fields=["retired_from"])
    after = {"retired_from": from_month and month_code(from_month), "reason": reason}
    record(by=by, verb=verb, obj=kpi, before={"retired_from": before}, after=after)
    return kpi


def _complete(kpi: Kpi) -> None:
    """Money is in the company's currency where none is named; other units have none."""
    money = kpi.unit == Unit.CURRENCY
    kpi.currency = (kpi.currency or company().currency) if money else ""


def _settle_source(kpi: Kpi, *, said: str = "", before: Kpi | None = None) -> None:
    """Who has no data of its own has no source; what somebody says is not what the first data decided."""
    if (kpi.formula or kpi.facts_of_id) and not said:
        kpi.source = ""
    if before is None or kpi.source != before.source:
        kpi.source_decided = False


def _validate(kpi: Kpi) -> None:
    """Raises ValidationError by field."""
    kpi.full_clean(validate_constraints=False)
    found = dict(_problems(kpi))
    if found:
        raise ValidationError(found)
    kpi.validate_constraints()


def _problems(kpi: Kpi) -> list[tuple[str, str]]:
    methods = ("customer_method", "time_method")
    found = []
    if kpi.formula:
        found += [(name, "A KPI with a formula has no methods of its own.") for name in methods if getattr(kpi, name)]
        found += [("facts_of", "A KPI with a formula has no facts.")] if kpi.facts_of_id else []
        if kpi.pk and kpi.dependants.exists():
            found.append(("formula", "Other KPIs take their facts from this one, so that it needs its own."))
        found += [("formula", as_sentence(problem))] if (problem := _formula_problem(kpi)) else []
    else:
        found += [(name, "Choose how its facts become values.") for name in methods if not getattr(kpi, name)]
    bands = [(name, getattr(kpi, name)) for name in ("near_band", "near_band_abs")]
    found += [(name, "How far is near is 0 or more.") for name, band in bands if band is not None and band < 0]
    if kpi.absent == Absent.ZERO and kpi.customer_method not in ADDING:
        found.append(("absent", "Silence can mean zero for sums and counts of customers alone."))
    of_source = source_problems(kpi.source, formula=kpi.formula, takes_facts_of=kpi.facts_of_id is not None)
    found += [(name, f"It {reason}.") for name, reason in of_source]
    return [*found, *_source_problems(kpi)]


def _refuse_breaking_formulas(kpi: Kpi) -> None:
    """Raises ValidationError where another unit or currency makes nonsense of a formula that takes the KPI."""
    shelf = _shelf_with(kpi)
    for other in Kpi.objects.exclude(pk=kpi.pk):
        if kpi.code in shelf.formulas.get(other.code, ()):
            problem = formula_problem(other.code, other.formula, shelf)
            if problem:
                raise ValidationError({"unit": f"“{other.name}” is calculated from it. {as_sentence(problem)}"})


def _formula_problem(kpi: Kpi) -> str:
    return formula_problem(kpi.code, kpi.formula, _shelf_with(kpi))


def _shelf_with(kpi: Kpi) -> Shelf:
    """The library as it will stand with this KPI as it is given."""
    stored = list(Kpi.objects.all())
    others = [other for other in stored if other.pk != kpi.pk]
    return Shelf.of([*others, kpi], company().currency, before=stored)


def _source_problems(kpi: Kpi) -> list[tuple[str, str]]:
    source = kpi.facts_of
    if source is None:
        return []
    if source.facts_of_id or source.calculated:
        return [("facts_of", f"{source} has no facts of its own; choose the KPI that has them.")]
    if kpi.pk and (source.pk == kpi.pk or kpi.dependants.exists()):
        return [("facts_of", "Other KPIs take their facts from this one, so that it needs its own.")]
    if kpi.customer_method == CustomerMethod.RATIO and lacks_denominators(source):
        return [("facts_of", f"{source} has facts without a denominator, which a ratio needs.")]
    return []


@transaction.atomic
def delete_kpi(*, kpi: Kpi, by: User, seen: str | None = None) -> None:
    """A KPI that nothing refers to goes: no measurement, target or initiative, and no formula of another.

    Raises PermissionDenied, StaleWrite, TransitionRefused with its users.
    """
    _require_steward(by)
    row = _locked(kpi, seen)
    formulas = [f"the formula of {code}" for code, names in _shelf_with(row).formulas.items() if row.code in names]
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
