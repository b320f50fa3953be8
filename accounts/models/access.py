"""How people come in and go: invitations, the browsers in which they are signed in, and who left."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.auditing import Audited

INVITATION_LASTS = timedelta(days=7)


class Invitation(models.Model):
    """A link by which a person who has no way in gets one. Only the hash of its secret is kept.

    One sent by mail has no ``digest`` until the worker sends it: the secret is made in that moment. A person has one
    that lives at most, for a new one revokes the others.
    """

    audited: ClassVar = Audited(unlabelled=True)

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, blank=True, editable=False)
    by_mail = models.BooleanField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["digest"], condition=~models.Q(digest=""), name="an_invitation_has_its_own_secret"
            )
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.person}"

    @property
    def lives(self) -> bool:
        """Whether its link still lets somebody in."""
        return self.used_at is None and self.revoked_at is None and self.expires_at > timezone.now()


class PersonSession(models.Model):
    """A browser in which somebody is signed in: what it is, from where, and when it was last heard of, to the hour."""

    session_key = models.CharField(max_length=40, primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sessions")
    device = models.CharField(max_length=120, blank=True)
    address = models.GenericIPAddressField(null=True)
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return self.device or "A browser"


class Departure(models.Model):
    """Somebody was deactivated, and who took over what was theirs: ``moved`` is a list of ``core.registry.Held``.

    Taken back, it is given back row by row, as far as each is still with who took it.
    """

    audited: ClassVar = Audited(unlabelled=True)

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="departures")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    moved = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(undone_at=None), name="a_person_leaves_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"Departure of {self.person}"
