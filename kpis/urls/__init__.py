"""The addresses of KPIs, targets, polls and actuals."""

from kpis.urls import actuals, library, polls, targets

urlpatterns = [*library.urlpatterns, *targets.urlpatterns, *polls.urlpatterns, *actuals.urlpatterns]
