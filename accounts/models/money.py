"""What other currencies are worth, by year."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

currency_validator = RegexValidator(r"\A[A-Z]{3}\Z", "A currency has three capital letters, such as EUR.")


class ExchangeRate(models.Model):
    """Finance's rate of a fiscal year: what one unit of a currency is worth in the company's.

    Without one a cost in that currency is left out of sums, and named.
    """

    currency = models.CharField(max_length=3, validators=[currency_validator])
    year = models.PositiveSmallIntegerField(help_text="Fiscal year")
    rate = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta:
        ordering = ["-year", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "year"], name="currency_has_one_rate_a_year"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rates_are_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.year}"
