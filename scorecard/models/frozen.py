"""Editions cannot be changed or deleted: a trigger says so to every door.

``lifted`` is for what empties the demo company, and a test's database.
"""

from __future__ import annotations

from core.frozen import Frozen

MESSAGE = "an edition cannot be changed or deleted: issue the next one"

_editions = Frozen("scorecard_edition", MESSAGE)
install_sql, remove_sql, lifted = _editions.install_sql, _editions.remove_sql, _editions.lifted
