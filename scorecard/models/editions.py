"""Editions of closed periods, the closing under way before one is signed, and what was waived for it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models

from core.auditing import Audited

LONGEST_REASON = 2000
LONGEST_SUMMARY = 20_000


class Closing(models.Model):
    """A closing that somebody prepared and nobody signed yet: at most one of a period.

    ``content`` is the document without what signing adds, as canonical JSON, ``digest`` the SHA-256 of its bytes:
    where the document is another when it is signed, signing is refused. It goes when it is signed or withdrawn.
    """

    audited: ClassVar = Audited(left_out=frozenset({"content"}))

    period = models.CharField(max_length=7, unique=True)
    number = models.PositiveSmallIntegerField(help_text="Of the edition that it will be")
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.period}, edition {self.number}, prepared"


class Waiver(models.Model):
    """Something that was missing when an edition was prepared, and that somebody let go with a reason.

    ``item`` is its key in the checklist (``scorecard.reading.checklist``), ``number`` the edition that it is for.
    """

    period = models.CharField(max_length=7)
    number = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=200)
    reason = models.TextField(validators=[MaxLengthValidator(LONGEST_REASON)])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["period", "number", "item"], name="an_item_is_waived_once_for_an_edition")
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.period}"


class Edition(models.Model):
    """A period as it was signed: ``document`` is canonical JSON, ``digest`` the SHA-256 of its bytes. Frozen.

    Issued in the order of their keys: each names the digest of the one before it, of whatever period, so that none
    can be left out or put between. Two are never issued after the same one.
    """

    audited: ClassVar = Audited(left_out=frozenset({"document"}))

    period = models.CharField(max_length=7)
    number = models.PositiveSmallIntegerField()
    document = models.BinaryField()
    digest = models.CharField(max_length=64, unique=True)
    previous_digest = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - the first has none
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["period", "number"], name="a_period_has_an_edition_once")]

    def __str__(self) -> str:
        return f"{self.period}, edition {self.number}"


class EditionName(models.Model):
    """What a person or a customer of an edition was called when it was signed: beside it, so that it can be erased.

    ``kind`` is the word under which the document has them (``person``, ``customer``), ``key`` the row's id.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="names")
    kind = models.CharField(max_length=10)
    key = models.BigIntegerField()
    name = models.CharField(max_length=255)

    class Meta:
        ordering = ["kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind", "key"], name="an_edition_names_somebody_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} of {self.edition_id}"


class EditionDifference(models.Model):
    """That what is live says otherwise than a period's latest edition: in how many ``cells``, and since when.

    Looked at after each rollup and decision, so that the inbox need not; no row where nothing differs.
    """

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="difference")
    cells = models.PositiveIntegerField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.cells} cells differ from {self.edition}"
