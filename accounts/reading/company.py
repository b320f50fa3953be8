"""How the company stands in the set-up, and whether mail and workers are there."""

from __future__ import annotations

from django.conf import settings

from accounts.choices import FiscalNaming, SetupState
from accounts.models import Company
from core.formatting import month_name
from core.setup import Standing

UNNAMED = "Our company"


def has_mail_server() -> bool:
    """Whether mail goes to a server, and not into files of this installation."""
    return not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")


def year_words(company: Company) -> str:
    """``year starts in April, named by the year in which it ends``."""
    start = month_name(200000 + company.fiscal_year_start_month).split()[0]
    if company.fiscal_year_start_month == 1:
        return f"year starts in {start}"
    naming = FiscalNaming(company.fiscal_year_named_by).label
    return f"year starts in {start}, named by {naming[0].lower()}{naming[1:]}"


def company_stands() -> Standing:
    """Done once it has a name of its own."""
    company = Company.objects.get(pk=1)
    rest = f"{company.currency}, {company.time_zone}, {year_words(company)}"
    if company.name == UNNAMED:
        return Standing(SetupState.WAITING, f"has no name yet; {rest}")
    return Standing(SetupState.DONE, f"{company.name}, {rest}")
