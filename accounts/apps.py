"""The app of the company, its people, and the record of what they did."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the kinds of files that are about the company."""

    name = "accounts"

    def ready(self) -> None:
        """Make business units and departments loadable, and links to new passwords be written late."""
        from accounts.loads.divisions import BusinessUnits, Departments
        from accounts.services import outbox as mailing
        from accounts.services import resets
        from core.registry import register_load_kind

        mailing.written_late("reset", resets.letter)
        register_load_kind(BusinessUnits())
        register_load_kind(Departments())
