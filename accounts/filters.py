"""Filters of people, business units and departments."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from accounts.choices import Role, UnitKind, WayIn
from accounts.models import BusinessUnit, Department, User


class PeopleFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """With a text in name or address, of a role, and by whether they get in. Asks rows of ``with_ways_in``."""

    q = django_filters.CharFilter(label="Name or address", method="named")
    role = django_filters.ChoiceFilter(
        choices=[*Role.choices, ("none", "No role")], label="Role", method="of_role", empty_label="all"
    )
    state = django_filters.ChoiceFilter(choices=WayIn.choices, field_name="way_in", label="State", empty_label="all")

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def named(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """With the text in name or address."""
        return queryset.filter(Q(name__icontains=value) | Q(email__icontains=value))

    def of_role(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Who has a role; who has none at all."""
        if value == "none":
            return queryset.filter(role_grants=None)
        return queryset.filter(role_grants__role=value)


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
