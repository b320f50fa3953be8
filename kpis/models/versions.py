"""Which version of a KPI's meaning holds in a month: a period uses the version of its last month."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any

from django.db.models import F

from core.once import once
from core.periods import Month
from kpis.choices import TimeMethod
from kpis.models import Kpi, KpiVersion, Target

# A change of these is a new version from a month on: everything else of a KPI stands for all months.
MEANING = ("unit", "currency", "direction", "customer_method", "time_method", "formula", "rule")
# What a version holds: an absolute band is in its unit. A change of the band alone stands for the whole version.
VERSIONED = (*MEANING, "near_band_abs")


class VersionBook:
    """The versions of some KPIs, read once: no query where none of them was ever changed."""

    def __init__(self, versions: Mapping[int, Sequence[KpiVersion]]) -> None:
        self._versions = versions

    @classmethod
    def read(cls, kpis: Iterable[Kpi]) -> VersionBook:
        """Of these KPIs."""
        changed = [kpi.pk for kpi in kpis if kpi.versions_from is not None]
        found: dict[int, list[KpiVersion]] = defaultdict(list)
        if changed:
            for version in KpiVersion.objects.filter(kpi__in=changed).order_by("from_month"):
                found[version.kpi_id].append(version)
        return cls(found)

    @classmethod
    def library(cls) -> tuple[list[Kpi], VersionBook]:
        """Every KPI in matrix order, with its department and its owner's name, and their versions: one query, changed
        or not. Once a reading.
        """
        return once("library", cls._library)

    @classmethod
    def _library(cls) -> tuple[list[Kpi], VersionBook]:
        names = ("from_month", *VERSIONED)
        rows = Kpi.objects.in_matrix_order().select_related("department")
        joined = rows.annotate(
            owned_by=F("owner__name"), **{f"version_{name}": F(f"versions__{name}") for name in names}
        )
        kpis: dict[int, Kpi] = {}
        found: dict[int, list[KpiVersion]] = defaultdict(list)
        in_order: Iterable[Any] = joined.order_by(*rows.query.order_by, "versions__from_month")
        for row in in_order:
            kpis.setdefault(row.pk, row)
            if row.version_from_month is not None:
                meaning = {name: getattr(row, f"version_{name}") for name in names}
                found[row.pk].append(KpiVersion(kpi_id=row.pk, **meaning))
        return list(kpis.values()), cls(found)

    def at(self, kpi: Kpi, month: Month) -> Kpi:
        """The KPI as it means in a month: itself where it was never changed, else a copy, never to be saved."""
        version = self._in_force(kpi, month)
        if version is None:
            return kpi
        meant = copy(kpi)
        for name in VERSIONED:
            setattr(meant, name, getattr(version, name))
        meant.meant_since = Month(version.from_month)
        return meant

    def same(self, kpi: Kpi, one: Month, other: Month) -> bool:
        """Whether the KPI means the same in both months."""
        return self._in_force(kpi, one) is self._in_force(kpi, other)

    def of_target(self, target: Target) -> Kpi:
        """The KPI as it means for a target: by the version of the row's first month."""
        return self.at(target.kpi, Month(target.from_month))

    def changes(self, after: Month) -> list[Month]:
        """The months after one in which a version of any of these KPIs begins, the earliest first."""
        return sorted(
            {Month(one.from_month) for found in self._versions.values() for one in found if one.from_month > after}
        )

    def next_change(self, kpi: Kpi, month: Month) -> Month | None:
        """From which month on the KPI means something else than in this one; None where that is not known."""
        later = (Month(one.from_month) for one in self._versions.get(kpi.pk, ()) if one.from_month > month)
        return min(later, default=None)

    def all_of(self, kpi: Kpi) -> list[Kpi]:
        """The KPI in each of its versions, the first one first."""
        versions = self._versions.get(kpi.pk, ())
        return [self.at(kpi, Month(version.from_month)) for version in versions] or [kpi]

    def ever(self, kpi: Kpi, time_method: TimeMethod) -> bool:
        """Whether any version combines months in that way."""
        return any(meant.time_method == time_method for meant in self.all_of(kpi))

    def _in_force(self, kpi: Kpi, month: Month) -> KpiVersion | None:
        """The version of a month, the first for months before it; None where the KPI was never changed."""
        versions = self._versions.get(kpi.pk, ())
        place = bisect_right([version.from_month for version in versions], month)
        return versions[max(place - 1, 0)] if versions else None
