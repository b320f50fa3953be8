"""How often the API may be asked is told by every answer of it, and counted over all processes."""

from __future__ import annotations

import multiprocessing
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import limits
from tests.factories import signed_in

ADDRESS = "/api/v1/kpis/"


@pytest.fixture(autouse=True)
def fresh(settings: Any, tmp_path: Path) -> Path:
    """Nobody has called yet."""
    settings.VAR_DIR = tmp_path
    return tmp_path


def left(answer: Any) -> int:
    assert answer["RateLimit-Policy"] == '"default";q=1200;w=60'
    found = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer["RateLimit"])
    assert found
    assert 1 <= int(found[2]) <= 60
    return int(found[1])


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands at the middle of a minute."""
    now = [1_800_000_030.0]
    monkeypatch.setattr("core.limits.time.time", lambda: now[0])
    return now


def test_each_answer_says_what_is_left(ines: User, stella: User, still: list[float]) -> None:
    browser = signed_in(ines)
    assert left(browser.get(ADDRESS)) == 1199
    assert left(browser.get(f"{ADDRESS}?nonsense=1")) == 1198
    assert left(browser.get(f"{ADDRESS}nothing/")) == 1197
    assert left(browser.put(ADDRESS, {}, content_type="application/json")) == 1196
    assert left(signed_in(stella).get(ADDRESS)) == 1199
    still[0] += 30
    assert left(browser.get(ADDRESS)) == 1199


def test_calls_of_who_may_not_are_counted_and_told_as_well(
    noor: User, still: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(noor)
    assert left(browser.get(ADDRESS)) == 1199
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.rate", "2/min", raising=False)
    assert [browser.post(ADDRESS, {}).status_code for _ in range(2)] == [403, 429]


def test_what_is_unchanged_says_it_too(ines: User) -> None:
    browser, address = signed_in(ines), "/api/v1/matrix/?period=2026-Q3"
    tag = browser.get(address)["ETag"]
    answer = browser.get(address, headers={"If-None-Match": tag})
    assert answer.status_code == 304
    left(answer)


def test_who_is_nobody_is_told_nothing(db: None) -> None:
    assert "RateLimit" not in Client().get(ADDRESS)
    assert "RateLimit" not in Client().get("/accounts/login/")


def test_one_too_many_is_told_when_to_come_back(
    ines: User, still: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.rate", "2/min", raising=False)
    browser = signed_in(ines)
    answers = [browser.get(ADDRESS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "30"
    assert answers[2]["RateLimit"] == '"default";r=0;t=30'
    assert answers[2]["RateLimit-Policy"] == '"default";q=2;w=60'
    assert answers[2]["Content-Type"] == "application/problem+json"
    still[0] += 30
    assert browser.get(ADDRESS).status_code == 200


def count(folder: Path, times: int) -> None:
    for _ in range(times):
        limits._in_a_file(folder, "7", 60)


def test_processes_count_together(tmp_path: Path) -> None:
    others = [multiprocessing.get_context("fork").Process(target=count, args=(tmp_path, 250)) for _ in range(4)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert limits._in_a_file(tmp_path, "7", 60) == 1001


def test_a_new_window_takes_the_old_one_away(tmp_path: Path) -> None:
    for began in (60, 120, 180):
        limits._in_a_file(tmp_path, "7", began)
        limits._in_a_file(tmp_path, "77", began)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["7.180", "77.180"]


def test_machines_count_together_in_redis(redis_url: str, settings: Any) -> None:
    settings.CELERY_BROKER_URL = redis_url
    limits._redis(redis_url).delete("tierboard:calls:x:60")
    assert [limits.counted("x", 60, 60) for _ in range(3)] == [1, 2, 3]
    assert limits._redis(redis_url).ttl("tierboard:calls:x:60") > 60


def test_where_nothing_can_be_counted_nobody_is_kept_out(ines: User, settings: Any, tmp_path: Path) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.VAR_DIR = tmp_path / "missing" / "too"
    assert left(signed_in(ines).get(ADDRESS)) == 1200
