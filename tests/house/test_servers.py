"""The throw-away servers are really there, and really gone afterwards."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection
from redis import Redis

from tests import servers


def listens(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((str(parts.hostname), parts.port or 0)) == 0


@pytest.mark.slow
@pytest.mark.skipif(servers.find_initdb() is None, reason="initdb was not found")
def test_postgres_starts_and_leaves_nothing() -> None:
    with servers.postgres() as url:
        with psycopg2.connect(url) as client, client.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            assert cursor.fetchone() == ("UTF8",)
        assert listens(url)
    assert not listens(url)


@pytest.mark.redis
def test_redis_is_empty_and_ours(redis_url: str) -> None:
    assert Redis.from_url(redis_url).ping() is True


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_second_pass_is_on_postgresql() -> None:
    assert connection.vendor == "postgresql"
