"""Answers that are kept for a day, so that a program may send a call again without doing it twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class KeptAnswer(models.Model):
    """What the call with a caller's key was answered at an address; written with its effect, in one transaction.

    ``digest`` tells whether a repeat says the same, ``body`` is the answer byte by byte.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=500)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "address", "key"], name="a_key_has_one_answer_at_an_address")
        ]

    def __str__(self) -> str:
        return f"{self.key} at {self.address}"
