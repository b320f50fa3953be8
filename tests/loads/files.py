"""Writing small files and loading them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.test import Client

from accounts.loads import export_file, load_file
from accounts.models import AuditEntry, BusinessUnit, Department, Load, LoadChange
from core.loading import LoadReport
from customers.models import Customer, LifecycleEvent, Tier, TierMembership, TierTouch
from initiatives.models import Initiative, InitiativeKpi, Milestone, PainPoint, StatusUpdate, TrackedChange
from kpis.models import (
    EVENT_MODELS,
    CompleteMonth,
    EventTouch,
    Fact,
    Kpi,
    ReplacedEvent,
    ReplacedFact,
    SliceTouch,
    Target,
    TierActual,
)
from tests.cache_law import held
from tests.rows import rows_of

# What a refused load must leave as it was.
EVERYTHING: tuple[type[Model], ...] = (
    *(BusinessUnit, Department, Tier, Customer, TierMembership, LifecycleEvent, Kpi, Fact, ReplacedFact),
    *(Initiative, InitiativeKpi, Initiative.tiers.through, Initiative.team.through, Milestone, StatusUpdate),
    *(TrackedChange, PainPoint),
    *EVENT_MODELS.values(),
    *(ReplacedEvent, EventTouch),
    *(CompleteMonth, TierActual, Target, SliceTouch, TierTouch, Load, LoadChange, AuditEntry),
)


def write(path: Path, text: str) -> Path:
    """A file whose lines may be indented and whose cells may be padded, for reading in a test."""
    lines = [line.strip() for line in text.strip().splitlines()]
    path.write_text("\n".join(",".join(cell.strip() for cell in line.split(",")) for line in lines) + "\n", "utf-8")
    return path


class Loader:
    """Loads texts as files of a kind, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, kind: str, text: str, **options: Any) -> LoadReport:
        """Load a text."""
        with held(f"Loading {kind}"):
            return load_file(kind=kind, path=write(self.folder / f"{kind}.csv", text), **options)

    def good(self, kind: str, text: str, **options: Any) -> Load:
        """Load a text that must be taken in; answers the load."""
        report = self(kind, text, **options)
        assert report.ok, report.errors.first(5)
        return Load.objects.get(pk=report.load or 0)

    def bad(self, kind: str, text: str, **options: Any) -> list[tuple[int, str]]:
        """Load a text that must be refused and change nothing; answers (line, column) of each error."""
        before = contents()
        report = self(kind, text, **options)
        assert report.load is None
        assert contents() == before
        return [(error.line, error.column) for error in report.errors]

    def export(self, kind: str, suffix: str = ".csv") -> Path:
        """All rows of a kind as a file."""
        path = self.folder / f"exported-{kind}{suffix}"
        export_file(kind=kind, path=path)
        return path

    def exported(self, kind: str) -> list[dict[str, str]]:
        """All rows of a kind as an export has them."""
        return list(csv.DictReader(io.StringIO(self.export(kind).read_text("utf-8"))))


def by_page(browser: Client, kind: str, text: str, *, read: bool = True) -> str:
    """Bring a text to the page of files and load it there; answers what the page says, if anybody reads it."""
    file = SimpleUploadedFile(f"{kind}.csv", text.encode())
    answer = browser.post("/imports/", {"kind": kind, "file": file})
    if answer.status_code != 302:
        return str(answer.content.decode())
    done = browser.post(answer["Location"], {"act": "load"}, follow=read)
    return " ".join(unescape(done.content.decode()).split())


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables that loads write."""
    return rows_of(EVERYTHING)


def command(*arguments: str) -> tuple[int, str]:
    """Run a management command: its exit status and what it printed, on either stream."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out)
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}{error}"
    return 0, out.getvalue()


def json_of(*arguments: str) -> tuple[int, Any]:
    """Run ``load … --format json``: its exit status and the parsed object."""
    out = io.StringIO()
    status = 0
    try:
        call_command(*arguments, "--format", "json", stdout=out)
    except CommandError as error:
        status = error.returncode
    return status, json.loads(out.getvalue())


def lines(errors: Iterable[Any]) -> list[str]:
    """Errors as a person reads them."""
    return [str(error) for error in errors]
