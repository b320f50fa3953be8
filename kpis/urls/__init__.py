"""The addresses of KPIs, proposed KPIs, targets, polls, actuals, freshness, weights and events."""

from kpis.urls import actuals, events, freshness, library, polls, proposals, targets, weights

# Weights before the library, where every word may be a KPI's code.
urlpatterns = [
    *weights.urlpatterns,
    *library.urlpatterns,
    *proposals.urlpatterns,
    *targets.urlpatterns,
    *polls.urlpatterns,
    *actuals.urlpatterns,
    *freshness.urlpatterns,
    *events.urlpatterns,
]
