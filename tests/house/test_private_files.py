"""What is kept on the disk is read by nobody else: 0600 in a folder of 0700, old installations too."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config import environment
from config.environment import BASE_DIR


def modes(folder: Path) -> dict[str, int]:
    """Each file and folder, the folder itself included, with what may be done with it."""
    return {str(path): stat.S_IMODE(path.lstat().st_mode) for path in (folder, *folder.rglob("*"))}


def open_to_others(folder: Path) -> list[str]:
    return [path for path, mode in modes(folder).items() if mode & 0o077]


# A command that writes to the database and sends a mail.
WRITE = """
from django.core.mail import send_mail
from django.db import connection
connection.cursor().execute("CREATE TABLE t (n integer)")
send_mail("x", "x", None, ["ines@tierboard.example"])
"""


def manage(folder: Path, *command: str, **env: str) -> None:
    """Run a management command with its data in a folder, by somebody who lets others read."""
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder), **env}
    call = [sys.executable, "manage.py", *command]
    subprocess.run(call, cwd=BASE_DIR, env=clean, check=True, umask=0o022, stdout=subprocess.DEVNULL, timeout=120)


@pytest.mark.slow
def test_database_key_queue_and_mails_are_made_for_nobody_else(tmp_path: Path) -> None:
    manage(tmp_path, "shell", "-v0", "-c", WRITE)
    embedded = tmp_path / "embedded"
    assert {path.name for path in embedded.iterdir()} >= {"tierboard.sqlite3", "secret_key", "mail", "queue"}
    assert list((embedded / "mail").iterdir())
    assert open_to_others(embedded) == []


@pytest.mark.slow
def test_what_an_earlier_release_left_open_is_closed_at_the_start(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("not ours")
    embedded = tmp_path / "embedded"
    (embedded / "mail").mkdir(parents=True)
    for name in ("secret_key", "tierboard.sqlite3", "tierboard.sqlite3-wal", "tierboard.sqlite3-shm", "mail/1.log"):
        (embedded / name).touch()
    (embedded / "secret_key").write_text("x" * 50)
    (embedded / "mail" / "link").symlink_to(outside)
    for path in (embedded, *embedded.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    manage(tmp_path, "check")
    (embedded / "mail" / "link").unlink()
    assert open_to_others(embedded) == []
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


@pytest.mark.slow
def test_a_database_that_lies_elsewhere_is_closed_and_its_folder_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "srv"
    place.mkdir()
    place.chmod(0o755)
    url = f"sqlite:///{place / 't.sqlite3'}"
    manage(tmp_path / "var", "shell", "-v0", "-c", WRITE, DATABASE_URL=url)
    (place / "t.sqlite3").chmod(0o644)
    manage(tmp_path / "var", "shell", "-v0", "-c", "pass", DATABASE_URL=url)
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert stat.S_IMODE(place.stat().st_mode) == 0o755


@pytest.mark.slow
def test_styles_and_scripts_are_everybodys_for_a_web_server_of_another_user(tmp_path: Path) -> None:
    manage(tmp_path, "collectstatic", "--no-input", "-v0")
    found = modes(tmp_path / "static")
    assert any(path.endswith(".gz") for path in found)
    assert [path for path, mode in found.items() if mode & 0o044 != 0o044] == []


def test_a_file_that_went_meanwhile_stops_nothing(tmp_path: Path) -> None:
    environment.make_private(tmp_path / "gone")
