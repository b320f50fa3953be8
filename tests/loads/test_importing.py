"""A file brought in the browser: what it is taken for, what is said of all its rows, and what is loaded of them."""

from __future__ import annotations

import csv
import io
from textwrap import dedent
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.choices import JobState
from accounts.loads import importing
from accounts.loads.importing import BAD_ROWS
from accounts.models import Company, Job, Load, User
from accounts.services.jobs import Work, job_folder
from core.loading.guessing import guess_kind, known_columns
from core.registry import load_kinds
from kpis.models import Fact
from tests.factories import signed_in
from tests.loads.conftest import FILES
from tests.loads.files import Loader
from tests.loads.test_properties import Afresh

CHECKED = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
JUNK = ("", "x", "-1", "2011-13", "2199-01", "45.000,50", "C1", "T2", "=1+1", "nobody@tierboard.example")


def rows_of(kind: str) -> list[list[str]]:
    """The rows of a kind's file, its header first."""
    return list(csv.reader(io.StringIO(dedent(FILES[kind]).strip()), skipinitialspace=True))


def as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def bring(by: User, text: str, name: str = "file.csv", kind: str = "") -> Job:
    return importing.bring(by=by, file=SimpleUploadedFile(name, text.encode()), kind=kind)


def load(job: Job, by: User, *, without: bool = False) -> Job:
    found = job.result
    said = {"load": True, "kind": found["kind"], "digest": found["digest"], "without": without}
    return importing.again(job, by=by, **said)


def bad_rows(job: Job) -> list[list[str]]:
    """The file of bad rows, without its header; none where there is none."""
    path = job_folder(job) / BAD_ROWS
    return list(csv.reader(path.open(encoding="utf-8-sig")))[1:] if path.exists() else []


# -- what it is taken for


@pytest.mark.parametrize("kind", FILES)
def test_the_kind_is_found_out_from_the_header(kind: str) -> None:
    kinds = load_kinds().values()
    known = known_columns(load_kinds()[kind])
    due = [one.name for one in load_kinds()[kind].columns if not (one.optional or one.hidden)]
    for names in (rows_of(kind)[0], known, due, known[::-1]):
        guess = guess_kind(names, kinds)
        assert (guess.kind, guess.fits) == (kind, True)
        assert due[0] in guess.because


@pytest.mark.parametrize(
    ("names", "kind", "lacks", "strange"),
    [
        (["kpi", "customer", "month", "amount"], "facts", ("numerator",), ("amount",)),
        (["kpi", "customer", "month", "numerator", "remark"], "facts", (), ("remark",)),
        (["what", "ever"], "", (), ()),
        ([], "", (), ()),
    ],
)
def test_a_header_that_fits_no_kind_is_nearest_to_one_or_to_none(
    names: list[str], kind: str, lacks: tuple[str, ...], strange: tuple[str, ...]
) -> None:
    guess = guess_kind(names, load_kinds().values())
    assert (guess.kind, guess.lacks, guess.strange) == (kind, lacks, strange)


# -- what is said of all its rows


@pytest.mark.slow
@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), st.sampled_from(JUNK)), max_size=4),
    st.lists(st.integers(0, 9), max_size=2),
)
@CHECKED
def test_six_counts_add_up_and_what_is_taken_out_and_what_is_loaded_are_the_file(
    company_with_all: Company, root: User, kind: str, junk: list[tuple[int, int, str]], repeated: list[int]
) -> None:
    header, *rows = rows_of(kind)
    width = len(header)
    rows = [(row + [""] * width)[:width] for row in rows]
    for row, column, text in junk:
        rows[row % len(rows)][column % width] = text
    rows += [list(rows[number % len(rows)]) for number in repeated]
    rows = [row for row in rows if any(row)]
    with Afresh():
        job = bring(root, as_csv([header, *rows]), kind=kind)
        assert job.state == JobState.DONE, job.error
        counts: dict[str, int] = job.result["counts"]
        assert counts["read"] == len(rows)
        assert counts["read"] == sum(counts[name] for name in ("new", "changed", "unchanged", "blank", "bad"))
        assert min(counts.values()) >= 0
        out = bad_rows(job)
        if job.result["digest"]:
            assert len(out) == counts["bad"]
            for row in job.result["effects"]:
                assert min(row["new"], row["changed"], row["unchanged"]) >= 0
            by_kpi = {n: sum(row[n] for row in job.result["effects"]) for n in ("new", "changed", "unchanged")}
            assert not job.result["effects"] or by_kpi == {name: counts[name] for name in by_kpi}
        if job.result["digest"] and counts["new"] + counts["changed"]:
            done = load(job, root, without=bool(counts["bad"]))
            made = Load.objects.get(pk=done.result["load"])
            told = (made.created, made.updated, made.unchanged, made.blank)
            assert told == tuple(counts[name] for name in ("new", "changed", "unchanged", "blank"))
            assert made.read + len(out) == len(rows)
            taken = {int(row[0]) for row in out}
            kept = [row for line, row in enumerate(rows, 2) if line not in taken]
            assert sorted([*kept, *([cell.removeprefix("'") for cell in row[2:]] for row in out)]) == sorted(rows)


