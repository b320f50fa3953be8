"""A statement of incentive goals as a PDF: tagged, offline, from the words of its page alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.models import Company
from core.formatting import day_name
from scorecard.reports.typesetting import typeset

if TYPE_CHECKING:
    from scorecard.pages.incentives import StatementPage


def write_statement(shown: StatementPage, company: Company) -> bytes:
    """The bytes of the PDF, on A4."""
    values = json.dumps(_values(shown, company), ensure_ascii=False).encode()
    return typeset("statement.typ", {"statement.json": values}, timezone.now())


def _values(shown: StatementPage, company: Company) -> dict[str, Any]:
    """What the source sets, as texts."""
    return {
        "company": company.name,
        "person": str(shown.person),
        "period": shown.heading,
        "state": shown.state,
        "total": shown.total,
        "sum": shown.sum,
        "weights": shown.weights,
        "printed": day_name(timezone.localdate()),
        "editions": [asdict(one) for one in shown.editions],
        "lines": [
            {
                "code": line.code,
                "title": line.title,
                "team": line.team,
                "weight": line.weight,
                "points": [asdict(point) for point in line.points],
                "standing": str(line.standing.label),
                "value": line.value,
                "made_of": line.made_of,
                "formula": line.formula,
                "paid": line.paid,
                "part": line.part,
                "why": line.why,
                "said": list(line.said),
                "left_out": list(line.left_out),
                "adjustments": [asdict(one) for one in line.adjustments],
            }
            for line in shown.lines
        ],
    }
