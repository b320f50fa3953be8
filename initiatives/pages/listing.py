"""What the register's pages ask of the database, gathered once per request: list, board and timeline alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.forms import CheckboxSelectMultiple, Select
from django.forms.widgets import SearchInput
from django.http import QueryDict
from django.urls import reverse

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest
from accounts.models import BusinessUnit, Company, ListView, User
from core.formatting import Style, counted, number
from core.forms import DayInput
from core.lists import EMPTY, PER_PAGE, FilteredList
from core.sentences import Sentence
from customers.models import Customer
from initiatives.choices import ScheduleStatus, Stage
from initiatives.filters.register import DEFAULT_SORT, InitiativeFilter
from initiatives.forms.widgets import QuickSelect
from initiatives.formulas import GRAVITY
from initiatives.models import Initiative
from initiatives.pages.register import ShownRow, Tally, detail, headline, money_style, show_rows, tally
from initiatives.reading.names import Names
from initiatives.reading.standings import Standing

PER_TIMELINE = 40
# What the chips choose: the counts on them are of everything else that is filtered.
CHIPS = ("status", "stage")
LIST = "initiatives"
# The filters that are always in sight; the others are asked for.
IN_SIGHT = ("q", "department", "owner")
_MORE = (
    *("level", "quadrant", "business_unit", "customer", "serves", "sponsor", "theme", "tier", "kpi"),
    *("customer_focused", "mine", "no_owner", "no_kpi", "stale", "unscored", "not_started", "orphaned"),
    *("as_of", "sort"),
)


@dataclass(frozen=True, slots=True)
class Chip:
    """A status or stage with how many there are, and the address that shows them alone (again: all)."""

    kind: ScheduleStatus | Stage
    number: int
    url: str
    chosen: bool

    @property
    def is_status(self) -> bool:
        """Whether it carries the look of a status."""
        return isinstance(self.kind, ScheduleStatus)

    @property
    def words(self) -> str:
        """``5 late``, ``8 candidates``."""
        label = self.kind.label.lower()
        return counted(self.number, label) if self.kind == Stage.CANDIDATE else f"{number(self.number)} {label}"


@dataclass(frozen=True, slots=True)
class Sort:
    """A way to sort the list; again: the other way round."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head and what it can be sorted by; ``direction`` as ``aria-sort`` has it, empty where it is not."""

    sorts: tuple[Sort, ...]
    direction: str
    sorted_by: str
    css_class: str = ""

    @property
    def arrow(self) -> str:
        """Which way round, for the eye."""
        return {"ascending": "↑", "descending": "↓"}.get(self.direction, "")


