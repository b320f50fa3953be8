"""The one company: what it is, and which day it is there."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from accounts.models import Company
from core.once import once
from core.prepared import Prepared

_COMPANY = Prepared(lambda pk: Company.objects.filter(pk=pk), Company)


def company() -> Company:
    """The one company. Raises ImproperlyConfigured where the environment contradicts its calendar."""
    return once(Company, _read)


def _read() -> Company:
    (found,) = _COMPANY.read(1)
    return agreed(found)


def agreed(found: Company) -> Company:
    """The company that was read, if its calendar is the environment's. Raises ImproperlyConfigured where not."""
    wanted = {
        "fiscal_year_start_month": settings.FISCAL_YEAR_START_MONTH,
        "fiscal_year_named_by": settings.FISCAL_YEAR_NAMED_BY,
    }
    for field, value in wanted.items():
        if value is not None and value != getattr(found, field):
            raise ImproperlyConfigured(
                f"{field.upper()}={value}, but this database was set up with {getattr(found, field)}. "
                "A fiscal calendar cannot change later, for it would relabel history: take the setting out. (Until "
                "something stands in a period, /company/ changes what the environment leaves open.)"
            )
    return found


def today_of(found: Company) -> date:
    """The day in a company's time zone."""
    return day_of(found, timezone.now())


def day_of(found: Company, moment: datetime) -> date:
    """The day that it was in a company's time zone at that moment."""
    return day_in(found.time_zone, moment)


def day_in(zone: str, moment: datetime) -> date:
    """The day that it was in a time zone at that moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def today() -> date:
    """The day in the company's time zone."""
    return today_of(company())
