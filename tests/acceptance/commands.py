"""A company that is set up and fed by the management commands that every company uses."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.migrated import begin
from tests.processes.company import Installation, database

# In the order in which one may be loaded after the other.
KINDS = (
    *("business_units", "departments", "tiers", "customers", "tier_memberships", "lifecycle_events", "kpis", "facts"),
    *("complete_months", "tier_actuals", "targets", "initiatives", "milestones", "status_updates", "pain_points"),
    "links",
)
APPROVER = "boss@another.example"
_CREATE = f"from accounts.models import User; User.objects.create_superuser(email='{APPROVER}', password='x')\n"
_FOUND_AGAIN = """
from importlib import import_module
from django.apps import apps
from accounts.models import Company
Company.objects.all().delete()
import_module("accounts.migrations.0002_company").found_company(apps, None)
"""
_ASK = """
import json
from django.test import Client
from accounts.models import User
browser = Client(SERVER_NAME="127.0.0.1")
browser.force_login(User.objects.get(is_superuser=True), backend="accounts.backends.PersonBackend")
print(json.dumps([browser.get({address!r}, one).json() for one in {asked!r}]))
"""


@contextmanager
def installed(folder: Path, name: str, **settings: str) -> Iterator[Installation]:
    """An installation with these settings: the tables, and a superuser.

    The tables are what the migrations made before, where that is kept. The settings name the company that the
    migrations found, so that it is founded again by them.
    """
    with database(folder, name) as url:
        company = Installation(url, folder)
        company.environment |= settings
        kept = begin(url)
        company.run("manage.py", "migrate", "--verbosity", "0")
        shell(company, (_FOUND_AGAIN if kept and settings else "") + _CREATE)
        yield company


def shell(company: Installation, script: str) -> str:
    """What a script prints that the company's own shell runs."""
    return company.run("manage.py", "shell", "--verbosity", "0", "-c", script)


def load(company: Installation, kind: str, path: Path) -> Any:
    """Load a file, targets with their approver; the counts of the command's JSON."""
    approved = ["--approved-by", APPROVER] if kind == "targets" else []
    return json.loads(company.run("manage.py", "load", kind, str(path), "--format", "json", *approved))


def load_all(company: Installation, folder: Path) -> None:
    """Load each file of a folder."""
    for kind in KINDS:
        if (path := folder / f"{kind}.csv").exists():
            load(company, kind, path)


def asked(company: Installation, address: str, questions: Sequence[dict[str, str]]) -> list[Any]:
    """What the API answers to the superuser at an address, by the parameters of each question."""
    answers: list[Any] = json.loads(shell(company, _ASK.format(address=address, asked=questions)))
    return answers


def carry_over(company: Installation, other: Installation, folder: Path) -> None:
    """Export all kinds of an installation, and load them into another whose database is empty."""
    for kind in KINDS:
        path = folder / f"{kind}.csv"
        company.run("manage.py", "export", kind, str(path))
        load(other, kind, path)


def rolled_up(company: Installation, periods: Iterable[str]) -> list[Any]:
    """The matrices of periods, as the command prints them."""
    found: list[Any] = json.loads(company.run("manage.py", "rollup", *periods, "--json"))
    return found


def matrices(company: Installation, periods: Iterable[str]) -> str:
    """The same as text, but for when they were computed."""
    found = rolled_up(company, periods)
    return json.dumps([{name: part for name, part in one.items() if name != "computed_at"} for one in found])


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