class Register(FilteredList[Standing]):
    """The filtered register as one person asks for it."""

    elsewhere = frozenset({*CHIPS, "sort"})
    in_sight, behind = IN_SIGHT, _MORE
    filter: InitiativeFilter

    def __init__(self, request: PageRequest, per_page: int = PER_PAGE, *, steps: bool = False) -> None:
        """``steps``: whether all milestones are shown, else only what follows from them."""
        self.request, self.steps = request, steps
        self.company: Company = company_of(request)
        super().__init__(request.GET, (), self._filter(request.GET), per_page, export="initiatives_export")
        self.user = request.user

    def chosen(self, name: str) -> frozenset[str]:
        """What a filter of several values names."""
        return frozenset(self.cleaned.get(name) or ())

    @property
    def day(self) -> date:
        """The day at whose end everything is shown."""
        return self.filter.day or today_of(self.company)

    @cached_property
    def scope(self) -> list[Standing]:
        """Everything but what the chips choose."""
        found = self._unchipped().standings()
        return found if self.cleaned.get("sort") else sorted(found, key=urgency)

    def _unchipped(self) -> InitiativeFilter:
        """The filter without what the chips choose; itself where they choose nothing."""
        if not any(self.chosen(name) for name in CHIPS):
            return self.filter
        rest = self.params.copy()
        for name in CHIPS:
            rest.pop(name, None)
        return self._filter(rest)

    def _filter(self, params: QueryDict) -> InitiativeFilter:
        found = InitiativeFilter(params, Initiative.objects.all(), request=self.request)
        found.steps, found.kept_of = self.steps, self.company
        return found

    @cached_property
    def standings(self) -> list[Standing]:
        """What the filter answers, chips included: the same as its own ``standings``, without reading twice."""
        status, stage = (self.chosen(name) for name in CHIPS)
        found = [one for one in self.scope if not status or one.status in status]
        return [one for one in found if not stage or one.stage in stage]

    @cached_property
    def tally(self) -> Tally:
        """Counts of the scope."""
        return tally(self.scope)

    @property
    def found(self) -> Sequence[Standing]:
        """What a page is a part of."""
        return self.standings

    @cached_property
    def names(self) -> Names:
        """Whom the person may read by name, among those on the page."""
        return Names.of(self.user, [one.initiative for one in self.page])

    @cached_property
    def money(self) -> Style:
        """How the costs on the page are written."""
        return money_style(list(self.page), self.company.currency)

    @property
    def rows(self) -> Sequence[ShownRow]:
        """The lines of the page."""
        return show_rows(list(self.page), self.names, self.money)

    # -- addresses

    @property
    def chips(self) -> list[Chip]:
        """The statuses, then the stages of what does not run; those that nothing has only where chosen."""
        found = [self._chip("status", status, self.tally.statuses[status]) for status in GRAVITY]
        found += [self._chip("stage", s, self.tally.stages[s]) for s in Stage if s != Stage.IN_PROGRESS]
        return [chip for chip in found if chip.number or chip.chosen]

    def _chip(self, name: str, kind: ScheduleStatus | Stage, number: int) -> Chip:
        chosen = kind.value in self.chosen(name)
        other = "stage" if name == "status" else "status"
        query = self.with_params(**{name: None if chosen else [kind.value], other: None})
        return Chip(kind, number, f"?{query}", chosen)

    def said(self, name: str, value: Any) -> str:
        """A filter's value in words."""
        return said(name, value)

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        chosen = any(self.chosen(name) for name in CHIPS)
        return bool(chosen or self.in_use)

    @property
    def headings(self) -> list[Head]:
        """The columns of the list."""
        cost = f"Cost, {self.money.label}" if self.money.label else "Cost"
        return [
            self._head(("status", "Status")),
            self._head(("title", "Initiative")),
            self._head(("level", "Where"), ("department", "Department")),
            self._head(("owner", "Owner"), ("updated", "Reported")),
            self._head(("due", "Due"), ("slip", "Slip")),
            self._head(("progress", "Progress")),
            self._head(("priority", "Priority")),
            self._head(("cost", cost), css_class="number"),
        ]

    def _head(self, *sorts: tuple[str, str], css_class: str = "") -> Head:
        chosen = self.sort
        links = tuple(Sort(label, f"?{self.with_params(sort=[_turned(name, chosen)])}") for name, label in sorts)
        ways = {name: way for name, _ in sorts for name, way in ((name, "ascending"), (f"-{name}", "descending"))}
        sorted_by = next((label for name, label in sorts if chosen.removeprefix("-") == name), "")
        return Head(links, ways.get(chosen, ""), sorted_by, css_class)

    @property
    def sort(self) -> str:
        """What the list is sorted by; with a minus: the other way round."""
        return str(self.cleaned.get("sort") or DEFAULT_SORT)

    @property
    def headline(self) -> Sentence:
        """What the scope says in a sentence, each part a link to the list of those."""
        return headline(self.tally, self._list)

    @property
    def detail(self) -> Sentence:
        """What of it does not run."""
        return detail(self.tally, self._list)

    def _list(self, **chosen: str) -> str:
        """The list with these filters in place of what the chips choose, the others kept."""
        changes: dict[str, list[str] | None] = dict.fromkeys(CHIPS)
        changes |= {name: [value] for name, value in chosen.items()}
        return f"{reverse('initiatives')}?{self.with_params(**changes)}"

    # -- the form

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The filter's fields by name, offering what has initiatives: a company has more people than owners."""
        form = self.filter.form
        people, named = User.objects.order_by("name", "email"), Q(initiatives__isnull=False)
        form.fields["owner"].queryset = people.filter(owned_initiatives__isnull=False).distinct()
        form.fields["sponsor"].queryset = people.filter(sponsored_initiatives__isnull=False).distinct()
        form.fields["customer"].queryset = Customer.objects.visible_to(self.user).filter(named).distinct()
        form.fields["business_unit"].queryset = BusinessUnit.objects.filter(named).distinct()
        for name in self.offered:
            self._dress(name, form.fields[name])
        return {name: form[name] for name in self.offered}

    def _dress(self, name: str, field: Any) -> None:
        """Widgets for a line of filters and for hundreds of choices."""
        if isinstance(field.widget, Select):
            field.widget = QuickSelect(choices=_with_any(name, field.choices))
        if name in {"level", "quadrant"}:
            field.widget = CheckboxSelectMultiple(choices=field.choices)
        if name == "as_of":
            field.widget = DayInput()
        if name == "q":
            field.widget = SearchInput(attrs={"placeholder": "Code, title, theme …"})

    # -- views

    @cached_property
    def saved_views(self) -> list[ListView]:
        """One's own, and those that others share."""
        return list(ListView.objects.visible_to(self.user, LIST).select_related("user").order_by("name", "pk"))

    @property
    def presets(self) -> tuple[tuple[str, str], ...]:
        """Views that everybody needs, as their parameters."""
        return PRESETS


