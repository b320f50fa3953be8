"""What the pages take from their addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from kpis.models import Kpi


class MatrixFilters(forms.Form):
    """Which rows of the matrix to show. A value that is no choice filters nothing."""

    department = forms.ChoiceField(required=False, label="Department")
    missed = forms.BooleanField(required=False, label="Only KPIs with a missed target")

    def __init__(self, data: Any, kpis: Iterable[Kpi]) -> None:
        super().__init__(data)
        found = {kpi.department.code: kpi.department.name for kpi in kpis if kpi.department}
        choices = sorted(found.items(), key=lambda item: item[1])
        self.fields["department"].choices = [("", "All departments"), *choices]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def chosen_department(self) -> str:
        """The code of the department; empty for all."""
        return str(self.cleaned_data.get("department", ""))

    @property
    def department_name(self) -> str:
        """Its name; empty for all."""
        names = dict(self.fields["department"].choices)  # type: ignore[attr-defined]
        return str(names[self.chosen_department]) if self.chosen_department else ""

    @property
    def only_missed(self) -> bool:
        """Whether rows without a missed cell are left out."""
        return bool(self.cleaned_data.get("missed"))

    @property
    def in_use(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.chosen_department or self.only_missed)
