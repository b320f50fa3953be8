"""Editions cannot be changed or deleted, nor can what an approved incentive goal says: a trigger says so to every door.

``lifted`` and ``goals_lifted`` are for what empties the demo company, and a test's database.
"""

from __future__ import annotations

from core.frozen import Frozen

MESSAGE = "an edition cannot be changed or deleted: issue the next one"

_editions = Frozen("scorecard_edition", MESSAGE)
install_sql, remove_sql, lifted = _editions.install_sql, _editions.remove_sql, _editions.lifted

GOAL_MESSAGE = "an approved incentive goal cannot be changed or deleted: a further version supersedes it"
_SAID = (
    *("goal_id", "number", "weight", "measure", "kpi_id", "tier_id", "threshold", "target", "maximum"),
    *("initiatives", "at_threshold", "at_maximum", "written_by_id", "approved_by_id", "frozen"),
)

goals = Frozen("scorecard_goalversion", GOAL_MESSAGE, _SAID, ("approved", "superseded"))
goals_lifted = goals.lifted
