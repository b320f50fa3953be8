"""How templates write periods, moments and counts, and ask for a right."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

from core import formatting, periods
from core.periods import Period

register = template.Library()


@register.filter
def may(user: Any, verb: str) -> bool:
    """Whether the person holds a right, by its short name: ``{% if user|may:"load" %}``."""
    return bool(user.is_authenticated and user.has_perm(f"tierboard.{verb}"))


@register.filter
def period_name(period: Period) -> str:
    """``Quarter 3, 2011``."""
    return formatting.period_name(period)


@register.filter
def period_months(period: Period) -> str:
    """``July to September 2011``; empty where the name says it."""
    return formatting.period_months(period)


@register.filter
def month_name(month: int) -> str:
    """``September 2011``."""
    return formatting.month_name(month)


@register.filter
def short_month(month: int) -> str:
    """``Sep 2011``."""
    return formatting.short_month(month)


@register.filter
def month_code(month: int) -> str:
    """``2011-09``, as forms and addresses have it."""
    return periods.month_code(periods.Month(month))


@register.filter
def day(day: date) -> str:
    """``3 May 2026``."""
    return formatting.day_name(day)


@register.filter
def ago(moment: datetime | None) -> str:
    """``3 minutes ago``; ``never`` for no moment."""
    return formatting.ago(timezone.localtime(moment), timezone.localtime()) if moment else "never"


@register.filter
def counted(count: int, noun: str) -> str:
    """``{{ run.cells|counted:"cell" }}``: ``2,451 cells``."""
    return formatting.counted(count, noun)


@register.filter
def thousands(count: int) -> str:
    """``2,451``."""
    return f"{count:,}"


@register.filter
def reason(exception: object) -> str:
    """Why there is nothing at an address: our own sentence, or nothing where it is the framework's."""
    text = str(exception or "")
    return text if text.endswith(".") and "{" not in text else ""


@register.filter
def minutes(span: timedelta) -> str:
    """``15 minutes``."""
    return formatting.counted(-(-int(span.total_seconds()) // 60), "minute")
