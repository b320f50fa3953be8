"""The API's description: operations in plain words, what each may answer, and an example of each."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

from core.shapes import READING, READING_ONE, WRITING
from core.strict import SORT

_VERBS = {"list": "list", "retrieve": "read", "create": "create", "partial_update": "change", "destroy": "delete"}


class PlainSchema(AutoSchema):
    """Describes an endpoint by what it says of itself: ``queries``, ``bodies``, and the resource's name."""

    def get_operation_id(self) -> str:
        """``list_customers``, ``approve_benefit``: what is done to one of them, or to several."""
        one = getattr(self.view, "basename", "").removeprefix("api-").replace("-", "_")
        action = getattr(self.view, "action", None)
        if not (one and action):
            return str(super().get_operation_id())
        several = action == "list" or (action not in _VERBS and not getattr(self.view, "detail", True))
        return f"{_VERBS.get(action, action)}_{self.several if several else one}"

    @property
    def several(self) -> str:
        """The resource's name as its address has it."""
        return str(self._tokenize_path()[0]).replace("-", "_")

    def get_summary(self) -> str:
        """The operation's name as words."""
        return self.get_operation_id().replace("_", " ").capitalize()

    def get_override_parameters(self) -> list[Any]:
        """Those that the endpoint names."""
        shape = getattr(self.view, "queries", {}).get(self._key)
        return [shape] if shape else []

    def get_request_serializer(self) -> Any:
        """The body that the endpoint names; none where it names none."""
        return getattr(self.view, "bodies", {}).get(self._key)

    def get_response_serializers(self) -> Any:
        """The row, and the problems that there may be."""
        shape = self._get_serializer()
        if self.method == "GET":
            return {200: shape} | (READING if self._key == "list" else READING_ONE)
        if self._key == "destroy":
            return {204: None} | WRITING
        return {201 if self._key == "create" else 200: shape} | WRITING

    @property
    def _key(self) -> str:
        return getattr(self.view, "action", None) or self.method.lower()

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self._key == "list" or super()._is_list_view(serializer)

    def _get_filter_parameters(self) -> list[Any]:
        found = super()._get_filter_parameters() if self._key == "list" else []
        return [one for one in found if one["name"] != SORT]

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Any:
        """A body has no fields but these."""
        schema = super()._map_basic_serializer(serializer, direction)
        return schema | {"additionalProperties": False} if direction == "request" else schema
