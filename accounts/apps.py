"""The app of the company, its people, and the record of what they did."""

from django.apps import AppConfig
from django.urls import reverse


class AccountsConfig(AppConfig):
    """Registers the kinds of files that are about the company."""

    name = "accounts"

    def ready(self) -> None:
        """Make business units and departments loadable, links to new passwords be written late, files be looked at
        by workers, questions and actions known to the rail and to each person's page, and the company and its people
        to the set-up.
        """
        from accounts.loads.divisions import BusinessUnits, Departments
        from accounts.loads.importing import IMPORT, run_import
        from accounts.pages import setup
        from accounts.pages.last_changes import administered_panels, row_panels
        from accounts.pages.threads import owner_panel
        from accounts.reading import audit_names
        from accounts.reading.threads import action_asks_of, thread_asks_of
        from accounts.services import erasing, handing, invitations, resets, reverts
        from accounts.services import outbox as mailing
        from accounts.services.jobs import JobKind, register_job_kind
        from core.records import register_person, register_told
        from core.registry import EVERY, register_asks, register_load_kind, register_panel
        from core.setup import register_setup_step

        mailing.written_late("reset", resets.letter)
        mailing.written_late(invitations.LATE, invitations.letter)
        register_person(handing.open_asks_of, handing.hand_over_asks, erasing.erase_from_accounts)
        register_load_kind(BusinessUnits())
        register_load_kind(Departments())
        register_job_kind(JobKind(IMPORT, "A file", run_import, lambda job: reverse("import_check", args=[job.pk])))
        register_asks(thread_asks_of)
        register_asks(action_asks_of)
        register_panel(EVERY, owner_panel)
        register_setup_step(setup.COMPANY)
        register_setup_step(setup.PEOPLE)
        register_panel("tier", row_panels)
        for kind in ("person", "company"):
            register_panel(kind, administered_panels)
        register_told(audit_names.TOLD)
        reverts.register_all()
