"""Whether the process runs, and whether it could do its work: for load balancers and orchestrators."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.workers import last_seen, somebody_works
from config.celery import app

logger = logging.getLogger(__name__)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=3)


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise DatabaseError("migrations are waiting: run manage.py migrate")


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "broker": _broker, "migrations": _migrations}


def _state(name: str, check: Callable[[], None]) -> str:
    """``ok`` or ``failed``; why goes to the log, for the answer is public."""
    try:
        check()
    except Exception:  # whatever a driver raises, the part is not ready
        logger.exception("Not ready: %s", name)
        return "failed"
    return "ok"


def _worker() -> str:
    """Whether somebody works in the background, and since when not. Pages do without: this makes no answer a 503."""
    try:
        if somebody_works():
            return "ok"
        seen = last_seen()
    except DatabaseError:
        return "unknown"
    return f"silent since {seen.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if seen else "silent: none has ever reported"


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker and migrations, each ``ok`` or ``failed``; 503 where one failed. ``worker`` is told as well:
    ``ok``, or silent since when.
    """
    parts = {name: _state(name, check) for name, check in CHECKS.items()}
    ready = all(state == "ok" for state in parts.values())
    body = {"status": "ok" if ready else "failed", **parts, "worker": _worker()}
    return JsonResponse(body) if ready else JsonResponse(body, status=503, headers={"Retry-After": "15"})
