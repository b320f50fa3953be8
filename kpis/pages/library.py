"""What the KPI library shows as a list."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import reverse

from accounts.context import company_of
from accounts.http import PageRequest
from accounts.models import Department
from accounts.rights import Right
from core.formatting import (
    counted,
)
from core.lists import FilteredList
from core.sentences import Phrase, Sentence
from kpis.access import proposals_of
from kpis.choices import Indicator, ProposalState
from kpis.filters import KpiFilter
from kpis.models import Kpi
from kpis.pages.library_lines import Lines, lines_of

PER_PAGE = 60
FILTERS = ("q", "department", "indicator", "owner")
MORE_FILTERS = ("no_owner", "no_target", "no_data", "state", "retired")


class LibraryPage(FilteredList[Kpi]):
    """The filtered library as one person asks for it."""

    def __init__(self, request: PageRequest) -> None:
        rows = Kpi.objects.in_matrix_order().select_related("department", "owner", "facts_of")
        filters = KpiFilter(request.GET, rows, request=request)
        super().__init__(request.GET, filters.qs, filters, PER_PAGE)
        self.user = request.user
        self.company = company_of(request)

    @cached_property
    def everything(self) -> list[Kpi]:
        """All KPIs, retired ones included: names for formulas, and counts for the header."""
        return list(Kpi.objects.in_matrix_order())

    @cached_property
    def current(self) -> list[Kpi]:
        """Those that are not retired."""
        return [kpi for kpi in self.everything if kpi.retired_from is None]

    @property
    def headline(self) -> Sentence:
        """``3 of 11 leading KPIs are the customer's own.``"""
        leading = [kpi for kpi in self.current if kpi.indicator == Indicator.LEADING]
        own = sum(bool(kpi.customer_criterion.strip()) for kpi in leading)
        if not leading:
            return (Phrase("There is no leading KPI yet: nothing here tells what is coming."),)
        noun = "leading KPI is" if len(leading) == 1 else "leading KPIs are"
        words = f"{own} of {len(leading)} {noun} the customer’s own"
        return (Phrase(words, "", "?indicator=leading&customers_own=true"), Phrase("."))

    @property
    def detail(self) -> Sentence:
        """How many there are, and how many nobody owns."""
        orphans = sum(kpi.owner_id is None for kpi in self.current)
        in_use = (Phrase(counted(len(self.current), "KPI"), "", reverse("kpis")), Phrase(" in use."))
        if not orphans:
            return in_use
        alone = Phrase(f"{orphans} without an owner", "", "?no_owner=true")
        return (*in_use, Phrase(" "), alone, Phrase(": a number that nobody owns changes nothing."))

    @cached_property
    def proposed(self) -> int:
        """How many proposed KPIs wait: all of them for stewards, their own for owners."""
        concerned = self.user.has_perm(Right.MANAGE_KPIS) or self.user.has_perm(Right.PROPOSE_KPIS)
        return proposals_of(self.user).filter(state=ProposalState.PROPOSED).count() if concerned else 0

    @cached_property
    def gaps(self) -> list[Department]:
        """Departments without a KPI in use."""
        covered = {kpi.department_id for kpi in self.current}
        return [one for one in Department.objects.order_by("name") if one.pk not in covered]

    @cached_property
    def lines(self) -> Lines:
        """The lines of the page."""
        return lines_of(self.company, list(self.page), self.everything)

    @property
    def fields(self) -> list[Any]:
        """The filter's fields in their order."""
        return [self.filter.form[name] for name in FILTERS]

    @property
    def more_fields(self) -> list[Any]:
        """Those that are asked for less often."""
        return [self.filter.form[name] for name in MORE_FILTERS]

    @property
    def more_used(self) -> bool:
        """Whether one of these is in use: then they are in sight."""
        return any(self.filter.data.get(name) for name in MORE_FILTERS)
