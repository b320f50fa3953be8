"""What a program gives in a single call, read as the cell of a file is and refused for the same reasons."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from core.keys import EMPTY, MISSING
from core.loading.cells import Due
from core.loading.columns import CellType
from core.loading.objects import cell_of
from core.parsers import NoText
from core.texts import CONTROLS, NO_OBJECT, sentence

# What a field says where nothing was given, and where what was given is empty.
NOTHING: dict[str, Any] = {"required": sentence(MISSING), "null": sentence(EMPTY), "blank": sentence(EMPTY)}
SHAPELESS = NOTHING | {"invalid": sentence(NO_OBJECT)}
NO_LIST = NOTHING | {"not_a_list": "Is no list; write what is meant in brackets.", "empty": sentence(EMPTY)}
_TEXT = CellType(str)


def read_cell(cell: CellType, value: Any) -> str:
    """The canonical text of a value, as that type of cell reads it. Raises ValidationError with the reason."""
    try:
        return cell.read(str(value) if isinstance(value, NoText) else cell_of(value, cell.due is Due.TEXT))
    except ValueError as error:
        raise serializers.ValidationError(sentence(str(error))) from error


def read_text(value: Any) -> str:
    """A text as it was given. Raises ValidationError for what is none, and for what no database could keep."""
    if isinstance(value, NoText):
        raise serializers.ValidationError(sentence(CONTROLS))
    return value if isinstance(value, str) else read_cell(_TEXT, value)


class Given(serializers.Field[Any, Any, Any, Any]):
    """A field of one value that is no text; ``cell`` is the type of the column that holds the same in a file."""

    default_error_messages: ClassVar = NOTHING
    cell: CellType

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """A text of blanks is an empty cell, as null is."""
        blank = isinstance(data, str) and not data.strip() and not getattr(self, "allow_blank", False)
        return super().validate_empty_values(None if blank else data)

    def to_internal_value(self, data: Any) -> Any:
        """The value. Raises ValidationError with the reason that a file's row would get."""
        text = read_cell(self.cell, data)
        return self.cell.value(text) if text else ""
