"""Filters of what belongs to initiatives: milestones, status updates, benefits."""

from __future__ import annotations

from typing import Any

import django_filters

from accounts.models import User
from core.filters import DayFilter, FlagFilter
from initiatives.choices import BenefitKind, BenefitState, Health
from initiatives.models import Benefit, Initiative, Milestone, StatusUpdate


def _of_initiative() -> Any:
    return django_filters.ModelChoiceFilter(queryset=Initiative.objects.all(), to_field_name="code")


class MilestoneFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """Of an initiative; done or not; due up to a day."""

    initiative = _of_initiative()
    done = FlagFilter(field_name="done_on", lookup_expr="isnull", exclude=True)
    dropped = FlagFilter(field_name="dropped_on", lookup_expr="isnull", exclude=True)
    due_until = DayFilter(field_name="due", lookup_expr="lte")

    class Meta:
        model = Milestone
        fields: tuple[str, ...] = ()


class StatusUpdateFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Of an initiative, an author, a health, a span of days."""

    initiative = _of_initiative()
    author = django_filters.ModelChoiceFilter(queryset=User.objects.all(), to_field_name="email")
    health = django_filters.ChoiceFilter(choices=Health.choices)
    since = DayFilter(field_name="on", lookup_expr="gte")
    until = DayFilter(field_name="on", lookup_expr="lte")

    class Meta:
        model = StatusUpdate
        fields: tuple[str, ...] = ()


class BenefitFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Of an initiative, in a state, of a kind."""

    initiative = _of_initiative()
    state = django_filters.MultipleChoiceFilter(choices=BenefitState.choices)
    kind = django_filters.ChoiceFilter(choices=BenefitKind.choices)

    class Meta:
        model = Benefit
        fields: tuple[str, ...] = ()
