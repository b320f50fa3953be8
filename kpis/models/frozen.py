"""Approved targets cannot be changed or deleted: a trigger says so to every door.

Only the state may go on (approved to superseded or withdrawn, and back to approved where a load
that superseded it is taken back), never the numbers.
"""

from __future__ import annotations

from core.frozen import Frozen

MESSAGE = "an approved target cannot be changed or deleted: a new version supersedes it"
_COLUMNS = ("kpi_id", "tier_id", "from_month", "per", "version", "until_month", "value", "low", "high", "plan_value")

_targets = Frozen("kpis_target", MESSAGE, _COLUMNS, ("approved", "superseded", "withdrawn"))
install_sql, remove_sql, lifted = _targets.install_sql, _targets.remove_sql, _targets.lifted
