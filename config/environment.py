"""Reads the environment, loudly: a bad value stops the start and says which and why."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from config.files import replace_whole

BASE_DIR = Path(__file__).resolve().parent.parent
FILE_BROKER = "filechannel://"  # config/filechannel.py
_ASSIGNMENT = re.compile(r"""(export )?[A-Za-z_]\w*=('[^']*'|"[^"]*"|[^'"].*|)""")

# A line may break without a word: a machine loses its power or its network. Both ends notice within a
# minute and a half, and the server lets go of what a lost machine had locked; by default it takes hours.
POSTGRESQL_CLIENT = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
POSTGRESQL_SESSION = " ".join(
    f"-c {setting}"
    for setting in (
        "jit=off",
        "idle_in_transaction_session_timeout=60s",
        "tcp_keepalives_idle=30",
        "tcp_keepalives_interval=10",
        "tcp_keepalives_count=3",
        "tcp_user_timeout=60000",
    )
)


def read_environment() -> environ.Env:
    """The process environment, with ``.env`` beside manage.py filling what it leaves unset."""
    path = BASE_DIR / ".env"
    if path.exists() and not testing():
        check_dotenv(path)
        environ.Env.read_env(path)
    return environ.Env()


def check_dotenv(path: Path) -> None:
    """Refuse a ``.env`` that the reader would silently skip lines of."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f".env cannot be read: {error}") from error
    for number, line in enumerate(map(str.rstrip, lines), 1):
        if line and not line.lstrip().startswith("#") and not _ASSIGNMENT.fullmatch(line):
            raise ImproperlyConfigured(f".env, line {number}: expected NAME=value, found “{line}”")


def text(env: environ.Env, name: str) -> str:
    """The setting's text; empty where it is unset, which means the same as empty everywhere.

    Read past django-environ's ``env.str``, which takes ``$`` at the beginning for another setting's name.
    """
    return str(env.ENVIRON.get(name, "")).strip()


def choice(env: environ.Env, name: str, options: tuple[str, ...], default: str) -> str:
    """One of a few words."""
    value = text(env, name).lower() or default
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not “{value}”")
    return value


def boolean(env: environ.Env, name: str, *, default: bool = False) -> bool:
    """On or off."""
    value = text(env, name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if not value:
        return default
    raise ImproperlyConfigured(f"{name} must be true or false, not “{value}”")


def whole_number(env: environ.Env, name: str, default: int, low: int, high: int) -> int:
    """A whole number within bounds."""
    value = text(env, name) or str(default)
    if not value.isdecimal() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}, not “{value}”")
    return int(value)


def time_zone(env: environ.Env) -> str:
    """The name of a time zone that this machine knows."""
    name = text(env, "TIME_ZONE") or "UTC"
    if name != "UTC" and name not in available_timezones():
        raise ImproperlyConfigured(f"TIME_ZONE must be a name such as Europe/Berlin, not “{name}”")
    return ZoneInfo(name).key


def data_root(env: environ.Env) -> Path:
    """VAR_DIR, the folder of all such folders."""
    return Path(text(env, "VAR_DIR") or BASE_DIR / "var").absolute()


def data_folder(env: environ.Env) -> Path:
    """Where this database's queue, mails and files live: one folder per database under ``var/``.

    It is nobody else's: 0700, and 0600 what is in it, also what an earlier release left open. From here on
    the process makes no file that others can read.
    """
    os.umask(0o077)
    # Of the tests: removed by tests/conftest.py
    root = Path(tempfile.mkdtemp(prefix="tierboard-test-")) if testing() else data_root(env)
    url = text(env, "DATABASE_URL")
    folder = root / (hashlib.sha256(url.encode()).hexdigest()[:10] if url else "embedded")
    try:
        for part in ("queue", "mail"):
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"VAR_DIR cannot be written to: {error}") from error
    if root == BASE_DIR / "var":  # elsewhere the folder above is the operator's own, and perhaps others'
        make_private(root)
    close_folder(folder)
    return folder


def close_folder(folder: Path) -> None:
    """Take from everybody else what they may do with a folder and all that is in it."""
    make_private(folder)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            make_private(Path(place, name))


def make_private(path: Path) -> None:
    """Take from everybody else what they may do with a file or a folder.

    What went away meanwhile, and what is somebody else's and so not ours to change, is left as it is.
    """
    with suppress(OSError):
        mode = path.lstat().st_mode
        if mode & 0o077 and not path.is_symlink():
            path.chmod(mode & 0o700)


def database(env: environ.Env, folder: Path) -> dict[str, Any]:
    """PostgreSQL where DATABASE_URL says so, else SQLite in WAL."""
    url = text(env, "DATABASE_URL") or f"sqlite:///{folder / 'tierboard.sqlite3'}"
    scheme = urlsplit(url).scheme
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///")
    try:
        config: dict[str, Any] = dict(env.db_url_config(url))
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    if scheme == "sqlite":
        for ending in ("", "-wal", "-shm", "-journal"):  # wherever DATABASE_URL puts it
            make_private(Path(f"{config['NAME']}{ending}"))
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
        # A file, as in production: an in-memory database has other locks.
        config["TEST"] = {"NAME": str(folder / "test.sqlite3")}
    else:
        config |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
        own = config.get("OPTIONS", {})
        config["OPTIONS"] = (
            POSTGRESQL_CLIENT | own | {"options": f"{POSTGRESQL_SESSION} {own.get('options', '')}".strip()}
        )
    return config


def broker(env: environ.Env, folder: Path) -> tuple[str, dict[str, Any]]:
    """Celery's broker URL and its options: Redis where REDIS_URL says so, else files."""
    url = text(env, "REDIS_URL")
    if url and urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://")
    if url:
        return url, {"visibility_timeout": 3600, "socket_connect_timeout": 3, "socket_timeout": 10}
    return FILE_BROKER, {"folder": str(folder / "queue")}


