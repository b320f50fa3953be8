"""What workers do: fetch, call. The queue is in the database; these messages only wake."""

from __future__ import annotations

from celery import shared_task

from accounts.models import User
from kpis.choices import Trigger
from kpis.mails import reminders
from kpis.models import RollupRun, RunPart
from kpis.rollup import runs
from kpis.services import keeping_events, link_tests


@shared_task
def wake_rollup(trigger: str = Trigger.SCHEDULE, by: int | None = None) -> None:
    """Carry on with the live run, or begin one where something is touched."""
    runs.wake(trigger=Trigger(trigger), by=User.objects.get(pk=by) if by else None)


@shared_task
def stage_part(pk: int) -> None:
    """Compute one part of a run; the last one publishes it."""
    part = RunPart.objects.select_related("run").filter(pk=pk).first()
    if part is not None:
        runs.roll_up_part(part)


@shared_task
def finish_run(pk: int) -> None:
    """Publish a run whose parts are all computed."""
    run = RollupRun.objects.filter(pk=pk).first()
    if run is not None:
        runs.finish(run)


@shared_task
def remind() -> None:
    """Write the mails about what a month misses and what a quarter missed, once its day has come."""
    reminders.remind()


@shared_task
def purge_events() -> None:
    """Take away the events that are older than the company keeps them."""
    keeping_events.purge_events()


@shared_task
def check_links() -> None:
    """Test the links again whose month ended, or whose cells were computed since."""
    link_tests.check_due()
