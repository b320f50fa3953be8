"""A change of what a KPI means: a new version from a month on, the old values keep the old meaning.

What was promised of the old meaning is no promise of the new one: approved targets that start in or after the month
of a change are withdrawn with it, and stand again where it is taken back. What nobody has decided yet is withdrawn
too, so that nobody approves for one meaning what was written for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.audit import record, record_all
from accounts.choices import Verb
from accounts.models import Load, User
from core.auditing import state_of
from core.periods import Month, shift
from kpis.choices import TargetState
from kpis.models import Kpi, KpiVersion, Target
from kpis.models.versions import MEANING, VERSIONED
from kpis.services.decision_mails import tell_deciders, tell_writers
from kpis.services.target_rows import key_of
from kpis.services.touches import slices_with_data, touch_signals, touch_slices

# Earlier than any fact: what stood before the first change stands always.
ALWAYS = Month(100001)
Meaning = Mapping[str, Any]
_UNDECIDED = (TargetState.DRAFT, TargetState.PROPOSED)


def meaning_of(kpi: Kpi | KpiVersion) -> dict[str, Any]:
    """What a version holds, as the KPI stands or a version of it says."""
    return {name: getattr(kpi, name) for name in VERSIONED}


def add_version(
    *,
    kpi: Kpi,
    old: Meaning,
    new: Meaning,
    from_month: Month,
    by: User | None,
    reason: str = "",
    load: Load | None = None,
) -> KpiVersion:
    """Note that the KPI meant ``old`` until ``from_month`` and means ``new`` from then on, and mark its months.

    A second change from the same month replaces that version. Targets that start in or after the month are
    withdrawn: approved ones, drafts and proposals. The KPI's own row is the caller's to save, with ``versions_from``.
    """
    if not kpi.versions.exists():
        KpiVersion.objects.create(kpi=kpi, from_month=ALWAYS, load=load, **old)
    defaults = {**new, "by": by, "reason": reason, "load": load}
    version, _ = KpiVersion.objects.update_or_create(kpi=kpi, from_month=from_month, defaults=defaults)
    Kpi.objects.filter(pk=kpi.pk).update(versions_from=from_month)
    kpi.versions_from = from_month
    withdraw_after(version, by=by)
    touch_from(kpi, from_month)
    return version


def take_back_versions(load: Load) -> None:
    """Remove what a load changed of meanings; a KPI with its first version alone has none."""
    concerned = {version.kpi_id: version.kpi for version in KpiVersion.objects.filter(load=load).select_related("kpi")}
    for kpi in concerned.values():
        remove_versions(kpi, kpi.versions.filter(load=load).exclude(from_month=ALWAYS), by=load.by)


def remove_versions(kpi: Kpi, versions: Iterable[KpiVersion], *, by: User | None) -> None:
    """Take versions away: what they withdrew stands again. The first alone goes too. The KPI's row is the caller's."""
    for version in versions:
        _end(version, by=by)
    left = list(kpi.versions.order_by("from_month"))
    if len(left) == 1:
        left.pop().delete()
    latest = Month(left[-1].from_month) if left else None
    Kpi.objects.filter(pk=kpi.pk).update(versions_from=latest)
    kpi.versions_from = latest
    touch_from(kpi, ALWAYS)


def touch_from(kpi: Kpi, month: Month) -> None:
    """Mark the months with data that a period from ``month`` on may rest on, and the chart of one that has none."""
    touch_signals([kpi.pk], month)
    first = shift(month, -11) if month > ALWAYS else month
    touch_slices(slice_ for slice_ in slices_with_data({kpi.source_id}) if slice_[1] >= first)


# -- targets of the meaning that was


def withdrawn_by(kpi: Kpi, from_month: Month) -> list[Target]:
    """The approved targets that a change from that month withdraws: those that start in or after it."""
    rows = Target.objects.approved().filter(kpi=kpi, from_month__gte=from_month).select_related("kpi", "tier")
    return list(rows.order_by("from_month", "tier__rank", "per"))


def undecided_by(kpi: Kpi, from_month: Month) -> list[Target]:
    """The drafts and proposals that a change from that month withdraws: those that start in or after it."""
    rows = Target.objects.filter(kpi=kpi, from_month__gte=from_month, state__in=_UNDECIDED)
    return list(
        rows.select_related("kpi", "tier", "batch__proposed_by", "created_by").order_by(
            "from_month", "tier__rank", "per", "version"
        )
    )


def withdraw_after(version: KpiVersion, *, by: User | None) -> list[Target]:
    """Withdraw the targets of the meaning that a version ends, logged. Answers those that were approved.

    Finance is told of what was approved, and who wrote or proposed it of what was undecided.
    """
    month = Month(version.from_month)
    gone = withdrawn_by(version.kpi, month)
    _move(gone, TargetState.APPROVED, TargetState.WITHDRAWN, by=by, verb=Verb.WITHDRAWN_BY_CHANGE)
    version.withdrew.add(*gone)
    tell_deciders(gone, kpi=version.kpi, from_month=month, by=by)
    _drop(undecided_by(version.kpi, month), version.kpi, month, by=by, verb=Verb.WITHDRAWN_BY_CHANGE)
    return gone


def _drop(undecided: list[Target], kpi: Kpi, month: Month, *, by: User | None, verb: Verb) -> None:
    """Withdraw drafts and proposals that were written for another meaning, and tell who did."""
    tell_writers(undecided, kpi=kpi, from_month=month, by=by)
    for state in _UNDECIDED:
        _move([one for one in undecided if one.state == state], state, TargetState.WITHDRAWN, by=by, verb=verb)


def stand_again(version: KpiVersion, *, by: User | None) -> list[Target]:
    """What a version withdrew is approved again, unless another version of the row was approved since."""
    gone = list(version.withdrew.filter(state=TargetState.WITHDRAWN).select_related("kpi", "tier"))
    taken = {key_of(one) for one in Target.objects.approved().filter(kpi=version.kpi_id)}
    back = [one for one in gone if key_of(one) not in taken]
    _move(back, TargetState.WITHDRAWN, TargetState.APPROVED, by=by, verb=Verb.STANDS_AGAIN)
    return back


def _end(version: KpiVersion, *, by: User | None) -> None:
    """Take a version away: what was approved of it is withdrawn, what it withdrew stands again.

    The first one ends nothing: it goes where it is the only one left.
    """
    if version.from_month == ALWAYS:
        version.delete()
        return
    later = version.kpi.versions.filter(from_month__gt=version.from_month).order_by("from_month").first()
    month = Month(version.from_month)
    own, undecided = (
        [one for one in rows if later is None or one.from_month < later.from_month]
        for rows in (withdrawn_by(version.kpi, month), undecided_by(version.kpi, month))
    )
    _move(own, TargetState.APPROVED, TargetState.WITHDRAWN, by=by, verb=Verb.WITHDRAWN_WITH_MEANING)
    _drop(undecided, version.kpi, month, by=by, verb=Verb.WITHDRAWN_WITH_MEANING)
    stand_again(version, by=by)
    version.delete()


def _move(targets: Sequence[Target], seen: TargetState, to: TargetState, *, by: User | None, verb: Verb) -> None:
    changes = []
    for target in targets:
        before = {"state": target.state}
        target.state = to
        changes.append((target, before, state_of(target)))
    Target.objects.filter(pk__in=[target.pk for target in targets], state=seen).update(state=to)
    record_all(by=by, verb=verb, changes=changes)


# -- bands


def set_band(kpi: Kpi, from_month: Month | None, band: Any, *, by: User | None) -> None:
    """Give the version that begins in a month another absolute band; the latest also stands in the KPI's row."""
    version = kpi.versions.filter(from_month=from_month).first() if from_month else None
    if version is not None and version.near_band_abs != band:
        before, version.near_band_abs = version.near_band_abs, band
        version.save(update_fields=["near_band_abs"])
        told = {"before": {"near_band_abs": before}, "after": {"near_band_abs": band}}
        record(by=by, verb=Verb.CHANGED_BAND, obj=version, **told)


