"""The container files say what they should, as far as can be told without building them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import yaml

from config.environment import BASE_DIR
from tests.servers import LOCAL, free_port


@pytest.fixture
def compose() -> Any:
    """docker-compose.yml as a value."""
    return yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())


def test_compose_has_every_part(compose: Any) -> None:
    assert set(compose["services"]) == {"postgres", "redis", "migrate", "web", "worker", "beat"}


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_everything_waits_for_a_migrated_database_and_the_queue(compose: Any, name: str) -> None:
    assert compose["services"][name]["depends_on"] == {
        "migrate": {"condition": "service_completed_successfully"},
        "redis": {"condition": "service_healthy"},
    }


def test_the_migration_runs_once_on_a_healthy_database(compose: Any) -> None:
    migrate = compose["services"]["migrate"]
    assert migrate["restart"] == "no"
    assert migrate["depends_on"] == {"postgres": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", ["postgres", "redis", "worker", "beat"])
def test_what_serves_is_watched(compose: Any, name: str) -> None:
    assert compose["services"][name]["healthcheck"]["test"]


def test_no_secret_is_in_the_file(compose: Any) -> None:
    environment = compose["x-app"]["environment"]
    assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]


def test_compose_passes_on_settings_that_exist(compose: Any) -> None:
    listed = set(re.findall(r"^#?([A-Z_]+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE))
    assert set(compose["x-app"]["environment"]) - listed == set()
    # VAR_DIR and STATIC_ROOT are the image's own, PORT is the machine's, and there is no demo in production
    assert listed - set(compose["x-app"]["environment"]) == {"VAR_DIR", "STATIC_ROOT", "PORT", "DEMO"}


def test_the_image_is_not_run_by_root() -> None:
    lines = (BASE_DIR / "Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER tierboard"]
    assert lines.index("USER tierboard") < next(n for n, line in enumerate(lines) if line.startswith("CMD "))
    assert any("--require-hashes" in line for line in lines)


def test_the_image_holds_every_app_and_nothing_private() -> None:
    kept = set(re.findall(r"^!(\S+)", (BASE_DIR / ".dockerignore").read_text(), re.MULTILINE))
    apps = {path.parent.name for path in BASE_DIR.glob("*/apps.py")}
    assert apps | {"config", "static", "templates", "manage.py", "requirements.txt"} <= kept
    assert not kept & {".env", "var", ".git", "tests"}


class Answer(BaseHTTPRequestHandler):
    """A web server that knows one host."""

    def do_GET(self) -> None:
        """200 to the right host, 400 to any other."""
        right = self.headers["Host"] == "scorecard.example.com" and self.path == "/healthz"
        self.send_response(200 if right else 400)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""


@pytest.mark.parametrize(("host", "code"), [("scorecard.example.com,other", 0), ("other", 1)])
def test_the_health_check_asks_by_the_name_that_is_allowed(host: str, code: int) -> None:
    server = HTTPServer((LOCAL, free_port()), Answer)
    threading.Thread(target=server.handle_request, daemon=True).start()
    env = {"PATH": os.environ["PATH"], "ALLOWED_HOSTS": host, "PORT": str(server.server_port)}
    probe = [sys.executable, "config/probe.py"]
    ended = subprocess.run(probe, cwd=BASE_DIR, env=env, capture_output=True, timeout=30, check=False)
    server.server_close()
    assert ended.returncode == code
