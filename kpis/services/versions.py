"""A change of what a KPI means: a new version from a month on, the old values keep the old meaning."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Load, User
from core.periods import Month, shift
from kpis.models import Kpi, KpiVersion
from kpis.models.versions import MEANING
from kpis.services.touches import slices_with_data, touch_slices

# Earlier than any fact: what stood before the first change stands always.
ALWAYS = Month(100001)
Meaning = Mapping[str, str]


def meaning_of(kpi: Kpi) -> dict[str, str]:
    """What a version may change, as the KPI stands."""
    return {name: getattr(kpi, name) for name in MEANING}


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

    A second change from the same month replaces that version. The KPI's own row is the caller's to save,
    with ``versions_from``.
    """
    if not kpi.versions.exists():
        KpiVersion.objects.create(kpi=kpi, from_month=ALWAYS, load=load, **old)
    defaults = {**new, "by": by, "reason": reason, "load": load}
    version, _ = KpiVersion.objects.update_or_create(kpi=kpi, from_month=from_month, defaults=defaults)
    Kpi.objects.filter(pk=kpi.pk).update(versions_from=from_month)
    kpi.versions_from = from_month
    touch_from(kpi, from_month)
    return version


def take_back_versions(load: Load) -> None:
    """Remove what a load changed of meanings; a KPI with its first version alone has none."""
    concerned = {version.kpi_id: version.kpi for version in KpiVersion.objects.filter(load=load).select_related("kpi")}
    KpiVersion.objects.filter(load=load).exclude(from_month=ALWAYS).delete()
    for kpi in concerned.values():
        left = list(kpi.versions.order_by("from_month"))
        if len(left) == 1:
            left.pop().delete()
        latest = Month(left[-1].from_month) if left else None
        Kpi.objects.filter(pk=kpi.pk).update(versions_from=latest)
        touch_from(kpi, ALWAYS)


def touch_from(kpi: Kpi, month: Month) -> None:
    """Mark the months with data that a period from ``month`` on may rest on."""
    first = shift(month, -11) if month > ALWAYS else month
    touch_slices(slice_ for slice_ in slices_with_data({kpi.source_id}) if slice_[1] >= first)
