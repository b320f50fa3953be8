"""The words that people and their records choose from."""

from django.db import models


class Role(models.TextChoices):
    """What a person is here for; a person may have several. Rights per role: rights.py."""

    EXECUTIVE = "executive", "Executive"
    OWNER = "owner", "Project owner"
    FINANCE = "finance", "Finance"
    STEWARD = "steward", "KPI steward"
    INTEGRATOR = "integrator", "Integrator"
    ADMINISTRATOR = "administrator", "Administrator"


class Via(models.TextChoices):
    """The way in by which something was done; blank in entries that are older than this."""

    BROWSER = "browser", "In the browser"
    TOKEN = "token", "By token"
    COMMAND = "command", "By command or worker"


class UnitKind(models.TextChoices):
    """What divides the company into business units."""

    PRODUCT = "product", "Product"
    REGION = "region", "Region"


class FiscalNaming(models.TextChoices):
    """Which calendar year names a fiscal year."""

    END = "end", "The year in which it ends"
    START = "start", "The year in which it starts"


class LoadState(models.TextChoices):
    """Whether a load's rows still count."""

    APPLIED = "applied", "Applied"
    UNDONE = "undone", "Taken back"


class ChangeKind(models.TextChoices):
    """What a load did to a row."""

    CREATED = "created", "Created"
    UPDATED = "updated", "Updated"
    REMOVED = "removed", "Removed"
