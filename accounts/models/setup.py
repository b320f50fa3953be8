"""How the first administrator comes in."""

from __future__ import annotations

from django.db import models


class SetupLink(models.Model):
    """The one-time link for the first administrator; only its hash is kept. At most one row: the link that holds."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return "One-time link for the first administrator"
