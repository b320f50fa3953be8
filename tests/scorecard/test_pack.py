"""The board pack: its value, and the PDF that is made of it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pdfua
import pikepdf
import pypdf
import pytest
import time_machine

from accounts.models import Company, User
from core.periods import FiscalCalendar, Period
from core.sentences import plain
from kpis.choices import Status
from kpis.rollup.runs import roll_up_now
from scorecard.choices import Paper, ReportFormat
from scorecard.models import Edition, Narrative
from scorecard.pages.home_headline import headline
from scorecard.reading.editions import document_of
from scorecard.reading.frozen_matrix import matrix_of_document
from scorecard.reading.home import read_home
from scorecard.reading.matrix_json import exact_text
from scorecard.reports.composing import compose_pack
from scorecard.reports.glyphs import letters, printable
from scorecard.reports.layout import layout
from scorecard.reports.making import make_pack
from scorecard.reports.pack import Pack
from scorecard.reports.pdf import write_pdf
from scorecard.reports.sources import read_source
from scorecard.services.editions import close_by_command
from tests import factories as make
from tests.kept import kept
from tests.scorecard.stage import Stage

Q3 = Period.parse("2011-Q3", FiscalCalendar())


@kept
def closed(stage: Stage, everyone: dict[str, User]) -> Edition:
    """The third quarter of the small company, signed; with an initiative of a customer that not everybody may read."""
    begun, due = date(2011, 8, 1), date(2011, 12, 31)
    make.initiative(
        "win",
        title="Win back",
        customer=stage.acme,
        owner=everyone["executive"],
        kpis=(stage.repeats,),
        baseline_start=begun,
        baseline_due=due,
    )
    return close_by_command(
        period=Q3,
        prepared_by=everyone["finance"],
        signed_by=everyone["executive"],
        anyway="It is small.",
        summary="A quiet quarter.",
    )


@pytest.fixture
def pack(closed: Edition, everyone: dict[str, User]) -> Pack:
    return compose_pack(Q3, closed, everyone["executive"])


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages)


def cells_of(content: bytes) -> str:
    return "\n".join(
        str(cell.value) for sheet in openpyxl.load_workbook(BytesIO(content)) for row in sheet for cell in row
    )


def parts_of(content: bytes) -> str:
    """All that the parts of a presentation say."""
    with zipfile.ZipFile(BytesIO(content)) as file:
        return "".join(file.read(name).decode("utf-8", "ignore") for name in file.namelist())


READ: dict[ReportFormat, Callable[[bytes], str]] = {
    ReportFormat.PDF: text_of,
    ReportFormat.XLSX: cells_of,
    ReportFormat.PPTX: parts_of,
    ReportFormat.CSV: bytes.decode,
    ReportFormat.JSON: bytes.decode,
}


# -- the value


def test_an_edition_says_what_was_signed_whatever_came_later(closed: Edition, everyone: Any, stage: Stage) -> None:
    before = compose_pack(Q3, closed, everyone["executive"])
    make.fact(stage.revenue, make.customer("LATE", tier=stage.gold), 201109, 5000)
    type(stage.revenue).objects.filter(pk=stage.revenue.pk).update(name="Turnover")
    roll_up_now()
    after = compose_pack(Q3, closed, everyone["executive"])
    assert after.rows == before.rows
    assert (after.digest, after.state) == (closed.digest, before.state)
    assert "Revenue" in {row.name for row in after.rows}


def test_the_open_period_says_that_it_is_open(stage: Stage, everyone: dict[str, User]) -> None:
    pack = compose_pack(Q3, None, everyone["executive"])
    assert (pack.edition, pack.state) == (None, "open")
    assert layout(pack, "a4")["open"]
    assert "not signed" in layout(pack, "a4")["state"]


def test_the_owners_word_on_a_cell_stands_in_the_pack(stage: Stage, everyone: dict[str, User]) -> None:
    about = {"period": Q3.code, "kpi": stage.repeats, "tier": stage.gold, "by": everyone["finance"]}
    Narrative.objects.create(**about, analysis="The help desks were merged.")
    source = read_source(Q3, None, everyone["executive"])
    assert source.narrative("repeats", "T1") == "The help desks were merged."
    assert source.narrative("repeats", "T2") == ""


def test_the_open_pack_and_that_of_the_edition_have_the_same_cells(closed: Edition, everyone: Any) -> None:
    signed, live = (compose_pack(Q3, one, everyone["executive"]) for one in (closed, None))
    assert signed.rows == live.rows
    assert signed.columns == live.columns


def test_a_frozen_matrix_has_the_values_of_its_document(closed: Edition) -> None:
    document = document_of(closed)
    matrix = matrix_of_document(document, Q3)
    told = [
        (row["kpi"], cell["tier"], cell["actual"], cell["status"])
        for row in document["matrix"]["rows"]
        for cell in row["cells"]
    ]
    found = [
        (row.kpi.code, cell.tier.code, exact_text(cell.actual), cell.status.value)
        for row in matrix.rows
        for cell in row.cells
    ]
    assert found == told


def test_the_headline_counts_the_tiers_alone(pack: Pack) -> None:
    words = plain(pack.headline)
    assert words.startswith("2 of 3 targets missed, all in Gold.")
    assert sum(one.missed for one in pack.columns if one.code == "all") >= 0


def test_an_open_period_has_the_headline_of_home(stage: Stage, everyone: dict[str, User]) -> None:
    make.initiative("late", kpis=(stage.repeats,), baseline_start=date(2011, 7, 1), baseline_due=date(2011, 8, 1))
    make.pain_point("waiting for an answer", month=201108, department=stage.repeats.department)
    make.lifecycle_event(stage.acme, "2010-01-05", "joined")
    make.lifecycle_event(stage.brix, "2011-08-10", "joined")
    roll_up_now()
    with time_machine.travel("2011-09-30T12:00:00Z"):  # the period's last day, so that 'today' is its end
        found = compose_pack(Q3, None, everyone["executive"]).headline
        home = headline(read_home(Q3, date(2011, 9, 30)))
    assert plain(found) == plain(home)
    assert "1 of 1 initiative late, 100 % of customers’ pain unanswered, 1 customer won net so far." in plain(found)
    assert all(one.url for one in found if one.css_class)


def test_numbers_that_would_hide_a_verdict_have_more_digits(stage: Stage, everyone: dict[str, User]) -> None:
    make.target(stage.repeats, stage.silver, 201104, "4.9999")
    pack = compose_pack(Q3, None, everyone["executive"])
    cell = next(cell for row in pack.rows if row.kpi == "repeats" for cell in row.cells if cell.tier == "T2")
    assert cell.status != Status.MET
    assert cell.shown != cell.aim.removeprefix("≤ ")


@pytest.mark.parametrize("role", ["executive", "owner"])
def test_names_of_customers_stand_only_where_they_may_be_read(role: str, closed: Edition, everyone: Any) -> None:
    make.initiative("lights", title="Lights", owner=everyone["executive"])
    for edition in (closed, None):
        for form in ReportFormat:
            content, _ = make_pack(Q3, edition, everyone[role], form, Paper.A4)
            text = READ[form](content)
            assert ("Acme" in text) is (role == "executive" and form not in {ReportFormat.CSV, ReportFormat.PPTX})


# -- the PDF


def matrix_words(pack: Pack) -> Iterator[str]:
    for row in pack.rows:
        for cell in row.cells:
            yield from (part for part in (cell.shown, cell.aim.replace(" ", "")) if part)


def test_the_text_of_the_pdf_is_the_matrix_to_the_digit(pack: Pack) -> None:
    """All numbers of the matrix, in its order, and no other between its heads and its notes."""
    text = text_of(write_pdf(pack))
    page = re.search(r"actual, then target(.*?)“All customers” is computed", text, re.DOTALL)
    assert page
    for row in pack.rows:
        line = page[1][page[1].index(row.name.split(" <")[0]) :]
        for word in (word for cell in row.cells for word in (cell.shown, cell.aim.replace(" ", "")) if word):
            assert word in line
            line = line[line.index(word) + len(word) :]


def test_the_pdf_is_tagged_with_bookmarks_language_title_and_alternative_texts(pack: Pack) -> None:
    document = pikepdf.open(BytesIO(write_pdf(pack)))
    root = document.Root
    assert root.MarkInfo.Marked
    assert str(root.Lang).startswith("en")
    assert root.ViewerPreferences.DisplayDocTitle
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert "Quarter 3, 2011" in metadata["dc:title"]
    with document.open_outline() as outline:
        titles = [str(one.title) for one in outline.root]
    assert len(titles) >= 7
    assert titles[-1] == "What the numbers mean"
    kinds: dict[str, int] = {}
    alternatives = []
    for one in document.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/StructElem":
            kinds[str(one.S)] = kinds.get(str(one.S), 0) + 1
            if str(one.S) == "/Figure":
                alternatives.append(str(one.get("/Alt", "")))
    assert {"/H1", "/H2", "/Table", "/THead", "/TH", "/Figure"} <= set(kinds)
    assert all(alternatives)
    assert any(one.startswith("Verdicts by tier: Gold 2 missed") for one in alternatives)
    assert any(one.startswith("missed") for one in alternatives)


def test_a_checker_of_pdf_ua_finds_nothing(pack: Pack, tmp_path: Path) -> None:
    place = tmp_path / "pack.pdf"
    place.write_bytes(write_pdf(pack))
    report = pdfua.validate(str(place))
    assert [str(one) for outcome in report.outcomes for one in outcome.findings] == []
    skipped = {one.rule_id for one in report.outcomes if one.skipped_reason}
    assert skipped <= {"UA-14-001"}  # the order of headings: it cannot read typst's attributes


def test_heads_are_repeated_where_a_table_goes_on(pack: Pack) -> None:
    longer = replace(pack, rows=pack.rows * 40)
    pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(write_pdf(longer))).pages]
    assert sum("actual, then target" in page for page in pages) >= 2


def test_the_same_values_give_the_same_bytes_and_others_give_others(pack: Pack) -> None:
    assert write_pdf(pack) == write_pdf(pack)
    assert write_pdf(pack) != write_pdf(replace(pack, summary="Otherwise"))


def test_a_rollup_that_changes_nothing_makes_no_other_open_pack(stage: Stage, everyone: dict[str, User]) -> None:
    before = make_pack(Q3, None, everyone["executive"], ReportFormat.PDF, Paper.A4)
    make.touch(stage.revenue, 201109)
    assert roll_up_now()
    assert make_pack(Q3, None, everyone["executive"], ReportFormat.PDF, Paper.A4) == before


def test_each_page_says_the_edition_and_its_digest(pack: Pack) -> None:
    for page in pypdf.PdfReader(BytesIO(write_pdf(pack))).pages:
        text = page.extract_text()
        assert "edition 1, signed" in text
        assert pack.mark in text.replace(" ", "")


@pytest.mark.parametrize(("paper", "width"), [("a4", 595), ("letter", 612)])
def test_it_comes_on_both_papers(pack: Pack, paper: str, width: int) -> None:
    page = pypdf.PdfReader(BytesIO(write_pdf(pack, paper))).pages[0]
    assert int(page.mediabox.width) == width


def test_names_are_data_and_letters_that_the_font_lacks_are_boxes(pack: Pack) -> None:
    hostile = "#panic() [x] $y$ \\ @a <b> *c* _d_ `e` // \u4e2d\u200b\x07"
    row = replace(pack.rows[0], name=hostile)
    content = write_pdf(
        replace(pack, rows=(row, *pack.rows[1:]), company=hostile, summary="= Head\n#set page(width: 1pt)")
    )
    text = text_of(content)
    assert "#panic()" in text
    assert "#set page(width: 1pt)" in text
    assert "□" in text


def test_the_font_has_what_the_template_prints() -> None:
    assert printable("■ ≥ ≤ – “ ” ’ − · €") == "■ ≥ ≤ – “ ” ’ − · €"
    assert len(letters()) > 2000


def test_an_empty_company_has_a_pack(company: Company, everyone: dict[str, User]) -> None:
    content, digest = make_pack(Q3, None, everyone["executive"], ReportFormat.PDF, Paper.A4)
    assert "No cell can be judged yet." in text_of(content)
    assert len(digest) == 64


def test_a_logo_stands_on_each_page(pack: Pack) -> None:
    with_logo = write_pdf(replace(pack, logo=PIXEL))
    assert len(with_logo) > len(write_pdf(pack))


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


def large(pack: Pack) -> Pack:
    """40 KPIs × 5 tiers and 100 initiatives that run, each with the longest of what there is."""
    base = pack.columns[0]
    columns = (*(replace(base, code=f"T{n}", name=f"Tier {n}") for n in range(5)), pack.columns[-1])
    rows = []
    for n in range(40):
        source = pack.rows[n % len(pack.rows)]
        cells = tuple(replace(source.cells[0], tier=column.code) for column in columns)
        rows.append(replace(source, kpi=f"k{n}", name=f"KPI of a long name, number {n}", cells=cells))
    ordered = sorted(rows, key=lambda row: row.indicator)
    work = [
        replace(pack.undertakings[0], code=f"i{n}", title=f"An initiative of a rather long title, {n}")
        for n in range(100)
    ]
    return replace(
        pack,
        columns=columns,
        rows=tuple(ordered),
        undertakings=tuple(work),
        definitions=tuple(replace(pack.definitions[0], name=f"KPI of a long name, number {n}") for n in range(40)),
    )


def test_forty_kpis_and_a_hundred_initiatives_fit(pack: Pack) -> None:
    content = write_pdf(large(pack))
    assert len(pypdf.PdfReader(BytesIO(content)).pages) <= 12
    assert len(content) <= 500_000


def test_values_are_exact(pack: Pack) -> None:
    values = [cell.actual for row in pack.rows for cell in row.cells if cell.actual is not None]
    assert values
    assert all(isinstance(value, Fraction) for value in values)
