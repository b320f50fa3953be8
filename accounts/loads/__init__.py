"""Loads: files taken in whole, taken back, and written out again."""

from accounts.loads.doors import export_file, load_file, may_undo, undo_load
from accounts.loads.jobs import Change, LoadJob, LoadRefused, UndoRefused
from accounts.loads.refusing import Refusal
from accounts.loads.rowkind import RowKind

__all__ = [
    "Change",
    "LoadJob",
    "LoadRefused",
    "Refusal",
    "RowKind",
    "UndoRefused",
    "export_file",
    "load_file",
    "may_undo",
    "undo_load",
]
