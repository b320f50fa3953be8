"""Django's admin on the product's own site."""

from django.contrib.admin.apps import AdminConfig


class TierboardAdminConfig(AdminConfig):
    """Registers every app's models on ``accounts.site``."""

    default_site = "accounts.site.TierboardAdminSite"
