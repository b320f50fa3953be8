"""The addresses of KPIs, proposed KPIs, targets, polls, actuals, freshness, weights, events and links."""

from kpis.urls import actuals, events, freshness, library, links, polls, proposals, targets, weights

# Weights and links before the library, where every word may be a KPI's code.
urlpatterns = [
    *weights.urlpatterns,
    *links.urlpatterns,
    *library.urlpatterns,
    *proposals.urlpatterns,
    *targets.urlpatterns,
    *polls.urlpatterns,
    *actuals.urlpatterns,
    *freshness.urlpatterns,
    *events.urlpatterns,
]
