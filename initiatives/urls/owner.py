"""Addresses: the owner's word, thanks, and turnarounds."""

from django.urls import URLPattern, path

from initiatives.views import owner, recognition

urlpatterns: list[URLPattern] = [
    path("initiatives/turnarounds/", recognition.recognition, name="recognition"),
    path("initiatives/turnarounds/decide/", recognition.recognition_decide, name="recognition_decide"),
    path("initiatives/turnarounds/effect/", recognition.recognition_effect, name="recognition_effect"),
    path("initiatives/turnarounds/take-back/", recognition.recognition_take_back, name="recognition_take_back"),
    path("initiatives/<str:code>/update/", owner.initiative_update, name="initiative_update"),
    path("initiatives/<str:code>/updates/", owner.initiative_updates, name="initiative_updates"),
    path("initiatives/<str:code>/updates/<int:number>/", owner.update_respond, name="update_respond"),
    path("initiatives/<str:code>/thanks/", recognition.initiative_thank, name="initiative_thank"),
]
