"""Filters of people, business units and departments, which serve page and API, of the audit, and by a period."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import make_aware
from drf_spectacular.utils import extend_schema_field

from accounts.choices import Role, UnitKind, Verb, Via, WayIn
from accounts.company import company
from accounts.models import AuditEntry, BusinessUnit, Department, User
from core.filters import DayFilter
from core.forms import DayInput, id_of
from core.periods import Period, PeriodError
from core.records import told_kinds
from core.shapes import PERIOD


class _PeriodField(forms.CharField):
    def clean(self, value: Any) -> Period | None:
        """The period; None where nothing is asked. Raises ValidationError where the text is none."""
        text = super().clean(value)
        try:
            return Period.parse(text, company().calendar) if text else None
        except PeriodError as error:
            raise forms.ValidationError(f"{error}.") from error


@extend_schema_field({"type": "string", "pattern": PERIOD, "example": "2026-Q3"})
class PeriodFilter(django_filters.Filter):  # type: ignore[misc]  # the library is not typed
    """A month, quarter or year."""

    field_class = _PeriodField


class PeopleFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """With a text in name or address, of a role, and by whether they get in. Asks rows of ``with_ways_in``."""

    q = django_filters.CharFilter(label="Name or address", method="named")
    role = django_filters.ChoiceFilter(
        choices=[*Role.choices, ("none", "No role")], label="Role", method="of_role", empty_label="all"
    )
    state = django_filters.ChoiceFilter(choices=WayIn.choices, field_name="way_in", label="State", empty_label="all")

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def named(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """With the text in name or address."""
        return queryset.filter(Q(name__icontains=value) | Q(email__icontains=value))

    def of_role(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Who has a role; who has none at all."""
        if value == "none":
            return queryset.filter(role_grants=None)
        return queryset.filter(role_grants__role=value)


class DepartmentFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """With a text in the name."""

    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Search")

    class Meta:
        model = Department
        fields: tuple[str, ...] = ()


class BusinessUnitFilter(DepartmentFilter):
    """The same, and of a kind."""

    kind = django_filters.ChoiceFilter(choices=UnitKind.choices, label="Kind")

    class Meta:
        model = BusinessUnit
        fields: tuple[str, ...] = ()


# Fewer parts are looked up all at once; of more, the newest acts soon turn out to have one.
_FEW = 2_000
NOBODY = "command"  # who is asked for where nobody was signed in


def _people() -> list[tuple[str, str]]:
    people = sorted(((str(person.pk), str(person)) for person in User.objects.all()), key=lambda one: one[1].casefold())
    return [(NOBODY, "the command line or a worker"), *people]


def _kinds() -> list[tuple[str, str]]:
    kinds = ((label, told.thing) for label, told in told_kinds().items())
    return sorted(kinds, key=lambda one: one[1].casefold())


def _verbs() -> list[tuple[str, str]]:
    return sorted((verb.value, verb.value) for verb in Verb)


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Who did what to what, and when. One line is an act: it is shown where any part of it is what is asked for.

    ``object`` (``kpis.kpi:7``) and ``act`` ask for entries one by one, parts of acts too; so does ``one_by_one``.
    """

    one_by_one = False

    who = django_filters.ChoiceFilter(label="Who", choices=_people, method="of_person", empty_label="everybody")
    verb = django_filters.ChoiceFilter(label="Did", choices=_verbs, method="with_part", empty_label="anything")
    kind = django_filters.ChoiceFilter(label="To", choices=_kinds, method="with_part", empty_label="anything")
    via = django_filters.ChoiceFilter(label="Way in", choices=Via.choices, empty_label="any")
    since = DayFilter(label="From", method="from_day", widget=DayInput())
    until = DayFilter(label="To the end of", method="to_day", widget=DayInput())
    object = django_filters.CharFilter(label="Object", method="of_object")
    act = django_filters.CharFilter(label="Act", method="of_act")

    class Meta:
        model = AuditEntry
        fields: tuple[str, ...] = ()

    @property
    def is_flat(self) -> bool:
        """Whether entries are asked for one by one."""
        cleaned = self.form.cleaned_data if self.form.is_valid() else {}
        return self.one_by_one or bool(cleaned.get("object") or cleaned.get("act"))

    def of_person(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """Of a person, or of nobody who was signed in."""
        return queryset.filter(by=None) if value == NOBODY else queryset.filter(by=id_of(value))

    def with_part(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """Acts of which an entry is so."""
        asked = Q(**{"verb" if name == "verb" else "object_type": value})
        if self.is_flat:
            return queryset.filter(asked)
        parts = AuditEntry.objects.filter(asked, act__isnull=False).order_by()
        few = parts[:_FEW].count() < _FEW
        held = Q(pk__in=parts.values("act")) if few else Q(Exists(parts.filter(act=OuterRef("pk"))))
        return queryset.filter(asked | held)

    def from_day(self, queryset: QuerySet[AuditEntry], name: str, value: date) -> QuerySet[AuditEntry]:
        """From the beginning of a day."""
        return queryset.filter(at__gte=_midnight(value))

    def to_day(self, queryset: QuerySet[AuditEntry], name: str, value: date) -> QuerySet[AuditEntry]:
        """To the end of a day."""
        return queryset.filter(at__lt=_midnight(value + timedelta(days=1)))

    def of_object(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """Of one object."""
        kind, _, key = value.partition(":")
        return queryset.filter(object_type=kind, object_id=key)

    def of_act(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """All of one act."""
        number = id_of(value)
        return queryset.filter(Q(pk=number) | Q(act=number)) if number else queryset.none()


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))
