"""Filters of KPIs, targets and actuals: one set serves page and API."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.company import company, today_of
from accounts.filters import PeriodFilter
from accounts.models import Department, User
from core.filters import DayFilter, FlagFilter, MonthFilter
from core.periods import Kind, Period, month_of
from customers.models import Customer, Tier
from kpis.choices import Indicator, KpiState, LinkStage, LinkState, Per, ProposalState, TargetState
from kpis.models import (
    CompleteMonth,
    Contact,
    Deal,
    Fact,
    Invoice,
    Issue,
    Kpi,
    KpiProposal,
    Link,
    Referral,
    Restatement,
    RolledSlice,
    Target,
    TargetBatch,
    TierActual,
)
from kpis.querysets import KpiQuerySet
from kpis.reading.trends import leaves_of


def _flag(label: str, method: str, unasked: str = "Any") -> Any:
    return FlagFilter(label=label, method=method, unasked=unasked)


class KpiFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """Filters by their names in addresses. A value that is unknown is in ``form.errors`` and filters nothing.

    Retired KPIs are left out unless ``retired`` asks for them.
    """

    q = django_filters.CharFilter(label="Search", method="mentioning")
    department = django_filters.ModelChoiceFilter(
        queryset=Department.objects.all(), to_field_name="code", label="Department", empty_label="All departments"
    )
    indicator = django_filters.ChoiceFilter(choices=Indicator.choices, label="Indicator", empty_label="Both kinds")
    owner = django_filters.ModelChoiceFilter(
        queryset=User.objects.filter(owned_kpis__isnull=False).distinct(),
        to_field_name="email",
        label="Owner",
        empty_label="All owners",
    )
    calculated = _flag("Calculated", "with_formula")
    customers_own = _flag("The customer’s own", "of_customers")
    no_owner = _flag("Without an owner", "without_owner", unasked="All KPIs")
    no_target = _flag("Without a target", "without_target", unasked="All KPIs")
    no_data = _flag("Without data", "without_data", unasked="All KPIs")
    state = django_filters.ChoiceFilter(choices=KpiState.choices, label="State", empty_label="Drafts too")
    retired = _flag("Retired", "out_of_use", unasked="Not retired")

    class Meta:
        model = Kpi
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: KpiQuerySet) -> KpiQuerySet:
        """What passes; where nothing is said of retired ones, those in use."""
        found: KpiQuerySet = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("retired") is not None else found.filter(retired_from=None)

    def mentioning(self, queryset: KpiQuerySet, name: str, value: str) -> KpiQuerySet:
        """With each of the words in code, name, definition or the customer's own words."""
        for word in value.split():
            text = Q(code__icontains=word) | Q(name__icontains=word)
            queryset = queryset.filter(text | Q(definition__icontains=word) | Q(customer_criterion__icontains=word))
        return queryset

    def with_formula(self, queryset: KpiQuerySet, name: str, value: bool) -> KpiQuerySet:
        """Calculated from others, or not."""
        return queryset.exclude(formula="") if value else queryset.filter(formula="")

    def of_customers(self, queryset: KpiQuerySet, name: str, value: bool) -> KpiQuerySet:
        """With the customer's own words for it."""
        own = ~Q(customer_criterion__regex=r"^\s*$")
        return queryset.filter(own if value else ~own)

    def without_owner(self, queryset: KpiQuerySet, name: str, value: bool) -> KpiQuerySet:
        """That nobody owns: nobody will change it either."""
        return queryset.filter(owner__isnull=value)

    def without_target(self, queryset: KpiQuerySet, name: str, value: bool) -> KpiQuerySet:
        """Without an approved target in the running fiscal year."""
        return _where(queryset, Q(pk__in=aimed()), not value)

    def without_data(self, queryset: KpiQuerySet, name: str, value: bool) -> KpiQuerySet:
        """Without a rolled-up value of any month, by its own facts, its source's, or all of its inputs'."""
        return _where(queryset, Q(pk__in=measured(Kpi.objects.named())), not value)

    def out_of_use(self, queryset: KpiQuerySet, name: str, value: bool) -> KpiQuerySet:
        """Taken out of the matrix."""
        return queryset.filter(retired_from__isnull=not value)


