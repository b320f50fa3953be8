"""The words that initiatives choose from, with how a status looks."""

from __future__ import annotations

from django.db import models


class Level(models.TextChoices):
    """Where in the company an initiative is: for one account, for one unit, or for all."""

    KEY_ACCOUNT = "key_account", "Key account"
    BUSINESS_UNIT = "business_unit", "Business unit"
    CORPORATE = "corporate", "Corporate"


class Stage(models.TextChoices):
    """The life of an initiative. Running is in progress; the rest is not chased."""

    CANDIDATE = "candidate", "Candidate"
    APPROVED = "approved", "Approved"
    IN_PROGRESS = "in_progress", "In progress"
    ON_HOLD = "on_hold", "On hold"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


# From a stage to those that it may go on to. Approval and override have conditions of their own.
TRANSITIONS: dict[Stage, frozenset[Stage]] = {
    Stage.CANDIDATE: frozenset({Stage.APPROVED, Stage.ON_HOLD, Stage.CANCELLED}),
    Stage.APPROVED: frozenset({Stage.IN_PROGRESS, Stage.CANDIDATE, Stage.ON_HOLD, Stage.CANCELLED}),
    Stage.IN_PROGRESS: frozenset({Stage.DONE, Stage.ON_HOLD, Stage.CANCELLED}),
    Stage.ON_HOLD: frozenset({Stage.CANDIDATE, Stage.APPROVED, Stage.IN_PROGRESS, Stage.CANCELLED}),
    Stage.DONE: frozenset({Stage.IN_PROGRESS}),
    Stage.CANCELLED: frozenset({Stage.CANDIDATE}),
}


# An initiative's page is at its code; these are pages of their own.
RESERVED_CODES = frozenset(
    {
        *("benefits", "board", "bulk", "export", "new", "priorities"),
        *("report", "settings", "summary", "timeline", "turnarounds", "views"),
    }
)


class Health(models.TextChoices):
    """The owner's word on an initiative."""

    ON_SCHEDULE = "on_schedule", "On schedule"
    AT_RISK = "at_risk", "At risk"
    LATE = "late", "Late"


class ScheduleStatus(models.TextChoices):
    """The verdict on what runs. Never colour alone: a shape and a word go with it."""

    ON_SCHEDULE = "on_schedule", "on schedule"
    AT_RISK = "at_risk", "at risk"
    LATE = "late", "late"
    NOT_REPORTED = "not_reported", "not reported"

    @property
    def css_class(self) -> str:
        """The class that colours it: the colours of the matrix, silence like a part."""
        looks = {"on_schedule": "met", "at_risk": "near", "late": "missed", "not_reported": "partial"}
        return f"status-{looks[self.value]}"

    @property
    def shape(self) -> str:
        """The mark that tells it apart without colour."""
        return {"on_schedule": "●", "at_risk": "▲", "late": "■", "not_reported": "◌"}[self.value]


class Flow(models.TextChoices):
    """What happened to an initiative in a period. On time is by the baseline: a new date changes nothing."""

    STARTED = "started", "Started"
    FINISHED_ON_TIME = "finished_on_time", "Finished on time"
    FINISHED_LATE = "finished_late", "Finished late"
    CANCELLED = "cancelled", "Cancelled"


class Quadrant(models.TextChoices):
    """Impact beside burden, in order of priority."""

    QUICK_WIN = "quick_win", "Quick win"
    MAJOR_BET = "major_bet", "Major bet"
    FILL_IN = "fill_in", "Fill-in"
    RECONSIDER = "reconsider", "Reconsider"


class ReasonKind(models.TextChoices):
    """Why an initiative has its schedule status."""

    PAST_DUE = "past_due", "past its due date"
    MILESTONE = "milestone", "a milestone is overdue"
    SLIP = "slip", "slipped against its baseline"
    OWNER = "owner", "the owner says so"
    SILENT = "silent", "no word for too long"
    NOTHING = "nothing", "nothing is overdue"


class Tracked(models.TextChoices):
    """What of an initiative or a milestone is remembered by the day, so that a past day can be asked."""

    STAGE = "stage", "Stage"
    DUE = "due", "Due date"
    STARTED_ON = "started_on", "Start"
    FINISHED_ON = "finished_on", "Finish"
    DONE_ON = "done_on", "Milestone done"
    DROPPED_ON = "dropped_on", "Milestone dropped"


class Response(models.TextChoices):
    """What a reviewer says to a status update."""

    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    ASKED_BACK = "asked_back", "Asked back"


class BenefitKind(models.TextChoices):
    """What a benefit is counted in."""

    MONEY = "money", "Money"
    KPI = "kpi", "A KPI's own unit"


class BenefitState(models.TextChoices):
    """The life of a planned benefit; approved by finance like a target."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class TurnaroundKind(models.TextChoices):
    """What turned: the schedule of an initiative, or a KPI that it should move."""

    SCHEDULE = "schedule", "Late, then on schedule, then done"
    KPI = "kpi", "A linked KPI from missed to met"


class TurnaroundState(models.TextChoices):
    """Nominated by itself; an executive confirms or declines."""

    NOMINATED = "nominated", "Nominated"
    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"


class MomentStage(models.TextChoices):
    """Where on the customer's way a moment of truth lies, in that order."""

    BEFORE = "before", "Before"
    CHOOSING = "choosing", "Choosing"
    STARTING = "starting", "Starting"
    USING = "using", "Using"
    BEING_HELPED = "being_helped", "Being helped"
    RENEWING = "renewing", "Renewing"


class CustomerRole(models.TextChoices):
    """As whom the customer meets a moment of truth."""

    USER = "user", "User"
    DECISION_MAKER = "decision_maker", "Decision-maker"
    INFLUENCER = "influencer", "Influencer"
    MAINTAINER = "maintainer", "Maintainer"
    BUYER = "buyer", "Buyer"


class ChainStep(models.TextChoices):
    """From what a customer means by success to what it brings us, in this order."""

    CRITERION = "criterion", "Criterion"
    METRIC = "metric", "Metric"
    MEASURED = "measured", "Measured"
    TARGET = "target", "Target"
    KEPT = "kept", "Kept"
    WORKED_ON = "worked_on", "Worked on"
    PLANNED = "planned", "Benefit planned"
    APPROVED = "approved", "Approved"
    REALISED = "realised", "Realised"


# A moment's page is at its code; these are pages of their own.
MOMENT_WORDS = frozenset({"bulk", "new", "propose", "proposals"})

# One limit of length and size per field, at every door.
LONGEST_NOTE = 10_000
MOST_MENTIONS = 2_147_483_647  # as many as a column of whole numbers holds

LONGEST_CRITERION = 2_000
LONGEST_WIN = 500

# How many an initiative or a moment of truth may list, at every door.
MOST_LISTED = {"tiers": 100, "team": 100, "kpis": 200, "themes": 50, "initiatives": 100}


def too_many(name: str, number: int, what: str = "an initiative") -> str:
    """Why a list of something is too long, as the end of a sentence; empty where it is not."""
    most = MOST_LISTED[name]
    return f"names {number:,} where {what} has at most {most}" if number > most else ""