def secret_key(env: environ.Env, folder: Path, *, production: bool) -> str:
    """SECRET_KEY; without one a private key is kept beside the embedded database, never in production."""
    key = text(env, "SECRET_KEY")
    if key or production:
        if len(key) < 32:
            raise ImproperlyConfigured("PRODUCTION needs SECRET_KEY, at least 32 random characters")
        return key
    path = folder / "secret_key"
    try:
        if not path.exists() or not path.stat().st_size:  # empty: a disk that was full
            replace_whole(path, get_random_secret_key().encode())
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise ImproperlyConfigured(f"VAR_DIR cannot be written to: {error}") from error


def allowed_hosts(env: environ.Env, *, production: bool) -> list[str]:
    """ALLOWED_HOSTS; this machine alone where unset, refused in production."""
    hosts = [host.strip() for host in text(env, "ALLOWED_HOSTS").split(",") if host.strip()]
    if production and (not hosts or "*" in hosts):
        raise ImproperlyConfigured("PRODUCTION needs ALLOWED_HOSTS, the names that people type, without *")
    return hosts or ["127.0.0.1", "localhost", "[::1]"]


def base_url(env: environ.Env, hosts: list[str], port: int, *, production: bool) -> str:
    """BASE_URL, how people reach the product, for links in mails; without a slash at its end.

    Unset: the first of ALLOWED_HOSTS by HTTPS in production, else this machine.
    """
    unset = f"https://{hosts[0].lstrip('.')}" if production else f"http://127.0.0.1:{port}"
    url = text(env, "BASE_URL").rstrip("/") or unset
    if not re.fullmatch(r"https?://[^/?#\s@]+", url) or not _has_a_host(url):
        raise ImproperlyConfigured(f"BASE_URL must be like https://scorecard.example.com, not “{url}”")
    return url


def _has_a_host(url: str) -> bool:
    """Whether it names a host, and a port that is one where it names any."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def trusted_origins(hosts: list[str], url: str, *, production: bool) -> list[str]:
    """From where forms may be sent: BASE_URL as people type it, port included, and in production each host.

    The port may be missing from the Host that a proxy passes on, so that the request alone does not tell.
    """
    wild = [f"*{host}" if host.startswith(".") else host for host in hosts]
    named = [f"https://{host.lstrip('.')}" for host in hosts] + [f"https://{host}" for host in wild]
    return list(dict.fromkeys([url, *(named if production else [])]))


def secure_host(url: str) -> str | None:
    """Where a request by HTTP is led to: BASE_URL's host where it has a port, which the request's may lack."""
    parts = urlsplit(url)
    return parts.netloc if parts.scheme == "https" and parts.port else None


def currency(env: environ.Env) -> str:
    """COMPANY_CURRENCY: three letters such as EUR."""
    code = (text(env, "COMPANY_CURRENCY") or "EUR").upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ImproperlyConfigured(f"COMPANY_CURRENCY must be three letters such as EUR, not “{code}”")
    return code


def mail(env: environ.Env, folder: Path) -> dict[str, Any]:
    """Django's mail settings: the server of EMAIL_URL, or files under ``var/`` where unset."""
    if not text(env, "EMAIL_URL"):
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": str(folder / "mail")}
    scheme = urlsplit(text(env, "EMAIL_URL")).scheme
    if scheme not in environ.Env.EMAIL_SCHEMES:
        raise ImproperlyConfigured("EMAIL_URL must begin with smtp://, smtp+tls:// or smtp+ssl://")
    try:
        config: dict[str, Any] = dict(env.email_url_config(text(env, "EMAIL_URL")))
    except ValueError as error:
        raise ImproperlyConfigured(f"EMAIL_URL cannot be read: {error}") from error
    return config


def testing() -> bool:
    """Whether pytest runs."""
    return "pytest" in sys.modules