def _where(queryset: KpiQuerySet, condition: Q, holds: bool) -> KpiQuerySet:
    return queryset.filter(condition) if holds else queryset.exclude(condition)


def running_year() -> Period:
    """The fiscal year of the company's day."""
    found = company()
    return found.calendar.period(Kind.YEAR, month_of(today_of(found)))


def aimed() -> set[int]:
    """The ids of KPIs with an approved target that can stand in the running fiscal year."""
    year = running_year()
    monthly = Q(per=Per.MONTH, from_month__lte=year.last)
    monthly &= Q(until_month=None) | Q(until_month__gte=year.first)
    longer = Q(from_month__gte=year.first, from_month__lte=year.last)
    rows = Target.objects.approved().filter(monthly | longer).order_by()
    return set(rows.values_list("kpi_id", flat=True).distinct())


def measured(library: Collection[Kpi]) -> set[int]:
    """The ids of KPIs, among all, that have data: a calculated one where all that it is made of has."""
    rolled = set(RolledSlice.objects.filter(facts__gt=0).order_by().values_list("kpi_id", flat=True).distinct())
    sources = {kpi.pk: kpi.source_id for kpi in library}
    return {pk for pk, leaves in leaves_of(library).items() if all(sources[one] in rolled for one in leaves)}


def _of_kpi() -> Any:
    return django_filters.ModelChoiceFilter(queryset=Kpi.objects.all(), to_field_name="code")


def _of_tier() -> Any:
    return django_filters.ModelChoiceFilter(queryset=Tier.objects.all(), to_field_name="code")


class GridFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """Which KPIs the grid of targets shows, of which fiscal year, in which periods, with plan values or not."""

    year = PeriodFilter(label="Fiscal year")
    per = django_filters.ChoiceFilter(choices=Per.choices, label="Per")
    department = django_filters.ModelChoiceFilter(
        queryset=Department.objects.all(), to_field_name="code", label="Department"
    )
    plan = django_filters.ChoiceFilter(choices=[("1", "Shown")], label="Plan values")

    class Meta:
        model = Kpi
        fields: tuple[str, ...] = ()

    @property
    def fiscal_year(self) -> Period:
        """That of the period that is asked for; the running one where none is."""
        self.form.is_valid()
        asked: Period | None = self.form.cleaned_data.get("year")
        return company().calendar.period(Kind.YEAR, asked.last) if asked else running_year()

    def filter_queryset(self, queryset: KpiQuerySet) -> KpiQuerySet:
        """Of the department, those that stand in some month of the year."""
        rows = queryset.exclude(retired_from__lte=self.fiscal_year.first)
        department = self.form.cleaned_data.get("department")
        return rows.filter(department=department) if department else rows


class TargetFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """By what names a row, by state, by batch, and rows that start in a span of months."""

    kpi = _of_kpi()
    tier = _of_tier()
    per = django_filters.ChoiceFilter(choices=Per.choices)
    from_month = MonthFilter()
    since = MonthFilter(field_name="from_month", lookup_expr="gte")
    until = MonthFilter(field_name="from_month", lookup_expr="lte")
    state = django_filters.MultipleChoiceFilter(choices=TargetState.choices)
    batch = django_filters.ModelChoiceFilter(queryset=TargetBatch.objects.all())

    class Meta:
        model = Target
        fields: tuple[str, ...] = ()


class TargetBatchFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Whether anything of it waits for finance."""

    waiting = _flag("Waiting", "with_proposals")

    class Meta:
        model = TargetBatch
        fields: tuple[str, ...] = ()

    def with_proposals(self, queryset: QuerySet[TargetBatch], name: str, value: bool) -> QuerySet[TargetBatch]:
        """Of which finance has something to decide, or nothing."""
        waits = Exists(Target.objects.filter(batch=OuterRef("pk"), state=TargetState.PROPOSED))
        return queryset.filter(waits) if value else queryset.exclude(waits)


class CompleteMonthFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Of a KPI, of a span of months."""

    kpi = _of_kpi()
    since = MonthFilter(field_name="month", lookup_expr="gte")
    until = MonthFilter(field_name="month", lookup_expr="lte")

    class Meta:
        model = CompleteMonth
        fields: tuple[str, ...] = ()


