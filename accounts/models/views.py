"""Lists as people keep them: filters under a name of one's own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet


class ListViewQuerySet(models.QuerySet["ListView"]):
    """Phrases about views."""

    def visible_to(self, user: object, list: str) -> QuerySet[ListView]:
        """One's own of a list, and those that others share."""
        return self.filter(Q(user=user) | Q(shared=True), list=list)


class ListView(models.Model):
    """Filters of a list under a name, for the person who kept them or, ``shared``, for all.

    ``list`` is the name of the list's address.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_views")
    list = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True)
    shared = models.BooleanField(default=False, db_default=False)

    objects = ListViewQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = "saved view"
        constraints = [models.UniqueConstraint(fields=["user", "list", "name"], name="list_view_names_are_ones_own")]

    def __str__(self) -> str:
        return self.name
