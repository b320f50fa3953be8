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
        _register_files()
        _register_readings()
        _register_records()
        _register_jobs()


def roll_up_after_commit(by: Any) -> None:
    """Ask for a rollup of what the transaction under way touches."""
    from kpis.choices import Trigger
    from kpis.rollup.runs import request_rollup

    request_rollup(trigger=Trigger.LOAD, by=by)


def _register_files() -> None:
    from core.registry import register_load_kind
    from kpis.loads.actuals import CompleteMonths, TierActuals
    from kpis.loads.definitions import Kpis
    from kpis.loads.events import EVENT_KINDS
    from kpis.loads.facts import Facts
    from kpis.loads.links import Links
    from kpis.loads.targets import Targets

    own = (Kpis(), Facts(), CompleteMonths(), TierActuals(), Targets(), Links())
    for kind in (*own, *EVENT_KINDS):
        register_load_kind(kind)


def _register_jobs() -> None:
    from accounts.services.jobs import register_job_kind
    from kpis.services.link_tests import JOB

    register_job_kind(JOB)


def _register_readings() -> None:
    """What is asked of people, found, shown in the rail, and follows from a change of facts or tiers."""
    from core import registry
    from kpis.pages.rail import cell_panels, kpi_panels
    from kpis.reading import asks, subjects
    from kpis.reading.moves import effect_of_moves
    from kpis.reading.retiered import steps_of_moves
    from kpis.reading.search import find_kpis
    from kpis.reading.tier_rows import rows_of_tier

    registry.register_after_touch(roll_up_after_commit)
    waiting = (asks.kpi_proposal_asks_of, asks.link_asks_of)
    for ask in (asks.target_asks_of, asks.own_kpi_asks_of, asks.poll_asks_of, *waiting):
        registry.register_asks(ask)
    registry.register_move_effect(effect_of_moves)
    registry.register_search(find_kpis)
    registry.register_tier_rows(rows_of_tier)
    registry.register_step_causes(steps_of_moves)
    registry.register_subject(subjects.CELL, subjects.resolve_cells)
    registry.register_subject(subjects.KPI, subjects.resolve_kpis)
    registry.register_subject(subjects.PERIOD, subjects.resolve_periods)
    registry.register_panel(subjects.CELL, cell_panels)
    registry.register_panel(subjects.KPI, kpi_panels)


def _register_records() -> None:
    """What is a person's or a customer's, how the audit tells of it, and the steps of setting up."""
    from core.records import register_customer_part, register_person, register_told
    from core.setup import register_company_section, register_dated, register_setup_step
    from kpis.pages import events, setup
    from kpis.reading import audit_names
    from kpis.services import handing, reverts
    from kpis.services.merged_events import HappenedEvents
    from kpis.services.merged_facts import Facts

    register_person(handing.kpis_of, handing.hand_over_kpis)
    register_customer_part(Facts())
    register_customer_part(HappenedEvents())
    register_told(audit_names.TOLD)
    reverts.register_all()
    register_dated(setup.dated)
    register_company_section(events.company_section)
    for step in setup.STEPS:
        register_setup_step(step)