# -- all versions at once


def set_versions(kpi: Kpi, wanted: Mapping[Month, Meaning], *, by: User | None, load: Load | None) -> None:
    """Have the KPI's versions be just these, by their months; none: its row's meaning stands always.

    What goes gives back what it withdrew, what comes withdraws. The KPI's own row is the caller's to save.
    """
    stored = {Month(one.from_month): one for one in kpi.versions.all()}
    for month in sorted(stored.keys() - wanted.keys(), reverse=True):
        _end(stored[month], by=by)
    changed = sorted(stored.keys() - wanted.keys())
    for month, meaning in sorted(wanted.items()):
        if _set_version(kpi, stored.get(month), month, meaning, by, load):
            changed.append(month)
    latest = max(wanted, default=None)
    Kpi.objects.filter(pk=kpi.pk).update(versions_from=latest)
    kpi.versions_from = latest
    if begun := [month for month in changed if month > ALWAYS]:
        touch_from(kpi, min(begun))


def _set_version(
    kpi: Kpi, version: KpiVersion | None, month: Month, meaning: Meaning, by: User | None, load: Load | None
) -> bool:
    """One of them; whether it means something else than before."""
    if version is None:
        version = KpiVersion.objects.create(kpi=kpi, from_month=month, by=by, load=load, **meaning)
        if month > ALWAYS:
            withdraw_after(version, by=by)
        return True
    if meaning_of(version) == dict(meaning):
        return False
    if all(getattr(version, name) == meaning[name] for name in MEANING):
        set_band(kpi, month, meaning["near_band_abs"], by=by)
        return False
    KpiVersion.objects.filter(pk=version.pk).update(by=by, load=load, reason="", **meaning)
    withdraw_after(version, by=by)
    return True
