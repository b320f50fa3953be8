"""What of tiers and customers is given back from an entry of the audit."""

from __future__ import annotations

from accounts.choices import Verb
from accounts.services.reverts import rows_restore, rows_revert
from core.records import register_revert
from customers.services.customers import CustomerRows, LifecycleRows, MembershipRows, TierRows


def register_all() -> None:
    """Make it known. The name and number of a customer are not: the audit keeps no personal text."""
    tiers, events, moves = TierRows(), LifecycleRows(), MembershipRows()
    register_revert("customers.tier", Verb.CHANGED, rows_revert(tiers, "name", "rank"))
    register_revert("customers.tier", Verb.DELETED, rows_restore(tiers, "code", "name", "rank", "retired_from"))
    about = ("business_unit", "region", "is_key_account", "account_manager")
    register_revert("customers.customer", Verb.CHANGED, rows_revert(CustomerRows(), *about))
    register_revert("customers.tiermembership", Verb.CHANGED, rows_revert(moves, "tier"))
    register_revert("customers.tiermembership", Verb.DELETED, rows_restore(moves, "customer", "starts_on", "tier"))
    register_revert("customers.lifecycleevent", Verb.CHANGED, rows_revert(events, "kind"))
    register_revert("customers.lifecycleevent", Verb.DELETED, rows_restore(events, "customer", "on", "kind"))
