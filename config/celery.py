"""The Celery application: tasks live in each app's tasks.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from config import filechannel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

filechannel.register()
app = Celery("tierboard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Workers log as settings.LOGGING says: that somebody listens here keeps Celery from its own set-up."""
