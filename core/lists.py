"""One filtered list: what its address asks for, the rows that are left, a page of them, and the way to the others.

Every page that lists something is made of this, and shows it by ``components/list_pages.html`` and
``components/list_problems.html``; the API asks the same FilterSets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django_filters import FilterSet

from core.filters import problems_of
from core.sheets import Files, files_of

PER_PAGE = 50
# What belongs to a page of the list rather than to what is shown.
PAGING = ("page", "more", "before")
EMPTY: tuple[Any, ...] = (None, "", [])

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class InUse:
    """A filter in use, in words, and the address without it."""

    label: str
    value: str
    url: str


class FilteredList(Generic[_Row]):
    """Rows as an address asks for them: ``rows`` is what ``filters`` (where there are any) leave, all pages of it."""

    # Filters that are in use elsewhere than in the words above the list.
    elsewhere: frozenset[str] = frozenset({"sort"})
    # The filters that are always in sight; the others, which are offered where they are asked for.
    in_sight: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()

    def __init__(
        self,
        params: QueryDict,
        rows: Any = (),
        filters: FilterSet | None = None,
        per_page: int = PER_PAGE,
        *,
        export: str = "",
    ) -> None:
        self.params = params
        self.rows_found = rows
        self.filter: Any = filters
        self.per_page = per_page
        # The name of the address at which all of it is a file (``core.sheets.export``).
        self.export = export

    # -- what is shown

    @property
    def found(self) -> Sequence[_Row]:
        """The rows that the filters leave."""
        found: Sequence[_Row] = self.rows_found
        return found

    @cached_property
    def page(self) -> Page[_Row]:
        """The part of the list that the address asks for; the last one where it asks for more."""
        return Paginator(self.found, self.per_page).get_page(self.params.get("page"))

    @cached_property
    def cleaned(self) -> dict[str, Any]:
        """The filter's values by name; one that is unknown is left out."""
        if self.filter is None:
            return {}
        self.filter.form.is_valid()
        return dict(self.filter.form.cleaned_data)

    @property
    def problems(self) -> list[str]:
        """A sentence for each value that filters nothing, and was left out."""
        return problems_of(self.filter) if self.filter is not None else []

    @property
    def files(self) -> Files:
        """All pages of it as files, linked beside its views or beneath it; none where it has no export."""
        return files_of(self.export, self.query) if self.export else ()

    # -- what is in use

    @property
    def in_use(self) -> list[InUse]:
        """Every filter in use but what is told elsewhere."""
        names = [name for name, value in self.cleaned.items() if value not in EMPTY and name not in self.elsewhere]
        return [
            InUse(str(self.filter.form.fields[name].label), self.said(name, self.cleaned[name]), self.without(name))
            for name in names
        ]

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return bool(self.in_use)

    def said(self, name: str, value: Any) -> str:
        """A filter's value in words."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        offered = getattr(self.filter.form.fields[name], "choices", None)
        choices = {} if offered is None else dict(iter(offered))
        return str(choices.get(value, value)) if isinstance(value, str) else str(value)

    # -- the form

    @property
    def more_asked(self) -> bool:
        """Whether all filters are to be offered: their choices take longer to write than the list."""
        return "more" in self.params

    @property
    def more_url(self) -> str:
        """The same page with all filters."""
        return f"?{self.page_query}more=1"

    @property
    def more(self) -> list[Any]:
        """The fields behind “More filters”, where they are asked for."""
        return [self.filter.form[name] for name in self.behind] if self.more_asked else []

    @property
    def more_in_use(self) -> int:
        """How many of those are in use."""
        return sum(self.cleaned.get(name) not in EMPTY for name in self.behind)

    @property
    def offered(self) -> tuple[str, ...]:
        """The names of the fields that are shown."""
        return (*self.in_sight, *(self.behind if self.more_asked else ()))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What was chosen outside the fields that are shown, for the form to keep."""
        shown = {*self.offered, *PAGING}
        return [(name, value) for name, values in self.params.lists() if name not in shown for value in values if value]

    # -- addresses

    @property
    def view_query(self) -> str:
        """What a saved view keeps: the filters without the period, which is carried by the address."""
        return self.with_params(period=None)

    def with_params(self, **changes: Iterable[str] | None) -> str:
        """The address's parameters with some changed (None: without), always back on the first page."""
        found: QueryDict = self.params.copy()
        for name in PAGING:
            found.pop(name, None)
        for name, values in changes.items():
            found.setlist(name, list(values)) if values else found.pop(name, None)
        for name in [name for name, values in found.lists() if not any(values)]:
            del found[name]
        return str(found.urlencode())

    def without(self, name: str) -> str:
        """The address without a filter."""
        return f"?{self.with_params(**{name: None})}"

    @property
    def query(self) -> str:
        """What is filtered and how it is sorted, for links to other views of the same."""
        return self.with_params()

    @property
    def page_query(self) -> str:
        """The parameters before ``page=``, with an ampersand where there are any."""
        return f"{self.query}&" if self.query else ""
