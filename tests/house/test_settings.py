"""Settings come from the environment, and a bad one stops the start with one sentence that names it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment
from config.environment import BASE_DIR
from config.static import PublicFiles

SECRET = "s3cret-" * 8


def start(folder: Path, command: str = "check", **env: str) -> subprocess.CompletedProcess[str]:
    """Run a management command in an environment of its own."""
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder), **env}
    call = [sys.executable, "manage.py", *command.split()]
    return subprocess.run(call, cwd=BASE_DIR, env=clean, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"PRODUCTION": "1", "ALLOWED_HOSTS": "a.example"}, "PRODUCTION needs SECRET_KEY"),
        ({"PRODUCTION": "1", "ALLOWED_HOSTS": "a.example", "SECRET_KEY": "short"}, "at least 32 random characters"),
        ({"PRODUCTION": "1", "SECRET_KEY": SECRET}, "PRODUCTION needs ALLOWED_HOSTS"),
        ({"PRODUCTION": "1", "SECRET_KEY": SECRET, "ALLOWED_HOSTS": "*"}, "PRODUCTION needs ALLOWED_HOSTS"),
        ({"FISCAL_YEAR_START_MONTH": "13"}, "FISCAL_YEAR_START_MONTH must be a whole number from 1 to 12, not “13”"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_sentence(tmp_path: Path, env: dict[str, str], says: str) -> None:
    ended = start(tmp_path, **env)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Tierboard cannot start: ")
    assert says in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.slow
def test_production_passes_djangos_deployment_checks(tmp_path: Path) -> None:
    env = {"PRODUCTION": "1", "SECRET_KEY": SECRET + "abcdefgh", "ALLOWED_HOSTS": "scorecard.example.com"}
    ended = start(tmp_path, "check --deploy --fail-level WARNING", **env)
    assert ended.returncode == 0, ended.stderr


def reading(monkeypatch: pytest.MonkeyPatch, **env: str) -> environ.Env:
    """An environment with these settings alone."""
    monkeypatch.setattr(os, "environ", env)
    monkeypatch.setattr(environ.Env, "ENVIRON", env)
    return environ.Env()


@pytest.mark.parametrize(
    ("env", "reader"),
    [
        ({"DATABASE_URL": "mysql://localhost/x"}, lambda e: environment.database(e, Path("x"))),
        ({"DATABASE_URL": "postgres://localhost:many/x"}, lambda e: environment.database(e, Path("x"))),
        ({"REDIS_URL": "localhost:6379"}, lambda e: environment.broker(e, Path("x"))),
        ({"TIME_ZONE": "Middle Earth"}, environment.time_zone),
        ({"COMPANY_CURRENCY": "Euro"}, environment.currency),
        ({"EMAIL_URL": "mail.example.com"}, lambda e: environment.mail(e, Path("x"))),
        ({"EMAIL_URL": "smtp://mail:port"}, lambda e: environment.mail(e, Path("x"))),
        ({"BASE_URL": "scorecard.example.com"}, lambda e: environment.base_url(e, ["x"], 1, production=False)),
        ({"BASE_URL": "https://a.example:many"}, lambda e: environment.base_url(e, ["x"], 1, production=False)),
        ({"BASE_URL": "https://:443"}, lambda e: environment.base_url(e, ["x"], 1, production=False)),
        ({"BASE_URL": "https://a.example/x"}, lambda e: environment.base_url(e, ["x"], 1, production=False)),
        ({"DEMO": "perhaps"}, lambda e: environment.boolean(e, "DEMO")),
        ({"PORT": "80a"}, lambda e: environment.whole_number(e, "PORT", 8000, 1, 65535)),
        ({"LOG_LEVEL": "loud"}, lambda e: environment.choice(e, "LOG_LEVEL", ("info",), "info")),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, env: dict[str, str], reader: object) -> None:
    assert callable(reader)
    with pytest.raises(ImproperlyConfigured, match=next(iter(env))):
        reader(reading(monkeypatch, **env))


def test_before_files_are_gathered_a_page_names_them_and_afterwards_misses_none(tmp_path: Path) -> None:
    files = PublicFiles(location=tmp_path, base_url="/static/")
    assert files.url("css/base.css") == "/static/css/base.css"
    files.hashed_files = {"css/base.css": "css/base.1.css"}
    assert files.url("css/base.css") == "/static/css/base.1.css"
    with pytest.raises(ValueError, match=r"other\.css"):
        files.url("css/other.css")


def test_empty_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = reading(monkeypatch, DATABASE_URL="", PORT="", DEMO="", TIME_ZONE="", REDIS_URL="")
    assert environment.whole_number(empty, "PORT", 8000, 1, 65535) == 8000
    assert environment.boolean(empty, "DEMO", default=True) is True
    assert environment.time_zone(empty) == "UTC"
    assert environment.database(empty, Path("/x"))["NAME"] == "/x/tierboard.sqlite3"
    assert environment.broker(empty, Path("/x"))[0] == "filechannel://"


def test_database_and_broker_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    both = reading(monkeypatch, DATABASE_URL="postgres://u:p@h:5433/n", REDIS_URL="redis://r:6379/1")
    assert environment.database(both, Path("/x"))["ENGINE"] == "django.db.backends.postgresql"
    assert environment.broker(both, Path("/x"))[0] == "redis://r:6379/1"


@pytest.mark.parametrize(
    ("env", "production", "url"),
    [
        ({}, False, "http://127.0.0.1:8001"),
        ({}, True, "https://scorecard.example.com"),
        ({"BASE_URL": "http://tierboard.lan:8080/"}, True, "http://tierboard.lan:8080"),
    ],
)
def test_mails_link_to_where_people_reach_the_product(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], production: bool, url: str
) -> None:
    hosts = [".scorecard.example.com", "other.example.com"]
    assert environment.base_url(reading(monkeypatch, **env), hosts, 8001, production=production) == url


def test_a_value_may_begin_with_a_dollar_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "$" + SECRET
    monkeypatch.setattr(environment, "testing", lambda: True)
    monkeypatch.setenv("SECRET_KEY", key)
    assert environment.secret_key(environment.read_environment(), Path("/x"), production=True) == key


def test_a_private_key_is_kept_beside_the_embedded_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = environment.secret_key(reading(monkeypatch), tmp_path, production=False)
    assert len(first) >= 50
    assert environment.secret_key(reading(monkeypatch), tmp_path, production=False) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "line", ["PORT", "PORT 8000", "=8000", "8PORT=1", " PORT=80", "PORT = 80", "NAME='open", 'NAME="open']
)
def test_a_broken_dotenv_is_named_by_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"# comment\n\nexport PORT=8000\n{line}\n")
    with pytest.raises(ImproperlyConfigured, match=r"\.env, line 4: expected NAME=value"):
        environment.check_dotenv(path)


def test_a_dotenv_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"NAME=\xff\xfe")
    with pytest.raises(ImproperlyConfigured, match=r"\.env cannot be read"):
        environment.check_dotenv(path)


def test_the_example_is_a_dotenv_and_lists_every_setting() -> None:
    example = BASE_DIR / ".env.example"
    environment.check_dotenv(example)
    listed = re.findall(r"^#?([A-Z_]+)=", example.read_text(), re.MULTILINE)
    code = "".join(path.read_text() for path in sorted((BASE_DIR / "config").glob("*.py")))
    read = re.findall(r'\((?:environment\.)?env, "([A-Z_]+)"', code)
    assert sorted(listed) == sorted(set(read))


def test_a_database_address_may_ask_for_more_than_the_program_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = "postgres://tierboard@db/tierboard?connect_timeout=20&options=-c%20lock_timeout%3D2s"
    options = environment.database(reading(monkeypatch, DATABASE_URL=url), tmp_path)["OPTIONS"]
    assert options["connect_timeout"] == 20
    assert options["options"].split()[-2:] == ["-c", "lock_timeout=2s"]
    assert "idle_in_transaction_session_timeout=60s" in options["options"]


def test_forms_are_taken_from_base_url_and_from_every_host_by_https() -> None:
    url = "https://scorecard.example.com:30022"
    hosts = ["scorecard.example.com", ".other.example.com"]
    assert environment.trusted_origins(hosts, url, production=False) == [url]
    assert environment.trusted_origins(hosts, url, production=True) == [
        url,
        "https://scorecard.example.com",
        "https://other.example.com",
        "https://*.other.example.com",
    ]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://scorecard.example.com:30022", "scorecard.example.com:30022"),
        ("https://scorecard.example.com", None),
        ("http://scorecard.example.com:8080", None),
    ],
)
def test_a_request_by_http_is_led_to_the_port_of_base_url(url: str, host: str | None) -> None:
    assert environment.secure_host(url) == host
