"""The app of KPIs, what was measured, what was agreed, and what the rollup makes of it."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class KpisConfig(AppConfig):
    """Registers the kinds of files that are about KPIs, and has a rollup follow what touches cells."""

    name = "kpis"
    verbose_name = "KPIs"

    def ready(self) -> None:
        """Make them loadable, asked about, found, and shown in the rail."""
        from core.records import register_customer_part, register_person, register_told
        from core.registry import (
            register_after_touch,
            register_asks,
            register_load_kind,
            register_move_effect,
            register_panel,
            register_search,
            register_step_causes,
            register_subject,
            register_tier_rows,
        )
        from core.setup import register_dated, register_setup_step
        from kpis.loads.actuals import CompleteMonths, TierActuals
        from kpis.loads.definitions import Kpis
        from kpis.loads.facts import Facts
        from kpis.loads.targets import Targets
        from kpis.pages import setup
        from kpis.pages.rail import cell_panels, kpi_panels
        from kpis.reading import subjects, told
        from kpis.reading.asks import kpi_proposal_asks_of, own_kpi_asks_of, poll_asks_of, target_asks_of
        from kpis.reading.moves import effect_of_moves
        from kpis.reading.retiered import steps_of_moves
        from kpis.reading.search import find_kpis
        from kpis.reading.tier_rows import rows_of_tier
        from kpis.services import handing, reverts
        from kpis.services.merged_facts import Facts as FactsOfCustomers

        register_load_kind(Kpis())
        register_load_kind(Facts())
        register_load_kind(CompleteMonths())
        register_load_kind(TierActuals())
        register_load_kind(Targets())
        register_after_touch(roll_up_after_commit)
        register_asks(target_asks_of)
        register_asks(own_kpi_asks_of)
        register_asks(poll_asks_of)
        register_asks(kpi_proposal_asks_of)
        register_move_effect(effect_of_moves)
        register_person(handing.kpis_of, handing.hand_over_kpis)
        register_search(find_kpis)
        register_customer_part(FactsOfCustomers())
        register_tier_rows(rows_of_tier)
        register_step_causes(steps_of_moves)
        register_subject(subjects.CELL, subjects.resolve_cells)
        register_subject(subjects.KPI, subjects.resolve_kpis)
        register_subject(subjects.PERIOD, subjects.resolve_periods)
        register_panel(subjects.CELL, cell_panels)
        register_panel(subjects.KPI, kpi_panels)
        register_dated(setup.dated)
        for step in setup.STEPS:
            register_setup_step(step)
        register_told(told.TOLD)
        reverts.register_all()


def roll_up_after_commit(by: Any) -> None:
    """Ask for a rollup of what the transaction under way touches."""
    from kpis.choices import Trigger
    from kpis.rollup.runs import request_rollup

    request_rollup(trigger=Trigger.LOAD, by=by)
