"""Words of the scorecard."""

from __future__ import annotations

from django.db import models


class Aspect(models.TextChoices):
    """What of a cell became another."""

    VERDICT = "verdict", "Verdict"
    SIGNAL = "signal", "Signal"
    ASSURANCE = "assurance", "Assurance"


class Cause(models.TextChoices):
    """Why it did, as far as the record tells."""

    ROLLUP = "rollup", "new data"
    APPROVAL = "approval", "a target that was approved"
    TAKEN_BACK = "taken_back", "a target that was taken back"
    STEP = "step", "a step"
    SEASONAL = "seasonal", "what the KPI is held against"
    VERSION = "version", "another meaning of the KPI"
    BAND = "band", "another band of the KPI"
    COMPLETE = "complete", "a month marked complete"
    LOAD = "load", "a file"
    DAY = "day", "the day that began"
    OTHER = "other", "another change of the record"


class WarningAnswer(models.TextChoices):
    """What somebody did about a warning. Never colour alone: a shape goes with the word."""

    SEEN = "seen", "Seen"
    ACTION = "action", "Action"
    NOTHING = "nothing", "Nothing to be done"

    @property
    def shape(self) -> str:
        """Its mark."""
        return {"seen": "○", "action": "▲", "nothing": "–"}[self.value]


class Followed(models.TextChoices):
    """What somebody can follow."""

    CELL = "cell", "Cell"
    KPI = "kpi", "KPI"
    TIER = "tier", "Tier"
    INITIATIVE = "initiative", "Initiative"
    THEME = "theme", "Theme"


class ReportFormat(models.TextChoices):
    """In which form a board pack leaves the house; the word is the file's ending."""

    PDF = "pdf", "PDF"
    XLSX = "xlsx", "Workbook (XLSX)"
    PPTX = "pptx", "Slides (PPTX)"
    CSV = "csv", "CSV of the matrix"
    JSON = "json", "JSON"


class Paper(models.TextChoices):
    """What a PDF is printed on."""

    A4 = "a4", "A4"
    LETTER = "letter", "Letter"


class Moved(models.TextChoices):
    """Whether an initiative moved the number that it was for."""

    YES = "yes", "yes"
    NO = "no", "no"
    TOO_EARLY = "too_early", "too early"
    UNTOLD = "untold", "can’t be told"


class Measure(models.TextChoices):
    """What an incentive goal is measured by."""

    CELL = "cell", "A KPI in a tier"
    ON_TIME = "on_time", "Initiatives finished on time"
    GROWTH = "growth", "Customers gained, less lost"
    COMPOSITE = "composite", "Composite of a tier"
    BENEFIT = "benefit", "Benefits of initiatives, in money"

    @property
    def names_initiatives(self) -> bool:
        """Whether it is of initiatives that the goal names."""
        return self in {Measure.ON_TIME, Measure.BENEFIT}


class GoalState(models.TextChoices):
    """How far a version of an incentive goal is."""

    DRAFT = "draft", "Waits for approval"
    APPROVED = "approved", "Approved"
    SUPERSEDED = "superseded", "Superseded by a later version"


class Standing(models.TextChoices):
    """What became of an incentive goal in its period, as its statement says."""

    WAITING = "waiting", "Not approved"
    AHEAD = "ahead", "Not begun"
    ESTIMATE = "estimate", "Estimate"
    FINAL = "final", "Final"
    UNCONFIRMED = "unconfirmed", "Not confirmed"
    UNMEASURABLE = "unmeasurable", "Not measurable"
    DECIDED = "decided", "Decided by finance"

    @property
    def css_class(self) -> str:
        """The class that colours it."""
        return f"status-{_STANDING[self.value][1]}"

    @property
    def shape(self) -> str:
        """The mark that tells it apart without colour."""
        return _STANDING[self.value][0]


_STANDING = {
    "waiting": ("○", "no-target"),
    "ahead": ("○", "no-target"),
    "estimate": ("◌", "partial"),
    "final": ("●", "met"),
    "unconfirmed": ("▲", "near"),
    "unmeasurable": ("■", "missed"),
    "decided": ("●", "met"),
}
