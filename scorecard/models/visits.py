"""When each person last looked at the home page."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Visit(models.Model):
    """The visit of a person that goes on: since when, and when the one before it began (``since``, empty: there was
    none). What is new is told since then, so that nothing is lost by looking again while a visit goes on.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id} since {self.began_at}"
