"""The one company of an installation, its business units and departments."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.choices import FiscalNaming, LogoKind, UnitKind
from core.auditing import Audited
from core.fields import CodeField, LineField
from core.periods import FiscalCalendar


class Company(models.Model):
    """The company: one row. Its fiscal calendar changes no more once something stands in a period.

    ``logo_mark`` names the logo that is shown (``CompanyLogo``); empty for none. ``setup_ended_at``: since then no
    administrator is led to the set-up any more, whatever is missing.
    """

    name = LineField(max_length=120)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, default="UTC")
    fiscal_year_start_month = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    fiscal_year_named_by = models.CharField(max_length=5, choices=FiscalNaming, default=FiscalNaming.END)
    kpi_mail_day = models.PositiveSmallIntegerField(
        "day of mails about KPIs",
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text="Of each month: owners are told what the month before misses, and what the quarter missed",
    )
    one_may_close = models.BooleanField(
        "one person may close",
        default=False,
        db_default=False,
        help_text="Whoever prepared a closing may sign it too; the edition says so",
    )
    logo_mark = models.CharField(max_length=16, blank=True, default="", db_default="", editable=False)
    setup_ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "company"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_company"),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_start_month__gte=1, fiscal_year_start_month__lte=12),
                name="fiscal_year_starts_in_a_month",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def calendar(self) -> FiscalCalendar:
        """The fiscal calendar as a value."""
        return FiscalCalendar(self.fiscal_year_start_month, self.fiscal_year_named_by)


class CompanyLogo(models.Model):
    """The bytes of the company's logo: in the database, so that each web process has them. At most one row."""

    audited: ClassVar = Audited(left_out=frozenset({"content"}))

    mark = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=10, choices=LogoKind)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"Logo {self.mark}"


class BusinessUnit(models.Model):
    """A product or region that initiatives and customers belong to."""

    code = CodeField(max_length=60, unique=True)
    name = LineField(max_length=200)
    kind = LineField(max_length=10, choices=UnitKind)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """Who in the company measures and acts: marketing, sales, support …"""

    code = CodeField(max_length=60, unique=True)
    name = LineField(max_length=200)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
