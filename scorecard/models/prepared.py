"""What a worker makes of pages before anybody asks for them."""

from __future__ import annotations

from django.db import models


class PreparedText(models.Model):
    """A part of a page, as HTML or JSON, under the key that it has as long as nothing it rests on changes.

    A page that finds none makes it itself: that one is missing, or is of yesterday, is never seen but in the time that
    it takes. ``scorecard.services.preparing`` writes them, and takes away those that nobody will ask for.
    """

    key = models.CharField(max_length=32, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.key
