"""What somebody types into the grid, answered while they type: each number as understood, and what looks mistyped."""

from __future__ import annotations

from django.http import QueryDict

from accounts.models import Company, User
from core.forms import id_of
from kpis.forms.grid import read_submission
from kpis.pages.grid import GridPage
from kpis.pages.typed_cells import doubts_of, understood
from kpis.wording import style_of


def answers(company: Company, user: User, params: QueryDict, post: QueryDict) -> dict[str, dict[str, str]]:
    """By cell, of those that were sent: the number as understood, doubts and what is wrong; as saving would say it.

    Reads the KPIs of these cells alone.
    """
    kpis = frozenset(pk for name in post if (pk := id_of("".join(name.split("-")[1:2]))))
    page = GridPage(company, user, params, only=kpis)
    found = read_submission(post, page.grid, company.currency)
    told = {}
    for name in found.typed:
        cell, written = page.grid.cells[name], found.drafts.get(name)
        style = style_of(cell.kpi, company.currency)
        told[name] = {
            "understood": understood(cell, written, style),
            "doubts": doubts_of(cell, written, style),
            "problem": found.problems.get(name, ""),
        }
    return told
