"""Filters of the register: one set serves list, board, timeline, export, priorities, report links and API.

Some look at columns, the others at how initiatives stood on the day (``as_of``). ``standings`` is
the answer of both, sorted; ``qs`` has the same rows as a query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cached_property, partial
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict

from accounts.company import today
from accounts.filters import PeriodFilter
from accounts.models import BusinessUnit, Company, Department, User
from core.filters import DayFilter, FlagFilter, problems_of
from core.forms import Form
from core.periods import Period
from customers.choices import TierScope
from customers.models import Customer, Tier
from initiatives.choices import Flow, Level, Quadrant, ScheduleStatus, Stage
from initiatives.formulas import GRAVITY
from initiatives.models import Initiative
from initiatives.querysets import InitiativeQuerySet
from initiatives.reading.answers import Pain, answers, orphaned, recorded_pain
from initiatives.reading.kept import kept_standings
from initiatives.reading.report import flows_of, last_moves
from initiatives.reading.standings import Standing, read_standings
from kpis.models import Kpi

# What a list can be sorted by; what is not known comes last either way.
SORTS: dict[str, tuple[str, Callable[[Standing], Any]]] = {
    "code": ("Code", lambda one: one.initiative.code),
    "title": ("Title", lambda one: one.initiative.title.casefold()),
    "level": ("Level", lambda one: list(Level).index(Level(one.initiative.level))),
    "department": ("Department", lambda one: one.initiative.department.name.casefold()),
    "owner": ("Owner", lambda one: str(one.initiative.owner).casefold() if one.initiative.owner else None),
    "stage": ("Stage", lambda one: list(Stage).index(one.stage)),
    "status": ("Schedule status", lambda one: GRAVITY.index(one.status) if one.status else None),
    "priority": ("Priority", lambda one: one.scores.priority if one.scores.scored else None),
    "impact": ("Impact", lambda one: one.scores.impact),
    "burden": ("Burden", lambda one: one.scores.burden),
    "cost": ("Cost", lambda one: one.cost),
    "due": ("Due date", lambda one: one.plan.due),
    "slip": ("Slip", lambda one: one.plan.slip),
    "progress": ("Progress", lambda one: one.progress),
    "updated": ("Last update", lambda one: one.latest.on if one.latest else None),
}
DEFAULT_SORT = "status"


def choice_of(queryset: Any, label: str, method: str = "", **more: Any) -> Any:
    """One row of a table, named by ``to_field_name``; of a column, or looked at later."""
    return django_filters.ModelChoiceFilter(queryset=queryset, label=label, method=method or None, **more)


def _several(choices: Any, label: str, method: str = "later") -> Any:
    return django_filters.MultipleChoiceFilter(choices=choices.choices, label=label, method=method)


def _flag(label: str, method: str = "later") -> Any:
    return FlagFilter(label=label, method=method)


def _readable_customers(request: Any) -> QuerySet[Customer]:
    """Those that the person may read: asking by a name that one may not read would tell it."""
    return Customer.objects.visible_to(request.user) if request else Customer.objects.none()


class FilterForm(Form):
    """Checks what the fields alone cannot."""

    def clean_moves(self) -> tuple[Kpi, Tier] | None:
        """``nps@T1``: a cell of the matrix."""
        text = str(self.cleaned_data["moves"])
        if not text:
            return None
        code, _, tier = text.partition("@")
        found = Kpi.objects.filter(code=code).first(), Tier.objects.filter(code=tier).first()
        if not (found[0] and found[1]):
            raise forms.ValidationError(f"“{text}” is no cell of the matrix; one looks like nps@T1.")
        return (found[0], found[1]) if found[0] and found[1] else None

    def clean(self) -> dict[str, Any]:
        """What happened is asked of a period."""
        if self.cleaned_data.get("flow") and not self.cleaned_data.get("during"):
            self.add_error("flow", "Say in which period: during=2026-Q3.")
        return self.cleaned_data

    def clean_as_of(self) -> date | None:
        """Today or earlier: nobody knows how it will stand."""
        day: date | None = self.cleaned_data["as_of"]
        if day and day > today():
            raise forms.ValidationError(f"{day} lies ahead; ask for today or an earlier day.")
        return day


class InitiativeFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """Filters by their names in addresses. A value that is unknown is in ``form.errors`` and filters nothing."""

    q = django_filters.CharFilter(label="Search", method="later")
    level = _several(Level, "Level", "of_levels")
    business_unit = choice_of(BusinessUnit.objects.all(), "Business unit", to_field_name="code")
    no_business_unit = _flag("No business unit", "without_unit")
    customer = choice_of(_readable_customers, "Key account", to_field_name="external_id")
    department = choice_of(Department.objects.all(), "Department", to_field_name="code")
    serves = choice_of(Department.objects.all(), "Serves", "serving", to_field_name="code")
    owner = choice_of(User.objects.all(), "Owner", to_field_name="email")
    sponsor = choice_of(User.objects.all(), "Sponsor", to_field_name="email")
    theme = django_filters.CharFilter(label="Theme", method="later")
    tier = choice_of(Tier.objects.real(), "For tier", "for_tier", to_field_name="code")
    kpi = choice_of(Kpi.objects.all(), "Moves KPI", "with_kpi", to_field_name="code")
    moves = django_filters.CharFilter(label="Moves cell (KPI@tier)", method="moving")
    stage = _several(Stage, "Stage")
    status = _several(ScheduleStatus, "Schedule status")
    quadrant = _several(Quadrant, "Quadrant")
    customer_focused = _flag("Customer-focused", "focused")
    mine = _flag("Mine", "own")
    no_owner = _flag("No owner", "without_owner")
    no_kpi = _flag("No KPI", "without_kpi")
    stale = _flag("Silent for too long")
    unscored = _flag("Not scored")
    not_started = _flag("Approved and not started")
    orphaned = _flag("Answers no pain and moves no KPI")
    answers_department = choice_of(Department.objects.all(), "Answers pain of", "later", to_field_name="code")
    answers_theme = django_filters.CharFilter(label="Answers pain about", method="later")
    answers_tier = choice_of(Tier.objects.all(), "Answers pain of tier", "later", to_field_name="code")
    pain_period = PeriodFilter(label="Pain of period", method="later")
    flow = _several(Flow, "What happened")
    during = PeriodFilter(label="During", method="later")
    as_of = DayFilter(label="As of", method="later")
    sort = django_filters.ChoiceFilter(
        label="Sort by",
        method="later",
        choices=[(sign + name, label) for name, (label, _) in SORTS.items() for sign in ("", "-")],
    )

    class Meta:
        model = Initiative
        fields: tuple[str, ...] = ()
        form = FilterForm

    def __init__(
        self,
        data: Any = None,
        queryset: InitiativeQuerySet | None = None,
        *,
        request: HttpRequest | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(QueryDict() if data is None else data, queryset, request=request, prefix=prefix)

    # -- the answer

    steps = True  # whether standings are read with all their milestones
    # The company, where standings of today may be those that other requests have too: who asks changes none of them
    kept_of: Company | None = None

    @cached_property
    def _found(self) -> list[Standing]:
        found = self._read()
        for test in self._tests():
            found = list(filter(test, found))
        if self._value("orphaned") is not None:
            found = self._by_orphaned(found, wanted=self._value("orphaned"))
        return self._sorted(found)

    def _read(self) -> list[Standing]:
        if self.kept_of and not self.day:
            return kept_standings(self._by_columns, self.kept_of, steps=self.steps)
        return read_standings(self._by_columns, as_of=self.day, steps=self.steps)

    def standings(self) -> list[Standing]:
        """Each initiative that passes all filters, as it stood on the day, sorted."""
        return self._found

    def filter_queryset(self, queryset: InitiativeQuerySet) -> InitiativeQuerySet:
        """The same rows as a query, in the model's order; read from standings where a filter needs them."""
        computed = any(self._value(name) not in _EMPTY for name in _COMPUTED)
        if not computed:
            return self._by_columns
        return queryset.filter(pk__in=[standing.initiative.pk for standing in self._found])

    @property
    def day(self) -> date | None:
        """The day that was asked for; None for today."""
        day: date | None = self._value("as_of")
        return day

    @property
    def problems(self) -> list[str]:
        """A sentence for each value that is unknown, which filters nothing."""
        return problems_of(self)

    def _value(self, name: str) -> Any:
        self.errors  # noqa: B018 - validates the form
        return self.form.cleaned_data.get(name)

    @cached_property
    def _by_columns(self) -> InitiativeQuerySet:
        self.errors  # noqa: B018 - as above
        found: InitiativeQuerySet = super().filter_queryset(self.queryset.all())
        return found.known_on(self.day) if self.day else found

    # -- what columns tell

    def later(self, queryset: InitiativeQuerySet, name: str, value: Any) -> InitiativeQuerySet:
        """Looked at on standings."""
        return queryset

    def of_levels(self, queryset: InitiativeQuerySet, name: str, value: list[str]) -> InitiativeQuerySet:
        """Any of the levels."""
        return queryset.filter(level__in=value)

    def serving(self, queryset: InitiativeQuerySet, name: str, value: Department) -> InitiativeQuerySet:
        """Whose customers' pain they answer; by default those of the department that does the work."""
        return queryset.serving(value)

    def for_tier(self, queryset: InitiativeQuerySet, name: str, value: Tier) -> InitiativeQuerySet:
        """For that tier, or for all."""
        return queryset.for_tier(value)

    def with_kpi(self, queryset: InitiativeQuerySet, name: str, value: Kpi) -> InitiativeQuerySet:
        """Naming the KPI, in whatever tier."""
        return queryset.filter(pk__in=value.initiative_links.values("initiative"))

    def own(self, queryset: InitiativeQuerySet, name: str, value: bool) -> InitiativeQuerySet:
        """The person's own, or the others."""
        user = self.request.user if self.request else None
        mine = Initiative.objects.of_person(user) if isinstance(user, User) else Initiative.objects.none()
        return _where(queryset, Q(pk__in=mine.values("pk")), value)

    def focused(self, queryset: InitiativeQuerySet, name: str, value: bool) -> InitiativeQuerySet:
        """Customer-focused, or not."""
        return queryset.filter(customer_focused=value)

    def without_unit(self, queryset: InitiativeQuerySet, name: str, value: bool) -> InitiativeQuerySet:
        """Of no business unit."""
        return queryset.filter(business_unit__isnull=value)

    def without_owner(self, queryset: InitiativeQuerySet, name: str, value: bool) -> InitiativeQuerySet:
        """That nobody owns."""
        return queryset.filter(owner__isnull=value)

    def without_kpi(self, queryset: InitiativeQuerySet, name: str, value: bool) -> InitiativeQuerySet:
        """That name no KPI."""
        linked = Initiative.objects.filter(kpi_links__isnull=False)
        return _where(queryset, Q(pk__in=linked.values("pk")), not value)

    def moving(self, queryset: InitiativeQuerySet, name: str, value: tuple[Kpi, Tier]) -> InitiativeQuerySet:
        """Naming the KPI in that tier of the matrix."""
        return queryset.moving(*value)

    # -- what standings tell

    def _tests(self) -> Iterator[Callable[[Standing], bool]]:
        """Of the filters in use, what each asks of a standing."""
        for name, test in _ONE_OF.items():
            if chosen := self._value(name):
                yield partial(_among, test, frozenset(chosen))
        for name, flag in _FLAGS.items():
            if (wanted := self._value(name)) is not None:
                yield partial(_agrees, flag, wanted)
        if words := (self._value("q") or "").casefold().split():
            yield partial(_mentions, words)
        if theme := (self._value("theme") or "").strip().casefold():
            yield lambda one: one.initiative.theme.strip().casefold() == theme
        if self._value("moves"):
            yield lambda one: one.running
        if flows := self._value("flow"):
            period, moves = self._value("during"), last_moves(self.day or today())
            yield lambda one: not flows_of(one, period, moves).isdisjoint(flows)
        if pain := self._pain():
            yield lambda one: answers(one, pain)

    def _pain(self) -> Pain | None:
        department, theme, tier = (self._value(f"answers_{name}") for name in ("department", "theme", "tier"))
        if not (department or theme or tier):
            return None
        asked = tier.pk if tier and tier.scope != TierScope.ALL else None
        return Pain(department.pk if department else None, theme or None, asked)

    def _by_orphaned(self, found: list[Standing], *, wanted: bool) -> list[Standing]:
        period: Period | None = self._value("pain_period")
        alone = {one.initiative.pk for one in orphaned(found, recorded_pain(period.months if period else None))}
        return [one for one in found if (one.initiative.pk in alone) is wanted]

    def _sorted(self, found: list[Standing]) -> list[Standing]:
        """By what was asked for; ties by code, what is not known last."""
        asked = self._value("sort") or DEFAULT_SORT
        key = SORTS[asked.removeprefix("-")][1]
        found = sorted(found, key=lambda one: one.initiative.code)
        known = [one for one in found if key(one) is not None]
        unknown = [one for one in found if key(one) is None]
        return sorted(known, key=key, reverse=asked.startswith("-")) + unknown


