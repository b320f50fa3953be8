"""``make run`` says what it found in one sentence, and tells everybody how to sign in."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.models import Company, User
from config import run
from config.environment import BASE_DIR
from tests.servers import LOCAL


def test_a_busy_port_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind((LOCAL, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ImproperlyConfigured, match=f"port {port} cannot be used .* PORT=8001 make run"):
            run.refuse_busy(port)
    run.refuse_busy(port)


@pytest.mark.django_db
def test_an_empty_installation_says_how_to_create_the_first_administrator() -> None:
    assert "/accounts/first/" in run.logins()


def test_a_company_of_its_own_is_told_no_logins(ada: User) -> None:
    assert run.logins() == ""


def test_a_demo_company_tells_one_login_per_role(company: Company, ines: User) -> None:
    Company.objects.update(is_demo=True)
    assert run.logins().count("@") == 6


def test_no_demo_where_somebody_lives_or_nobody_wants_it(
    ines: User, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(run, "call_command", lambda name, **options: asked.append(name))
    run.found_demo()
    User.objects.all().delete()
    settings.DEMO = False  # type: ignore[attr-defined]
    run.found_demo()
    assert asked == []
    settings.DEMO = True  # type: ignore[attr-defined]
    run.found_demo()
    assert asked == ["demo"]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_all_processes(tmp_path: Path, how: signal.Signals) -> None:
    script = (
        "from config import run\n"
        f"run.commands = lambda: {{name: ['sleep', '77.{how:d}'] for name in ('web', 'worker', 'scheduler')}}\n"
        "raise SystemExit(run.supervise(''))\n"
    )
    group = subprocess.Popen([sys.executable, "-c", script], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True)
    assert group.stdout
    started = 0
    while started < 3:
        started += " started " in group.stdout.readline()
    group.send_signal(how)
    assert group.wait(timeout=20) == 0
    group.stdout.close()
    left = subprocess.run(["pgrep", "-f", f"^sleep 77.{how:d}$"], capture_output=True, check=False)
    assert left.stdout == b""


@pytest.mark.slow
def test_one_that_cannot_start_is_the_end_of_all() -> None:
    script = (
        "from config import run\n"
        "run.commands = lambda: {'web': ['sleep', '78'], 'worker': ['false']}\n"
        "run.supervise('')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=BASE_DIR, capture_output=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert subprocess.run(["pgrep", "-f", "^sleep 78$"], capture_output=True, check=False).stdout == b""


def test_web_and_worker_are_started_with_what_exists() -> None:
    for name, command in run.commands().items():
        assert Path(command[0]).exists(), name
        assert all(find_spec(word) for word in command if word.startswith("config."))
    assert "python:config.gunicorn" in run.commands()["web"]


@pytest.mark.slow
def test_the_web_servers_processes_share_what_they_loaded() -> None:
    script = (
        "import gc\n"
        "from config import gunicorn, wsgi\n"
        "gunicorn.when_ready(None)\n"
        "print(gunicorn.preload_app, gc.get_freeze_count() > 100_000)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=BASE_DIR, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True", "True"]
