"""Questions about a named subject, what was answered, and the actions that came of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.choices import ThreadState, WordKind
from core.auditing import Audited


class Thread(models.Model):
    """A question about a subject (``core.registry.Subject``), which ``kind`` and ``key`` name.

    Never deleted. Whom it reaches follows from the subject of today, so that a new owner takes over what is open.
    """

    audited: ClassVar = Audited(unlabelled=True)

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="threads")
    state = models.CharField(max_length=10, choices=ThreadState, default=ThreadState.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(fields=["kind", "key"], name="thread_by_subject"),
            models.Index(fields=["kind", "key"], condition=models.Q(state=ThreadState.OPEN), name="thread_open"),
        ]

    def __str__(self) -> str:
        return f"Question {self.pk} about {self.kind} {self.key}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state == ThreadState.OPEN


class ThreadWord(models.Model):
    """What was said in a thread: the question, an answer, or why it is asked again. Never changed."""

    audited: ClassVar = Audited(unlabelled=True)

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="words")
    kind = models.CharField(max_length=10, choices=WordKind)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.by}"


class Action(models.Model):
    """What somebody does until a day, as a question or an answer agreed it."""

    audited: ClassVar = Audited(unlabelled=True)

    word = models.ForeignKey(ThreadWord, on_delete=models.CASCADE, related_name="actions")
    text = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="actions")
    due = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["due", "pk"]
        indexes = [models.Index(fields=["owner"], condition=models.Q(done_at=None), name="action_open")]

    def __str__(self) -> str:
        return self.text
