"""Addresses: owner."""

from django.urls import URLPattern, path

from initiatives.views import owner

urlpatterns: list[URLPattern] = [
    path("initiatives/turnarounds/<int:number>/", owner.turnaround_decide, name="turnaround_decide"),
    path("initiatives/<str:code>/update/", owner.initiative_update, name="initiative_update"),
    path("initiatives/<str:code>/updates/", owner.initiative_updates, name="initiative_updates"),
    path("initiatives/<str:code>/updates/<int:number>/", owner.update_respond, name="update_respond"),
    path("initiatives/<str:code>/thanks/", owner.initiative_thank, name="initiative_thank"),
]
