"""The app of customers, their tiers and their lives."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the kinds of files that are about customers."""

    name = "customers"

    def ready(self) -> None:
        """Make them loadable."""
        from core.registry import register_load_kind, register_person
        from customers.loads import Customers, LifecycleEvents, TierMemberships, Tiers
        from customers.services import handing

        register_person(handing.customers_of, handing.hand_over_customers)
        for kind in (Tiers(), Customers(), TierMemberships(), LifecycleEvents()):
            register_load_kind(kind)
