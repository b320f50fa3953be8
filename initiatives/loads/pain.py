"""Pain points as a file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.loads import LoadJob, RowKind
from accounts.models import Department
from accounts.rights import Right
from core.loading import Column, Record, Reference
from core.loading.columns import MONTH, POSITIVE, code_in, key_in, whole_type
from core.loading.rows import Row
from customers.loads import TIER
from customers.models import Tier
from initiatives.models import PainPoint
from initiatives.rules.pain import BAD_SEVERITY, MENTIONS, SEVERITY, pain_problems


class PainPoints(RowKind[None]):
    """What customers suffer from, by source, department, theme, tier and month."""

    name = "pain_points"
    title = "Pain points"
    model = PainPoint
    row_right = Right.MANAGE_KPIS
    columns = (
        Column("source", key_in(PainPoint, "source"), key=True),
        Column("department", code_in(Department), key=True, reference=Reference(Department, "code", "department")),
        Column("theme", key_in(PainPoint, "theme"), key=True),
        Column("tier", code_in(Tier), key=True, reference=TIER),
        Column("month", MONTH, key=True),
        Column("mentions", whole_type(*MENTIONS)),
        Column("severity", whole_type(*SEVERITY, BAD_SEVERITY)),
        Column("revenue_at_risk", POSITIVE, optional=True, null=True),
    )

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Which load brought it."""
        return {"load": job.load} if job else {}

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules of a point; money that the file does not name is as it was."""
        numbers = {name: int(row.record[name]) for name in ("mentions", "severity")}
        money = row.record.get("revenue_at_risk", (before or {}).get("revenue_at_risk", ""))
        at_risk = Decimal(money) if money else None
        job.refuse_all(row, pain_problems(tier=row.record["tier"], **numbers, revenue_at_risk=at_risk))
