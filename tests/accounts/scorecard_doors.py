"""Who may enter the pages of the search and of value by tier."""

from __future__ import annotations

from tests.accounts.audiences import READERS, STEWARDS, Door

DOORS = {
    "search/": Door(READERS),
    "search/results/": Door(READERS),
    "api/v1/search/": Door(READERS),
    **{f"growth/value/{part}": Door(READERS) for part in ("", "chart.json", "export/<str:form>/")},
    "growth/value/kpis/": Door(STEWARDS, STEWARDS),
}
