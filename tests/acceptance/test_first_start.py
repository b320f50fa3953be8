"""A stranger clones the repository, types ``make run``, signs in as the executive and reads the matrix."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from config.environment import BASE_DIR
from tests.servers import LOCAL, free_port

PIP_CACHE = os.environ.get("PIP_CACHE_DIR") or str(Path.home() / ".cache" / "pip")  # what was fetched before

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as a stranger gets it."""
    folder = tmp_path_factory.mktemp("stranger") / "tierboard"
    subprocess.run(["git", "clone", "--quiet", str(BASE_DIR), str(folder)], check=True)
    return folder


@contextmanager
def running(clone: Path, log: Path, patience: float) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """``make run`` until it is ready; killed with all its processes where a test leaves it behind."""
    url = f"http://{LOCAL}:{free_port()}"
    env = {"PATH": os.environ["PATH"], "HOME": str(clone.parent), "PORT": url.rsplit(":", 1)[1]}
    env["PIP_CACHE_DIR"] = PIP_CACHE
    with log.open("wb") as output:
        make = subprocess.Popen(
            ["make", "run"], cwd=clone, env=env, stdout=output, stderr=output, start_new_session=True
        )
        try:
            wait_until_ready(make, url, log, patience)
            yield make, url
        finally:
            for pid in processes(clone):
                os.kill(pid, signal.SIGKILL)
            make.wait(timeout=10)


def wait_until_ready(make: subprocess.Popen[bytes], url: str, log: Path, patience: float) -> None:
    """Until /readyz says that database, broker and migrations are ready."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and make.poll() is None:
        try:
            if build_opener().open(f"{url}/readyz", timeout=5).status == 200:
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"not ready after {patience} seconds:\n{log.read_text()}")


def processes(clone: Path) -> list[int]:
    """Those that run in the clone."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(entry / "cwd")).is_relative_to(clone):
                found.append(int(entry.name))
        except OSError:
            continue  # it has ended, or is nobody's business
    return found


def sign_in(url: str, email: str, password: str) -> OpenerDirector:
    """A browser without JavaScript in which that person is signed in."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{url}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = urlencode({"username": email, "password": password, "csrfmiddlewaretoken": token[1]}).encode()
    browser.open(f"{url}/accounts/login/", form)
    return browser


def test_a_stranger_reads_the_matrix_and_ctrl_c_stops_everything(clone: Path, tmp_path: Path) -> None:
    log = tmp_path / "first.log"
    with running(clone, log, patience=300) as (make, url):
        told = log.read_text()
        assert url in told
        password = re.search(r"password of each is\s+(\S+)", told)
        executive = re.search(r"Executive\s+(\S+@\S+)", told)
        assert password
        assert executive
        browser = sign_in(url, executive[1], password[1])
        assert (
            "really" in browser.open(f"{url}/").read().decode()
        )  # the home page's headline, made of the demo's numbers
        answer = browser.open(f"{url}/matrix/")
        page = answer.read().decode()
        assert re.search(r"/matrix/\d{4}-Q[1-4]/$", answer.url)
        assert re.search(r'href="/matrix/\d{4}-Q[1-4]/[a-z_]+/[a-z_]+/"', page)
        os.killpg(make.pid, signal.SIGINT)  # Ctrl-C reaches every process of the terminal's group
        make.wait(timeout=30)
        assert processes(clone) == []


def test_the_second_start_takes_seconds_and_keeps_the_data(clone: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    with running(clone, tmp_path / "again.log", patience=30) as (make, _):
        assert time.monotonic() - began < 30
        told = (tmp_path / "again.log").read_text()
        assert "Making the virtual environment" not in told
        assert "Founding the demo company" not in told
        make.terminate()  # SIGTERM reaches make alone
        make.wait(timeout=30)
        assert processes(clone) == []


def test_a_busy_port_is_one_sentence(clone: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((LOCAL, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PORT": port}
        ended = subprocess.run(["make", "run"], cwd=clone, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert f"port {port} cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_broken_dotenv_is_one_sentence(clone: Path, tmp_path: Path) -> None:
    dotenv = clone / ".env"
    dotenv.write_text("PORT\n")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    ended = subprocess.run(["make", "run"], cwd=clone, env=env, capture_output=True, text=True, check=False)
    dotenv.unlink()
    assert ended.returncode != 0
    assert "Tierboard cannot start: .env, line 1: expected NAME=value, found “PORT”" in ended.stderr
    assert "Traceback" not in ended.stderr
