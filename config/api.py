"""The addresses of the API: resources, schema and documentation."""

from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.routers import Route, SimpleRouter

from accounts.loads.resource import bulk_urls
from accounts.views.api_start import start
from core.routing import fill
from core.shapes import ChoiceField
from core.strict import Strict
from customers.api.growth import GrowthView
from initiatives.api.summary import CoverageView, SummaryView
from kpis.api.facts import FACT_VERBS, FactViewSet
from kpis.api.signals import SignalView
from scorecard.api.editions import (
    EditionDifferencesView,
    EditionNamesView,
    EditionView,
    ScorecardsView,
    ScorecardView,
)
from scorecard.api.matrix import CellView, MatrixView, SearchView


class FormatQuery(serializers.Serializer[Any]):
    """In which form the description comes."""

    format = ChoiceField(choices=("yaml", "json"), required=False)


class ByFormat(DefaultContentNegotiation):
    """The description alone is asked for by ``format`` as well as by Accept."""

    settings = SimpleNamespace(URL_FORMAT_OVERRIDE="format")  # type: ignore[assignment]


@cache
def described(form: str) -> bytes:
    """The description in one form, made once in a process's life: it is the same for all, and takes a second to make.

    Nothing of it comes from the database, from who asks or from the day.
    """
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    renderer = OpenApiJsonRenderer if form == "json" else OpenApiYamlRenderer
    text: bytes = renderer().render(schema)
    return text


class SchemaView(Strict, SpectacularAPIView):
    """The description of the API (OpenAPI 3)."""

    content_negotiation_class = ByFormat
    queries: ClassVar = {"get": FormatQuery}

    @extend_schema(exclude=True)  # it describes the others
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The text as it was made; what is wrong with the question is told before (``initial``)."""
        chosen = request.accepted_renderer
        kind = f"{chosen.media_type}; charset={chosen.charset}" if chosen.charset else chosen.media_type
        name = self._get_filename(request, version=None)  # type: ignore[no-untyped-call]
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return HttpResponse(described(chosen.format), content_type=kind, headers=headers)


class KeyedRouter(SimpleRouter):
    """Takes PATCH and DELETE at the address of a list as well, where the row's key stands in the query."""

    routes = [
        route._replace(mapping={**route.mapping, "patch": "patch_by_key", "delete": "delete_by_key"})
        if isinstance(route, Route) and "post" in route.mapping
        else route
        for route in SimpleRouter.routes
    ]


router = KeyedRouter(use_regex_path=False)
fill(router, ("accounts", "customers", "initiatives", "kpis", "scorecard"))

_EDITION = "scorecards/<str:period>/editions/<int:number>/"
_v1: list[URLPattern | URLResolver] = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("matrix/", MatrixView.as_view(), name="api_matrix"),
    path("cell/", CellView.as_view(), name="api_cell"),
    path("signals/", SignalView.as_view(), name="api_signals"),
    path("growth/", GrowthView.as_view(), name="api_growth"),
    path("scorecards/", ScorecardsView.as_view(), name="api_scorecards"),
    path("scorecards/<str:period>/", ScorecardView.as_view(), name="api_scorecard"),
    path(_EDITION, EditionView.as_view(), name="api_edition"),
    path(f"{_EDITION}names/", EditionNamesView.as_view(), name="api_edition_names"),
    path(f"{_EDITION}differences/", EditionDifferencesView.as_view(), name="api_edition_differences"),
    path("search/", SearchView.as_view(), name="api_search"),
    path("initiatives/summary/", SummaryView.as_view(), name="api_initiatives_summary"),
    path("coverage/", CoverageView.as_view(), name="api_coverage"),
    *bulk_urls(),
    path("facts/", FactViewSet.as_view(FACT_VERBS), name="api_facts"),
    *router.urls,
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", start, name="api_start"),
    path("v1/", include(_v1)),
    path("docs/", login_required(SpectacularSwaggerSplitView.as_view(template_name="api/docs.html")), name="api_docs"),
]
