"""Where the set-up leads: one function for each page that it sends people to."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse


def file_link(kind: str, back: str) -> str:
    """Where a file of a kind is brought; its pages lead back to ``back``, a path of this product."""
    return f"{reverse('imports')}?{urlencode({'kind': kind, 'next': back}, safe='/')}"


def people_link() -> str:
    """Where people are kept: their roles, and whether they get in."""
    return reverse("people")


def invite_link() -> str:
    """Where people are invited."""
    return reverse("people_invite")


def tiers_link() -> str:
    """Where tiers are renamed and retired."""
    return reverse("tiers")


def customers_link() -> str:
    """Where customers are looked up, added and moved between tiers."""
    return reverse("customers")
