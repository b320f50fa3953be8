"""Names on pages of initiatives: whose customers may be read, what is short enough for a column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from accounts.rights import Right
from customers.models import Customer
from initiatives.choices import Level
from initiatives.models import Initiative

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
