"""Business units and departments for other programs."""

from __future__ import annotations

from accounts.filters import BusinessUnitFilter, DepartmentFilter
from accounts.models import BusinessUnit, Department
from accounts.resources import CodedTable
from accounts.serializers import BusinessUnitInput, BusinessUnitSerializer, DivisionInput, DivisionSerializer
from accounts.services.divisions import BusinessUnitRows, DepartmentRows
from core.routing import resource


@resource("business-units")
class BusinessUnitViewSet(CodedTable):
    """Products and regions, by code."""

    queryset = BusinessUnit.objects.all()
    serializer_class = BusinessUnitSerializer
    filterset_class = BusinessUnitFilter
    rows = BusinessUnitRows()
    body = BusinessUnitInput


@resource("departments")
class DepartmentViewSet(CodedTable):
    """Who in the company measures and acts, by code."""

    queryset = Department.objects.all()
    serializer_class = DivisionSerializer
    filterset_class = DepartmentFilter
    rows = DepartmentRows()
    body = DivisionInput
