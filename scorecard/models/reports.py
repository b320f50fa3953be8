"""Board packs that somebody asked for: of what, in which form, and the digest of what was handed out."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import Job
from core.auditing import Audited
from scorecard.choices import Paper, ReportFormat


class Report(models.Model):
    """A pack. It outlives the job that made it, and its file, so that a file can be checked for ever.

    ``edition`` is None of an open period; ``digest`` is that of the edition, or of the open values, ``sha256`` that of
    the file's bytes; both are empty until it is made. ``by`` is None where an operator made it at the command line.
    ``names_customers``: it was made by somebody who may read every customer's name, and is handed to such alone.
    """

    audited: ClassVar = Audited(left_out=frozenset({"job"}))

    period = models.CharField(max_length=7)
    edition = models.PositiveSmallIntegerField(null=True)
    format = models.CharField(max_length=5, help_text="A word of ReportFormat")
    paper = models.CharField(max_length=6, default=Paper.A4, help_text="A word of Paper; counts of a PDF alone")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="reports")
    job = models.OneToOneField(Job, null=True, on_delete=models.SET_NULL, related_name="report")
    at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True)
    names_customers = models.BooleanField(default=False)
    digest = models.CharField(max_length=64, blank=True, db_index=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    size = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        edition = f", edition {self.edition}" if self.edition else ", open"
        return f"Board pack {self.period}{edition} ({self.format})"

    @property
    def form(self) -> str:
        """Its form in words: ``PDF on A4``, ``JSON``."""
        label = ReportFormat(self.format).label
        return f"{label} on {Paper(self.paper).label}" if self.format == ReportFormat.PDF else label

    @property
    def file_name(self) -> str:
        """``board-pack-2026-Q3-edition-1.pdf``."""
        return f"board-pack-{self.period}-{f'edition-{self.edition}' if self.edition else 'open'}.{self.format}"
