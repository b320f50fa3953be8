"""Business units and departments for other programs."""

from __future__ import annotations

from typing import ClassVar

from accounts.filters import BusinessUnitFilter, DepartmentFilter
from accounts.models import BusinessUnit, Department
from accounts.resources import Table
from accounts.serializers import BusinessUnitInput, BusinessUnitSerializer, DivisionInput, DivisionSerializer
from accounts.services.divisions import BusinessUnitRows, DepartmentRows
from core.resources import CodePages


class BusinessUnitViewSet(Table):
    """Products and regions, by code."""

    queryset = BusinessUnit.objects.all()
    lookup_field = "code"
    lookup_value_converter = "str"
    serializer_class = BusinessUnitSerializer
    filterset_class = BusinessUnitFilter
    pagination_class = CodePages
    rows = BusinessUnitRows()
    bodies: ClassVar = dict.fromkeys(("create", "partial_update"), BusinessUnitInput)


class DepartmentViewSet(Table):
    """Who in the company measures and acts, by code."""

    queryset = Department.objects.all()
    lookup_field = "code"
    lookup_value_converter = "str"
    serializer_class = DivisionSerializer
    filterset_class = DepartmentFilter
    pagination_class = CodePages
    rows = DepartmentRows()
    bodies: ClassVar = dict.fromkeys(("create", "partial_update"), DivisionInput)
