"""Scorecards and their editions for other programs."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import period_or_404
from accounts.rights import Right
from core.periods import Period
from core.shapes import READING
from core.strict import Strict
from kpis.reading.freshness import months_with_data
from scorecard.models import Edition
from scorecard.reading.bridges import differences_json
from scorecard.reading.checklist import read_checklist
from scorecard.reading.editions import edition_of, latest_edition, names_of
from scorecard.reading.scorecards import read_scorecards
from scorecard.reading.served_editions import no_edition
from scorecard.serializers.scorecards import (
    DifferencesSerializer,
    DocumentSerializer,
    NamesSerializer,
    ScorecardsSerializer,
)

private = method_decorator(cache_control(private=True, no_cache=True), name="dispatch")


@private
class ScorecardsView(Strict):
    """The scorecards there are."""

    required_right = Right.READ

    @extend_schema(operation_id="list_scorecards", responses={200: ScorecardsSerializer} | READING)
    def get(self, request: Request) -> Response:
        """Periods with state, editions and digests, the latest first: those that were closed, and the latest open."""
        company = company_of(request)
        found = read_scorecards(company.calendar, months_with_data(), today_of(company))
        return Response(ScorecardsSerializer({"results": found}).data)


@private
class ScorecardView(Strict):
    """One period."""

    required_right = Right.READ

    @extend_schema(operation_id="read_scorecard", responses={200: DocumentSerializer} | READING)
    def get(self, request: Request, period: str) -> HttpResponseBase:
        """The document of its latest edition; of an open period its state, and what is missing."""
        company = company_of(request)
        when = period_or_404(period, company)
        edition = latest_edition(when)
        if edition is not None:
            return _bytes_of(request, edition)
        items = read_checklist(when, today_of(company), 1) if not when.is_to_date(today_of(company)) else []
        return Response({"period": when.code, "state": "open", "missing": [item.plain for item in items]})


@private
class EditionView(Strict):
    """One edition."""

    required_right = Right.READ

    @extend_schema(operation_id="read_edition", responses={200: DocumentSerializer} | READING)
    def get(self, request: Request, period: str, number: int) -> HttpResponseBase:
        """The frozen bytes; their ETag is the digest. People and customers stand in them as keys."""
        return _bytes_of(request, _edition(request, period, number)[1])


@private
class EditionNamesView(Strict):
    """What people and customers of an edition were called."""

    required_right = Right.READ

    @extend_schema(operation_id="read_edition_names", responses={200: NamesSerializer} | READING)
    def get(self, request: Request, period: str, number: int) -> Response:
        """Names by key; of customers those that you may see."""
        _, edition = _edition(request, period, number)
        return Response(names_of(edition, request.user))  # type: ignore[arg-type]


@private
class EditionDifferencesView(Strict):
    """What differs from an edition by now."""

    required_right = Right.READ

    @extend_schema(operation_id="read_edition_differences", responses={200: DifferencesSerializer} | READING)
    def get(self, request: Request, period: str, number: int) -> Response:
        """Cells then and now, and what changed their components: the rows of a bridge add up to the difference."""
        when, edition = _edition(request, period, number)
        return Response(differences_json(edition, when, today_of(company_of(request))))


def _edition(request: Request, period: str, number: int) -> tuple[Period, Edition]:
    when = period_or_404(period, company_of(request))
    edition = edition_of(when, number)
    if edition is None:
        raise NotFound(no_edition(when, number))
    return when, edition


def _bytes_of(request: Request, edition: Edition) -> HttpResponseBase:
    tag = f'"{edition.digest}"'
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        return unchanged
    return HttpResponse(bytes(edition.document), content_type="application/json", headers={"ETag": tag})
