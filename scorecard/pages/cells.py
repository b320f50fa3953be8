"""What each page about cells asks of the database, gathered once per request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.company import today_of
from accounts.http import period_or_404, served_or_404
from accounts.models import Company
from core.editions import PARAMETER, EditionLine, Served, across_periods, edition_line
from core.formatting import counted
from core.periods import Period
from core.registry import Subject
from customers.models import Tier
from initiatives.reading.running_initiatives import read_cell_serving
from kpis.models import Kpi
from kpis.reading.changes import Against, Change, explain_change
from kpis.reading.explanations import CellStory, explain_cell, explain_trend
from kpis.reading.freshness import latest_period
from kpis.reading.matrix import Matrix, MatrixBuilder, build_matrix, builder_of
from kpis.reading.signal_history import ChartHistory, read_history
from kpis.reading.subjects import AskedKpi, cell_subject
from scorecard.charts import matrix as charts
from scorecard.charts.events import Numbered
from scorecard.charts.signals import xmr
from scorecard.pages.changes import show_change, split_address
from scorecard.pages.matrix_stories import with_stories
from scorecard.pages.matrix_table import ShownMatrix, has_unmet, is_empty, show_matrix
from scorecard.pages.periods import Picker, Span, build_picker, matrix_address
from scorecard.pages.selection import HEATMAP, parse
from scorecard.pages.signals import charted_months
from scorecard.reading.caching import State
from scorecard.reading.frozen_matrix import cells_that_differ, signed_cell, signed_matrix
from scorecard.reading.trend_events import Column, as_text, read_trend_events


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """Everything the matrix page shows."""

    matrix: Matrix
    shown: ShownMatrix
    signed: EditionLine | None
    picker: Picker
    company: Company
    state: State
    params: Any

    @property
    def is_empty(self) -> bool:
        """Whether the period has no value at all."""
        return is_empty(self.matrix)

    @property
    def newest(self) -> Period | None:
        """The latest period, for a page that has nothing to show; None for a company without data."""
        return landing_period(self.company, self.state)

    @property
    def is_heatmap(self) -> bool:
        """Whether the cells are drawn instead of written."""
        return is_heatmap(self.params)

    @property
    def chart_url(self) -> str:
        """Where the heatmap of these cells comes from."""
        return chart_url(self.matrix.period, self.params)

    @property
    def heatmap_height(self) -> int:
        """Pixels to keep for the heatmap before it is drawn."""
        return charts.heatmap_height(self.shown.shown, len(self.shown.groups))


def is_heatmap(params: Any) -> bool:
    """Whether an address asks for the heatmap instead of the table."""
    return bool(params.get("view") == HEATMAP)


def chart_url(period: Period, params: Any) -> str:
    """Where the heatmap of a period's cells comes from, filtered as its page."""
    url, query = reverse("matrix_chart", args=[period.code]), params.urlencode()
    return f"{url}?{query}" if query else url


def data_span(state: State) -> Span | None:
    """The first and last month with a rolled-up fact; None where there are none yet."""
    return Span(state.first, state.last) if state.first and state.last else None


def landing_period(company: Company, state: State) -> Period | None:
    """The latest period; None for a company without data."""
    return latest_period(company) if data_span(state) else None


def matrix_page(company: Company, period: Period, params: Any, state: State) -> MatrixPage:
    """The page of a period's matrix, chosen from by the address's parameters."""
    today = today_of(company)
    matrix, shown, signed = chosen_matrix(company, period, today, params, state, serving=not is_heatmap(params))
    picker = build_picker(period, data_span(state), today, matrix_address(across_periods(params).urlencode()))
    return MatrixPage(matrix, shown, signed, picker, company, state, params)


def matrix_text(page: MatrixPage, company: Company) -> str:
    """What the matrix page shows to everybody, as HTML; empty for a period without any value.

    Rendered without the request, so that nothing of the person who asks first gets into it.
    """
    return "" if page.is_empty else render_to_string("components/matrix_page.html", {"page": page, "company": company})


