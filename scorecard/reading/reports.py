"""Packs that were asked for, and which of them a file or the characters printed on one are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.db.models import QuerySet

from accounts.choices import JobState
from accounts.models import Job, User
from accounts.rights import Right
from scorecard.models import Edition, Report

DIGITS = 12  # of a digest, as every page of a pack carries them
_MARK = re.compile(r"[0-9a-f]{12}")


def reports_of(person: User) -> QuerySet[Report]:
    """The packs that a person asked for, the latest first. Nobody else's, whatever the role."""
    return Report.objects.filter(by=person).select_related("job")


def report_of(job: Job) -> Report:
    """The pack that a job makes. Raises Report.DoesNotExist."""
    return Report.objects.select_related("by").get(job=job)


def is_there(report: Report) -> bool:
    """Whether its file is still kept."""
    return report.job is not None and report.job.state == JobState.DONE and bool(report.sha256)


def may_take(report: Report, person: User) -> bool:
    """Whether the pack may still be handed to a person: theirs, and no name in it that they may no longer read."""
    if report.by_id != person.pk or not person.has_perm(Right.READ):
        return False
    return person.has_perm(Right.READ_CUSTOMERS) or not report.names_customers


@dataclass(frozen=True, slots=True)
class Known:
    """What the record says of a file: the pack that it is, bit by bit (None: no such was ever handed out)."""

    sha256: str
    report: Report | None


@dataclass(frozen=True, slots=True)
class Named:
    """What twelve characters name: an edition, or (``opened``) the values of a period that was open."""

    mark: str
    edition: Edition | None
    opened: Report | None


def known_file(chunks: Iterable[bytes]) -> Known:
    """Whether a file is one that was handed out, unchanged: by the SHA-256 of its bytes."""
    digest = sha256()
    for chunk in chunks:
        digest.update(chunk)
    found = digest.hexdigest()
    return Known(found, Report.objects.filter(sha256=found).select_related("by").order_by("pk").first())


def mark_of(text: str) -> str:
    """The twelve characters of a digest, however they were typed; empty where these are none."""
    found = re.sub(r"[\s\u00b7.-]", "", text).lower()
    return found if _MARK.fullmatch(found) else ""


def named_by(mark: str) -> Named:
    """Which edition twelve characters name, else which open values."""
    edition = Edition.objects.defer("document").filter(digest__startswith=mark).select_related("signed_by").first()
    opened = None
    if edition is None:
        opened = Report.objects.filter(digest__startswith=mark, edition=None).order_by("pk").first()
    return Named(mark, edition, opened)
