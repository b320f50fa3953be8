"""Where the set-up leads: one function for each page that it sends people to."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def file_link(kind: str) -> str:
    """Where a file of a kind is brought."""
    return f"{reverse('imports')}?kind={kind}"


def people_link() -> str:
    """Where people are invited and given roles."""
    return _page("people", "admin:accounts_user_changelist")


def tiers_link() -> str:
    """Where tiers are renamed and retired."""
    return _page("tiers", "admin:customers_tier_changelist")


def customers_link() -> str:
    """Where customers are looked up, added and moved between tiers."""
    return _page("customers", "admin:customers_customer_changelist")


def _page(name: str, until_then: str) -> str:
    """A page by the name of its address, or where the same is done until there is one."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(until_then)
