"""Who may enter the pages of the search, of value by tier and of weights."""

from __future__ import annotations

from tests.accounts.audiences import READERS, SIGNED_IN, STEWARDS, Door

DOORS = {
    "search/": Door(READERS),
    "search/results/": Door(READERS),
    "api/v1/search/": Door(READERS),
    **{f"growth/value/{part}": Door(READERS) for part in ("", "chart.json", "export/<str:form>/")},
    "growth/value/kpis/": Door(STEWARDS, STEWARDS),
    "kpis/weights/": Door(READERS, STEWARDS),
    "kpis/weights/<int:number>/take-back/": Door(SIGNED_IN, STEWARDS),
}
