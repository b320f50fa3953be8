"""How it goes: milestones, the owners' updates, and what was changed when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models

from accounts.models import Load, Thread
from core.auditing import Audited
from core.fields import KeyField, LineField, WordsField
from initiatives.choices import Health, Response, Tracked
from initiatives.models.register import Initiative
from initiatives.querysets import StatusUpdateQuerySet


def loader_of(by: models.Model | None, author: int) -> str:
    """Who loaded an author's word: a person, or nobody by command; empty where it was the author."""
    return "" if by is not None and by.pk == author else str(by or "command")


class Milestone(models.Model):
    """A step with a day. Never deleted by hand: one that is dropped says since when and why.

    ``known_from`` is the day on which it was entered; empty for loaded ones, which count always.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="milestones")
    title = KeyField(max_length=200)
    due = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    dropped_on = models.DateField(null=True, blank=True)
    dropped_reason = models.TextField(blank=True)
    known_from = models.DateField(null=True, blank=True, editable=False)
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "title"], name="milestones_of_an_initiative_have_titles")
        ]

    def __str__(self) -> str:
        return self.title


class StatusUpdate(models.Model):
    """The owner's word on a day: one a day; a second one that day replaces it, the audit keeps both.

    ``known_from`` is the day on which it was entered; empty for loaded ones.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="updates")
    on = models.DateField()
    health = LineField(max_length=12, choices=Health)
    progress = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)], help_text="Percent, 0 to 100")
    note = WordsField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="status_updates")
    at = models.DateTimeField(auto_now=True)
    known_from = models.DateField(null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1)
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = StatusUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "on"], name="initiative_has_one_update_a_day"),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="progress_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative} on {self.on}"

    @property
    def loaded_by(self) -> str:
        """Who loaded it in its author's name; empty where it is the author's own word."""
        return "" if self.load is None else loader_of(self.load.by, self.author_id)


class UpdateResponse(models.Model):
    """A reviewer acknowledges an update or asks back; the question stands in a ``thread``, where it is answered."""

    audited: ClassVar = Audited(unlabelled=True)

    update = models.ForeignKey(StatusUpdate, on_delete=models.CASCADE, related_name="responses")
    verb = models.CharField(max_length=12, choices=Response)
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    thread = models.OneToOneField(Thread, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.by}: {self.get_verb_display()}"


class TrackedChange(models.Model):
    """A change of a date or stage, so that a past day can be asked: on ``on`` it went from before to after.

    Texts are stages or ISO dates, empty for none. On a day before ``on``, ``before`` stood.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="tracked_changes")
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.CASCADE, related_name="tracked_changes"
    )
    what = models.CharField(max_length=12, choices=Tracked)
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20, blank=True)
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["initiative", "on"], name="tracked_change_by_day")]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.before or '–'} → {self.after or '–'}"
