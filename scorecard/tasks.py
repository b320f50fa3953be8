"""What workers do for the scorecard: call. What is another is found by comparing; messages only wake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from accounts.services.jobs import Work
from core.waking import wake_worker
from scorecard.mails import alerts, digest
from scorecard.pages.preparing import wanted_texts
from scorecard.services import preparing, transitions, warning_runs
from scorecard.services.reports import make_report


@shared_task
def write_transitions() -> None:
    """Write what became another since the last comparison, and to who follows it; then prepare pages."""
    transitions.write_transitions()
    alerts.write_alerts()
    prepare_texts()


def prepare_texts() -> None:
    """Make what will be asked for next, so that whoever comes first after a change doesn't wait for it."""
    preparing.prepare(wanted_texts(timezone.now()))


@shared_task
def write_digests() -> None:
    """Write the digests that are due: of editions as soon as they are signed, of open periods on each person's day."""
    from scorecard.reports.digest import compose_letter

    digest.write_digests(compose_letter)


@shared_task
def make_warnings() -> None:
    """Make the lists of warned customers where a month has ended or anything they rest on changed."""
    warning_runs.make_warnings()


def request_warnings() -> None:
    """Wake a worker that looks for warnings once the transaction is committed."""
    transaction.on_commit(lambda: wake_worker(make_warnings.delay, "will have warnings made"))


def request_comparison() -> None:
    """Wake a worker once the transaction is committed. Without a broker the scheduler does it later."""
    transaction.on_commit(lambda: wake_worker(write_transitions.delay, "will have cells compared"))


def run_report(work: Work) -> Mapping[str, Any]:
    """Make a board pack, as the worker that does its job."""
    from scorecard.reports.making import make_pack  # what sets a PDF is loaded where one is made

    return make_report(work, make_pack)
