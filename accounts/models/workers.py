"""The programs that work in the background, and when each was last seen to be well."""

from __future__ import annotations

from django.db import models


class Worker(models.Model):
    """A worker by its name, such as ``celery@host``. Its watchdog writes the moment; a hung one falls silent."""

    name = models.CharField(max_length=255, unique=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return self.name
