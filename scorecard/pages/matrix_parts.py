"""The matrix as texts that are kept: the page's, and that for programs. Each is made without a request."""

from __future__ import annotations

from datetime import date

from django.http import QueryDict

from accounts.models import Company
from core.periods import Period
from core.shapes import LATEST
from scorecard.pages.cells import matrix_page, matrix_text
from scorecard.pages.periods import matrix_address
from scorecard.reading.caching import Part, State
from scorecard.reading.served_editions import matrix_of
from scorecard.serializers.scorecards import matrix_text as json_text


def page_part(company: Company, period: Period, params: QueryDict, state: State) -> Part:
    """What the matrix page shows to everybody, as HTML; empty for a period without any value."""
    name = matrix_address(params.urlencode())(period)
    return Part(name, lambda: matrix_text(matrix_page(company, period, params, state), company))


def json_part(period: Period, today: date, edition: int | str = LATEST) -> Part:
    """The matrix as the API's JSON."""
    return Part(f"matrix json {period.code} {edition}", lambda: json_text(matrix_of(period, edition, today)))
