"""How templates write periods, moments and counts, and ask for a right."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from core import formatting, periods
from core.links import PARAMETER, carried_period, with_period
from core.periods import Period

register = template.Library()


@register.filter
def may(user: Any, verb: str) -> bool:
    """Whether the person holds a right, by its short name: ``{% if user|may:"load" %}``."""
    return bool(user.is_authenticated and user.has_perm(f"tierboard.{verb}"))


@register.simple_tag(takes_context=True)
def keeping(context: template.Context, url: str) -> str:
    """An address that keeps the period of the page: ``<a href="{% keeping row.url %}">``.

    In a text that is made without a request, the address as it is.
    """
    return with_period(url, carried_period(getattr(context, "request", None)))


@register.simple_tag(takes_context=True)
def to(context: template.Context, name: str, *args: Any) -> str:
    """The address of a page, by its name, that keeps the period: ``<a href="{% to 'kpi' kpi.code %}">``."""
    return keeping(context, reverse(name, args=args))


@register.simple_tag(takes_context=True)
def carry(context: template.Context) -> str:
    """For a form that asks by GET: a hidden field with the period of the page; nothing where there is none."""
    code = carried_period(getattr(context, "request", None))
    return format_html('<input type="hidden" name="{}" value="{}">', PARAMETER, code) if code else ""


@register.filter
def label(field: BoundField) -> str:
    """A field's label, without a colon: all forms alike."""
    return field.label_tag(label_suffix="")


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
    """``3 May 2026``; of a moment, its day here."""
    return formatting.day_name(timezone.localtime(day).date() if isinstance(day, datetime) else day)


@register.filter
def short_day(day: date) -> str:
    """``3 May 2026`` for a narrow column; of a moment, its day here."""
    return formatting.short_day(timezone.localtime(day).date() if isinstance(day, datetime) else day)


@register.filter
def moment(moment: datetime) -> str:
    """``3 May 2026, 14:05``, here."""
    here = timezone.localtime(moment)
    return f"{formatting.day_name(here)}, {here:%H:%M}"


@register.filter
def money(value: Any) -> str:
    """``1,234.5``: an amount as it was entered, without zeros at its end; – for none."""
    return formatting.trimmed(value, 2)


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
    return formatting.number(count)


@register.filter
def reason(exception: object) -> str:
    """Why there is nothing at an address: our own sentence, or nothing where it is the framework's."""
    text = str(exception or "")
    return text if text.endswith(".") and "{" not in text else ""


@register.filter
def minutes(span: timedelta) -> str:
    """``15 minutes``."""
    return formatting.counted(-(-int(span.total_seconds()) // 60), "minute")
