"""Rows of the API's lists are what the framework's own serializers answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rest_framework import serializers

from core.rows import RowSerializer


class Fields(serializers.Serializer[Any]):
    code = serializers.CharField(source="of.code")
    name = serializers.CharField()
    owner = serializers.EmailField(source="owner.email", default=None, allow_null=True)
    deep = serializers.CharField(source="of.of.code", default=None, allow_null=True)
    count = serializers.IntegerField(allow_null=True)
    asked = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=[("a", "A"), ("b", "B")])
    yes = serializers.BooleanField()
    left_out = serializers.CharField(required=False)
    made = serializers.SerializerMethodField()

    def get_made(self, row: Any) -> str:
        return "made"


class Quick(RowSerializer, Fields): ...


def row(**values: Any) -> SimpleNamespace:
    of = SimpleNamespace(code="x", of=SimpleNamespace(code="y"))
    owner = SimpleNamespace(email="ines@tierboard.example")
    usual = {"of": of, "owner": owner, "name": 7, "count": "3", "asked": lambda: 4, "kind": "a", "yes": True}
    return SimpleNamespace(**(usual | values))


def test_objects_are_answered_alike() -> None:
    rows = [
        row(),
        row(owner=None, count=None, kind="", name=None),
        row(of=SimpleNamespace(code="x")),
        row(of=SimpleNamespace(code=None, of=None), left_out="there"),
    ]
    found = Quick(rows, many=True).data
    assert found == Fields(rows, many=True).data
    assert (found[0]["name"], found[0]["asked"], found[1]["owner"], found[2]["deep"]) == ("7", 4, None, None)


def test_mappings_are_answered_alike() -> None:
    rows = [{"of": {"code": "x"}, "name": "n", "count": 1, "asked": 2, "kind": "b", "yes": False}]
    assert Quick(rows, many=True).data == Fields(rows, many=True).data
