"""Addresses: polls."""

from django.urls import URLPattern, path

from kpis.views import polls

urlpatterns: list[URLPattern] = [
    path("polls/", polls.polls, name="polls"),
    path("polls/new/", polls.new, name="poll_new"),
    path("polls/<int:number>/", polls.poll, name="poll"),
    path("polls/<int:number>/options/<int:option>/kpi/", polls.kpi, name="poll_option"),
    path("polls/<int:number>/<str:verb>/", polls.act, name="poll_act"),
]
