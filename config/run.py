"""``make run``: brings the database up to date, then runs web, worker and scheduler until Ctrl-C.

Everything is safe to repeat: a second start finds its database migrated, its static files
collected and its company in place, and takes seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import NoReturn

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from config.environment import data_root, read_environment
from core.outages import FULL, outage_of

HOST = "127.0.0.1"
LITTLE = 2**20  # bytes
FIRST_ADMINISTRATOR = """  Nobody administers it yet. Whoever opens this link does, once, within 24 hours:
      {link}
  (another one: .venv/bin/python manage.py setup_link)
"""


def main() -> NoReturn:
    """Run until stopped. Exits with one sentence where it cannot start."""
    try:
        banner = prepare()
    except (ImproperlyConfigured, DatabaseError, CommandError, OSError) as error:
        sys.exit(f"Tierboard cannot start: {reason(error)}")
    except KeyboardInterrupt:
        sys.exit("Stopped before it was ready; run it again to go on.")
    supervise(banner, str(settings.VAR_DIR))


def reason(error: Exception) -> str:
    """What keeps it from starting, in a line; of a full disk what to do, whatever words it came in."""
    said = " ".join(str(error).split())
    if outage_of(error) is not FULL and not (isinstance(error, DatabaseError) and full_disk()):
        return said
    return (
        f"The disk is full ({said}). Nothing that was there is lost: make room "
        f"(VAR_DIR is {data_root(read_environment())}) and start it again."
    )


def full_disk() -> bool:
    """Whether there is no room to speak of under VAR_DIR: SQLite then finds many names for what is wrong."""
    folder = data_root(read_environment())
    existing = next((parent for parent in (folder, *folder.parents) if parent.exists()), folder)
    try:
        return shutil.disk_usage(existing).free < LITTLE
    except OSError:
        return False


def prepare() -> str:
    """Check the environment and the port, bring the database up to date, and say what to tell the person."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    refuse_busy(settings.PORT)
    say("Preparing the database …")
    call_command("migrate", verbosity=0, interactive=False)
    collect_static()
    found_demo()
    banner = f"\n  Tierboard is at http://{HOST}:{settings.PORT}\n\n{logins()}\n  Ctrl-C stops it; the data stay.\n"
    connections.close_all()  # the processes to come open their own
    return banner


def refuse_busy(port: int) -> None:
    """Raise ImproperlyConfigured where another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ImproperlyConfigured(
                f"port {port} cannot be used ({error.strerror}). "
                "Stop what uses it, or choose another: PORT=8001 make run"
            ) from error


def collect_static() -> None:
    """Gather styles and scripts for the web server, where one of them changed since the last time."""
    stamp = settings.STATIC_ROOT / ".collected"
    current = static_fingerprint()
    if not stamp.exists() or stamp.read_text() != current:
        with all_or_nothing(settings.STATIC_ROOT):
            call_command("collectstatic", verbosity=0, interactive=False)
            stamp.write_text(current)


@contextmanager
def all_or_nothing(folder: Path) -> Iterator[None]:
    """Where it fails, take away each file that it wrote: a half one would be newer than its source, and stay."""
    before = file_times(folder)
    try:
        yield
    except BaseException:
        for path, written in file_times(folder).items():
            if before.get(path) != written:
                path.unlink(missing_ok=True)
        raise


def file_times(folder: Path) -> dict[Path, int]:
    """Each file under it, with the moment in which it was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def static_fingerprint() -> str:
    """The names and times of every style and script, as a hash."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            seen.update(f"{path} {os.stat(storage.path(path)).st_mtime_ns}\n".encode())
    return seen.hexdigest()


def found_demo() -> None:
    """Fill a fresh database with the demo company, rolled up, unless DEMO=0, this is production or
    somebody has emptied it here before.
    """
    from accounts.models import User
    from demo.emptying import was_emptied
    from kpis.models import Kpi

    fresh = not (User.objects.exists() or Kpi.objects.exists() or was_emptied())
    if settings.DEMO and not settings.PRODUCTION and fresh:
        say("Founding the demo company and rolling its scorecards up; this happens once …")
        call_command("demo", verbosity=0)


def logins() -> str:
    """How to sign in: one login per role of the demo company, or the one-time link for the first administrator,
    which is another at each start.
    """
    from accounts.company import company
    from accounts.reading.setup import has_administrator
    from accounts.services.setup import new_setup_link

    if company().is_demo:
        told = StringIO()
        call_command("demo", logins=True, stdout=told)
        return told.getvalue()
    return "" if has_administrator() else FIRST_ADMINISTRATOR.format(link=new_setup_link())


def commands() -> dict[str, list[str]]:
    """The two processes by name; the scheduler is a thread of the worker."""
    python = [sys.executable, "-m"]
    address = ["--bind", f"{HOST}:{settings.PORT}"]
    return {
        "web": [*python, "gunicorn", "config.wsgi", "--config", "python:config.gunicorn", *address],
        "worker": [*python, "config.background"],
    }


def supervise(banner: str, folder: str = "") -> NoReturn:
    """Become the program that runs them until Ctrl-C or SIGTERM, and keeps in the folder how they fare; what preparing
    took in memory is given back.
    """
    program = [sys.executable, "-m", "config.forks"]
    told = json.dumps([banner, commands(), folder])
    os.execve(sys.executable, program, {**os.environ, "TIERBOARD_COMMANDS": told})  # noqa: S606


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