def _readable_customers(request: Any) -> QuerySet[Customer]:
    return Customer.objects.visible_to(request.user) if request else Customer.objects.none()


def _readable_issues(request: Any) -> QuerySet[Issue]:
    return Issue.objects.filter(customer__in=_readable_customers(request))


class FactFilter(CompleteMonthFilter):
    """The same of facts, of one month, and of a customer whom the person may read."""

    month = MonthFilter()
    customer = django_filters.ModelChoiceFilter(queryset=_readable_customers, to_field_name="external_id")

    class Meta:
        model = Fact
        fields: tuple[str, ...] = ()


class _OfEvents(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Of a customer whom the person may read."""

    customer = django_filters.ModelChoiceFilter(queryset=_readable_customers, to_field_name="external_id")

    class Meta:
        fields: tuple[str, ...] = ()


def _day(name: str, compared: str) -> DayFilter:
    return DayFilter(field_name=name, lookup_expr=compared)


class IssueFilter(_OfEvents):
    """The same of issues, opened or solved in a span of days, and open or not."""

    since = _day("opened_on", "gte")
    until = _day("opened_on", "lte")
    solved_since = _day("solved_on", "gte")
    solved_until = _day("solved_on", "lte")
    open = FlagFilter(field_name="solved_on", lookup_expr="isnull")

    class Meta(_OfEvents.Meta):
        model = Issue


class ContactFilter(_OfEvents):
    """The same of contacts, of an issue, and in a span of days."""

    customer = django_filters.ModelChoiceFilter(
        field_name="issue__customer", queryset=_readable_customers, to_field_name="external_id"
    )
    issue = django_filters.ModelChoiceFilter(queryset=_readable_issues, to_field_name="external_id")
    since = _day("on", "gte")
    until = _day("on", "lte")

    class Meta(_OfEvents.Meta):
        model = Contact


class DealFilter(_OfEvents):
    """The same of deals, closed in a span of days, and won or lost."""

    since = _day("closed_on", "gte")
    until = _day("closed_on", "lte")
    won = FlagFilter()

    class Meta(_OfEvents.Meta):
        model = Deal


class ReferralFilter(_OfEvents):
    """The same of referrals, in a span of days."""

    since = _day("on", "gte")
    until = _day("on", "lte")

    class Meta(_OfEvents.Meta):
        model = Referral


class InvoiceFilter(_OfEvents):
    """The same of invoices, issued or paid in a span of days, and open or not."""

    since = _day("issued_on", "gte")
    until = _day("issued_on", "lte")
    paid_since = _day("paid_on", "gte")
    paid_until = _day("paid_on", "lte")
    open = FlagFilter(field_name="paid_on", lookup_expr="isnull")

    class Meta(_OfEvents.Meta):
        model = Invoice


class TierActualFilter(CompleteMonthFilter):
    """The same of actuals, of one month, and of a tier."""

    month = MonthFilter()
    tier = _of_tier()

    class Meta:
        model = TierActual
        fields: tuple[str, ...] = ()


class RestatementFilter(TierActualFilter):
    """The same of what was corrected."""

    class Meta:
        model = Restatement
        fields: tuple[str, ...] = ()


class KpiProposalFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """In a state."""

    state = django_filters.MultipleChoiceFilter(choices=ProposalState.choices)

    class Meta:
        model = KpiProposal
        fields: tuple[str, ...] = ()


class LinkFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """Filters of links: one set serves page and API. Asks rows of ``with_state``."""

    leading = django_filters.ModelChoiceFilter(
        label="Leading KPI", queryset=Kpi.objects.all(), to_field_name="code", empty_label="All"
    )
    trailing = django_filters.ModelChoiceFilter(
        label="Trailing KPI", queryset=Kpi.objects.all(), to_field_name="code", empty_label="All"
    )
    stage = django_filters.ChoiceFilter(choices=LinkStage.choices, label="Stage", empty_label="All")
    state = django_filters.ChoiceFilter(choices=LinkState.choices, label="What was seen", empty_label="All")

    class Meta:
        model = Link
        fields: tuple[str, ...] = ()
