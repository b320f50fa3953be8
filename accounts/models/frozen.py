"""Audit entries cannot be changed or deleted: a trigger says so to every door.

``lifted`` is for what empties the demo company and for what erases a person.
"""

from __future__ import annotations

from core.frozen import Frozen

MESSAGE = "an audit entry cannot be changed or deleted: it says what was done"

_entries = Frozen("accounts_auditentry", MESSAGE)
install_sql, remove_sql, lifted = _entries.install_sql, _entries.remove_sql, _entries.lifted
