"""The app of customers, their tiers and their lives."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the kinds of files that are about customers."""

    name = "customers"

    def ready(self) -> None:
        """Make them loadable, customers something to ask about, and say what there is of one."""
        from core.registry import register_customer_part, register_load_kind, register_subject
        from customers.loads import Customers, LifecycleEvents, TierMemberships, Tiers
        from customers.reading.subjects import CUSTOMER, resolve_customers
        from customers.services.parts import Life, Memberships, Questions

        for kind in (Tiers(), Customers(), TierMemberships(), LifecycleEvents()):
            register_load_kind(kind)
        register_subject(CUSTOMER, resolve_customers)
        for part in (Memberships(), Life(), Questions()):
            register_customer_part(part)
