"""How much of each thing a file may hold: one number per kind of thing, looked at before the thing is taken in.

They lie far above what a company has, and keep what a small file can cost small. Each message names its number.
"""

from __future__ import annotations

from core.formatting import number
from core.loading.table import FileProblem

WIDEST = 16_384  # columns, as many as a worksheet has
MOST_SHEETS = 255  # worksheets of a workbook
LONGEST_SHEET = 1_048_576  # rows of a worksheet
MOST_NAMES = 200  # columns that the first line names
LONGEST_CELL = 32_767  # characters of a cell, as many as a worksheet's takes
LONGEST_LINE = 1_000_000  # characters of a row of a CSV file
LONGEST_NUMBER = 40  # characters of a number, a date, a code, a choice
MOST_ERRORS = 250_000  # bad cells that are told one by one; the others are counted

MOST_UNPACKED = 1_000 * 2**20
MOST_SHARED_TEXTS = 64 * 2**20
SMALL_PART = 8 * 2**20
BEST_PACKED = 60
MOST_DIRECTORY = 2**20
DEEPEST_XML = 40
LONGEST_TAG = 2**20


def refuse_width(name: str, line: int, cells: int) -> None:
    """Raise FileProblem for a row that is wider than any worksheet."""
    if cells > WIDEST:
        raise FileProblem(f"{name}, line {line}: has {number(cells)} cells; a row has at most {number(WIDEST)}")


def refuse_names(name: str, names: int) -> None:
    """Raise FileProblem for a first line that names more columns than any kind of file has."""
    if names > MOST_NAMES:
        raise FileProblem(f"{name}: the first line names {number(names)} columns; at most {MOST_NAMES} are read")
