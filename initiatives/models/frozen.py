"""Approved benefits cannot be changed or deleted: a trigger says so to every door.

Only the state may go on (approved to superseded or withdrawn, and back to approved where the one that superseded it
is taken back), never what was promised.
"""

from __future__ import annotations

from core.frozen import Frozen

MESSAGE = "an approved benefit cannot be changed or deleted: a new version supersedes it"
COLUMNS = (
    *("initiative_id", "name", "version", "kind", "kpi_id", "tier_id", "value_per_year", "currency", "from_month"),
    *("created_by_id", "decided_by_id"),
)

_benefits = Frozen("initiatives_benefit", MESSAGE, COLUMNS, ("approved", "superseded", "withdrawn"))
install_sql, remove_sql, lifted = _benefits.install_sql, _benefits.remove_sql, _benefits.lifted
