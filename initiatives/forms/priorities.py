"""What the page of priorities takes from its address."""

from __future__ import annotations

import re
from fractions import Fraction

from django import forms

from core.forms import Form
from core.numbers import NumberError, parse_scaled

_SUFFIXES = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_BUDGET = re.compile(r"([\d.]+)(k|m|bn)?")


class BudgetForm(Form):
    """A budget in the company's money, as people write it: ``500000``, ``1,200,000``, ``1.2m``."""

    budget = forms.CharField(required=False, max_length=24, label="Budget")

    def clean_budget(self) -> Fraction | None:
        """The amount; None where none was given. Raises ValidationError for what is no amount."""
        text = str(self.cleaned_data["budget"]).strip().lower()
        match = _BUDGET.fullmatch(re.sub(r"[\s,'’_]", "", text))
        if not text:
            return None
        try:
            amount = Fraction(parse_scaled(match[1] if match else "?"), 10_000)
        except NumberError as error:
            raise forms.ValidationError(f"“{text}” is no amount; one looks like 500000, 1,200,000 or 1.2m.") from error
        return amount * _SUFFIXES.get((match and match[2]) or "", 1)

    @property
    def amount(self) -> Fraction | None:
        """The budget; None where there is none, or what was typed is none."""
        return self.cleaned_data.get("budget") if self.is_valid() else None
