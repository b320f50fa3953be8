"""Business units and departments as files."""

from __future__ import annotations

from accounts.choices import UnitKind
from accounts.loads.kind import RowKind
from accounts.models import BusinessUnit, Department
from accounts.rights import Right
from core.loading import Column
from core.loading.columns import choice_type, code_type, text_type


class BusinessUnits(RowKind[None]):
    """Products and regions."""

    name = "business_units"
    title = "Business units"
    model = BusinessUnit
    row_right = Right.MANAGE_KPIS
    columns = (
        Column("code", code_type(60), key=True),
        Column("name", text_type(200)),
        Column("kind", choice_type(UnitKind)),
    )


class Departments(RowKind[None]):
    """Who measures and acts."""

    name = "departments"
    title = "Departments"
    model = Department
    row_right = Right.MANAGE_KPIS
    columns = (Column("code", code_type(60), key=True), Column("name", text_type(200)))
