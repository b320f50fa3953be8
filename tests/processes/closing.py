"""Closes a quarter of tests/processes/seed.py, as a process of its own that may be killed on the way.

``python -m tests.processes.closing prepare|sign|load`` and ``sign POINT``, which prints ``here`` when it has got to the
point, and waits. Each prints first how many editions there are.
"""

from __future__ import annotations

import sys

import django

django.setup()

from django.db import transaction  # noqa: E402

from accounts.choices import Role  # noqa: E402
from accounts.models import User  # noqa: E402
from core.periods import FiscalCalendar, Period  # noqa: E402
from core.writes import StaleWrite  # noqa: E402
from kpis.models import Fact  # noqa: E402
from kpis.rollup.runs import roll_up_now  # noqa: E402
from scorecard.models import Closing, Edition, EditionName  # noqa: E402
from scorecard.services import editions  # noqa: E402
from tests import factories  # noqa: E402
from tests.processes.dying import stop_before  # noqa: E402
from tests.processes.seed import mark  # noqa: E402

QUARTER = Period.parse("2025-Q4", FiscalCalendar())
# The first call of a function of the service, before which it stops; the last is after all of them.
POINTS = {
    "with the company held": "read_content",
    "with nothing written": "_issue",
    "with the edition written": "_names",
    "with its names written": "record",
    "about to commit": "",
}


def say(text: str) -> None:
    """A line for who waits for it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def person(name: str, role: Role) -> User:
    """Who is there already, or somebody new."""
    return User.objects.filter(name=name).first() or factories.person(name, role)


def prepare() -> None:
    """Have it wait to be signed, whatever is missing."""
    roll_up_now()
    by = person("Fay", Role.FINANCE)
    if editions.missing_of(QUARTER, QUARTER.last_day.replace(year=2026)):
        editions.waive(period=QUARTER, items=None, reason="It is small.", by=by)
    editions.prepare_closing(period=QUARTER, by=by)


def sign(point: str = "") -> None:
    """Sign what waits, in a transaction that may end before it is committed."""
    if POINTS.get(point):
        stop_before(editions, POINTS[point], 1)
    by = person("Ines", Role.EXECUTIVE)
    waiting = Closing.objects.filter(period=QUARTER.code).first()
    try:
        with transaction.atomic():
            editions.sign_closing(period=QUARTER, digest=waiting.digest if waiting else "", by=by)
            if point == "about to commit":
                say("here")
                sys.stdin.readline()
        say("signed")
    except StaleWrite as error:
        say(f"refused: {error}")


def load() -> None:
    """What a late file writes, rolled up."""
    Fact.objects.filter(month=202512).update(numerator=777)
    mark()
    roll_up_now()


if __name__ == "__main__":
    say(f"editions {Edition.objects.count()} names {EditionName.objects.count()} closings {Closing.objects.count()}")
    {"prepare": prepare, "sign": sign, "load": load}[sys.argv[1]](*sys.argv[2:])