_EMPTY: tuple[Any, ...] = (None, "", [])
_ONE_OF: dict[str, Callable[[Standing], Any]] = {
    "stage": lambda one: one.stage,
    "status": lambda one: one.status,
    "quadrant": lambda one: one.scores.quadrant,
}
_FLAGS: dict[str, Callable[[Standing], bool]] = {
    "stale": lambda one: one.silent,
    "unscored": lambda one: not one.scores.scored,
    "not_started": lambda one: one.not_started,
}
_COMPUTED = (
    *(*_ONE_OF, *_FLAGS, "q", "theme", "moves", "orphaned"),
    *("answers_department", "answers_theme", "answers_tier", "flow", "as_of"),
)


def _among(read: Callable[[Standing], Any], chosen: frozenset[str], standing: Standing) -> bool:
    return read(standing) in chosen


def _agrees(flag: Callable[[Standing], bool], wanted: bool, standing: Standing) -> bool:
    return flag(standing) is wanted


def _mentions(words: Iterable[str], standing: Standing) -> bool:
    """Whether each word stands in its code, title, theme or description, in any case."""
    row = standing.initiative
    text = "\n".join((row.code, row.title, row.theme, row.description)).casefold()
    return all(word in text for word in words)


def _where(queryset: InitiativeQuerySet, condition: Q, wanted: bool) -> InitiativeQuerySet:
    return queryset.filter(condition) if wanted else queryset.exclude(condition)
