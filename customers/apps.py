"""The app of customers, their tiers and their lives."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the kinds of files that are about customers."""

    name = "customers"

    def ready(self) -> None:
        """Make them loadable, customers be found and something to ask about, say what there is of one, and steps of
        setting up.
        """
        from core.records import register_customer_part, register_person, register_told
        from core.registry import register_load_kind, register_search, register_subject
        from core.setup import register_setup_step
        from customers.loads import Customers, LifecycleEvents, TierMemberships, Tiers
        from customers.pages import setup
        from customers.reading import audit_names
        from customers.reading.search import find_customers
        from customers.reading.subjects import CUSTOMER, resolve_customers
        from customers.services import handing, reverts
        from customers.services.parts import Life, Memberships, Questions

        register_person(handing.customers_of, handing.hand_over_customers)
        register_search(find_customers)
        for kind in (Tiers(), Customers(), TierMemberships(), LifecycleEvents()):
            register_load_kind(kind)
        register_setup_step(setup.TIERS)
        register_setup_step(setup.CUSTOMERS)
        register_subject(CUSTOMER, resolve_customers)
        for part in (Memberships(), Life(), Questions()):
            register_customer_part(part)
        register_told(audit_names.TOLD)
        reverts.register_all()
