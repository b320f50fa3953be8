"""The list under a cell's chart: what happened, by month, with the chart's numbers, and the form of a remark."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from core.formatting import month_name
from core.periods import Month, month_code
from kpis.reading.explanations import CellStory
from scorecard.forms.narratives import RemarkForm
from scorecard.reading.trend_events import TrendEvent, numbered
from scorecard.services.narratives import may_narrate, may_take_back


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event in words; ``url`` leads to its record, ``take_back`` takes a remark back for who may."""

    kind: str
    text: str
    url: str
    take_back: str


@dataclass(frozen=True, slots=True)
class ShownMonth:
    """The events of a month under the number that the chart shows; ``place`` is 0 of a chart without it."""

    place: int
    name: str
    events: tuple[ShownEvent, ...]


@dataclass(frozen=True, slots=True)
class EventsPanel:
    """What happened in the months of a chart, the latest first. ``form`` is None for who remarks nothing; ``here`` is
    the address of the page.
    """

    months: tuple[ShownMonth, ...]
    form: RemarkForm | None
    url: str
    here: str


def events_panel(
    story: CellStory, events: Sequence[TrendEvent], reader: User, refused: RemarkForm | None = None
) -> EventsPanel:
    """Under the chart of a cell: what happened in its months."""
    args = [story.period.code, story.kpi.code, story.tier.code]
    writes = may_narrate(reader, story.kpi)
    form = refused or RemarkForm(initial={"month": month_code(story.period.last)})
    own = {one.remark for one in events if one.remark and may_take_back(reader, story.kpi, one.by)}
    return EventsPanel(
        months=tuple(_month(place, month, found, own) for place, month, found in reversed(numbered(events))),
        form=form if writes else None,
        url=reverse("cell_remark", args=args),
        here=f"{reverse('cell', args=args)}#events",
    )


def _month(place: int, month: Month, events: Sequence[TrendEvent], own: Set[int]) -> ShownMonth:
    return ShownMonth(place, month_name(month), tuple(_event(one, own) for one in events))


def _event(one: TrendEvent, own: Set[int]) -> ShownEvent:
    back = reverse("remark_take_back", args=[one.remark]) if one.remark in own else ""
    return ShownEvent(one.kind.value, one.text, one.url, back)
