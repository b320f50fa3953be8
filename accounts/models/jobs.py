"""Work that takes longer than a page: a file to be checked or loaded, a derivation, a report."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.choices import JobState


class Job(models.Model):
    """One piece of work that a person asked for, done by a worker or, where it is small, at once.

    ``kind`` is the name under which ``accounts.services.jobs`` knows how it is done, ``about`` what it is about in
    people's words, such as a file's name. ``asked`` is what it was asked, ``result`` what came of it, both as JSON;
    its files lie in a folder of its own (``job_folder``), and go with it when it expires. ``done`` of ``of`` is how
    far it is, ``of`` 0 where nobody knows. ``tries`` counts how often a worker took it up, and so tells one that
    was given up for lost from the one that took it over.
    """

    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=255, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    asked = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True, help_text="Why it failed, in a sentence")
    done = models.PositiveBigIntegerField(default=0)
    of = models.PositiveBigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True, help_text="When who does it last said so")
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(help_text="From then on its files and its result are gone")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "expires_at"], name="job_by_state")]

    def __str__(self) -> str:
        return f"Job {self.pk}: {self.kind} {self.about}".rstrip()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in {JobState.WAITING, JobState.RUNNING}
