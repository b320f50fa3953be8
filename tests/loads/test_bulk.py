"""``POST /{kind}/bulk/`` of every kind of file: many rows at once, all of them or none."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import pytest

from accounts.models import Department, Load, User
from customers.models import Customer
from initiatives.models import Initiative, StatusUpdate
from kpis.models import Fact, SliceTouch, Target
from tests.factories import signed_in
from tests.loads.bulk import CSV, JSON, NDJSON, address, as_body, file_rows, places, rows_of, send
from tests.loads.conftest import FILES
from tests.loads.files import Loader, contents, json_of, write

ORDER = list(FILES)
COUNTS = ("read", "created", "updated", "unchanged", "blank", "error_count")
FACT = '[{"kpi": "revenue", "customer": "C2", "month": "2011-05", "numerator": ?}]'
# one bad cell of each kind: a row of its file, the column, and what no such column takes
BAD: dict[str, tuple[int, str, str]] = {
    "business_units": (1, "kind", "country"),
    "departments": (0, "code", "two words"),
    "tiers": (1, "rank", "best"),
    "customers": (2, "account_manager", "nobody"),
    "tier_memberships": (3, "tier", "T9"),
    "lifecycle_events": (1, "kind", "slept"),
    "kpis": (4, "unit", "litres"),
    "facts": (3, "customer", "C9"),
    "complete_months": (1, "month", "2011-13"),
    "tier_actuals": (0, "denominator", "-1"),
    "targets": (2, "per", "week"),
    "issues": (0, "solved_on", "2011-01-02"),
    "contacts": (1, "issue", "i-1"),
    "deals": (0, "net_value", "-1"),
    "referrals": (1, "on", "1899-01-09"),
    "invoices": (2, "paid_on", "2011-02-06"),
    "initiatives": (0, "department", "nowhere"),
    "milestones": (1, "due", "31.3.2011"),
    "status_updates": (0, "progress", "101"),
    "links": (1, "sign", "sideways"),
    "pain_points": (1, "severity", "9"),
    "moments": (0, "initiatives", "portal;nowhere"),
}


def counts(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [answer.json()[name] for name in COUNTS]


def exported(load: Loader, kind: str) -> list[dict[str, str]]:
    """All rows of a kind as a call may bring them back."""
    rows = load.exported(kind)
    return [{name: cell for name, cell in row.items() if name != "state"} for row in rows]


# -- every kind, in every form


def test_each_kind_has_a_bad_row_here() -> None:
    assert sorted(BAD) == sorted(FILES)


@pytest.mark.parametrize("media", [JSON, NDJSON, CSV])
@pytest.mark.parametrize("kind", ORDER)
def test_what_is_there_changes_nothing(filled: Loader, root: User, kind: str, media: str) -> None:
    rows = exported(filled, kind)
    stored = filled.exported(kind)
    read, created, updated, unchanged, _, errors = counts(send(root, kind, rows, media))
    assert (read, created, updated, unchanged, errors) == (len(rows), 0, 0, len(rows), 0)
    assert filled.exported(kind) == stored


@pytest.mark.parametrize("media", [JSON, NDJSON, CSV])
@pytest.mark.parametrize("ready", ORDER, indirect=True)
def test_new_rows_are_created_and_can_be_taken_back(load: Loader, root: User, ready: str, media: str) -> None:
    rows = file_rows(ready, root)
    read, created, updated, _, blank, _ = counts(send(root, ready, rows, media))
    assert (read, created + blank, updated) == (len(rows), len(rows), 0)
    made = Load.objects.first()
    assert made is not None
    assert (made.kind, made.source, made.by, made.created) == (ready, "API", root, created)


@pytest.mark.parametrize("media", [JSON, NDJSON, CSV])
@pytest.mark.parametrize("ready", ORDER, indirect=True)
def test_one_bad_row_keeps_all_out_and_is_named(load: Loader, root: User, ready: str, media: str) -> None:
    index, column, text = BAD[ready]
    rows = file_rows(ready, root)
    rows[index] = {**rows[index], column: text}
    stored = contents()
    answer = send(root, ready, rows, media)
    assert (index, column) in places(answer)
    assert answer.json()["error_count"] == len(answer.json()["errors"])
    assert contents() == stored


@pytest.mark.parametrize("ready", ORDER, indirect=True)
def test_a_dry_run_says_what_would_be_and_keeps_nothing(load: Loader, root: User, ready: str) -> None:
    stored = contents()
    answer = send(root, ready, file_rows(ready, root), query="?dry_run=1")
    assert (answer.json()["dry_run"], answer.json()["load"]) == (True, None)
    assert counts(answer)[1] > 0
    assert contents() == stored


@pytest.mark.parametrize("kind", ORDER)
def test_nulls_are_empty_cells(filled: Loader, root: User, kind: str) -> None:
    rows = [{name: cell or None for name, cell in row.items()} for row in exported(filled, kind)]
    assert counts(send(root, kind, rows))[3] == len(rows)


@pytest.mark.parametrize("kind", ORDER)
def test_a_field_that_no_kind_has_is_named(filled: Loader, root: User, kind: str) -> None:
    rows = [{**row, "colour": "red"} if number else row for number, row in enumerate(exported(filled, kind))]
    rows = rows if len(rows) > 1 else [{**rows[0], "colour": "red"}]
    assert places(send(root, kind, rows)) == [(min(1, len(rows) - 1), "colour")]
    assert places(send(root, kind, as_body([{**rows[0], "colour": "red"}], CSV), CSV)) == [(None, "colour")]


@pytest.mark.parametrize("kind", ORDER)
def test_a_row_in_json_that_only_names_itself_leaves_all_as_it_is(filled: Loader, root: User, kind: str) -> None:
    from core.registry import load_kinds

    keys = [column.name for column in load_kinds()[kind].columns if column.key]
    stored = filled.exported(kind)
    rows = [{name: row[name] for name in keys} for row in stored]
    answer = send(root, kind, rows)
    found = counts(answer)
    assert (found[1], found[2], found[5]) == (0, 0, 0)
    assert filled.exported(kind) == stored


@pytest.mark.parametrize(
    "ready", sorted(set(ORDER) - {"facts", "tier_actuals", "complete_months", "targets"}), indirect=True
)
def test_a_new_row_in_json_has_to_say_what_a_file_says(load: Loader, root: User, ready: str) -> None:
    from core.registry import load_kinds

    keys = [column.name for column in load_kinds()[ready].columns if column.key]
    first = {name: file_rows(ready, root)[0][name] for name in keys}
    assert {index for index, _ in places(send(root, ready, [first]))} == {0}


# -- what a row may leave out


def test_each_row_leaves_alone_what_it_lacks(filled: Loader, root: User) -> None:
    rows = [{"external_id": "C1", "region": "Faroe"}, {"external_id": "C2", "name": "Second"}]
    assert counts(send(root, "customers", rows))[2] == 2
    one, two = Customer.objects.get(external_id="C1"), Customer.objects.get(external_id="C2")
    assert (one.name, one.region, one.is_key_account) == ("Account 1", "Faroe", True)
    assert (two.name, two.region) == ("Second", "")


def test_each_fact_keeps_the_denominator_that_its_row_lacks(filled: Loader, root: User) -> None:
    rows = [
        {"kpi": "repeat_rate", "customer": "C1", "month": "2011-01", "numerator": 3},
        {"kpi": "repeat_rate", "customer": "C1", "month": "2011-02", "numerator": 4, "denominator": 50},
        {"kpi": "revenue", "customer": "C1", "month": "2011-01", "numerator": "1.5"},
    ]
    assert counts(send(root, "facts", rows))[2] == 3
    facts = Fact.objects.filter(customer__external_id="C1").order_by("kpi__code", "month")
    assert [(str(f.numerator), str(f.denominator)) for f in facts] == [
        ("3.0000", "4.0000"),
        ("4.0000", "50.0000"),
        ("1.5000", "None"),
    ]


def test_a_new_fact_of_a_ratio_must_have_its_denominator(filled: Loader, root: User) -> None:
    row = {"kpi": "repeat_rate", "customer": "C2", "month": "2011-03", "numerator": 3}
    other = {**row, "customer": "C1", "denominator": 1}
    assert places(send(root, "facts", [other, row])) == [(1, "denominator")]
    assert places(send(root, "facts", [row])) == [(0, "denominator")]


# -- numbers and words as JSON has them


@pytest.mark.parametrize(
    ("written", "kept"),
    [("0.1", "0.1000"), ("12.5000", "12.5000"), ("1e3", "1000.0000"), ("999999999999.9999", "999999999999.9999")],
)
def test_numbers_are_taken_digit_by_digit(filled: Loader, root: User, written: str, kept: str) -> None:
    body = FACT.replace("?", written)
    assert counts(send(root, "facts", body))[1] == 1
    assert str(Fact.objects.get(month=201105).numerator) == kept


@pytest.mark.parametrize("written", ["0.30000000000000004", "1e12", "1e400", "1e-5", "true", "[1]", '"1,5"', "{}"])
def test_numbers_that_cannot_be_kept_are_refused(filled: Loader, root: User, written: str) -> None:
    body = FACT.replace("?", written)
    assert places(send(root, "facts", body)) == [(0, "numerator")]


def test_what_is_no_text_is_no_name(filled: Loader, root: User) -> None:
    rows = [{"external_id": True, "name": "x"}, {"external_id": "C9", "name": ["x"]}, {"external_id": 7, "name": "x"}]
    assert places(send(root, "customers", rows)) == [(0, "external_id"), (1, "name"), (2, "external_id")]


def test_booleans_are_booleans(filled: Loader, root: User) -> None:
    send(root, "customers", [{"external_id": "C2", "is_key_account": True}])
    assert Customer.objects.get(external_id="C2").is_key_account


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfff"])
def test_what_cannot_be_kept_is_named(filled: Loader, root: User, text: str) -> None:
    rows = [{"external_id": text, "name": text, "business_unit": text, text: 1}]
    assert send(root, "customers", rows).status_code == 422
    assert {field for _, field in places(send(root, "customers", [{"external_id": text, "name": text}]))} == {
        "external_id",
        "name",
    }


# -- bodies that are no rows


@pytest.mark.parametrize("body", ["", "{", "{}", "null", '"x"', "[1", "NaN", b"[\xff]", '[{"code": 1, "code": 2}]'])
def test_what_is_no_list_of_rows_is_a_bad_request(company: Any, root: User, body: Any) -> None:
    answer = send(root, "tiers", body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_deep_nesting_is_a_bad_request(company: Any, root: User) -> None:
    assert send(root, "tiers", "[" * 100_000 + "]" * 100_000).status_code == 400


def test_rows_that_are_no_objects_are_named(company: Any, root: User) -> None:
    rows = [1, {"code": "T1", "name": "x", "rank": 1}, ["T1"], None]
    assert [index for index, _ in places(send(root, "tiers", rows))] == [0, 2, 3]


def test_a_line_that_is_no_json_is_named(company: Any, root: User) -> None:
    good = json.dumps({"code": "T1", "name": "x", "rank": 1})
    assert places(send(root, "tiers", f"{good}\n\n{{half\n[]\n", NDJSON)) == [(1, None), (2, None)]


def test_no_rows_are_taken_in_as_none(company: Any, root: User) -> None:
    assert counts(send(root, "tiers", "[]"))[0] == 0
    assert counts(send(root, "tiers", "\n", NDJSON))[0] == 0
    assert counts(send(root, "tiers", "code,name,rank\n", CSV))[0] == 0


@pytest.mark.parametrize("body", [b"code,name\n\xff,x", b"PK\x03\x04x", b"%PDF-1", 'code,name\n"x,y', "a\x00b"])
def test_what_is_no_csv_is_a_bad_request(company: Any, root: User, body: Any) -> None:
    answer = send(root, "departments", body, CSV)
    assert answer.status_code == 400
    assert "The body" in answer.json()["detail"]


def test_an_empty_csv_says_which_columns_are_due(company: Any, root: User) -> None:
    assert places(send(root, "departments", "\n", CSV)) == [(None, None)]


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
def test_another_type_of_body_is_not_read(company: Any, root: User, media: str) -> None:
    assert send(root, "tiers", "x", media).status_code == 415


@pytest.mark.parametrize("media", [JSON, NDJSON, CSV])
def test_the_type_of_a_body_may_say_that_it_is_utf_8(company: Any, root: User, media: str) -> None:
    body = as_body([{"code": "d1", "name": "Überseehandel"}], media)
    answer = signed_in(root).post(address("departments"), body.encode(), content_type=f"{media}; charset=UTF-8")
    assert counts(answer)[1] == 1
    assert Department.objects.get().name == "Überseehandel"


def test_csv_is_read_as_a_file_is(filled: Loader, root: User) -> None:
    text = '\ufeffsep=;\nkpi;customer;month;numerator\nrevenue;"C 3 | x";2011-03;45.000\n\nrevenue;C9;2011-03;1\n'
    assert places(send(root, "facts", text, CSV)) == [(0, "numerator"), (1, "customer")]


def test_rows_of_csv_are_counted_whatever_lines_they_take(filled: Loader, root: User) -> None:
    text = 'external_id,name,region\nC7,"one\ntwo",x\n\nC8,,x\nC7,three,x\n'
    answer = send(root, "customers", text, CSV)
    assert places(answer) == [(1, "name"), (2, "external_id")]
    assert answer.json()["errors"][1]["detail"] == "stands in index 0 with other values"


# -- limits


@pytest.mark.slow
@pytest.mark.parametrize("media", [JSON, NDJSON])
def test_ten_megabytes_of_nothing_are_refused_quickly(company: Any, root: User, media: str) -> None:
    body = "[" + "[]," * 3_000_000 + "[]]" if media == JSON else "[]\n" * 3_000_000
    began = time.thread_time()
    assert send(root, "tiers", body, media).status_code == 413
    assert time.thread_time() - began < 6  # of work: a busy machine takes longer


def test_more_names_than_any_kind_has_columns_are_a_bad_request(company: Any, root: User) -> None:
    rows = [{f"f{number}": 1} for number in range(201)]
    assert send(root, "tiers", rows).status_code == 400
    assert send(root, "tiers", as_body([dict.fromkeys((f"f{n}" for n in range(201)), 1)], CSV), CSV).status_code == 400


@pytest.mark.slow
@pytest.mark.parametrize("media", [JSON, NDJSON, CSV])
def test_ten_thousand_rows_and_no_more(company: Any, root: User, media: str) -> None:
    rows = [{"code": f"d{number}", "name": "x"} for number in range(10_001)]
    refused = send(root, "departments", rows, media)
    assert (refused.status_code, refused["Content-Type"]) == (413, "application/problem+json")
    assert not Load.objects.exists()
    assert counts(send(root, "departments", rows[:10_000], media))[1] == 10_000


def test_facts_beyond_ten_thousand_rows_are_refused_as_well(filled: Loader, root: User) -> None:
    rows = [{"kpi": "revenue", "customer": "C1", "month": "2011-01", "numerator": 1}] * 10_001
    assert send(root, "facts", rows, CSV).status_code == 413


def test_a_thousand_errors_are_told_and_all_are_counted(company: Any, root: User) -> None:
    answer = send(root, "departments", [{"code": "a b", "name": ""} for _ in range(1_500)])
    assert len(places(answer)) == 1_000
    assert answer.json()["error_count"] == 3_000


# -- the answer


def test_the_answer_is_that_of_the_command(filled: Loader, root: User) -> None:
    rows = rows_of("kpi,customer,month,numerator\nrevenue,C1,1950-01,5\nrevenue,C1,2011-01,6")
    answer = send(root, "facts", rows, CSV, query="?dry_run=1").json()
    path = write(filled.folder / "f.csv", as_body(rows, CSV))
    _, said = json_of("load", "facts", str(path), "--dry-run")
    assert answer == said | {"file": "API"}
    assert list(answer) == list(said)


@pytest.mark.parametrize("query", ["?dry=1", "?dry_run=1&kind=x", "?dry_run=1&dry_run=0", "?dry_run=maybe"])
def test_parameters_that_are_unknown_or_doubled_are_named(company: Any, root: User, query: str) -> None:
    answer = send(root, "tiers", "[]", query=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in {"dry", "kind", "dry_run"}


def test_there_is_nothing_to_read_there(company: Any, root: User) -> None:
    assert signed_in(root).get(address("tiers")).status_code == 405


def test_facts_are_rolled_up(filled: Loader, root: User) -> None:
    SliceTouch.objects.all().delete()
    send(root, "facts", [{"kpi": "revenue", "customer": "C1", "month": "2011-01", "numerator": 6}])
    assert SliceTouch.objects.filter(kpi__code="revenue", month=201101).exists()


# -- what a call may not say that a file may


@pytest.mark.parametrize("stage", ["approved", "in_progress", "done"])
def test_what_a_call_creates_is_a_candidate(filled: Loader, root: User, stage: str) -> None:
    row = {"code": "fresh", "title": "New", "level": "corporate", "department": "sales"}
    dates = {"baseline_start": "2011-01-03", "baseline_due": "2011-06-30"}
    assert places(send(root, "initiatives", [row | dates | {"stage": stage}])) == [(0, "stage")]
    assert counts(send(root, "initiatives", [row]))[1] == 1
    assert Initiative.objects.get(code="fresh").stage == "candidate"


@pytest.mark.parametrize("state", ["proposed", "approved", "rejected", "withdrawn", "superseded"])
def test_a_target_that_a_call_brings_is_a_draft(filled: Loader, root: User, state: str) -> None:
    row = {"kpi": "revenue", "tier": "T1", "from_month": "2012-01", "per": "month", "value": 5}
    assert places(send(root, "targets", [row | {"state": state}])) == [(0, "state")]
    for said in ({}, {"state": None}, {"state": "draft"}):
        assert send(root, "targets", [row | said]).status_code == 200
    assert [one.state for one in Target.objects.filter(from_month=201201)] == ["draft"]


def test_words_of_others_come_by_a_file_alone(filled: Loader, root: User) -> None:
    row = {"initiative": "portal", "health": "late", "progress": 5, "on": "2011-01-20"}
    answer = send(root, "status_updates", [row | {"author": "zoe@tierboard.example"}])
    assert places(answer) == [(0, "author")]
    assert answer.json()["errors"][0]["detail"].endswith("words of others come by a file")
    assert send(root, "status_updates", [row | {"author": root.email}]).status_code == 200
    assert StatusUpdate.objects.get(on="2011-01-20").author == root


def test_the_exported_csv_of_a_kind_goes_back_as_it_is(filled: Loader, root: User) -> None:
    text = filled.export("customers").read_text("utf-8")
    assert counts(send(root, "customers", text, CSV))[3] == len(list(csv.DictReader(io.StringIO(text))))
