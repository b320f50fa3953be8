"""The words that people and their records choose from."""

from enum import StrEnum

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


class NumberFormat(models.TextChoices):
    """How a person reads numbers; ``core.reader`` writes them so."""

    POINT = "point", "1,234.5"
    COMMA = "comma", "1.234,5"
    SPACE = "space", "1 234,5"


class DateFormat(models.TextChoices):
    """How a person reads days."""

    WORDS = "words", "31 Dec 2026"
    ISO = "iso", "2026-12-31"
    DOTS = "dots", "31.12.2026"


class WayIn(models.TextChoices):
    """Whether and how a person gets in."""

    ACTIVE = "active", "Active"
    INVITED = "invited", "Invited"
    NAMED = "named", "Made by a file"
    DEACTIVATED = "deactivated", "Deactivated"

    @property
    def css_class(self) -> str:
        """The class that colours it."""
        return {"active": "status-met", "invited": "status-near", "named": "status-no-target"}.get(
            self.value, "status-partial"
        )

    @property
    def shape(self) -> str:
        """The mark that tells it apart without colour."""
        return {"active": "●", "invited": "▲", "named": "○"}.get(self.value, "◌")


class UnitKind(models.TextChoices):
    """What divides the company into business units."""

    PRODUCT = "product", "Product"
    REGION = "region", "Region"


class FiscalNaming(models.TextChoices):
    """Which calendar year names a fiscal year."""

    END = "end", "The year in which it ends"
    START = "start", "The year in which it starts"


class LogoKind(models.TextChoices):
    """What a logo may be; a drawing that can carry a script is none of them."""

    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPEG"


class SetupState(models.TextChoices):
    """How far a step of setting up is."""

    DONE = "done", "done"
    IN_HAND = "in_hand", "in hand"
    WAITING = "waiting", "waiting"

    @property
    def css_class(self) -> str:
        """The look of its mark."""
        return {"done": "met", "in_hand": "near", "waiting": "quiet"}[self.value]

    @property
    def shape(self) -> str:
        """The mark, which tells it without a colour."""
        return {"done": "●", "in_hand": "▲", "waiting": "○"}[self.value]


class LoadState(models.TextChoices):
    """Whether a load's rows still count."""

    APPLIED = "applied", "Applied"
    UNDONE = "undone", "Taken back"


class JobState(models.TextChoices):
    """How far a job is."""

    WAITING = "waiting", "Waiting for a worker"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"


