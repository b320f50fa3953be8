"""Addresses of the pages of files."""

from django.urls import path

from accounts.views import imports as views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("kinds/", views.load_kinds_, name="import_kinds"),
    path("kinds/<str:kind>/sample.csv", views.sample, name="import_sample"),
    path("kinds/<str:kind>/export.csv", views.export, name="import_export"),
    path("check/<int:number>/", views.check, name="import_check"),
    path("check/<int:number>/bad-rows.csv", views.bad_rows, name="import_bad_rows"),
    path("<int:number>/", views.import_, name="import"),
    path("<int:number>/undo/", views.undo, name="undo_load"),
]
