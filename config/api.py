"""The addresses of the API: resources, schema and documentation."""

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from scorecard.api import MatrixView

router = SimpleRouter()

_v1: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("matrix/", MatrixView.as_view(), name="api_matrix"),
    *router.urls,
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(_v1)),
    path("docs/", login_required(SpectacularSwaggerSplitView.as_view(template_name="api/docs.html")), name="api_docs"),
]
