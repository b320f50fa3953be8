"""How often the API may be asked, and how an answer tells of it (IETF draft-ietf-httpapi-ratelimit-headers-11).

All processes count together: in Redis where there is one, so that several machines do, else in files under
``VAR_DIR``, a byte a call. Where neither can be counted in, nobody is kept out.
"""

from __future__ import annotations

import math
import os
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:
    from redis import Redis
    from rest_framework.views import APIView  # which reads the settings that name PersonThrottle

POLICY = "default"
_PATIENCE = 0.25  # seconds that a call waits for Redis


class Allowance(NamedTuple):
    """Of ``quota`` calls in ``window`` seconds, how many remain for how many seconds."""

    quota: int
    window: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The policy and what is left of it, as structured fields."""
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.quota};w={self.window}',
            "RateLimit": f'"{POLICY}";r={self.remaining};t={self.seconds}',
        }


class PersonThrottle(UserRateThrottle):
    """So many calls a person in each window of the clock, by whichever of their tokens and sessions they come."""

    _left: float = 1

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the call, and keep on the request what is left. False for one too many."""
        most, window = (int(number or 0) for number in self.parse_rate(self.rate))
        now = time.time()
        began = int(now // window) * window
        count = counted(str(request.user.pk), began, window)
        self._left = began + window - now
        left = Allowance(most, window, max(0, most - count), math.ceil(self._left))
        request._request.allowance = left  # type: ignore[attr-defined]
        return count <= most

    def wait(self) -> float:
        """Seconds until the next window."""
        return self._left


def allowance_of(request: HttpRequest) -> Allowance | None:
    """What is left to who called; None where nothing was counted."""
    return cast("Allowance | None", getattr(request, "allowance", None))


def counted(who: str, began: int, window: int) -> int:
    """How often they have called in the window that began then, this call included; 0 where that can't be told."""
    if settings.CELERY_BROKER_URL.startswith(("redis", "unix")):
        from redis.exceptions import RedisError  # 6 MB of memory, for nothing where there is none

        with suppress(RedisError):
            return _in_redis(f"tierboard:calls:{who}:{began}", window)
    with suppress(OSError):
        return _in_a_file(settings.VAR_DIR / "calls", who, began)
    return 0


def _in_redis(key: str, window: int) -> int:
    asked = _redis(settings.CELERY_BROKER_URL).pipeline(transaction=False)
    asked.incr(key)
    asked.expire(key, 2 * window)
    return int(asked.execute()[0])


@cache
def _redis(url: str) -> Redis:
    from redis import Redis

    return Redis.from_url(url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)


def _in_a_file(folder: Path, who: str, began: int) -> int:
    """A byte is appended in one go, whoever else appends; the first of a window takes the person's older files away."""
    folder.mkdir(exist_ok=True)
    file = os.open(folder / f"{who}.{began}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, b".")
        size = os.fstat(file).st_size
    finally:
        os.close(file)
    if size == 1:
        _forget(folder, who, before=began)
    return size


def _forget(folder: Path, who: str, *, before: int) -> None:
    for old in folder.glob(f"{who}.*"):
        if old.suffix != f".{before}":
            old.unlink(missing_ok=True)
