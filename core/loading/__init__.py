"""Taking files in: reading them, typing their cells, and telling every bad row.

Nothing here knows a model or a kind of file; the kinds are registered in ``core.registry``.
"""

from core.loading.columns import Column, Record, Reference
from core.loading.files import AS_IT_IS, FileProblem, Reading, Table, open_table, sheets_of
from core.loading.report import Counts, LoadReport, RowError, RowErrors

__all__ = [
    "AS_IT_IS",
    "Column",
    "Counts",
    "FileProblem",
    "LoadReport",
    "Reading",
    "Record",
    "Reference",
    "RowError",
    "RowErrors",
    "Table",
    "open_table",
    "sheets_of",
]
