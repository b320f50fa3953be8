"""What commands have in common that whoever runs a company's Tierboard types, or has a timer run each night."""

from __future__ import annotations

from django.core.management.base import BaseCommand


class DataCommand(BaseCommand):
    """Does something with the company's data. Django's own checks of the code are for those who write it, and asked by
    `manage.py check`: they load every page of the product, which takes longer than most commands do.
    """

    requires_system_checks: list[str] = []
