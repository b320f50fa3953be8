"""KPIs by hand: created, described, given another meaning from a month on, retired. What has data is never deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.audit import record
from accounts.audited import users_of
from accounts.choices import Verb
from accounts.company import company, today
from accounts.models import Company, User
from accounts.rights import Right
from accounts.rules.people import gone_problems
from core.auditing import state_of
from core.periods import Month, month_code, month_of
from core.registry import cells_touched
from core.scorecards import verdicts_changed
from core.stale import as_seen
from core.texts import plain, tidied
from core.writes import Problem, TransitionRefused, refuse
from kpis.choices import Source
from kpis.formulas.events import normal_rule
from kpis.models import Kpi, Target
from kpis.models.versions import MEANING, VersionBook
from kpis.rules import kpi as rules
from kpis.rules.formula import Shelf, as_sentence
from kpis.rules.kpi import FIXED
from kpis.services.publishing import publish_ready
from kpis.services.sources import settle_sources
from kpis.services.touches import lacks_base, slices_with_data, touch_signals, touch_slices
from kpis.services.versions import ALWAYS, add_version, meaning_of, set_band, touch_from

BAND_IN_OLD_UNIT = "Its band is in the old unit: give one in the new one, or leave it empty."

# What describes a KPI and changes no number that people have read.
DESCRIPTION = (
    *("name", "department", "indicator", "decimals", "owner", "customer_criterion", "definition", "purpose"),
    *("data_source", "near_band", "near_band_abs", "complete_when"),
)
EDITABLE = frozenset({*DESCRIPTION, *FIXED, *MEANING, "position", "state", "seasonal"})


@transaction.atomic
def create_kpi(*, by: User, values: Mapping[str, Any]) -> Kpi:
    """A new KPI, last of its kind in the matrix; its meaning stands for all months.

    ``values`` holds model fields; without a ``state`` it is published. Raises PermissionDenied, ValidationError by
    field.
    """
    require_steward(by)
    _one_writer()
    last = Kpi.objects.aggregate(last=Max("position"))["last"]
    kpi = check_kpi(values={"position": 0 if last is None else last + 1, **values})
    if kpi.seasonal:
        _require_setter(by)
    kpi.save()
    record(by=by, verb=Verb.CREATED, obj=kpi, after=state_of(kpi))
    if kpi.facts_of_id or kpi.formula:
        touch_from(kpi, Month(100001))
        cells_touched(by)
    return kpi


@transaction.atomic
def edit_kpi(*, kpi: Kpi, by: User, values: Mapping[str, Any], seen: str | None = None) -> Kpi:
    """Describe a KPI in other words; of one without a history the meaning too.

    ``seen`` is the revision that the person saw. A change of what silence means or of the meaning marks its months
    for the rollup. Another absolute band stands for the whole of the latest version. A draft that lacks nothing any
    more is published, but where ``state`` is given. Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    require_steward(by)
    old = locked_kpi(kpi, seen)
    new = check_kpi(values={name: value for name, value in values.items() if name in EDITABLE}, kpi=old)
    new.save()
    if old.seasonal != new.seasonal:
        _require_setter(by)
        touch_signals([new.pk], ALWAYS)
        cells_touched(by)
    set_band(new, new.versions_from, new.near_band_abs, by=by)
    if any(getattr(old, name) != getattr(new, name) for name in (*FIXED, *MEANING, "complete_when")):
        touch_from(new, Month(100001))
        cells_touched(by)
    record(by=by, verb=Verb.CHANGED, obj=new, before=state_of(old), after=state_of(new))
    verdicts_changed()
    if "state" not in values:
        publish_ready([new.pk], by)
        new.refresh_from_db()
    return new


def check_kpi(*, values: Mapping[str, Any], kpi: Kpi | None = None) -> Kpi:
    """A KPI as the values would make it, or a changed copy of one that is there; nothing is saved.

    For whoever wants to know before writing. Raises ValidationError by field.
    """
    texts = {name: tidied(value) for name, value in values.items() if isinstance(value, str) and name != "code"}
    given = {**values, **texts}  # what names it is refused, not mended
    meant = Kpi() if kpi is None else copy(kpi)
    if kpi is not None and kpi.source and not given.get("source", "-") and has_data(kpi):
        del given["source"]  # unsaid, what came first stays
    for name, value in given.items():
        setattr(meant, name, value)
    meant.currency = rules.normal_currency(meant.unit, meant.currency, company().currency)
    meant.rule = normal_rule(meant.rule)
    fit_source(meant, said=given.get("source", ""), before=kpi)
    if kpi is not None:
        _refuse_relabelling(kpi, meant)
    validate_kpi(meant, Month(meant.versions_from) if meant.versions_from else None)
    return meant