_LIFE = (Stage.IN_PROGRESS, Stage.APPROVED, Stage.CANDIDATE, Stage.ON_HOLD, Stage.DONE, Stage.CANCELLED)


def urgency(one: Standing) -> tuple[int, int, int, str]:
    """What runs first, the gravest on top, by the days of its first reason; then the others by stage."""
    gravity = GRAVITY.index(one.status) if one.status else len(GRAVITY)
    days = one.verdict.reasons[0].days if one.verdict else 0
    return (_LIFE.index(one.stage), gravity, -days, one.initiative.code)


def _turned(name: str, chosen: str) -> str:
    """Another click on what is chosen turns it round."""
    return f"-{name}" if chosen == name else name


def _with_any(name: str, choices: Iterable[tuple[Any, Any]]) -> list[tuple[str, str]]:
    """The choices after one that filters nothing."""
    found = [(str(key), str(label)) for key, label in choices if key not in EMPTY]
    return [("", _EMPTY_LABELS.get(name, "any")), *found]


_EMPTY_LABELS = {"department": "All departments", "owner": "All owners", "sort": "by urgency"}
_FLAGS = {True: "yes", False: "no"}


def said(name: str, value: Any) -> str:
    """A filter's value in words."""
    if isinstance(value, bool):
        return _FLAGS[value]
    if name in {"level", "quadrant"}:
        labels = dict(InitiativeFilter.base_filters[name].extra["choices"])
        return ", ".join(str(labels[one]) for one in value)
    if isinstance(value, tuple):
        return "@".join(str(part.code) for part in value)
    return str(value)


# Views that everybody needs, as their parameters.
PRESETS: tuple[tuple[str, str], ...] = (
    ("Everything", ""),
    ("Mine", "mine=true"),
    ("Late", "status=late"),
    ("Silent for too long", "stale=true"),
    ("Approved and not started", "not_started=true"),
    ("Not scored", "unscored=true"),
    ("Without an owner", "no_owner=true"),
    ("Without a KPI", "no_kpi=true"),
    ("Major bets", "quadrant=major_bet"),
    ("To reconsider", "quadrant=reconsider"),
    ("Answers no pain and moves no KPI", "orphaned=true"),
)
