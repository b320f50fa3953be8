"""Small files that failed once: each is taken as it is meant, or refused by name.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run). What is no file to be loaded is in
test_case_doors.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.loads import export_file, load_file
from accounts.models import Company, User
from core.loading import FileProblem
from customers.models import Customer
from initiatives.choices import MOST_MENTIONS
from initiatives.models import Initiative, PainPoint
from kpis.models import Fact, Kpi, Target
from kpis.rollup.runs import roll_up_now
from tests.acceptance.cases import DATA, OVER, brought, called, take
from tests.factories import signed_in
from tests.loads.files import Loader, command, contents, json_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_company(company: Company, tmp_path: Path) -> Loader:
    """What the files were loaded over."""
    load = Loader(tmp_path)
    for kind, text in OVER.items():
        load.good(kind, text)
    return load


REFUSED = [
    ("facts", "formula-no-value.xlsx", {"numerator": ["cell D2", "cell D4"]}),
    (
        "customers",
        "formula-no-value-customers.xlsx",
        {"region": ["cell C2"], "is_key_account": ["cell D2"], "account_manager": ["cell E2"]},
    ),
    ("tier_actuals", "percent-cells-tier-actuals.xlsx", {"numerator": ["cell D2"]}),
    ("customers", "long-ids.xlsx", {"external_id": ["cell A2", "cell A3", "cell A4"]}),
    ("customers", "id-became-date.xlsx", {"external_id": ["cell A2"]}),
    ("facts", "nfd-id.csv", {"customer": ["unknown customer"]}),
    ("initiatives", "timeline-far-due.csv", {"baseline_due": ["1900 to 2199"]}),
    (
        "initiatives",
        "initiatives-year-typos.csv",
        {"baseline_start": ["1900 to 2199"], "baseline_due": ["1900 to 2199", "1900 to 2199"]},
    ),
]


@pytest.mark.parametrize(("kind", "name", "cells"), REFUSED)
def test_cells_that_are_not_what_is_due_are_refused(
    kind: str, name: str, cells: dict[str, list[str]], stella: User
) -> None:
    before = contents()
    status, told = json_of("load", kind, str(DATA / name))
    reasons: dict[str, list[str]] = {}
    for error in told["errors"]:
        reasons.setdefault(error["column"], []).append(error["reason"])
    assert status == 1
    assert {column: len(texts) for column, texts in reasons.items()} == {
        name: len(texts) for name, texts in cells.items()
    }
    for column, words in cells.items():
        assert all(word in text for word, text in zip(words, reasons[column], strict=True)), reasons[column]
    assert contents() == before
    page = brought(signed_in(stella), kind, name)
    assert all(word in page.content.decode() for words in cells.values() for word in words)
    assert "Load it" not in page.content.decode()


@pytest.mark.parametrize(
    ("name", "words", "what_to_do"),
    [
        ("only-a-chartsheet.xlsx", "no worksheet", "save the table in a worksheet"),
        ("html-table.xls", "web page", "save it"),
        ("password-protected.xlsx", "password", "save it without one"),
        ("a-sheet-per-month.xlsx", "other visible worksheets", "--sheet"),
    ],
)
def test_files_that_are_no_table_are_unreadable(name: str, words: str, what_to_do: str, stella: User) -> None:
    before = contents()
    with pytest.raises(FileProblem, match=words):
        take("facts", name)
    status, said = command("load", "facts", str(DATA / name))
    assert (status, what_to_do in said) == (2, True), said
    assert words in brought(signed_in(stella), "facts", name).content.decode()
    assert contents() == before


@pytest.mark.parametrize(
    ("kind", "name", "created"),
    [
        ("customers", "strict-open-xml.xlsx", 1),
        ("customers", "semicolon-excel-de.csv", 1),
        ("customers", "header-with-gap.xlsx", 1),
        ("facts", "trailing-comma-rows.csv", 1),
        ("pain_points", "mentions-the-api-took.csv", 1),
        ("kpis", "umlaut-kpis.csv", 1),
    ],
)
def test_what_other_programs_write_is_read(kind: str, name: str, created: int) -> None:
    report = take(kind, name)
    assert (report.errors.first(3), report.counts.created, report.counts.blank) == ([], created, 0)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("customers", "semicolon-excel-de.csv"),
        ("customers", "newline-in-name.csv"),
        ("facts", "trailing-comma-rows.csv"),
        ("pain_points", "mentions-the-api-took.csv"),
    ],
)
def test_a_program_may_send_the_same_bytes(kind: str, name: str, stella: User) -> None:
    answer = called(signed_in(stella), kind, name)
    assert (answer.status_code, answer.json()["created"]) == (200, 1), answer.content


def test_what_is_read_is_what_stands_there() -> None:
    for name in ("semicolon-excel-de.csv", "header-with-gap.xlsx", "strict-open-xml.xlsx"):
        take("customers", name)
    names = dict(Customer.objects.exclude(external_id__startswith="C").values_list("external_id", "name"))
    assert names == {"X1": "Müller", "S1": "Strict"}
    assert Customer.objects.get(external_id="C31").name == "x"
    take("facts", "trailing-comma-rows.csv")
    assert Fact.objects.get().numerator == 5


def test_a_percentage_is_the_target_that_is_shown(small_company: Loader, root: User, ines: User) -> None:
    assert load_file(kind="targets", path=DATA / "percent-cells-targets.xlsx", approved_by=root).ok
    assert Target.objects.get(kpi=Kpi.objects.get(code="renewal")).value == 92
    small_company.good("facts", "kpi,customer,month,numerator,denominator\nrenewal,C1,2026-01,50,100")
    roll_up_now()
    shown = signed_in(ines).get("/api/v1/cell/?period=2026-01&kpi=renewal&tier=T1").json()["cell"]
    assert (shown["actual"], shown["target"], shown["status"]) == ("50.0000", "92.0000", "missed")


def test_the_visible_sheet_is_the_one_that_counts(stella: User) -> None:
    assert "“Facts”" in brought(signed_in(stella), "facts", "hidden-first-sheet.xlsx").content.decode()
    assert take("facts", "hidden-first-sheet.xlsx").sheet == "Facts"
    assert Fact.objects.get().numerator == 999


def test_one_of_three_sheets_is_taken_where_it_is_named() -> None:
    assert command("load", "facts", str(DATA / "a-sheet-per-month.xlsx"), "--sheet", "2026-02")[0] == 0
    assert Fact.objects.get().month == 202602


def test_zeros_that_are_shown_are_kept() -> None:
    assert take("customers", "leading-zeros.xlsx").ok
    assert set(Customer.objects.filter(name__startswith="Zero").values_list("external_id", flat=True)) == {
        "00123",
        "00042",
    }


def test_an_accent_of_its_own_finds_the_customer(stella: User) -> None:
    Customer.objects.create(external_id="CAFÉ-1", name="Café")
    assert called(signed_in(stella), "facts", "nfd-id.csv").json()["created"] == 1
    assert take("facts", "nfd-id.csv").counts.unchanged == 1


def test_lines_in_a_name_survive_a_workbook(tmp_path: Path) -> None:
    assert take("customers", "newline-in-name.csv").ok
    assert Customer.objects.get(external_id="C12").name == "Alt+Enter\nname"
    path = tmp_path / "customers.xlsx"
    export_file(kind="customers", path=path)
    report = load_file(kind="customers", path=path)
    assert (report.ok, report.counts.changed, report.counts.unchanged) == (True, 0, 4)


def test_years_far_off_are_warned_of_where_the_others_are_mended(tmp_path: Path) -> None:
    lines = (DATA / "initiatives-year-typos.csv").read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("a2", "a3", "a4"))]
    path = tmp_path / "initiatives.csv"
    path.write_text("\n".join(kept), "utf-8")
    status, told = json_of("load", "initiatives", str(path))
    warned = [(one["line"], one["column"]) for one in told["warnings"] if "mistyped" in one["reason"]]
    assert (status, warned) == (0, [(3, "baseline_due")])
    assert set(Initiative.objects.values_list("code", flat=True)) == {"a1", "a6"}


def test_what_one_door_takes_every_door_takes_back(stella: User, tmp_path: Path) -> None:
    most = {"source": "Survey", "department": "sales", "theme": "phone", "tier": "all", "month": "2026-11"}
    body = most | {"mentions": 1_000_000_000, "severity": 5}
    answer = signed_in(stella).post("/api/v1/pain-points/", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert take("pain_points", "mentions-the-api-took.csv").counts.unchanged == 1
    path = tmp_path / "pain.csv"
    export_file(kind="pain_points", path=path)
    assert load_file(kind="pain_points", path=path).counts.unchanged == PainPoint.objects.count() == 1
    more = body | {"theme": "mail", "mentions": MOST_MENTIONS + 1}
    browser = signed_in(stella)
    for address, sent in (("pain-points/", more), ("pain-points/bulk/", [more])):
        refused = browser.post(f"/api/v1/{address}", sent, content_type="application/json")
        assert [error["field"] for error in refused.json()["errors"]] == ["mentions"]
