"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.company import company as the_company
from accounts.models import Company


def company(request: HttpRequest) -> dict[str, Any]:
    """The company whose scorecard this is."""
    return {"company": company_of(request)}


def company_of(request: HttpRequest) -> Company:
    """The company, read once for all that a request asks of it."""
    if not hasattr(request, "_company"):
        remember_company(request, the_company())
    found: Company = request._company  # type: ignore[attr-defined]
    return found


def remember_company(request: HttpRequest, found: Company) -> None:
    """Whoever reads the company together with something else spares the others."""
    request._company = found  # type: ignore[attr-defined]
