"""Cells of the grid that a rule fills in: shown to be looked through, and not saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.formatting import counted
from core.numbers import NumberError
from core.typed import read_typed
from kpis.choices import Per, TargetState
from kpis.forms.grid import by_season, copied, made_json
from kpis.models import Target
from kpis.pages.grid import GridPage
from kpis.reading.actuals import year_before
from kpis.reading.grid import Grid, read_grid


def fill(page: GridPage, post: Mapping[str, str]) -> None:
    """Fill cells by a rule, unsaved: last year and so many percent, or the year's number by last year's season."""
    if post["fill"] == "season":
        yearly = {(one.kpi_id, one.tier_id): one for one in _yearly(page)}
        page.typed, why = by_season(page.grid, yearly, _with_whole_season(page))
        page.notes += why
    else:
        try:
            percent = read_typed(post.get("percent") or "0", units=("%",))
            page.typed, left_out = copied(page.grid, percent)
        except NumberError:
            page.notes.append(f"“{post.get('percent')}” is no percentage; nothing was filled in.")
            return
        if left_out:
            page.notes.append(
                f"{counted(left_out, 'cell')} left out: the actual before is of a part of its period, and adds up."
            )
    page.made = made_json(page.typed)
    filled = f"{counted(len(page.typed), 'cell')} filled in, and none is saved yet"
    page.notes.insert(0, f"{filled}: look through them, then save the drafts.")


def _with_whole_season(page: GridPage) -> Grid:
    """The grid beside which the last year that is over stands; targets are often set before the present one is."""
    year = before = year_before(page.year)
    while before.is_to_date(page.today):
        before = year_before(before)
    if before == year:
        return page.grid
    page.notes.append(f"{year.code} is not over: the season is that of {before.code}, the last whole year.")
    follows = replace(before, year=before.year + 1)
    kpis = [block.kpi for block in page.grid.blocks]
    return read_grid(year=follows, per=page.per, kpis=kpis, user=page.user, today=page.today)


def _yearly(page: GridPage) -> list[Target]:
    """The year's rows of the page's KPIs: what waits before what is approved."""
    states = (TargetState.APPROVED, TargetState.DRAFT, TargetState.PROPOSED)
    kpis = [block.kpi.pk for block in page.grid.blocks]
    rows = Target.objects.filter(kpi__in=kpis, per=Per.YEAR, from_month=page.year.first, state__in=states)
    return sorted(rows, key=lambda row: row.state != TargetState.APPROVED)
