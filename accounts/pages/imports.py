"""What the pages of files show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.choices import JobState, LoadState
from accounts.company import company
from accounts.forms.imports import ReadingForm
from accounts.http import DENIED
from accounts.loads import UndoRefused, confidential_kinds, kinds_for, may_undo, undo_load
from accounts.loads.importing import BAD_ROWS, IMPORT, Asked, asked_of, upload_of
from accounts.models import Job, Load, User
from accounts.pages.jobs import ShownJob, show_job
from accounts.rights import Right
from accounts.services.jobs import job_folder
from core.formatting import counted, month_span
from core.lists import FilteredList
from core.periods import Kind, Month, stored_month
from core.registry import load_kinds

# Taking back more rows than this is not tried out before it is asked for.
_MOST_TRIED = 20_000


@dataclass(frozen=True)
class LookedAt:
    """A file that was brought: the job that looks at it and what it found, which is nothing before it is over."""

    job: Job
    user: User

    @property
    def asked(self) -> Asked:
        """What its person said of it."""
        return asked_of(self.job)

    @property
    def found(self) -> dict[str, Any]:
        """What the job found."""
        found: dict[str, Any] = self.job.result
        return found

    @cached_property
    def shown(self) -> ShownJob:
        """How far the job is."""
        return show_job(self.job)

    @property
    def under_way(self) -> bool:
        """Whether it is still looked at, or loaded."""
        return not self.job.is_over

    @property
    def has_preview(self) -> bool:
        """Whether all rows were looked at."""
        return self.job.state == JobState.DONE and "counts" in self.found

    @property
    def why_not(self) -> str:
        """In a sentence, why nothing can be shown of it; empty where something can."""
        if self.under_way or self.has_preview:
            return ""
        return str(self.found.get("unfit") or self.shown.sentence)

    @cached_property
    def is_here(self) -> bool:
        """Whether the file is still kept."""
        return self.job.state == JobState.DONE and upload_of(self.job).exists()

    @cached_property
    def has_bad_rows(self) -> bool:
        """Whether there is a file of its bad rows."""
        return self.job.is_over and (job_folder(self.job) / BAD_ROWS).exists()

    @property
    def step(self) -> int:
        """Of the four steps of a file the one that it is at: file, check, load, see."""
        return 3 if self.under_way and self.asked.load else 2

    @property
    def heading(self) -> str:
        """What it comes to, in a line."""
        if self.under_way:
            return f"{self.job.about} is being {'loaded' if self.asked.load else 'looked at'}"
        if not self.has_preview:
            return f"{self.job.about} cannot be loaded as it is"
        counts = self.found["counts"]
        if counts["bad"]:
            return f"{counted(counts['bad'], 'row')} to put right in {self.job.about}"
        if not self.would_change:
            return f"{self.job.about} says nothing new"
        told = [f"{counts[name]:,} {name}" for name in ("new", "changed") if counts[name]]
        return f"{self.job.about}: {' and '.join(told)} of {counted(counts['read'], 'row')}"

    # -- what may be done with it

    @property
    def would_change(self) -> int:
        """The good rows that would change something."""
        counts = self.found["counts"]
        return int(counts["new"] + counts["changed"])

    @property
    def can_load(self) -> bool:
        """Whether loading all of it would change anything."""
        return self.is_here and bool(self.would_change) and not self.found["counts"]["bad"]

    @property
    def can_take_out(self) -> bool:
        """Whether its other rows can be loaded where some are bad."""
        return self.is_here and bool(self.would_change and self.found["counts"]["bad"] and self.found["digest"])

    def may(self, act: str) -> bool:
        """Whether it can be loaded whole (``load``), or without its bad rows (``take_out``)."""
        return self.has_preview and {"load": self.can_load, "take_out": self.can_take_out}.get(act, False)

    @property
    def rows_left(self) -> int:
        """The rows that stay where the bad ones are taken out."""
        counts = self.found["counts"]
        return int(counts["read"] - counts["bad"])

    @property
    def more_errors(self) -> int:
        """Bad cells that the page leaves out."""
        return int(self.found["error_count"]) - len(self.found["errors"])

    @property
    def more_warnings(self) -> int:
        """The same of what may be a slip."""
        return int(self.found["warning_count"]) - len(self.found["warnings"])

    @property
    def all_kpis(self) -> dict[str, int]:
        """The last line of what changes by KPI."""
        return {name: sum(row[name] for row in self.found["effects"]) for name in ("new", "changed", "unchanged")}

    @property
    def months(self) -> str:
        """``July to September 2026``; empty where the rows are about no months."""
        return span_of(self.found.get("months") or [])

    def form(self, data: Any = None) -> ReadingForm:
        """How it is read, to be said otherwise."""
        kind = self.found.get("kind") or self.asked.kind
        return ReadingForm(data, user=self.user, asked=self.asked, kind=kind, sheets=self.found.get("sheets") or [])


def span_of(months: list[str]) -> str:
    """Months in words, given the first and the last by their codes."""
    return month_span(stored_month(months[0]), stored_month(months[-1])) if months else ""


def local_path(text: str) -> str:
    """The text where it is a path of this installation, else nothing."""
    here = text.startswith("/") and url_has_allowed_host_and_scheme(text, allowed_hosts=None)
    return text if here and len(text) <= 500 else ""


@dataclass(frozen=True, slots=True)
class AfterLoad:
    """What is at hand for a day after a file was loaded: rows that were taken out, its months, where one came from."""

    taken_out: int
    bad_rows: str
    months: str
    period: str
    back: str


def after(load: Load) -> AfterLoad | None:
    """The same of a load; None where it was brought by another door, or a day ago."""
    job = Job.objects.filter(kind=IMPORT, result__load=load.pk).first()
    if job is None:
        return None
    found, months = job.result, job.result.get("months") or []
    taken_out = int(found.get("taken_out", 0))
    bad_rows = reverse("import_bad_rows", args=[job.pk]) if taken_out else ""
    period = _period_of([stored_month(month) for month in months]) if months else ""
    return AfterLoad(taken_out, bad_rows, span_of(months), period, local_path(asked_of(job).next))


def _period_of(months: list[Month]) -> str:
    """The shortest period that the months lie in, else that of the last one: a month, a quarter, a year."""
    calendar, first, last = company().calendar, months[0], months[-1]
    kinds = (Kind.MONTH, Kind.QUARTER, Kind.YEAR)
    whole = [calendar.period(kind, last) for kind in kinds]
    return next((one.code for one in whole if first in one.months), whole[-1].code)


class LoadList(FilteredList[Load]):
    """The loads, newest first: those who load files see all of them, others those of their kinds. Of a kind that is not
    the reader's a line says that something of it changed, who and when.
    """

    def __init__(self, data: QueryDict, user: User) -> None:
        rows = Load.objects.select_related("by", "approved_by")
        kinds = set(kinds_for(user))
        self.hidden = confidential_kinds() - kinds
        super().__init__(data, rows if user.has_perm(Right.LOAD) else rows.filter(kind__in=kinds), per_page=30)


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking a load back would do. ``goes`` and ``returns`` count rows, ``comes_back`` those of facts that it took
    away; ``refused`` says why it cannot be, empty where it can or where that was not tried out, being large.
    """

    goes: int
    returns: int
    comes_back: int
    refused: str


def undoing(load: Load, user: User) -> Undoing:
    """Try it out, and take the try back."""
    refused = ""
    if load.created + load.updated + load.removed <= _MOST_TRIED:
        with transaction.atomic():
            try:
                undo_load(load=load, by=user)
            except UndoRefused as error:
                refused = f"{error}."
            transaction.set_rollback(True)
    return Undoing(load.created, load.updated, load.removed, refused)


def can_be_undone(load: Load, user: User) -> bool:
    """Whether the load still counts and the person may take it back; what else stands in the way shows then."""
    return load.state == LoadState.APPLIED and may_undo(load, user)


def require_sight(load: Load, user: User) -> None:
    """Raises PermissionDenied for who neither loads files of the kind nor may take it back: finance sees what it
    approved. What was derived is of no kind of file; those who load files see it.
    """
    derived = load.kind not in load_kinds() and user.has_perm(Right.LOAD)
    if not (derived or load.kind in kinds_for(user) or may_undo(load, user)):
        raise PermissionDenied(DENIED)
