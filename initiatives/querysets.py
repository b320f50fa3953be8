"""Phrases about initiatives that chain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Department, User
from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import Stage, Tracked
from kpis.models import Kpi

if TYPE_CHECKING:
    from initiatives.models import Initiative, StatusUpdate  # noqa: F401  named in quotes below


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

    def known_on(self, day: date) -> InitiativeQuerySet:
        """Those that were entered up to the end of a day; loaded ones count from their own dates."""
        return self.filter(Q(known_from=None) | Q(known_from__lte=day))

    def serving(self, department: Department) -> InitiativeQuerySet:
        """Those that answer the pain of a department's customers: by default the one that does the work."""
        return self.filter(Q(serves=department) | Q(serves=None, department=department))

    def for_tier(self, tier: Tier) -> InitiativeQuerySet:
        """Those for a tier: they name it, or none."""
        return self.filter(Q(tiers=None) | Q(tiers=tier))

    def moving(self, kpi: Kpi, tier: Tier) -> InitiativeQuerySet:
        """Those that name a KPI in that tier, or in all tiers that they are for; of ``all``: in any."""
        links = kpi.initiative_links.all()
        if tier.scope == TierScope.ALL:
            return self.filter(pk__in=links.values("initiative"))
        reach = Q(initiative__tiers=None) | Q(initiative__tiers=tier)
        named, unnamed = links.filter(tier=tier), links.filter(reach, tier=None)
        return self.filter(Q(pk__in=named.values("initiative")) | Q(pk__in=unnamed.values("initiative")))

    def of_person(self, user: User) -> InitiativeQuerySet:
        """Those that are the person's own: as owner, deputy or in the team."""
        own = Q(owner=user) | Q(deputy=user) | Q(pk__in=user.team_initiatives.values("pk"))
        return self.filter(own)


class StatusUpdateQuerySet(models.QuerySet["StatusUpdate"]):
    """The owners' words."""

    def spoken(self) -> StatusUpdateQuerySet:
        """Those that their authors gave themselves, by hand or by a file of their own."""
        return self.filter(Q(load=None) | Q(load__by=F("author")))


# What a moment of truth is linked to, for those who show many.
MOMENT_LISTS = ("tiers", "kpi_links__kpi", "kpi_links__tier", "theme_links", "initiatives")
