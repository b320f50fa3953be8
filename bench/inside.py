"""Measures one database in a process of its own: ``python -m bench.inside GROUP…`` prints rows as JSON."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from time import perf_counter

import django

# The warnings come last, for they write three times as many facts as all others together.
GROUPS = (
    "rollups",
    "periods",
    "readers",
    "pages",
    "home",
    "register",
    "library",
    "customers",
    "lists",
    "search",
    "loads",
    "deriving",
    "calls",
    "warnings",
)


def main(groups: list[str]) -> None:
    """Make the company, then measure each group."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    django.setup()
    from django.core.management import call_command

    from bench import company, sizes
    from kpis.rollup.runs import roll_up_now

    size = sizes.SIZES[sizes.chosen()]
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    said("founding the company")
    company.found(size)
    said("writing facts")
    company.measure(sizes.MONTHS, size)
    said("rolling up for the first time")
    company.touch(sizes.MONTHS)
    roll_up_now()
    for name in groups:
        rows: Callable[[sizes.Size], Iterator[object]] = import_module(f"bench.{name}").rows
        for row in rows(size):
            sys.stdout.write(f"{row.as_line()}\n")  # type: ignore[attr-defined]
            sys.stdout.flush()
            said(str(row))


def said(what: str, started: float = perf_counter()) -> None:
    """Tell the person at the terminal how far it is."""
    sys.stderr.write(f"{perf_counter() - started:7.1f} s  {what}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