def test_the_rows_that_were_taken_out_can_be_corrected_and_brought_again(filled: Loader, root: User) -> None:
    job = bring(root, "kpi,customer,month,numerator\nclaims,C1,2011-05,1\nclaims,c2,2011-05,2\n")
    load(job, root, without=True)
    given = (job_folder(job) / BAD_ROWS).read_text("utf-8-sig")
    assert given.splitlines()[1].startswith('3,"customer: unknown customer; “C2”')
    again = bring(root, given.replace(",c2,", ",C2,"))
    assert [one["read_as"] for one in again.result["columns"]] == ["", "", "KPI", "Customer", "Month", "Numerator"]
    assert load(again, root).result["taken_out"] == 0
    assert Fact.objects.filter(month=201105).count() == 2


def test_what_changes_is_told_by_kpi_with_the_months_and_the_largest_number(filled: Loader, root: User) -> None:
    text = "kpi,customer,month,numerator\nclaims,C2,2011-02,1\nrevenue,C1,2011-01,9000.5\nrevenue,C2,2011-03,-12\n"
    found = bring(root, text).result
    assert found["effects"] == [
        {"name": "Claims", "new": 0, "changed": 0, "unchanged": 1},
        {"name": "Net revenue", "new": 1, "changed": 1, "unchanged": 0},
    ]
    assert found["months"] == ["2011-01", "2011-03"]
    most = {"column": "numerator", "text": "9,000.5", "line": 3, "row": "revenue | C1 | 2011-01"}
    assert found["largest"] == most


def test_of_a_workbook_with_several_sheets_the_page_offers_them(company: Company, root: User) -> None:
    import xlsxwriter  # type: ignore[import-untyped]

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name, rank in (("Q1", "1"), ("Q2", "2")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["code", "name", "rank"])
            sheet.write_row(1, 0, [name, name, rank])
    job = importing.bring(by=root, file=SimpleUploadedFile("tiers.xlsx", file.getvalue()))
    assert "say which one is meant" in job.result["unfit"]
    assert job.result["sheets"] == ["Q1", "Q2"]
    browser = signed_in(root)
    page = browser.post(f"/imports/check/{job.pk}/", {"kind": "", "sheet": "Q2"}, follow=True).content.decode()
    assert "worksheet “Q2”" in page
    assert "Load 1 row" in page


# -- what is loaded of them


def test_a_load_counts_once_whoever_is_killed(filled: Loader, root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was given up for lost ends its load after another has taken the job over."""
    job = bring(root, "code,name\nnew,New\n")
    finish = Work.finish

    def late(work: Any, result: Any) -> None:
        Job.objects.filter(pk=work.job.pk).update(tries=2)
        finish(work, result)

    monkeypatch.setattr(Work, "finish", late)
    with transaction.atomic():
        lost = load(job, root)
    assert lost.state == JobState.RUNNING
    assert not Load.objects.filter(source="file.csv").exists()


def test_the_previews_rights_are_those_of_who_loads(filled: Loader, stella: User, ada: User) -> None:
    text = "kpi,tier,from_month,per,value\nclaims,T1,2012-01,month,5\n"
    assert bring(stella, text).result["counts"]["bad"] == 0
    found = bring(ada, text).result
    assert found["counts"]["bad"] == 1
    assert "not yours to propose" in found["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"\xff\xfe\x00\x01"),
        ("a.csv", b"code,name,rank\nT1,\xff,1\n"),
        ("a.csv", b'code,name,rank\n"T1,x,1\n'),
        ("a.csv", b"code,code,name,rank\nT1,T1,x,1\n"),
        ("a.csv", b"code,name,rank\nT1,x,1,2,3\nT2\n"),
        ("a.csv", b",,\n,,\n"),
        ("a.csv", b"line,reason\n2,x\n"),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.pdf", b"%PDF-1.7"),
        ("\u202e" + "x" * 300 + ".csv", b"code,name,rank\nT1,x\x00,1\n"),
    ],
)
def test_no_file_is_an_error_of_the_program(company: Company, root: User, name: str, content: bytes) -> None:
    job = importing.bring(by=root, file=SimpleUploadedFile(name, content))
    assert job.state == JobState.DONE, job.error
    assert job.result.get("unfit") or job.result["counts"]["bad"]
