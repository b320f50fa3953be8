"""Writes of business units and departments."""

from __future__ import annotations

from accounts.models import BusinessUnit, Department
from accounts.services.rows import Rows


class BusinessUnitRows(Rows[BusinessUnit]):
    """Products and regions."""

    model = BusinessUnit
    what = "business units"
    fixed = ("code",)


class DepartmentRows(Rows[Department]):
    """Who measures and acts."""

    model = Department
    what = "departments"
    fixed = ("code",)
