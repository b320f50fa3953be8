"""The app of initiatives: what the company does for its customers, and whether it is on schedule."""

from __future__ import annotations

from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    """Registers the kinds of files that are about initiatives, and what the register asks of people."""

    name = "initiatives"

    def ready(self) -> None:
        """Make both known, and what can be asked about, with its panels of the rail."""
        from accounts.pages.last_changes import row_panels
        from core.records import register_customer_part, register_person, register_told
        from core.registry import (
            register_asks,
            register_load_kind,
            register_panel,
            register_search,
            register_step_causes,
            register_subject,
        )
        from core.setup import register_company_section
        from customers.reading.subjects import CUSTOMER
        from initiatives.loads.moments import Moments
        from initiatives.loads.pain import PainPoints
        from initiatives.loads.progress import Milestones, StatusUpdates
        from initiatives.loads.register import Initiatives
        from initiatives.pages import rail, settings
        from initiatives.reading import audit_names, subjects
        from initiatives.reading.asks import register_asks_of
        from initiatives.reading.finished import steps_of_finished
        from initiatives.reading.search import find_initiatives, find_moments, find_people
        from initiatives.services import handing, reverts
        from initiatives.services.parts import Initiatives as OfCustomers
        from initiatives.services.parts import Views
        from kpis.reading import subjects as of_kpis

        for kind in (Initiatives(), Milestones(), StatusUpdates(), PainPoints(), Moments()):
            register_load_kind(kind)
        register_asks(register_asks_of)
        register_person(handing.initiatives_of, handing.hand_over_initiatives, handing.erase_from_initiatives)
        register_search(find_initiatives)
        register_search(find_people)
        register_search(find_moments)
        for part in (OfCustomers(), Views()):
            register_customer_part(part)
        register_step_causes(steps_of_finished)
        register_subject(subjects.INITIATIVE, subjects.resolve_initiatives)
        register_subject(subjects.THEME, subjects.resolve_themes)
        register_subject(subjects.MOMENT, subjects.resolve_moments)
        register_company_section(settings.company_section)
        register_panel(of_kpis.CELL, rail.kpi_panels)
        register_panel(of_kpis.KPI, rail.kpi_panels)
        register_panel(subjects.INITIATIVE, rail.initiative_panels)
        register_panel(CUSTOMER, rail.customer_panels)
        register_panel(subjects.THEME, rail.theme_panels)
        register_panel(subjects.MOMENT, row_panels)
        register_told(audit_names.TOLD)
        reverts.register_all()
