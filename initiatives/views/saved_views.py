"""Saved views: filters of the register under a name."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.http import POST, PageRequest, page
from accounts.rights import Right
from accounts.views import saved_views
from initiatives.filters.register import InitiativeFilter
from initiatives.pages.listing import LIST


@page(Right.READ, methods=POST)
def save(request: PageRequest) -> HttpResponse:
    """Keep the filters that are in use, for oneself or for everybody."""
    return saved_views.keep(request, LIST, InitiativeFilter.base_filters, may_share=True)


@page(Right.READ, methods=POST)
def delete(request: PageRequest, number: int) -> HttpResponse:
    """The view goes; what it shows stays."""
    return saved_views.drop(request, LIST, number, things="initiatives")
