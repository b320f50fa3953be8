"""The app of customers, their tiers and their lives."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the kinds of files that are about customers."""

    name = "customers"

    def ready(self) -> None:
        """Make them loadable."""
        from core.registry import register_load_kind
        from customers.loads import Customers, LifecycleEvents, TierMemberships, Tiers

        for kind in (Tiers(), Customers(), TierMemberships(), LifecycleEvents()):
            register_load_kind(kind)
