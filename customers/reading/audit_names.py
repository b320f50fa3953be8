"""How the audit tells of customers, their tiers and their lives."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.reading.audit_names import rows_of
from core.records import Told
from customers.models import Tier

TOLD: Mapping[str, Told] = {
    "customers.tier": Told("tier", rows=rows_of(Tier)),
    "customers.customer": Told("customer", {"is_key_account": "key account", "external_id": "number"}),
    "customers.tiermembership": Told("tier move", {"starts_on": "from"}),
    "customers.lifecycleevent": Told("lifecycle event", {"on": "day"}),
}
