"""The words that customers and their records choose from."""

from django.db import models

LAST_RANK = 30_000  # of a tier; the computed columns stand behind it


class LifecycleKind(models.TextChoices):
    """What happened to a customer: legal are joined, then left and returned in turn."""

    JOINED = "joined", "Joined"
    LEFT = "left", "Left"
    RETURNED = "returned", "Returned"


class TierScope(models.TextChoices):
    """What a column of the matrix stands for; the last two are computed and exist once each."""

    TIER = "tier", "Tier"
    UNTIERED = "untiered", "Untiered"
    ALL = "all", "All customers"
