"""The addresses of KPIs, proposed KPIs, targets, polls and actuals."""

from kpis.urls import actuals, library, polls, proposals, targets

urlpatterns = [
    *library.urlpatterns,
    *proposals.urlpatterns,
    *targets.urlpatterns,
    *polls.urlpatterns,
    *actuals.urlpatterns,
]
