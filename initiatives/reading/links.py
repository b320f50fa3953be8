"""Whether what an initiative is to move leads to what finance counts, by the links of its KPIs."""

from __future__ import annotations

from collections.abc import Mapping

from initiatives.models import InitiativeKpi
from kpis.choices import LinkState
from kpis.models import Link
from kpis.reading.links import Kept, kept_of

_ORDER = (LinkState.SEEN, LinkState.HINT, LinkState.NOT_SEEN, LinkState.TOO_SHORT)


def links_behind() -> Mapping[int, Kept]:
    """The best that is known of a link from a KPI that an initiative names, by the initiative's id; those whose KPIs
    lead nowhere, or to what was not tested yet, are left out. Four queries; one where there is no link.
    """
    tested = [one for one in kept_of(Link.objects.standing()) if one.state]
    best: dict[int, Kept] = {}
    for one in sorted(tested, key=lambda kept: _ORDER.index(kept.state or LinkState.TOO_SHORT)):
        best.setdefault(one.link.leading_id, one)
    found: dict[int, Kept] = {}
    if best:
        named = InitiativeKpi.objects.filter(kpi__in=best).order_by().values_list("initiative", "kpi")
        for initiative, kpi in named:
            found[initiative] = _better(found.get(initiative), best[kpi])
    return found


def _better(one: Kept | None, other: Kept) -> Kept:
    if one is None or one.state is None or other.state is None:
        return other
    return one if _ORDER.index(one.state) <= _ORDER.index(other.state) else other
