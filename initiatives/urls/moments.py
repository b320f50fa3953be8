"""Addresses: moments of truth; a code comes last, after the words that it cannot be."""

from django.urls import URLPattern, path

from initiatives.views import moments

urlpatterns: list[URLPattern] = [
    path("moments/", moments.moments, name="moments"),
    path("moments/new/", moments.new, name="moment_new"),
    path("moments/<str:code>/", moments.moment, name="moment"),
    path("moments/<str:code>/edit/", moments.edit, name="moment_edit"),
    path("moments/<str:code>/criterion/", moments.criterion, name="moment_criterion"),
    path("moments/<str:code>/delete/", moments.delete, name="moment_delete"),
]
