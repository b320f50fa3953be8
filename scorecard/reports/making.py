"""A pack from a period to the bytes of its file."""

from __future__ import annotations

from accounts.models import User
from core.periods import Period
from scorecard.choices import Paper, ReportFormat
from scorecard.models import Edition
from scorecard.reports.composing import compose_pack
from scorecard.reports.writers import WRITERS


def make_pack(
    period: Period, edition: Edition | None, reader: User, format: ReportFormat, paper: Paper
) -> tuple[bytes, str]:
    """The bytes of a pack as its reader may read it, and the digest of the values that it is made of."""
    pack = compose_pack(period, edition, reader)
    return WRITERS[format](pack, paper.value), pack.digest
