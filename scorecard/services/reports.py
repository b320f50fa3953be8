"""Board packs: asked for by a person, made by a worker with that person's rights, kept for a day.

What was handed out is known for ever by the SHA-256 of its bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import JobState, Verb
from accounts.company import company, today_of
from accounts.models import Job, User
from accounts.rights import Right
from accounts.services.jobs import JobFailed, Work, ask_for, job_folder, send
from core.auditing import state_of
from core.formatting import period_name
from core.periods import Period
from core.shapes import LATEST, LIVE
from scorecard.choices import Paper, ReportFormat
from scorecard.models import Edition, Report
from scorecard.reading.editions import edition_of, latest_edition
from scorecard.reading.reports import report_of, reports_of
from scorecard.rules.reports import report_problems

REPORT = "report"
MOST_KEPT = 20  # files of one person
_STEPS = 3  # read, written, kept
_NO_RIGHT = "You may no longer read the scorecard, so no pack was made."

# What makes the bytes of a pack: a period, its edition (None: open), who reads, the form and the paper; answers them
# with the digest of the values. The room of reports gives it (``scorecard.apps``).
Make = Callable[[Period, Edition | None, User, ReportFormat, Paper], tuple[bytes, str]]


def edition_asked(period: Period, asked: int | str) -> Edition | None:
    """The edition that is asked for by its number, ``latest`` (None where the period is open) or ``live`` (None).

    Raises ValidationError by field.
    """
    number = asked if isinstance(asked, int) else None
    found = dict(report_problems(period, number, today_of(company())))
    if found:
        raise ValidationError({field: [why] for field, why in found.items()})
    if asked == LIVE:
        return None
    return latest_edition(period) if asked == LATEST else edition_of(period, int(asked))


@transaction.atomic
def ask_for_report(
    *, by: User, period: Period, edition: int | str = LATEST, format: str = "pdf", paper: str = "a4"
) -> Report:
    """Have a worker make a pack. Raises ValidationError by field."""
    found = edition_asked(period, edition)
    scopes = None if by.token_scopes is None else sorted(by.token_scopes)
    job = ask_for(REPORT, by=by, about=f"Board pack, {period_name(period)}", asked={"scopes": scopes})
    report = Report.objects.create(
        period=period.code,
        edition=found.number if found else None,
        format=ReportFormat(format),
        paper=Paper(paper),
        by=by,
        job=job,
        names_customers=by.has_perm(Right.READ_CUSTOMERS),
    )
    _keep_few(by)
    send(job)
    return report


def _keep_few(by: User) -> None:
    """Only the files of a person's latest packs are kept; those of older ones expire before their day is over."""
    for report in reports_of(by)[MOST_KEPT : 2 * MOST_KEPT]:
        if report.job and report.job.is_over:
            Job.objects.filter(pk=report.job.pk).update(state=JobState.EXPIRED, expires_at=timezone.now())
            shutil.rmtree(job_folder(report.job), ignore_errors=True)


def make_report(work: Work, make: Make) -> Mapping[str, Any]:
    """Make the pack that a job was asked for. Raises JobFailed where its person may no longer read."""
    report = report_of(work.job)
    reader = _reader(report, work.job.asked.get("scopes"))
    work.tell(0, _STEPS)
    content, digest = make(*_made_of(report), reader, ReportFormat(report.format), Paper(report.paper))
    work.tell(2, _STEPS)
    path = work.folder / report.file_name
    path.write_bytes(content)
    with transaction.atomic():
        keep_digest(report, content, digest)
        work.finish({"file": report.file_name, "size": len(content)})
    return {}


def _reader(report: Report, scopes: list[str] | None) -> User:
    """Who asked, with no more rights than they asked with. Raises JobFailed."""
    reader = report.by
    assert reader is not None  # noqa: S101 - a job is somebody's
    reader.token_scopes = None if scopes is None else frozenset(scopes)
    if not (reader.is_active and reader.has_perm(Right.READ)):
        raise JobFailed(_NO_RIGHT)
    report.names_customers = reader.has_perm(Right.READ_CUSTOMERS)
    return reader


def _made_of(report: Report) -> tuple[Period, Edition | None]:
    period = Period.parse(report.period, company().calendar)
    return period, edition_of(period, report.edition) if report.edition else None


def keep_digest(report: Report, content: bytes, digest: str) -> None:
    """Know the file for ever: what it is of, and the SHA-256 of its bytes."""
    report.digest, report.sha256, report.size = digest, sha256(content).hexdigest(), len(content)
    report.made_at = timezone.now()
    report.save()
    record(by=report.by, verb=Verb.MADE_PACK, obj=report, after=state_of(report))


def report_by_command(period: Period, edition: Edition | None, content: bytes, digest: str, format: str) -> Report:
    """Know a pack that an operator made at the command line, with every name in it."""
    number = edition.number if edition else None
    report = Report(period=period.code, edition=number, format=ReportFormat(format), by=None, names_customers=True)
    with transaction.atomic():
        keep_digest(report, content, digest)
    return report
