"""Where the period picker of a page about cells leads."""

from __future__ import annotations

from django.urls import reverse

from core.picker import Address, Choice, Picker, Span, build_picker

__all__ = [
    "Choice",
    "Picker",
    "Span",
    "build_picker",
    "cell_address_of",
    "matrix_address",
]


def matrix_address(query: str = "") -> Address:
    """Addresses of matrix pages, keeping the filters."""
    return lambda period: reverse("matrix", args=[period.code]) + (f"?{query}" if query else "")


def cell_address_of(kpi: str, tier: str) -> Address:
    """Addresses of the same cell in other periods."""
    return lambda period: reverse("cell", args=[period.code, kpi, tier])
