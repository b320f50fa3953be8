"""Names on pages of initiatives: whose customers may be read, what is short enough for a column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.models import User
from accounts.rights import Right
from customers.models import Customer
from initiatives.choices import Level
from initiatives.models import Initiative, InitiativeKpi

HIDDEN = "a key account"


@dataclass(frozen=True, slots=True)
class Names:
    """Which customers a person may read by name; read once for a list."""

    readable: frozenset[int] | None

    @classmethod
    def of(cls, user: User, initiatives: Iterable[Initiative]) -> Names:
        """For these initiatives; one query at the most, none for those who read all."""
        if user.has_perm(Right.READ_CUSTOMERS):
            return cls(None)
        named = {row.customer_id for row in initiatives if row.customer_id}
        visible = Customer.objects.visible_to(user).filter(pk__in=named) if named else Customer.objects.none()
        return cls(frozenset(visible.values_list("pk", flat=True)))

    def customer(self, initiative: Initiative) -> str:
        """The customer's name, ``a key account`` for those who may not read it, empty where there is none."""
        if initiative.customer is None:
            return ""
        readable = self.readable is None or initiative.customer_id in self.readable
        return initiative.customer.name if readable else HIDDEN

    def place(self, initiative: Initiative) -> str:
        """Where in the company it is: the customer, the unit, or ``Corporate``."""
        if initiative.level == Level.KEY_ACCOUNT:
            return self.customer(initiative)
        unit = initiative.business_unit
        return unit.name if unit and initiative.level == Level.BUSINESS_UNIT else Level.CORPORATE.label


@dataclass(frozen=True, slots=True)
class Linked:
    """The teams' addresses, and the KPIs that initiatives should move as files write them: by id, each sorted."""

    teams: Mapping[int, list[str]]
    kpis: Mapping[int, list[str]]

    @classmethod
    def of(cls, initiatives: Iterable[Initiative]) -> Linked:
        """Of these initiatives, in two queries. Who has none is not there."""
        chosen = [row.pk for row in initiatives]
        members = Initiative.team.through._default_manager.filter(initiative__in=chosen)
        links = InitiativeKpi.objects.filter(initiative__in=chosen).order_by()
        named = links.values_list("initiative", "kpi__code", "tier__code")
        return cls(
            _listed(members.values_list("initiative", "user__email")),
            _listed((row, f"{code}@{tier}" if tier else code) for row, code, tier in named),
        )


def _listed(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for row, name in sorted(pairs):
        found[row].append(name)
    return dict(found)
