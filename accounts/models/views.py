"""Lists as people keep them: filters under a name of one's own."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ListView(models.Model):
    """Filters of a list under a name, for the person who kept them. ``list`` is the name of the list's address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_views")
    list = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "list", "name"], name="list_view_names_are_ones_own")]

    def __str__(self) -> str:
        return self.name
