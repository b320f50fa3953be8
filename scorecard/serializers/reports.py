"""The shapes of board packs at the API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.choices import JobState
from accounts.serializers import PeriodField
from core.shapes import LATEST, ChoiceField, EditionField
from scorecard.choices import Paper, ReportFormat
from scorecard.models import Report
from scorecard.reading.reports import is_there, may_take

_EITHER = [
    {"type": "integer", "minimum": 1, "maximum": 9999},
    {"type": "string", "pattern": r"^(latest|live|[1-9]\d{0,3})$"},
]


@extend_schema_field({"oneOf": _EITHER, "example": 1})
class EditionInBody(EditionField):
    """The same in a body, where a number may be one."""


class ReportInput(serializers.Serializer[Any]):
    """Which pack."""

    period = PeriodField(help_text="A month, quarter or year: 2011-09, 2011-Q3 or 2011")
    edition = EditionInBody(
        default=LATEST, help_text="A number, `latest` (the default; open values where none was signed) or `live`"
    )
    format = ChoiceField(choices=ReportFormat.choices, default=ReportFormat.PDF.value)
    paper = ChoiceField(choices=Paper.choices, default=Paper.A4.value, help_text="Of a PDF")


class ReportSerializer(serializers.Serializer[Any]):
    """A board pack: how far it is, and where its file is until it expires."""

    id = serializers.IntegerField()
    period = serializers.CharField()
    edition = serializers.IntegerField(allow_null=True, help_text="Null of open values")
    format = serializers.ChoiceField(choices=ReportFormat.choices)
    paper = serializers.ChoiceField(choices=Paper.choices)
    state = serializers.ChoiceField(choices=JobState.choices)
    progress = serializers.IntegerField(allow_null=True, help_text="Percent; null where nobody knows")
    error = serializers.CharField(help_text="Why it failed")
    download = serializers.CharField(allow_null=True, help_text="Path of the file; null before and after it is there")
    expires_at = serializers.DateTimeField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True, help_text="Of the file’s bytes, by which /verify/ knows it")
    digest = serializers.CharField(allow_null=True, help_text="Of the edition, or of the open values")

    def to_representation(self, instance: Report) -> dict[str, Any]:
        """As its person sees it."""
        job = instance.job
        there = is_there(instance) and may_take(instance, self.context["request"].user)
        columns = ("period", "edition", "format", "paper")
        return {
            "id": instance.pk,
            **{name: getattr(instance, name) for name in columns},
            "state": job.state if job else JobState.EXPIRED.value,
            "progress": 100 if there else 100 * job.done // job.of if job and job.of else None,
            "error": job.error if job else "",
            "download": reverse("api-report-download", args=[instance.pk]) if there else None,
            "expires_at": job.expires_at.isoformat() if job else None,
            "sha256": instance.sha256 or None,
            "digest": instance.digest or None,
        }
