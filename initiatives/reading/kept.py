"""How the register stands today, read once by each process for as long as nobody writes anything.

Whatever a standing shows changes by an audited write, with the company's own row or with its day, as the law of the
cache has it; rollups change none of it.
"""

from __future__ import annotations

from accounts.models import Company
from accounts.reading.record import record_mark
from core.kept import Kept
from initiatives.models import Initiative
from initiatives.querysets import InitiativeQuerySet
from initiatives.reading.standings import Standing, read_standings

_registers: Kept[list[Standing]] = Kept()


def kept_standings(initiatives: InitiativeQuerySet, found: Company, *, steps: bool = True) -> list[Standing]:
    """Each of the initiatives of the company as it stands today, in the register's order, as ``read_standings``
    answers it.

    Two queries where nothing was written. Whoever gets them leaves them as they are: other requests have the same.
    """
    register = _registers.get(steps, record_mark(found), lambda: read_standings(Initiative.objects.all(), steps=steps))
    if not initiatives.query.where:
        return list(register)
    chosen = frozenset(initiatives.order_by().values_list("pk", flat=True))
    return [one for one in register if one.initiative.pk in chosen]
