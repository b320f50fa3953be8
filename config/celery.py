"""The Celery application: tasks live in each app's tasks.py."""

import os
from typing import Any, cast

from celery import Celery, concurrency
from celery.signals import setup_logging, worker_init, worker_ready, worker_shutting_down

from config import filechannel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

filechannel.register()
app = Celery("tierboard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
cast("Any", concurrency).ALIASES["threads"] = "config.threads:TaskPool"  # what --pool threads means, always


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Workers log as settings.LOGGING says: that somebody listens here keeps Celery from its own set-up."""


@worker_init.connect
def lose_no_slot(**kwargs: Any) -> None:
    """Before a worker connects to Redis."""
    if app.connection_for_read().get_transport_cls().__module__ == "kombu.transport.redis":
        from config import acknowledging

        acknowledging.free_slots_at_once()


@worker_ready.connect
def watch(sender: Any, **kwargs: Any) -> None:
    """Each worker has a watchdog, embedded or with servers, whatever its pool."""
    from config.watchdog import Watchdog

    watchdog = Watchdog(sender.controller)
    worker_shutting_down.connect(watchdog.rest, weak=False)
    watchdog.start()
