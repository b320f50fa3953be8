"""Phrases about KPIs, facts, targets and cells that chain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from core.periods import Month
from kpis.choices import LIVE_LINKS, LinkStage, Per, TargetState

if TYPE_CHECKING:
    from kpis.models import Fact, Kpi, Link, PeriodCell, Target, TargetBatch  # noqa: F401  named in quotes below


class KpiQuerySet(models.QuerySet["Kpi"]):
    """KPIs."""

    def in_matrix_order(self) -> KpiQuerySet:
        """Leading before trailing, then as the file had them."""
        return self.order_by("indicator", "position", "code")

    def named(self) -> KpiQuerySet:
        """With what names them and says where their data come from, and nothing else."""
        return self.only("code", "name", "formula", "facts_of")


class FactQuerySet(models.QuerySet["Fact"]):
    """Facts."""

    def of(self, kpi: Kpi) -> FactQuerySet:
        """Those that the KPI counts."""
        return self.filter(kpi_id=kpi.source_id)

    def in_months(self, months: Iterable[Month]) -> FactQuerySet:
        """Those of these months."""
        return self.filter(month__in=list(months))


class TargetQuerySet(models.QuerySet["Target"]):
    """Target versions."""

    def approved(self) -> TargetQuerySet:
        """The versions that count."""
        return self.filter(state=TargetState.APPROVED)

    def reaching(self, first: Month, last: Month) -> TargetQuerySet:
        """Those that can stand in a month from first to last: rows that start in that span, and of
        the earlier month rows of each KPI and tier the latest.
        """
        earlier = (
            self.filter(per=Per.MONTH, from_month__lt=first)
            .annotate(nth=Window(RowNumber(), partition_by=["kpi_id", "tier_id"], order_by=F("from_month").desc()))
            .filter(nth=1)
            .values("pk")
        )
        return self.filter(Q(from_month__gte=first, from_month__lte=last) | Q(pk__in=earlier))


class TargetBatchQuerySet(models.QuerySet["TargetBatch"]):
    """Batches of targets that were proposed together."""

    def counted(self) -> TargetBatchQuerySet:
        """With how many of its targets are in each state, as ``proposed_count`` and so on."""
        counts = {f"{state}_count": Count("targets", filter=Q(targets__state=state)) for state in TargetState.values}
        return self.annotate(**counts)


class PeriodCellQuerySet(models.QuerySet["PeriodCell"]):
    """Period cells."""

    def of_periods(self, codes: Iterable[str]) -> PeriodCellQuerySet:
        """Those of these periods."""
        return self.filter(period__in=list(codes))

    def with_gaps(self) -> PeriodCellQuerySet:
        """Those in which a month is missing."""
        return self.filter(months_with_data__lt=F("months_expected"))


class LinkQuerySet(models.QuerySet["Link"]):
    """Links from a leading KPI to a trailing one."""

    def standing(self) -> LinkQuerySet:
        """Those that are written down, with what they name."""
        return self.filter(stage=LinkStage.WRITTEN).select_related("leading", "trailing")

    def live(self) -> LinkQuerySet:
        """Those that are written down or wait as proposals: no other link of the same two KPIs can be."""
        return self.filter(stage__in=LIVE_LINKS)

    def naming(self, kpi: Kpi) -> LinkQuerySet:
        """Those that begin or end with a KPI."""
        return self.filter(Q(leading=kpi) | Q(trailing=kpi))
