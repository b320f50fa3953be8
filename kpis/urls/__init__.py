"""The addresses of KPIs, proposed KPIs, targets, polls, actuals and freshness."""

from kpis.urls import actuals, freshness, library, polls, proposals, targets

urlpatterns = [
    *library.urlpatterns,
    *proposals.urlpatterns,
    *targets.urlpatterns,
    *polls.urlpatterns,
    *actuals.urlpatterns,
    *freshness.urlpatterns,
]
