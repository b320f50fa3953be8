"""The app of initiatives: what the company does for its customers, and whether it is on schedule."""

from __future__ import annotations

from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    """Registers the kinds of files that are about initiatives."""

    name = "initiatives"
