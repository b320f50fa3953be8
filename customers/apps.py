"""The app of customers, their tiers and their lives."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the kinds of files that are about customers."""

    name = "customers"

    def ready(self) -> None:
        """Make them loadable, told of by the audit, and given back from it."""
        from core.registry import register_load_kind, register_told
        from customers.loads import Customers, LifecycleEvents, TierMemberships, Tiers
        from customers.reading import told
        from customers.services import reverts

        for kind in (Tiers(), Customers(), TierMemberships(), LifecycleEvents()):
            register_load_kind(kind)
        register_told(told.TOLD)
        reverts.register_all()