@transaction.atomic
def change_meaning(
    *, kpi: Kpi, by: User, meaning: Mapping[str, Any], from_month: Month, reason: str, seen: str | None = None
) -> Kpi:
    """Give a KPI another unit, direction, method or formula from a month on; earlier periods keep the old meaning.

    ``meaning`` holds the names of ``kpis.models.versions.VERSIONED``; what it doesn't name stays. Approved targets
    that start in or after the month are withdrawn (``kpis.services.versions.withdrawn_by`` tells which beforehand).
    Where nothing was measured, entered or promised yet there is nothing to keep, and it stands for all months.
    Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    require_steward(by)
    kpi = locked_kpi(kpi, seen)
    before, old = state_of(kpi), meaning_of(kpi)
    redefine(kpi, meaning)
    fit_source(kpi)
    validate_kpi(kpi, from_month if has_history(kpi) else None)
    if has_history(kpi):
        _begin_version(kpi, old, from_month, by, plain(reason))
    kpi.save()
    settle_sources([kpi.pk])
    record(by=by, verb=Verb.CHANGED_MEANING, obj=kpi, before=before, after=state_of(kpi) | {"reason": plain(reason)})
    cells_touched(by)
    return kpi


def redefine(kpi: Kpi, meaning: Mapping[str, Any]) -> None:
    """Have the KPI mean something else. Raises ValidationError where that is the same, or its band in another unit."""
    old = meaning_of(kpi)
    for name, value in meaning.items():
        setattr(kpi, name, tidied(value) if isinstance(value, str) else value)
    kpi.currency = rules.normal_currency(kpi.unit, kpi.currency, company().currency)
    kpi.rule = normal_rule(kpi.rule)
    if all(getattr(kpi, name) == old[name] for name in MEANING):
        raise ValidationError("Nothing would change: choose another unit, method, direction, formula or rule.")
    counted_otherwise = (kpi.unit, kpi.currency) != (old["unit"], old["currency"])
    if counted_otherwise and kpi.near_band_abs is not None and "near_band_abs" not in meaning:
        raise ValidationError({"near_band_abs": BAND_IN_OLD_UNIT})


@transaction.atomic
def retire_kpi(*, kpi: Kpi, by: User, from_month: Month, reason: str, seen: str | None = None) -> Kpi:
    """Take a KPI out of the matrix from a month on; what it has is kept.

    Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    require_steward(by)
    check_reason(reason)
    return _retired(locked_kpi(kpi, seen), by, from_month, Verb.RETIRED, plain(reason))


def check_reason(reason: str) -> None:
    """Raises ValidationError where a retirement does not say why."""
    if not plain(reason):
        raise ValidationError({"reason": "Say why: people will look for it."})


@transaction.atomic
def bring_back_kpi(*, kpi: Kpi, by: User, seen: str | None = None) -> Kpi:
    """Put a retired KPI back into the matrix. Raises PermissionDenied, StaleWrite."""
    require_steward(by)
    return _retired(locked_kpi(kpi, seen), by, None, Verb.BROUGHT_BACK, "")


def has_data(kpi: Kpi) -> bool:
    """Whether anything was measured or entered for the KPI, by its own name or its source's."""
    return bool(slices_with_data({kpi.pk, kpi.source_id}))


def has_history(kpi: Kpi) -> bool:
    """Whether another meaning would relabel something: data, targets, earlier versions, a formula's values."""
    return rules.has_history(kpi, has_data=has_data(kpi), has_targets=Target.objects.filter(kpi=kpi).exists())


def _refuse_relabelling(kpi: Kpi, meant: Kpi) -> None:
    """Raises ValidationError for what would change numbers that people have read."""
    old, new = rules.Definition.of(kpi), rules.Definition.of(meant)
    fixed = any(getattr(old, name) != getattr(new, name) for name in FIXED)
    another = [name for name in MEANING if getattr(kpi, name) != getattr(meant, name)]
    again = another if another and has_history(kpi) else []
    why = "has a history: change its meaning from a month on, and say why"
    refuse([*rules.fixed_problems(old, new, has_data=fixed and has_data(kpi)), *((name, why) for name in again)])


def _begin_version(kpi: Kpi, old: Mapping[str, Any], from_month: Month, by: User, reason: str) -> None:
    refuse([] if reason else [("reason", "say why: whoever compares the periods reads it")])
    refuse_version(kpi, old, from_month)
    add_version(kpi=kpi, old=old, new=meaning_of(kpi), from_month=from_month, by=by, reason=reason)


def refuse_version(kpi: Kpi, old: Mapping[str, Any], from_month: Month) -> None:
    """Raises ValidationError where no version can begin in the month."""
    before = copy(kpi)
    before.customer_method = old["customer_method"]
    lacks = partial(lacks_base, kpi.source_id)
    refuse(rules.version_problems(before, kpi.customer_method, from_month, month_of(today()), lacks))


def _retired(kpi: Kpi, by: User, from_month: Month | None, verb: Verb, reason: str) -> Kpi:
    old = kpi.retired_from
    before = old and month_code(Month(old))
    kpi.retired_from = from_month
    kpi.save(update_fields=["retired_from"])
    _touch_ended(kpi, min(month for month in (old, from_month) if month) if old or from_month else None, by)
    after = {"retired_from": from_month and month_code(from_month), "reason": reason}
    record(by=by, verb=verb, obj=kpi, before={"retired_from": before}, after=after)
    return kpi


