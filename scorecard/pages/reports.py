"""What the pages of board packs show: what can be asked for, how far each is, and what a check found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, Job, User
from accounts.pages.jobs import ShownJob, show_job
from core.formatting import day_name, number, period_name
from core.periods import Period
from kpis.reading.freshness import latest_period, months_with_data
from scorecard.models import Report
from scorecard.reading.reports import Known, Named, is_there, may_take, report_of, reports_of
from scorecard.reading.scorecards import read_scorecards

SHOWN = 20
_LOST = "Your rights have changed since it was made: ask for it again, and it holds what you may read now."
_CHANGED = (
    "No file with these bytes was handed out. It was changed since, or it comes from another installation; what it "
    "says cannot be relied on."
)


def address_of(job: Job) -> str:
    """The page of the pack that a job makes."""
    return reverse("report", args=[report_of(job).pk])


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A pack in the list and on its own page. ``file`` leads to it where it may be had; else ``why_not`` says why."""

    report: Report
    title: str
    of: str
    url: str
    shown: ShownJob | None
    file: str
    why_not: str

    @property
    def under_way(self) -> bool:
        """Whether something is still to come of it."""
        return self.shown is not None and not self.shown.job.is_over

    @property
    def until(self) -> datetime | None:
        """Until when the file is kept; None where it is gone."""
        return self.report.job.expires_at if self.file and self.report.job else None

    @property
    def size(self) -> str:
        """``158 kB``."""
        return f"{number(max(1, round(self.report.size / 1000)))} kB" if self.report.size else "–"


def show_report(report: Report, company: Company, person: User) -> ShownReport:
    """A pack as its person sees it."""
    period = Period.parse(report.period, company.calendar)
    edition = f"edition {report.edition}" if report.edition else "open"
    there, allowed = is_there(report), may_take(report, person)
    file = reverse("report_file", args=[report.pk]) if there and allowed else ""
    return ShownReport(
        report=report,
        title=f"Board pack, {period_name(period)}",
        of=edition,
        url=reverse("report", args=[report.pk]),
        shown=show_job(report.job) if report.job else None,
        file=file,
        why_not=_LOST if there and not allowed else "",
    )


def shown_reports(company: Company, person: User) -> list[ShownReport]:
    """A person's latest packs."""
    return [show_report(one, company, person) for one in reports_of(person)[:SHOWN]]


@dataclass(frozen=True, slots=True)
class Choices:
    """The periods that a pack can be of, the latest first, the one to begin with, and numbers of editions."""

    periods: Sequence[tuple[str, str]]
    numbers: Sequence[int]
    period: str


def choices(company: Company, today: date, asked: str = "") -> Choices:
    """What the form offers; ``asked`` is the period that is carried from page to page."""
    found = read_scorecards(company.calendar, months_with_data(), today)
    latest = latest_period(company)
    names = {one.period.code: period_name(one.period) for one in found}
    if asked:
        names.setdefault(asked, period_name(Period.parse(asked, company.calendar)))
    names.setdefault(latest.code, period_name(latest))
    most = max((edition.number for one in found for edition in one.editions), default=0)
    return Choices(list(names.items()), range(1, most + 1), asked or latest.code)


# -- checking


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: whether all is well, in a sentence, and what of it is to be said besides."""

    good: bool
    title: str
    words: str


def checked_file(known: Known, company: Company) -> Checked:
    """Whether a file is as it was handed out."""
    report = known.report
    if report is None:
        return Checked(False, "Not known", f"{_CHANGED} Its SHA-256 is {known.sha256}.")
    period = period_name(Period.parse(report.period, company.calendar))
    edition = f"edition {report.edition}" if report.edition else "open values"
    made = day_name(timezone.localdate(report.made_at)) if report.made_at else ""
    whom = f"for {report.by}" if report.by else "by command"
    words = f"It is the board pack of {period}, {edition}, made on {made} {whom}: not a bit of it was changed."
    return Checked(True, "Unchanged", words)


def checked_mark(named: Named, company: Company) -> Checked:
    """Which edition twelve characters name; nothing else can be said of them."""
    limit = "Characters can be copied: whether a file is as it was, the file alone can show."
    if named.edition:
        period = period_name(Period.parse(named.edition.period, company.calendar))
        signed = day_name(timezone.localdate(named.edition.closed_at))
        words = f"{period}, edition {named.edition.number}, signed on {signed} by {named.edition.signed_by}."
        return Checked(True, "They name an edition", f"{words} {limit}")
    if named.opened:
        period = period_name(Period.parse(named.opened.period, company.calendar))
        words = f"They stand on packs of {period} while it was open; nobody has signed those values. {limit}"
        return Checked(False, "They name no edition", words)
    return Checked(False, "They name nothing", "No edition begins with them. Look at them again, letter by letter.")
