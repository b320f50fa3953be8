"""Filters of business units and departments: one set serves page and API."""

from __future__ import annotations

import django_filters

from accounts.choices import UnitKind
from accounts.models import BusinessUnit, Department


class DepartmentFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """With a text in the name."""

    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Search")

    class Meta:
        model = Department
        fields: tuple[str, ...] = ()


class BusinessUnitFilter(DepartmentFilter):
    """The same, and of a kind."""

    kind = django_filters.ChoiceFilter(choices=UnitKind.choices, label="Kind")

    class Meta:
        model = BusinessUnit
        fields: tuple[str, ...] = ()
