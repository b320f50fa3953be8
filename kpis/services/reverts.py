"""What of the KPI library is given back from an entry of the audit."""

from __future__ import annotations

from typing import Any

from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.records import Revert, register_revert
from core.stale import revision_of
from kpis.models import EventKeeping, Kpi, Link
from kpis.services.definitions import DESCRIPTION, bring_back_kpi, edit_kpi
from kpis.services.keeping_events import set_keeping
from kpis.services.linking import FIELDS, change_link, write_link


def _described(row: Any, by: User, values: dict[str, Any], reason: str) -> Kpi:
    return edit_kpi(kpi=row, by=by, values={**values, "state": row.state}, seen=revision_of(row))


def _retired(row: Any, by: User, values: dict[str, Any], reason: str) -> Kpi:
    return bring_back_kpi(kpi=row, by=by, seen=revision_of(row))


def _kept_events(row: Any, by: User, values: dict[str, Any], reason: str) -> EventKeeping:
    return set_keeping(months=values["months"], by=by, seen=revision_of(row))


def _administers(row: Any, person: User) -> bool:
    return person.has_perm(Right.ADMINISTER)


def _link_again(row: Any, by: User, values: dict[str, Any], reason: str) -> Link:
    return write_link(by=by, values=values)


def _link_as_before(row: Any, by: User, values: dict[str, Any], reason: str) -> Link:
    return change_link(link=row, by=by, values=values, seen=revision_of(row))


def _writes_links(row: Any, person: User) -> bool:
    return person.has_perm(Right.MANAGE_LINKS)


def _keeps_library(row: Any, person: User) -> bool:
    return person.has_perm(Right.MANAGE_KPIS)


def register_all() -> None:
    """Make it known: how a KPI is described, not what it means, of which its page takes the latest change back; and
    links.
    """
    described = [name for name in DESCRIPTION if name not in {"near_band_abs", "complete_when"}]
    register_revert("kpis.kpi", Verb.CHANGED, Revert(described, _keeps_library, _described))
    register_revert("kpis.eventkeeping", Verb.CHANGED, Revert(("months",), _administers, _kept_events))
    register_revert("kpis.kpi", Verb.RETIRED, Revert(("retired_from",), _keeps_library, _retired))
    pair = ("leading", "trailing", *FIELDS)
    register_revert("kpis.link", Verb.DELETED, Revert(pair, _writes_links, _link_again, gone=True))
    register_revert("kpis.link", Verb.CHANGED, Revert(FIELDS, _writes_links, _link_as_before))
