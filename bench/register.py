"""The register's pages with 1,000 initiatives, 5,000 milestones and 10,000 updates; queries beside those for 100."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from accounts.company import today
from accounts.models import Department, User
from bench.company import settle
from bench.pages import changed
from bench.sizes import Size
from bench.table import Row, measured, told, within
from customers.models import Tier
from initiatives.choices import Health, Level, Stage, Tracked
from initiatives.models import Initiative, InitiativeKpi, Milestone, StatusUpdate, TrackedChange
from kpis.models import Kpi
from tests import factories

FEW, MANY, TIMES = 100, 1_000, 30
# Pages, and how many milliseconds each may take; None where no goal was agreed.
PAGES: dict[str, tuple[str, int | None]] = {
    "list": ("/initiatives/", 100),
    "list of what is late": ("/initiatives/?status=late", 100),
    "list, searched and sorted": ("/initiatives/?q=number&sort=-slip", 100),
    "list of a past day": ("/initiatives/?as_of=2026-01-31", None),
    "board": ("/initiatives/board/", 100),
    "timeline": ("/initiatives/timeline/", 100),
    "its chart": ("/initiatives/timeline/chart.json", None),
    "all rows as CSV": ("/initiatives/export/csv/", None),
    "all rows as XLSX": ("/initiatives/export/xlsx/", None),
    "page of one initiative": ("/initiatives/n0001/", None),
    "upward report": ("/initiatives/report/", None),
    "priorities": ("/initiatives/priorities/", None),
    "coverage": ("/coverage/", None),
    "what is asked of an owner": ("/my/", None),
}


def rows(size: Size) -> Iterator[Row]:
    """Each page with many; then how many queries more than with few."""
    people = [factories.person(f"Owner{number}", Role.OWNER) for number in range(40)]
    reader = people[0]
    client = factories.signed_in(reader)
    Initiative.objects.all().delete()  # those of groups before
    fill(0, FEW, people)
    few = {name: queries(client, address) for name, (address, _) in PAGES.items()}
    fill(FEW, MANY, people)
    settle()
    yield told(
        "the register",
        f"{MANY:,} initiatives, {Milestone.objects.count():,} milestones, {StatusUpdate.objects.count():,} updates",
    )
    for name, (address, most) in PAGES.items():
        took = measured(partial(ask, client, address), TIMES) * 1000
        count = queries(client, address)
        shown = f"{took:.3g} ms, {count} queries, {count - few[name]} more than with {FEW}"
        yield within(f"{name}, p50", took, most) if most else told(f"{name}, p50", shown)
        if most:
            yield within("its queries beyond those with 100 initiatives", count - few[name], 0, "")
            at_once = measured(partial(ask, client, address), TIMES // 3, before=changed) * 1000
            yield told("the first answer after somebody wrote", f"{at_once:.3g} ms")


def fill(start: int, end: int, people: list[User]) -> None:
    """Initiatives by arithmetic: five milestones and ten updates each, every third re-dated."""
    day = today()
    departments = [factories.department(f"d{number}", name=f"Department {number}") for number in range(20)]
    made = Initiative.objects.bulk_create(
        initiative(number, day, departments[number % 20], people[number % 40]) for number in range(start, end)
    )
    kpis, tiers = list(Kpi.objects.all()[:20]), list(Tier.objects.real())
    InitiativeKpi.objects.bulk_create(
        InitiativeKpi(initiative=row, kpi=kpis[row.pk % len(kpis)], tier=tiers[row.pk % len(tiers)]) for row in made
    )
    Milestone.objects.bulk_create(
        Milestone(
            initiative=row,
            title=f"Step {step}",
            due=(due := day + timedelta(days=40 * step - 100 + row.pk % 30)),
            done_on=due if due < day and row.pk % 11 else None,
        )
        for row in made
        for step in range(5)
    )
    StatusUpdate.objects.bulk_create(
        StatusUpdate(
            initiative=row,
            on=day - timedelta(days=7 * week + row.pk % 45),
            health=Health.AT_RISK if row.pk % 9 == 0 else Health.ON_SCHEDULE,
            progress=min(100, 90 - 8 * week),
            note="Going as planned; the next step is prepared with the customers who asked for it.",
            author=people[row.pk % len(people)],
        )
        for row in made
        for week in range(10)
    )
    TrackedChange.objects.bulk_create(
        TrackedChange(initiative=row, what=Tracked.DUE, before=str(row.baseline_due), after=str(row.due), on=day)
        for row in made
        if row.due != row.baseline_due
    )
    changed()  # as whoever writes says so, or pages would show what they kept


def initiative(number: int, day: date, department: Department, owner: User) -> Initiative:
    """One of them: of ten, seven run, the others wait, are done or are candidates."""
    start = day - timedelta(days=100 + number % 200)
    due = start + timedelta(days=300 + number % 100)
    stages = [Stage.IN_PROGRESS] * 7 + [Stage.APPROVED, Stage.DONE, Stage.CANDIDATE]
    return Initiative(
        code=f"n{number:04d}",
        title=f"Improvement number {number} of everything that customers told us last year",
        level=Level.CORPORATE,
        department=department,
        owner=owner,
        stage=stages[number % 10],
        baseline_start=start,
        baseline_due=due,
        due=due + timedelta(days=number % 120) if number % 3 == 0 else due,
        loyalty_impact=number % 5 + 1,
        effort=number % 4 + 1,
        cost=1_000 * (number % 700),
        theme=f"theme {number % 30}",
    )


def ask(client: Client, address: str) -> None:
    """Ask once, and take the whole answer."""
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    answer.getvalue()


def queries(client: Client, address: str) -> int:
    """How many the answer takes when nothing is asked for the first time."""
    ask(client, address)
    with CaptureQueriesContext(connection) as captured:
        ask(client, address)
    return len(captured)
