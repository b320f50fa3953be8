"""Addresses: how long events are kept."""

from django.urls import URLPattern, path

from kpis.views import events

urlpatterns: list[URLPattern] = [path("company/events/", events.event_keeping, name="event_keeping")]
