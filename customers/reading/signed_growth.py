"""Growth of a closed period as it was signed, as the value that pages show."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from customers.choices import TierScope
from customers.models import Tier
from customers.reading.growth import FLOWS, Growth, GrowthRow
from customers.reading.tiers import every_tier

_SCOPES = {scope.value: scope for scope in (TierScope.ALL, TierScope.UNTIERED)}


class SignedTiers:
    """The tiers of a document by code: those of today under the names that they had. One query, or none."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._known = {tier.code: tier for tier in every_tier()}
        self._names = {one["code"]: one["name"] for one in document["matrix"]["tiers"]}

    def __getitem__(self, code: str) -> Tier:
        """The tier; one that is gone has no row of its own."""
        known = self._known.get(code)
        found = copy(known) if known else Tier(code=code, name=code, scope=_SCOPES.get(code, TierScope.TIER))
        found.name = self._names.get(code, found.name)
        return found


def signed_growth(document: Mapping[str, Any], live: Growth) -> Growth:
    """The rows of an edition's document; its days are the period's.

    Of moves and months a document keeps no more than how many moved, so that they are the live ones where these agree
    with what was signed, and else left out.
    """
    tiers = SignedTiers(document)
    rows = tuple(_row(one, tiers) for one in document["growth"]["rows"])
    if differing_rows(document, live):
        return replace(live, rows=rows, moves={}, months=())
    return replace(live, rows=rows)


def differing_rows(document: Mapping[str, Any], live: Growth) -> int:
    """How many tiers' growth is another by now, all customers among them."""
    then = {one["tier"]: one for one in document["growth"]["rows"]}
    now = {row.tier.code: _plain(row) for row in live.rows}
    return sum(then.get(code) != now.get(code) for code in {*then, *now})


def _row(told: Mapping[str, Any], tiers: SignedTiers) -> GrowthRow:
    return GrowthRow(tiers[told["tier"]], **{name: told[name] for name in ("opening", *FLOWS, "closing")})


def _plain(row: GrowthRow) -> dict[str, Any]:
    return {"tier": row.tier.code, **{name: getattr(row, name) for name in ("opening", *FLOWS, "closing", "net")}}
