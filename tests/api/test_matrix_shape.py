"""The matrix's JSON is put together from plain values; the serializers of the schema must tell the same."""

from __future__ import annotations

from kpis.reading.matrix import Matrix
from scorecard.reading.matrix_json import matrix_json
from scorecard.serializers.scorecards import MatrixSerializer


def test_the_schemas_serializers_give_what_the_api_gives(matrix: Matrix) -> None:
    assert matrix_json(matrix) == MatrixSerializer(matrix).data
