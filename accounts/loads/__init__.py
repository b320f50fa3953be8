"""Loads: files taken in whole, taken back, and written out again."""

from accounts.loads.doors import confidential_kinds, export_file, kinds_for, load_file, may_undo, undo_load
from accounts.loads.kind import RowKind
from accounts.loads.refusing import Refusal
from accounts.loads.taking import Change, LoadJob, LoadRefused, UndoRefused

__all__ = [
    "Change",
    "LoadJob",
    "LoadRefused",
    "Refusal",
    "RowKind",
    "UndoRefused",
    "confidential_kinds",
    "export_file",
    "kinds_for",
    "load_file",
    "may_undo",
    "undo_load",
]