def heatmap_text(company: Company, period: Period, params: Any, state: State) -> str:
    """The heatmap of the cells that the page shows, as JSON."""
    _, shown, _ = chosen_matrix(company, period, today_of(company), params, state)
    return charts.as_json(charts.heatmap(shown), announcements=charts.announcements(shown))


def chosen_matrix(
    company: Company, period: Period, today: date, params: Any, state: State, *, serving: bool = False
) -> tuple[Matrix, ShownMatrix, EditionLine | None]:
    """The matrix, what the address leaves of it to show, and of which edition it is: for page and chart alike.

    A closed period shows its latest edition unless another, or the live values, are asked for. With ``serving`` cells
    that are not met say what serves them: a query more where there are any; live ones that got worse say what was
    written of them, and composites are compared with those of the period before. Raises Http404 for an edition that
    the period has not.
    """
    served = serving_of(period, params, state)
    matrix, line = _read(served, today, params)
    doing = read_cell_serving(today) if serving and has_unmet(matrix.rows) else None
    shown = show_matrix(
        matrix,
        company.currency,
        parse(params, matrix),
        here=_path(period),
        view=HEATMAP if is_heatmap(params) else "",
        serving=doing,
        before=_compared(matrix, today) if serving and served.shown is None else None,
        served=served,
    )
    if serving and served.shown is None:
        shown = with_stories(shown, matrix, company.currency, today, doing)
    return matrix, shown, line


def _read(served: Served, today: date, params: Any) -> tuple[Matrix, EditionLine | None]:
    """The matrix that answers for a period, and what its page says of that."""
    builder = MatrixBuilder(served.period, today)
    live, differs = builder.build(), 0
    if served.document:
        differs = cells_that_differ(served.document, builder, live)
    line = edition_line(served, counted(differs, "cell") if differs else "", _path(served.period), params)
    return signed_matrix(served.document, live) if served.document else live, line


def serving_of(period: Period, params: Any, state: State) -> Served:
    """What answers for a period by the parameters of an address; a company without editions is not asked for one.
    Raises Http404 for an edition that the period has not.
    """
    asked = str(params.get(PARAMETER) or "")
    return served_or_404(period, asked) if state.edition or asked else Served(period)


def _path(period: Period) -> str:
    return reverse("matrix", args=[period.code])


def _compared(matrix: Matrix, today: date) -> Matrix | None:
    """What composites are compared with; None where there is none, or the period has not ended."""
    return build_matrix(matrix.period.previous, today=today) if matrix.composites and not matrix.to_date else None


def story_or_404(company: Company, period: str, kpi: str, tier: str) -> CellStory:
    """A cell's story. Raises Http404 with a sentence on which part of the address is wrong."""
    return explain_cell(*cell_or_404(company, period, kpi, tier), today=today_of(company))


@dataclass(frozen=True, slots=True)
class CellAsSigned:
    """A cell of a closed period: which edition its page shows, and the cell as that has it, told as a story; None
    where live values are asked for, or the edition has no such cell.
    """

    line: EditionLine
    story: CellStory | None = None
    differs: bool = False


def cell_as_signed(story: CellStory, company: Company, path: str, params: Any) -> CellAsSigned | None:
    """What an edition says of a cell; None of an open period. Raises Http404 for an edition that the period has not."""
    served = served_or_404(story.period, str(params.get(PARAMETER) or ""))
    if served.document is None or served.shown is None:
        line = edition_line(served, "", path, params)
        return CellAsSigned(line) if line else None
    builder = builder_of([story.kpi], story.period, today_of(company))
    found = signed_cell(served.document, story.kpi, story.tier, builder)
    if found is None:
        words = f"Live values: edition {served.shown.number} of the period has no such cell."
        return CellAsSigned(EditionLine(words, "The edition", reverse("scorecard", args=[story.period.code])))
    line = edition_line(served, "this cell" if found.differs else "", path, params)
    signed = replace(story, kpi=found.kpi, tier=found.cell.tier, cell=found.cell, targets=(), row=())
    return CellAsSigned(line, signed, found.differs) if line else None