class MailState(models.TextChoices):
    """How far a mail is."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being handed over"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "Unknown"
    FAILED = "failed", "Failed"

    @property
    def css_class(self) -> str:
        """The class that colours it."""
        word = {"sent": "met", "unknown": "near", "failed": "missed"}.get(self.value, "partial")
        return f"status-{word}"

    @property
    def shape(self) -> str:
        """The mark that tells it apart without colour."""
        return {"sent": "●", "unknown": "▲", "failed": "■"}.get(self.value, "◌")


class ChangeKind(models.TextChoices):
    """What a load did to a row."""

    CREATED = "created", "Created"
    UPDATED = "updated", "Updated"
    REMOVED = "removed", "Removed"


class ThreadState(models.TextChoices):
    """Whether a question still waits."""

    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"


class WordKind(models.TextChoices):
    """What a word of a thread does."""

    ASKED = "asked", "Asked"
    ANSWERED = "answered", "Answered"
    REOPENED = "reopened", "Asked again"


# One limit of length and size per field, at every door.
LONGEST_WORD = 1_000
LONGEST_ACTION = 200


class Verb(StrEnum):
    """What was done, as an audit entry keeps it and as people read it: one word for one thing, at every door."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    RENAMED = "renamed"
    SAVED = "saved"

    # Decided
    PROPOSED = "proposed"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    APPROVED_AGAIN = "approved again"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    NOMINATED = "nominated"
    OVERRIDDEN = "overridden"

    # Files
    LOADED = "loaded"
    TAKEN_BACK = "taken back"
    TAKEN_OVER = "taken over"
    DELETED_FACTS = "deleted facts"
    DELETED_EVENT = "deleted event"
    PURGED = "purged"

    # KPIs and their numbers
    CHANGED_MEANING = "changed meaning"
    TOOK_BACK_MEANING = "took back meaning"
    CHANGED_BAND = "changed band"
    WITHDRAWN_BY_CHANGE = "withdrawn by a change of meaning"
    WITHDRAWN_WITH_MEANING = "withdrawn with its meaning"
    STANDS_AGAIN = "stands again"
    SET_STEP = "set step"
    TOOK_BACK_STEP = "took back step"
    RETIRED = "retired"
    BROUGHT_BACK = "brought back"
    PUBLISHED = "published"
    ENTERED = "entered"
    RESTATED = "restated"
    MARKED_COMPLETE = "marked complete"
    UNMARKED_COMPLETE = "unmarked complete"
    DERIVED = "derived events"
    RETIERED = "re-tiered"

    # Mails
    SENT_AGAIN = "sent again"
    FOLLOWED = "followed"
    FOLLOWS_NO_MORE = "follows no more"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"

    # Closing periods
    WAIVED = "waived"
    TOOK_BACK_WAIVER = "took back waiver"
    PREPARED = "prepared"
    SIGNED = "signed"
    MADE_PACK = "made a board pack"
    REFUSED_TO_SIGN = "refused to sign"
    DIFFERS = "differs from what is live"
    AGREES_AGAIN = "agrees with what is live again"

    # What people wrote of cells
    NARRATED = "wrote narrative"
    REMARKED = "remarked"
    TOOK_BACK_REMARK = "took back remark"

    # What people did about a warning
    RESPONDED = "responded to a warning"
    TOOK_BACK_RESPONSE = "took back a response to a warning"

    # Polls
    OPENED = "opened"
    INVITED = "invited"
    ANSWERED = "answered"
    CLOSED_ANSWERS = "closed answers"
    MERGED = "merged"
    TOOK_OUT = "took out"
    CLASSIFIED = "classified"
    OPENED_THE_VOTE = "opened the vote"
    VOTED = "voted"
    DECIDED = "decided"
    MADE_A_KPI = "made a KPI"

    # Initiatives
    STARTED = "started"
    RESUMED = "resumed"
    REOPENED = "reopened"
    FINISHED = "finished"
    PUT_ON_HOLD = "put on hold"
    CANCELLED = "cancelled"
    MADE_CANDIDATE = "made candidate"
    MADE_APPROVED = "made approved"
    MOVED = "moved"
    REPORTED = "reported"
    REPORTED_AGAIN = "reported again"
    ACKNOWLEDGED = "acknowledged"
    ASKED_BACK = "asked back"
    REDATED = "re-dated"
    TICKED = "ticked"
    UNTICKED = "unticked"
    DROPPED = "dropped"
    RESTORED = "restored"
    REALISED = "realised"
    CORRECTED = "corrected"
    THANKED = "thanked"
    LINKED_DOCUMENT = "linked document"
    UNLINKED_DOCUMENT = "unlinked document"

    # Questions and actions
    ASKED = "asked"
    NOTED_ACTION = "noted action"
    TICKED_ACTION = "ticked action"
    UNTICKED_ACTION = "unticked action"

    # People and the company
    MADE_SETUP_LINK = "made set-up link"
    BECAME_ADMINISTRATOR = "became first administrator"
    ENDED_SETUP = "ended set-up"
    REVOKED = "revoked"
    GAVE_ROLES = "gave roles"
    TOOK_INVITATION = "accepted the invitation"
    DEACTIVATED = "deactivated"
    HANDED_OVER = "handed over"
    GAVE_BACK = "gave back"
    ACTIVE_AGAIN = "active again"
    ENDED_SESSIONS = "ended sessions"
    ERASED = "erased"
    TOOK_NAME_OUT = "took a name out"
    SET_PASSWORD = "set password"  # noqa: S105
    CHANGED_PASSWORD = "changed password"  # noqa: S105
    RESET_PASSWORD = "reset password"  # noqa: S105
    FOUNDED_DEMO = "founded demo"
    EMPTIED_DEMO = "emptied demo"
