"""The app of the company, its people, and the record of what they did."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the kinds of files that are about the company."""

    name = "accounts"

    def ready(self) -> None:
        """Make business units and departments loadable, links to new passwords be written late, and questions
        and actions known to the rail and to each person's page.
        """
        from accounts.loads.divisions import BusinessUnits, Departments
        from accounts.pages.last_changes import administered_panels, row_panels
        from accounts.pages.threads import owner_panel
        from accounts.reading import told
        from accounts.reading.threads import action_asks_of, thread_asks_of
        from accounts.services import outbox as mailing
        from accounts.services import resets, reverts
        from core.registry import EVERY, register_asks, register_load_kind, register_panel, register_told

        mailing.written_late("reset", resets.letter)
        register_load_kind(BusinessUnits())
        register_load_kind(Departments())
        register_asks(thread_asks_of)
        register_asks(action_asks_of)
        register_panel(EVERY, owner_panel)
        for kind in ("customer", "tier"):
            register_panel(kind, row_panels)
        for kind in ("person", "company"):
            register_panel(kind, administered_panels)
        register_told(told.TOLD)
        reverts.register_all()