def subject_of(story: CellStory, edition: str) -> Subject:
    """The cell as it can be asked about; its row is not read again. ``edition`` are the parameters that ask for it."""
    known, query = (story.row, story.targets), f"?{edition}" if edition else ""
    return cell_subject(AskedKpi(story.kpi, story.tier, story.period, known, query))


def history_of(story: CellStory, company: Company) -> ChartHistory | None:
    """The chart of the cell's months; None of a period of which no month has ended."""
    return read_history(story.period, story.kpi, story.tier, today=today_of(company))


def events_text(company: Company, period: str, kpi: str, tier: str) -> str:
    """What happened in the months of a cell's chart, as a text that page and chart are made from.

    Raises Http404 as its page does.
    """
    asked, today = cell_or_404(company, period, kpi, tier), today_of(company)
    history = read_history(*asked, today=today)
    if history and history.is_drawn:
        months = charted_months(history)
    else:
        months = tuple(point.month for point in explain_trend(*asked, today=today).points)
    column = Column(*asked[1:], months[0], months[-1], company.currency) if months else None
    return as_text(read_trend_events(column) if column else [])


def trend_text(company: Company, period: str, kpi: str, tier: str, events: Numbered) -> str:
    """The chart of a cell's months, as JSON, within limits where there are any, with what happened in them.

    Raises Http404 as its page does.
    """
    asked, today = cell_or_404(company, period, kpi, tier), today_of(company)
    history = read_history(*asked, today=today)
    if history and history.is_drawn:
        return charts.as_json(xmr(history, company.currency, events))
    return charts.as_json(charts.trend(explain_trend(*asked, today=today), company.currency, events))


def change_or_404(company: Company, period: str, kpi: str, tier: str, params: Any) -> Change:
    """A cell's change, split, against what the address asks for. Raises Http404 as its page does."""
    try:
        against = Against(params.get("against") or Against.PREVIOUS)
    except ValueError as error:
        raise Http404("A cell is compared with the period before, or with ?against=year_ago.") from error
    return explain_change(*cell_or_404(company, period, kpi, tier), against=against, today=today_of(company))


def split_texts(company: Company, change: Change) -> dict[str, str]:
    """The words of a change and its chart; no chart where there are no parts."""
    return {"words": change_text(company, change), "chart": waterfall_text(company, change)}


def change_text(company: Company, change: Change) -> str:
    """The change in words and as a table, as HTML that is the same for everybody."""
    shown = show_change(change, company.currency)
    chart_url = split_address(change, change.against, "cell_split_chart") if shown.parts else ""
    height = charts.waterfall_height(shown)
    return render_to_string(
        "components/split.html", {"shown": shown, "chart_url": chart_url, "height": height, "change": change}
    )


def waterfall_text(company: Company, change: Change) -> str:
    """The chart of a change's parts, as JSON."""
    return charts.as_json(charts.waterfall(show_change(change, company.currency)))


def cell_or_404(company: Company, period: str, kpi: str, tier: str) -> tuple[Period, Kpi, Tier]:
    """The parts of a cell's address. Raises Http404 with a sentence on which of them is wrong."""
    when = period_or_404(period, company)
    found_kpi = Kpi.objects.select_related("department", "owner", "facts_of").filter(code=kpi).first()
    if found_kpi is None:
        raise Http404(f"There is no KPI “{kpi}”.")
    found_tier = Tier.objects.filter(code=tier).first()
    if found_tier is None:
        raise Http404(f"There is no customer tier “{tier}”.")
    return when, found_kpi, found_tier
