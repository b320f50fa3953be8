"""Phrases about initiatives that chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.models import User
from initiatives.choices import Stage

if TYPE_CHECKING:
    from initiatives.models import Initiative  # noqa: F401  named in quotes below


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    """Initiatives."""

    def running(self) -> InitiativeQuerySet:
        """Those in progress now."""
        return self.filter(stage=Stage.IN_PROGRESS)

    def of_person(self, user: User) -> InitiativeQuerySet:
        """Those that are the person's own: as owner, deputy or in the team."""
        own = Q(owner=user) | Q(deputy=user) | Q(pk__in=user.team_initiatives.values("pk"))
        return self.filter(own)

    def with_names(self) -> InitiativeQuerySet:
        """With what a list of them names, so that rows cost no query each."""
        return self.select_related(
            "department", "serves", "business_unit", "customer", "owner", "deputy", "sponsor"
        ).prefetch_related("tiers")
