"""Business units and departments as files."""

from __future__ import annotations

from accounts.choices import UnitKind
from accounts.loads.kind import RowKind
from accounts.models import BusinessUnit, Department
from accounts.rights import Right
from core.loading import Column
from core.loading.columns import choice_type, code_in, text_in


class BusinessUnits(RowKind[None]):
    """Products and regions."""

    name = "business_units"
    title = "Business units"
    model = BusinessUnit
    row_right = Right.MANAGE_KPIS
    columns = (
        Column("code", code_in(BusinessUnit), key=True),
        Column("name", text_in(BusinessUnit, "name")),
        Column("kind", choice_type(UnitKind)),
    )


class Departments(RowKind[None]):
    """Who measures and acts."""

    name = "departments"
    title = "Departments"
    model = Department
    row_right = Right.MANAGE_KPIS
    columns = (Column("code", code_in(Department), key=True), Column("name", text_in(Department, "name")))
