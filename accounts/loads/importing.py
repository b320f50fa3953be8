"""A file brought in the browser: kept for a day under a job, looked at whole, then loaded as it was shown.

The preview is a dry run by the same function that loads. Where rows are bad it runs again without them, so that it
says what the others would do, and that number is what 'take the rows out' loads. What it would change is kept as a
digest; a load that would change anything else is undone, and the preview is shown again.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from accounts.loads.doors import kind_for, kinds_for, load_file
from accounts.loads.effects import Effects
from accounts.loads.preview import Seen, months_of, preview_of, unfit, write_bad_rows
from accounts.loads.taking import LoadRefused, Onlooker
from accounts.models import Job, Load, User
from accounts.services.jobs import Work, ask_for, job_folder, run_here, send
from core.loading import FileProblem, LoadReport, Reading, open_table, sheets_of
from core.loading.guessing import Guess, fit, guess_kind
from core.loading.limits import MOST_ERRORS
from core.loading.overview import Overview
from core.loading.rows import header_names
from core.loading.table import without_lines
from core.registry import LoadKind, load_kinds

IMPORT = "import"
AT_ONCE = 256 * 1024  # bytes of a file that is looked at while the browser waits
MOST_PASSES = 6
MOST_KEPT = 5  # files of one person
BAD_ROWS, _BAD_LINES = "bad-rows.csv", "bad-lines.json"


class PreviewDiffers(Exception):
    """What a load would change is no longer what was shown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a file: its name, the kind that its person chose (empty: to be guessed), how it is read.

    ``load``: it is to be loaded, if that does what ``digest`` says, and ``without`` its bad rows where that was the
    choice. ``of`` is the job that showed it. ``next`` is the path of the page that the person came from.
    """

    name: str
    kind: str = ""
    sheet: str = ""
    decimal: str = ""
    approve: bool = False
    next: str = ""
    load: bool = False
    without: bool = False
    digest: str = ""
    of: int = 0

    @property
    def reading(self) -> Reading:
        """What the person said of the file."""
        return Reading(self.sheet, self.decimal)


def asked_of(job: Job) -> Asked:
    """What a job was asked; of an expired one nothing is known."""
    return Asked(**{"name": job.about, **job.asked})


def upload_of(job: Job) -> Path:
    """Where the file is kept; its ending tells nothing, its content does."""
    return job_folder(job) / f"upload{Path(job.about).suffix.lower()[:8]}"


def bring(*, by: User, file: UploadedFile[bytes], kind: str = "", back: str = "") -> Job:
    """Keep a file for a day and look at it: at once where it is small, else by a worker. ``back`` is a path of here."""
    name = Path(file.name or "file").name[:255]
    job = ask_for(IMPORT, by=by, about=name, asked=asdict(Asked(name, kind, next=back)))
    try:
        with upload_of(job).open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
    except OSError:
        _forget(job)  # half a file on a full disk
        raise
    _keep_few(by)
    return _begin(job)


def again(job: Job, *, by: User, **otherwise: Any) -> Job:
    """Another job of the same file, which asks something else of it. Raises FileNotFoundError where it is gone."""
    asked = replace(asked_of(job), **{"load": False, "without": False, "digest": "", "of": job.pk, **otherwise})
    new = ask_for(IMPORT, by=by, about=job.about, asked=asdict(asked))
    try:
        for path in job_folder(job).iterdir():
            _share(path, job_folder(new) / path.name)
        upload_of(new).stat()
    except OSError:
        _forget(new)
        raise
    return _begin(new)


def _share(path: Path, to: Path) -> None:
    """One file for both, or a copy on a disk that cannot."""
    try:
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)


def _begin(job: Job) -> Job:
    if upload_of(job).stat().st_size <= AT_ONCE:
        return run_here(job)
    send(job)
    return job


def _forget(job: Job) -> None:
    shutil.rmtree(job_folder(job), ignore_errors=True)
    job.delete()


def _keep_few(by: User) -> None:
    """Only the latest files of a person are kept."""
    for job in Job.objects.filter(kind=IMPORT, by=by).order_by("-pk")[MOST_KEPT : 2 * MOST_KEPT]:
        if job.is_over:
            upload_of(job).unlink(missing_ok=True)


def run_import(work: Work) -> Mapping[str, Any]:
    """Load the file where that was asked and does what was shown, else say what loading it would do."""
    asked, path = asked_of(work.job), upload_of(work.job)
    if not path.exists():
        return {"unfit": "The file is not here any more: bring it again."}
    try:
        if asked.load and _load(work, asked):
            return {}  # what came of it was noted in its transaction
        return {**_preview(work, asked), "stale": asked.load}
    except (FileProblem, LoadRefused) as error:
        said = str(error).replace(path.name, asked.name)  # it is kept under another name than people know
        return {"unfit": f"{said}. Nothing was changed.", "sheets": sheets_of(path)}


def _preview(work: Work, asked: Asked) -> dict[str, Any]:
    """What loading the file would do, or in a sentence why it is unfit."""
    started, path = time.monotonic(), upload_of(work.job)
    with open_table(path, asked.reading) as table:
        names, sheet = header_names(table), table.sheet
    kinds = kinds_for(work.job.by) if work.job.by else load_kinds()
    guess = guess_kind(names, kinds.values())
    kind = kinds.get(asked.kind or guess.kind)
    head = {"sheet": sheet, "sheets": sheets_of(path), "because": guess.because, "guessed": guess.kind}
    if kind is None:
        return {**head, "unfit": unfit(names, guess, None)}
    match: Guess = fit(names, kind)
    head |= {"kind": kind.name, "title": kind.title}
    if asked.kind and asked.kind != guess.kind:
        head["because"] = "because you said so"
    if not match.fits or len(set(names)) < len(names):
        return {**head, "unfit": unfit(names, match, kind)}
    seen = look(work, asked, kind)
    if seen is None:
        return {**head, "unfit": f"More than {MOST_ERRORS:,} cells are bad: is it the right kind, sheet and decimals?"}
    write_bad_rows(path, asked.reading, seen, job_folder(work.job) / BAD_ROWS)
    (job_folder(work.job) / _BAD_LINES).write_text(json.dumps(sorted(seen.bad)))
    return {**head, **preview_of(kind, seen), "seconds": round(time.monotonic() - started, 1)}


def look(work: Work, asked: Asked, kind: LoadKind) -> Seen | None:
    """Dry runs until no row is bad, each without the bad rows of those before; None where too many are."""
    seen = Seen()
    for _ in range(MOST_PASSES):
        overview, effects = Overview(kind.columns), Effects(kind)
        bad = frozenset(seen.bad)
        looking = _looking(work, overview, bad, effects.read)
        report = _taken(work, asked, kind, looking, dry_run=True)
        if report.errors.count > MOST_ERRORS:
            return None
        seen.take(report, overview, effects)
        if report.ok:
            break
    return seen


def _load(work: Work, asked: Asked) -> bool:
    """Load the file as it was shown; False where it would now do anything else, and nothing was changed."""
    kind = kind_for(asked.kind, work.job.by)
    lines = frozenset(json.loads((job_folder(work.job) / _BAD_LINES).read_text())) if asked.without else frozenset()
    effects, overview = Effects(kind), Overview(kind.columns)

    def same(load: Load) -> None:
        effects.read(load)
        if effects.digest != asked.digest:
            raise PreviewDiffers

    def note(load: Load) -> None:
        work.finish({"load": load.pk, "taken_out": len(lines), "months": months_of(overview)})
        Job.objects.filter(pk=asked.of).update(result={"load": load.pk})  # its page leads to the load from now on

    looking = replace(_looking(work, overview, lines, same), kept=note)
    try:
        report = _taken(work, asked, kind, looking, dry_run=False)
    except PreviewDiffers:
        return False
    if not report.ok:
        return False
    for job in (work.job, *Job.objects.filter(pk=asked.of)):
        upload_of(job).unlink(missing_ok=True)
    return True


def _taken(work: Work, asked: Asked, kind: LoadKind, looking: Onlooker, *, dry_run: bool) -> LoadReport:
    return load_file(
        kind=kind.name,
        path=upload_of(work.job),
        source=asked.name,
        by=work.job.by,
        dry_run=dry_run,
        reading=asked.reading,
        approved_by=work.job.by if asked.approve and kind.takes_approval else None,
        onlooker=looking,
    )


def _looking(work: Work, overview: Overview, lines: Collection[int], changed: Callable[[Load], None]) -> Onlooker:
    """Who looks at the rows but for some lines, and tells how far it is."""
    return Onlooker(lambda table: overview.watch(without_lines(table, lines)), changed, progress=work.tell)
