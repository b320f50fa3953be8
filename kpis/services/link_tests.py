"""Testing links: at a person's word, when a month ends, and when what they rest on was computed anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max
from django.urls import reverse
from django.utils import timezone

from accounts.company import today
from accounts.models import Job, User
from accounts.services.jobs import JobKind, Work, ask_for, send
from core.formatting import counted
from core.periods import Month, month_code, month_of, shift, stored_month
from kpis.choices import LinkState
from kpis.models import Link, LinkEvidence, RollupRun
from kpis.reading.links import LinkBook, tests_as_kept

LINKS = "links"  # the name of the kind of job


@dataclass(frozen=True, slots=True)
class Tested:
    """A link and what its tests said as of a month."""

    link: Link
    kept: LinkEvidence


def last_ended() -> Month:
    """The month as of which links are tested unless somebody names one."""
    return shift(month_of(today()), -1)


def check_links(links: Collection[Link], month: Month, tell: Callable[[int, int], None] | None = None) -> list[Tested]:
    """Test links as of an ended month, and keep what the tests said. ``tell`` is told how far it is.

    The values of all their KPIs are read once. The same data give the same result, however often it is asked.
    """
    book, found = LinkBook(links, month), []
    for place, link in enumerate(links, start=1):
        found.append(Tested(link, _kept(book, link, month)))
        if tell:
            tell(place, len(links))
    return found


def _kept(book: LinkBook, link: Link, month: Month) -> LinkEvidence:
    evidence = book.evidence(link, month)
    said: Mapping[str, Any] = {
        "state": evidence.state.value,
        "best_lag": evidence.best_lag,
        "least_r": evidence.now.least_r,
        "tests": tests_as_kept(evidence.now.tests, book.tiers),
        "tested_at": timezone.now(),
    }
    key: dict[str, Any] = {"link": link, "month": month, "sign": link.sign, "lags": link.lags}
    return LinkEvidence.objects.update_or_create(**key, defaults=said)[0]


def check_due() -> int:
    """Test those links whose latest ended month was not tested, or before the last rollup; answers how many.

    Three short queries where there is nothing to do.
    """
    month = last_ended()
    due = list(_due(month))
    if due:
        check_links(due, month)
    return len(due)


def _due(month: Month) -> Iterator[Link]:
    newest = RollupRun.objects.aggregate(at=Max("finished_at"))["at"]
    rows = LinkEvidence.objects.filter(month=month, sign=F("link__sign"), lags=F("link__lags"))
    tested = dict(rows.values_list("link", "tested_at"))
    for link in Link.objects.standing():
        at = tested.get(link.pk)
        if at is None or (newest is not None and at < newest):
            yield link


# -- as a job


def ask_for_tests(by: User, link: Link | None = None) -> Job:
    """Have a worker test one link, or all of them, as of the last ended month."""
    about = str(link) if link else "all links"
    asked = {"link": link.pk if link else None, "month": month_code(last_ended())}
    job = ask_for(LINKS, by=by, about=about, asked=asked)
    send(job)
    return job


def run_tests(work: Work) -> dict[str, Any]:
    """Do it; what came of it in a count of each state."""
    rows = Link.objects.standing()
    if work.job.asked.get("link"):
        rows = rows.filter(pk=work.job.asked["link"])
    tested = check_links(list(rows), stored_month(work.job.asked["month"]), work.tell)
    states = [one.kept.state for one in tested]
    return {"said": f"{counted(len(tested), 'link')} tested", **{one.value: states.count(one) for one in LinkState}}


def address_of(job: Job) -> str:
    """The page on which the job is shown: that of its link, or of all."""
    pk = job.asked.get("link")
    page = reverse("link", args=[pk]) if pk else reverse("links")
    return f"{page}?job={job.pk}"


JOB = JobKind(LINKS, "Tests of links", run_tests, address_of)
