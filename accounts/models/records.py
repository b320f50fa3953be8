"""What was done: audit entries, loads, and each row that a load changed."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.choices import ChangeKind, LoadState, Via


class Load(models.Model):
    """One file or bulk call that was taken in, whole."""

    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=255, help_text="File name or door")
    sha256 = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="loads")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=LoadState, default=LoadState.APPLIED)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    blank = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0, db_default=0)
    reason = models.TextField(blank=True, default="", db_default="", help_text="Why facts were taken away")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Load {self.pk}: {self.kind} from {self.source}"


class LoadChange(models.Model):
    """One row that a load created or updated, in the file's own columns (facts have a leaner record)."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=400)
    change = models.CharField(max_length=10, choices=ChangeKind)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [models.Index(fields=["kind", "key"], name="load_change_by_key")]
        constraints = [models.UniqueConstraint(fields=["load", "key"], name="a_load_changes_a_row_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class AuditEntry(models.Model):
    """Who did what to what, when, by which way in, with the state before and after.

    Never changed, never deleted: a trigger in the database says so. States hold people and customers by their keys
    (``core.auditing``), and ``object_label`` is empty where the object is called by one of them;
    ``accounts.reading.audit`` shows both by name. ``verb`` is one of ``Verb``. ``session`` is a short hash of the
    session's key; entries by command or worker have no session and no address.

    One act of one person, such as a load or a decision on many targets, is one line: ``act`` of each entry but the
    first is the number of the first, and None where an entry begins an act or stands alone. ``reverts`` is the number
    of the entry whose change this one gave back.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=80)
    object_label = models.CharField(max_length=255, blank=True)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    via = models.CharField("way in", max_length=10, choices=Via, blank=True, default="", db_default="")
    token = models.ForeignKey("accounts.ApiToken", null=True, on_delete=models.SET_NULL, related_name="+")
    session = models.CharField(max_length=16, blank=True, default="", db_default="")
    address = models.GenericIPAddressField(null=True)
    act = models.PositiveBigIntegerField(null=True)
    reverts = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_by_object"),
            models.Index(fields=["verb", "id"], name="audit_by_verb"),
            models.Index(fields=["id"], condition=models.Q(act=None), name="audit_acts"),
            models.Index(
                fields=["act", "object_type", "verb", "id"], condition=models.Q(act__isnull=False), name="audit_parts"
            ),
            models.Index(
                fields=["object_type", "act"], condition=models.Q(act__isnull=False), name="audit_acts_by_kind"
            ),
            models.Index(fields=["verb", "act"], condition=models.Q(act__isnull=False), name="audit_acts_by_verb"),
            models.Index(fields=["reverts"], condition=models.Q(reverts__isnull=False), name="audit_reverts"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_label or self.object_type}"
