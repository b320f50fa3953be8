"""The app of customers, their tiers and their lives."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the kinds of files that are about customers."""

    name = "customers"

    def ready(self) -> None:
        """Make them loadable, customers be found, and steps of setting up."""
        from core.registry import register_load_kind, register_person, register_search
        from core.setup import register_setup_step
        from customers.loads import Customers, LifecycleEvents, TierMemberships, Tiers
        from customers.pages import setup
        from customers.reading.search import find_customers
        from customers.services import handing

        register_person(handing.customers_of, handing.hand_over_customers)
        register_search(find_customers)
        for kind in (Tiers(), Customers(), TierMemberships(), LifecycleEvents()):
            register_load_kind(kind)
        register_setup_step(setup.TIERS)
        register_setup_step(setup.CUSTOMERS)
