"""Addresses of the pages of files."""

from django.urls import path

from accounts.views import imports as views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("check/<str:token>/", views.check, name="import_check"),
    path("check/<str:token>/bad-rows.csv", views.bad_rows, name="import_bad_rows"),
    path("<int:number>/", views.import_, name="import"),
    path("<int:number>/undo/", views.undo, name="undo_load"),
]