def fit_source(kpi: Kpi, *, said: str = "", before: Kpi | None = None) -> None:
    """Who has no data of its own has no source, and who has a rule takes events where nobody says otherwise; what
    somebody says is not what the first data decided.
    """
    if (kpi.formula or kpi.facts_of_id) and not said:
        kpi.source = ""
    elif kpi.rule and not (said or kpi.source):
        kpi.source = Source.EVENTS
    if before is None or kpi.source != before.source:
        kpi.source_decided = False


def _touch_ended(kpi: Kpi, month: Month | None, by: User) -> None:
    """Mark what counts nowhere now, or again: for those that take the KPI's facts or values."""
    if month is not None and (moved := [one for one in slices_with_data({kpi.pk}) if one[1] >= month]):
        touch_slices(moved)
        cells_touched(by)


def validate_kpi(kpi: Kpi, since: Month | None = None) -> None:
    """Raises ValidationError by field. ``since`` is from when on it would mean so; None: in all months."""
    kpi.full_clean(validate_constraints=False)
    libraries = list(_libraries_with(kpi, since))
    refuse([*_problems(kpi, libraries), *gone_problems(kpi, "owner")])
    kpi.validate_constraints()
    stored = Kpi.objects.filter(pk=kpi.pk).first()
    if stored is not None and (stored.unit, stored.currency) != (kpi.unit, kpi.currency):
        for _, library in libraries:
            refuse(rules.unit_problems(kpi.code, library))


def _problems(kpi: Kpi, libraries: list[tuple[Month, rules.Library]]) -> list[Problem]:
    """What is wrong with it beside the others; with its formula in any month from which they mean something else."""
    new, begin = rules.Definition.of(kpi), libraries[0][0]
    for month, library in libraries:
        found = rules.kpi_problems(new, library)
        if month != begin:
            found = [(name, f"{reason} (from {month_code(month)} on)") for name, reason in found if name == "formula"]
        if found:
            return [(name, as_sentence(reason) if name == "formula" else reason) for name, reason in found]
    return []


def _libraries_with(kpi: Kpi, since: Month | None) -> Iterator[tuple[Month, rules.Library]]:
    """The library as it will stand with this KPI as it is given, for each month in which another meaning begins."""
    stored, begin = list(Kpi.objects.select_related("facts_of")), since or ALWAYS
    codes = {other.code: other.pk for other in stored}
    book, currency = VersionBook.read(stored), company().currency
    for month in (begin, *book.changes(begin)):
        meant = [book.at(other, month) for other in stored]
        there = [*(other for other in meant if other.pk != kpi.pk), kpi]
        yield (
            month,
            rules.Library(
                shelf=Shelf.of(there, currency, before=meant),
                sources={other.code: other.facts_of.code for other in there if other.facts_of},
                names={other.code: other.name for other in there},
                formulas={other.code: other.formula for other in there},
                drafts={other.code for other in there if other.is_draft},
                from_events={other.code for other in there if other.takes_events},
                lacks_base=lambda code: lacks_base(codes[code]),
            ),
        )


@transaction.atomic
def delete_kpi(*, kpi: Kpi, by: User, seen: str | None = None) -> None:
    """A KPI that nothing refers to goes: no measurement, target or initiative, and no formula of another.

    Raises PermissionDenied, StaleWrite, TransitionRefused with its users.
    """
    require_steward(by)
    row = locked_kpi(kpi, seen)
    shelves = (library.shelf for _, library in _libraries_with(row, None))
    taking = dict.fromkeys(code for shelf in shelves for code, names in shelf.formulas.items() if row.code in names)
    formulas = [f"the formula of {code}" for code in taking]
    users = [*users_of(row), *formulas]
    if users:
        reason = f"“{row.name}” is in use by {', '.join(users)}; nothing was changed. Retire it instead."
        raise TransitionRefused(reason)
    earlier = [state_of(version) for version in row.versions.all()]
    record(by=by, verb=Verb.DELETED, obj=row, before=state_of(row) | ({"versions": earlier} if earlier else {}))
    row.delete()
    cells_touched(by)


def locked_kpi(kpi: Kpi, seen: str | None) -> Kpi:
    """The KPI as it is, held until the transaction ends. Raises StaleWrite where it is not what was seen."""
    _one_writer()
    found = Kpi.objects.select_related("department", "owner", "facts_of").filter(pk=kpi.pk).first()
    return as_seen(found, seen, kpi)


def _one_writer() -> None:
    """One writer of definitions at a time: codes differ, and formulas are checked against all others."""
    Company.objects.select_for_update().get(pk=1)


def _require_setter(by: User) -> None:
    if not by.has_perm(Right.SET_STEPS):
        raise PermissionDenied("Stewards say which KPIs are seasonal.")


def require_steward(by: User) -> None:
    """Raises PermissionDenied for who does not keep the library."""
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards keep the KPI library; an owner may propose a KPI to them.")
