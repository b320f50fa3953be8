"""Phrases about initiatives that chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from initiatives.choices import Stage, Tracked

if TYPE_CHECKING:
    from initiatives.models import Initiative  # noqa: F401  named in quotes below


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    """Initiatives."""

    def running(self) -> InitiativeQuerySet:
        """Those in progress now."""
        return self.filter(stage=Stage.IN_PROGRESS)

    def started(self) -> InitiativeQuerySet:
        """Those on which work began: they run, are done, have a start, or once ran."""
        changes = self.model._meta.get_field("tracked_changes").related_model._default_manager
        ran = changes.filter(initiative=OuterRef("pk"), what=Tracked.STAGE, before=Stage.IN_PROGRESS)
        begun = Q(stage__in=[Stage.IN_PROGRESS, Stage.DONE]) | Q(started_on__isnull=False)
        return self.filter(begun | Q(Exists(ran)))

    def of_person(self, user: User) -> InitiativeQuerySet:
        """Those that are the person's own: as owner, deputy or in the team."""
        own = Q(owner=user) | Q(deputy=user) | Q(pk__in=user.team_initiatives.values("pk"))
        return self.filter(own)

    def with_names(self) -> InitiativeQuerySet:
        """With what a list of them names, so that rows cost no query each."""
        return self.select_related(
            "department", "serves", "business_unit", "customer", "owner", "deputy", "sponsor"
        ).prefetch_related("tiers")
