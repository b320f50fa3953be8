"""What a soak found, and whether it held."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.soak.course import Soak

SHOWN = 10
# Four threads for each of the three web processes, two children and two threads of the workers, the workers'
# watchdogs, the scheduler.
CONNECTIONS = 3 * 4 + 4 + 2 + 1

Verdict = tuple[str, bool, str]


def so_far(soak: Soak) -> str:
    """One line on the way."""
    kills, answers = soak.trouble.counts.total(), soak.readings.statuses.total()
    wrong = len(soak.readings.wrong) + len(soak.loader.wrong) + len(soak.trouble.wrong)
    return f"{kills} times trouble, {answers} answers, {soak.loader.counts['files taken in']} files, {wrong} wrong"


def verdicts(soak: Soak) -> Iterator[Verdict]:
    """What must hold, whether it does, and what was seen."""
    found, fresh = soak.found["cells"], soak.found["fresh"]
    for name in ("facts", "month cells", "period cells", "matrices"):
        size = found[name] if isinstance(found[name], int) else len(found[name])
        yield f"{name} equal those of a fresh database with the same files", found[name] == fresh[name], f"{size:,}"
    waiting = soak.found["waiting"]
    yield "no mark and no staged cell is left, no run is under way", not any(waiting.values()), str(waiting)
    for what, wrong in (
        ("every answer is as promised; errors are clean 503s", soak.readings.wrong),
        ("every load is taken in or refused, and says so", soak.loader.wrong),
        ("every server comes back", soak.trouble.wrong),
    ):
        yield what, not wrong, "; ".join(wrong[:SHOWN]) or "nothing else"
    yield from _leaks(soak)


def _leaks(soak: Soak) -> Iterator[Verdict]:
    for growth in soak.growths:
        yield "memory and open files stay", growth.holds, str(growth)
    watched = {growth.name.split()[0] for growth in soak.growths}
    yield (
        "a web server and a worker lived long enough to be watched",
        watched >= {"web", "worker"},
        ", ".join(sorted(watched)),
    )
    connections = soak.found["connections"]
    few = sum(connections.values()) <= CONNECTIONS and set(connections) <= {"idle", "active"}
    yield f"at most {CONNECTIONS} connections, none in a transaction", few, str(connections)
    queued = [path for path in soak.files_left if "/queue/" in path or "/jobs/" in path]
    yield "no file is left over", not queued, f"{len(soak.files_left)} files, {len(queued)} of them queued or uploaded"
    web = sum(count for name, count in soak.traces.items() if name.startswith("web"))
    yield "no stack trace in the web servers' logs", not web, str(soak.traces)


def held(soak: Soak) -> bool:
    """Whether all of it did."""
    return all(good for _, good, _ in verdicts(soak))


def markdown(soak: Soak) -> str:
    """The whole report."""
    programs = soak.supervisor.programs
    ended = {name: one.starts - 1 - one.kills for name, one in programs.items() if one.starts - 1 > one.kills}
    lines = [
        f"{soak.minutes:g} minutes, SEED={soak.seed}",
        "",
        "| what happened | times |",
        "|---|---|",
        *(f"| {name} | {count} |" for name, count in sorted(soak.trouble.counts.items())),
        *(f"| {name} | {count:,} |" for name, count in sorted(soak.loader.counts.items())),
        *(f"| answers: {status} | {count:,} |" for status, count in sorted(soak.readings.statuses.items())),
        *(f"| rollups {state} | {count:,} |" for state, count in soak.found["runs"]["ended"].items()),
        "",
        f"Answers with content: {_times(soak)}.",
        f"Quiet {soak.quiet_after:.0f} s after the last load. Ended without being killed: {ended or 'none'}.",
        f"Rollups failed by: {soak.found['runs']['errors'] or 'nothing'}.",
        "",
        "| what must hold | | seen |",
        "|---|---|---|",
        *(f"| {what} | {'holds' if good else '**FAILS**'} | {seen} |" for what, good, seen in verdicts(soak)),
    ]
    return "\n".join(lines)


def _times(soak: Soak) -> str:
    readings = soak.readings
    times = quantiles(readings.times or [0.0, 0.0], n=20)
    middle, most = times[9] * 1000, times[-1] * 1000
    longest = f"longest {max(readings.times, default=0):.1f} s; longest time without one {readings.longest_gap:.1f} s"
    return f"p50 {middle:.0f} ms, p95 {most:.0f} ms, {longest}"
