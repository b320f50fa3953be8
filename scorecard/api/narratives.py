"""Narratives and remarks for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.company import today_of
from accounts.context import company_of
from accounts.resources import Readable, answer
from accounts.rights import Right
from core.periods import Period
from core.resources import Pages, require_same, require_seen
from core.routing import resource
from core.stale import revision_of
from scorecard.filters import NarrativeFilter, RemarkFilter
from scorecard.models import Narrative, Remark
from scorecard.reading.references import CellBook
from scorecard.serializers.narratives import (
    NarrativeInput,
    NarrativeSerializer,
    RemarkInput,
    RemarkSerializer,
    action_in,
)
from scorecard.services.narratives import Place, remark, take_back_remark, write_narrative

_WRITE = (Right.NOTE_ACTIONS, Right.NOTE_OWN_ACTIONS)


@resource("narratives")
class NarrativeViewSet(Readable):
    """What happened in cells, one narrative of each KPI, tier and period. None is deleted: the audit keeps versions."""

    queryset = Narrative.objects.select_related("kpi", "tier", "by", "owner")
    lookup_value_converter = "int"
    serializer_class = NarrativeSerializer
    filterset_class = NarrativeFilter
    pagination_class = Pages
    rights: ClassVar = {"create": _WRITE, "partial_update": _WRITE}
    bodies: ClassVar = dict.fromkeys(("create", "partial_update"), NarrativeInput)

    def list(self, request: Request) -> Response:
        """Those that pass the filters."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(NarrativeSerializer(self._read(rows), many=True).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        """As it stands."""
        return self._one(self.get_object())

    def create(self, request: Request) -> Response:
        """The first of its cell; where there is one already, 409: change that."""
        values = self.values()
        place = Place(values["kpi"], values["tier"], values["period"])
        made = write_narrative(
            place=place, by=self.caller, analysis=values["analysis"], action=action_in(values), seen=""
        )
        return self._one(made, status=201, location=self.address_of(made))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what is named. Needs the revision that was read; which cell it is of stays."""
        row, values = self.get_object(), self.values()
        require_seen(request, revision_of(row), values)
        period = Period.parse(row.period, company_of(request).calendar)
        require_same(row, values | ({"period": values["period"].code} if "period" in values else {}), _NAMING)
        changed = write_narrative(
            place=Place(row.kpi, row.tier, period),
            by=self.caller,
            analysis=values.get("analysis", row.analysis),
            action=action_in(values, row),
            seen=revision_of(row),
        )
        return self._one(changed)

    def _read(self, rows: Sequence[Narrative]) -> Sequence[Narrative]:
        """Each with how it reads: a few queries for each period that is named."""
        found = company_of(self.request)
        today = today_of(found)
        for code in {row.period for row in rows}:
            own = [row for row in rows if row.period == code]
            period = Period.parse(code, found.calendar)
            book = CellBook.of_texts([row.analysis for row in own], period, today, found.currency)
            for row in own:
                row.reads = book.reads(row.analysis)  # type: ignore[attr-defined]
        return rows

    def _one(self, row: Narrative, *, status: int = 200, location: str = "") -> Response:
        (read,) = self._read([row])
        return answer(NarrativeSerializer(read).data, status=status, location=location)


_NAMING = ("period", "kpi", "tier")


@resource("remarks")
class RemarkViewSet(Readable):
    """Remarks on months of charts. None is deleted or changed: one that is taken back says since when."""

    queryset = Remark.objects.select_related("kpi", "tier", "by")
    lookup_value_converter = "int"
    serializer_class = RemarkSerializer
    filterset_class = RemarkFilter
    pagination_class = Pages
    rights: ClassVar = {"create": _WRITE, "take_back": (*_WRITE, Right.SET_STEPS)}
    bodies: ClassVar = {"create": RemarkInput}

    def create(self, request: Request) -> Response:
        """A remark on a month, in one column or (without a tier) in all; the same once more is the same one."""
        values = {"tier": None, **self.values()}
        made = remark(by=self.caller, **values)
        return self.shown(made, status=201, location=self.address_of(made))

    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: int) -> Response:
        """Off the charts; its writer does that, and stewards."""
        return self.shown(take_back_remark(remark=self.get_object(), by=self.caller))
