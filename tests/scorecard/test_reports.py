"""Board packs at their doors: asked for, made by a worker, taken by who asked, checked by anybody who signed in."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.choices import JobState, Verb
from accounts.models import AuditEntry, Job, RoleGrant, User
from accounts.rights import Right
from accounts.services import jobs
from core.periods import FiscalCalendar, Period
from scorecard.models import Edition, Report
from scorecard.reading.reports import mark_of
from scorecard.services import reports as services
from scorecard.services.editions import close_by_command
from scorecard.services.reports import ask_for_report
from tests.factories import signed_in
from tests.kept import kept
from tests.scorecard.stage import Stage

Q3 = Period.parse("2011-Q3", FiscalCalendar())
ASKED = {"period": "2011-Q3", "edition": "latest", "format": "csv", "paper": "a4"}


@kept
def closed(stage: Stage, everyone: dict[str, User]) -> Edition:
    prepared_by, signed_by = everyone["finance"], everyone["executive"]
    return close_by_command(period=Q3, anyway="It is small.", prepared_by=prepared_by, signed_by=signed_by)


def made(report: Report) -> Report:
    """As a worker makes it."""
    assert report.job
    jobs.run_here(report.job)
    return Report.objects.select_related("job").get(pk=report.pk)


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.fixture
def report(closed: Edition, everyone: dict[str, User]) -> Report:
    """A CSV of the executive's, made."""
    return made(ask_for_report(by=everyone["executive"], period=Q3, format="csv"))


# -- pages


def test_a_pack_is_asked_for_made_and_taken(closed: Edition, everyone: dict[str, User]) -> None:
    browser = signed_in(everyone["executive"])
    page = browser.post("/reports/", ASKED)
    report = Report.objects.get()
    assert page["Location"] == f"/reports/{report.pk}/"
    waiting = browser.get(page["Location"]).content.decode()
    assert "Look again" in waiting  # without script
    assert browser.get(f"/reports/{report.pk}/file/").status_code == 404
    report = made(report)
    assert f"/reports/{report.pk}/file/" in browser.get(page["Location"]).content.decode()
    answer = browser.get(f"/reports/{report.pk}/file/")
    content = content_of(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="board-pack-2011-Q3-edition-1.csv"'
    assert (sha256(content).hexdigest(), len(content)) == (report.sha256, report.size)
    assert report.digest == closed.digest
    entry = AuditEntry.objects.get(verb=Verb.MADE_PACK)
    assert (entry.by, (entry.after or {})["sha256"]) == (everyone["executive"], report.sha256)
    assert "Take the file" in browser.get("/reports/").content.decode()


@pytest.mark.parametrize("role", ["finance", "administrator", "steward"])
def test_nobody_else_sees_or_takes_it(role: str, report: Report, everyone: dict[str, User]) -> None:
    browser = signed_in(everyone[role])
    for part in ("", "file/"):
        assert browser.get(f"/reports/{report.pk}/{part}").status_code == 404
    assert f"/reports/{report.pk}/" not in browser.get("/reports/").content.decode()


def test_who_may_no_longer_read_names_gets_no_file_with_names(report: Report, everyone: dict[str, User]) -> None:
    RoleGrant.objects.filter(user=everyone["executive"]).update(role="owner")
    browser = signed_in(User.objects.get(pk=everyone["executive"].pk))
    assert browser.get(f"/reports/{report.pk}/file/").status_code == 403
    assert "rights have changed" in browser.get(f"/reports/{report.pk}/").content.decode()


def test_who_may_no_longer_read_gets_no_pack_made(closed: Edition, everyone: dict[str, User]) -> None:
    report = ask_for_report(by=everyone["executive"], period=Q3, format="csv")
    User.objects.filter(pk=everyone["executive"].pk).update(is_active=False)
    report = made(report)
    assert report.job
    assert report.job.state == JobState.FAILED
    assert "no longer read" in report.job.error
    assert report.sha256 == ""


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"period": "2199-Q1"}, "Is none of "),
        ({"edition": "7"}, "Is none of "),
        ({"format": "exe"}, "Is none of pdf, "),
        ({"period": ""}, "Must not be empty."),
    ],
)
def test_what_cannot_be_made_is_refused_beside_its_field(
    asked: dict[str, str], words: str, closed: Edition, everyone: dict[str, User]
) -> None:
    page = signed_in(everyone["executive"]).post("/reports/", ASKED | asked)
    assert page.status_code == 400
    assert words in page.content.decode()
    assert not Report.objects.exists()


def test_a_pack_expires_and_is_known_for_ever(report: Report, everyone: dict[str, User]) -> None:
    browser = signed_in(everyone["executive"])
    content = content_of(browser.get(f"/reports/{report.pk}/file/"))
    Job.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    jobs.expire()
    assert browser.get(f"/reports/{report.pk}/file/").status_code == 404
    assert "expired" in browser.get(f"/reports/{report.pk}/").content.decode()
    Job.objects.update(expires_at=timezone.now() - timedelta(days=40))
    jobs.expire()
    assert not Job.objects.exists()
    assert "The file is gone" in browser.get(f"/reports/{report.pk}/").content.decode()
    assert "Unchanged" in checked(browser, content)


def test_of_a_persons_packs_the_latest_are_kept(
    report: Report, everyone: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_KEPT", 1)
    ask_for_report(by=everyone["executive"], period=Q3)
    browser = signed_in(everyone["executive"])
    assert browser.get(f"/reports/{report.pk}/file/").status_code == 404
    assert "expired" in browser.get(f"/reports/{report.pk}/").content.decode()


def test_a_worker_that_is_killed_three_times_leaves_a_job_that_says_failed(
    closed: Edition, everyone: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ask_for_report(by=everyone["executive"], period=Q3)
    then = timezone.now() - timedelta(minutes=2)
    Job.objects.update(state=JobState.RUNNING, tries=jobs.MOST_TRIES, heartbeat_at=then)
    monkeypatch.setattr(jobs, "_wake", lambda pk: None)
    jobs.carry_on()
    page = signed_in(everyone["executive"]).get(f"/reports/{report.pk}/").content.decode()
    assert "the worker ended before the job did" in page
    assert "Another pack" in page


# -- checking


def checked(browser: Client, content: bytes) -> str:
    page = browser.post("/verify/", {"file": SimpleUploadedFile("pack.csv", content)})
    assert page.status_code == 200
    return str(page.content.decode())


def test_a_file_is_known_as_unchanged_and_one_bit_makes_it_unknown(report: Report, everyone: dict[str, User]) -> None:
    content = content_of(signed_in(everyone["executive"]).get(f"/reports/{report.pk}/file/"))
    browser = signed_in(everyone["owner"])
    page = checked(browser, content)
    assert "Unchanged" in page
    assert "Quarter 3, 2011, edition 1" in page
    changed = bytes([content[0] ^ 1]) + content[1:]
    assert "Not known" in checked(browser, changed)


def test_characters_name_an_edition_and_nothing_else(closed: Edition, everyone: dict[str, User]) -> None:
    browser = signed_in(everyone["owner"])
    mark = closed.digest[:12]
    page = browser.get("/verify/", {"mark": f"{mark[:4]} {mark[4:8].upper()} {mark[8:]}"}).content.decode()
    assert "Quarter 3, 2011, edition 1, signed on" in page
    assert "Unchanged" not in page
    other = "0" * 12 if mark != "0" * 12 else "1" * 12
    assert "No edition begins with them" in browser.get("/verify/", {"mark": other}).content.decode()


def test_characters_of_open_values_name_no_edition(stage: Stage, everyone: dict[str, User]) -> None:
    report = made(ask_for_report(by=everyone["executive"], period=Q3, format="csv"))
    page = signed_in(everyone["owner"]).get("/verify/", {"mark": report.digest[:12]}).content.decode()
    assert "They name no edition" in page


@pytest.mark.parametrize("text", ["", "3553", "zzzzzzzzzzzz", "3553dfa4dbfa1", "<script>", "３５５３ｄｆａ４ｄｂｆａ"])
def test_what_are_no_twelve_characters_is_refused(text: str, everyone: dict[str, User], company: Any) -> None:
    assert mark_of(text) == ""
    assert signed_in(everyone["owner"]).get("/verify/", {"mark": text}).status_code == 400


# -- the API


def test_a_program_asks_looks_and_takes(closed: Edition, everyone: dict[str, User]) -> None:
    browser = signed_in(everyone["steward"])
    body = json.dumps({"period": "2011-Q3", "edition": 1, "format": "json"})
    answer = browser.post("/api/v1/reports/", body, "application/json", headers={"Idempotency-Key": "one"})
    assert answer.status_code == 202
    again = browser.post("/api/v1/reports/", body, "application/json", headers={"Idempotency-Key": "one"})
    assert again.json() == answer.json()
    report = Report.objects.get()
    address = answer["Location"]
    assert address == f"/api/v1/reports/{report.pk}/"
    assert (answer.json()["state"], answer.json()["download"]) == ("waiting", None)
    made(report)
    told = browser.get(address).json()
    assert (told["state"], told["progress"], told["edition"]) == ("done", 100, 1)
    file = browser.get(told["download"], headers={"Accept": "application/json"})
    assert json.loads(content_of(file))["digest"] == closed.digest
    assert signed_in(everyone["finance"]).get(address).status_code == 404
    assert [one["id"] for one in browser.get("/api/v1/reports/").json()["results"]] == [report.pk]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"period": "2011-Q9"}, "period"),
        ({"period": "2011-Q3", "edition": 5}, "edition"),
        ({"period": "2190"}, "period"),
        ({"period": "2011-Q3", "format": "docx"}, "format"),
        ({"period": "2011-Q3", "colour": "red"}, "colour"),
        ({}, "period"),
    ],
)
def test_a_program_is_told_which_field_is_wrong(
    body: dict[str, Any], field: str, closed: Edition, everyone: dict[str, User]
) -> None:
    answer = signed_in(everyone["steward"]).post("/api/v1/reports/", json.dumps(body), "application/json")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_token_has_no_more_in_its_pack_than_its_scopes(closed: Edition, everyone: dict[str, User]) -> None:
    steward = everyone["steward"]
    steward.token_scopes = frozenset({Right.READ.value})
    assert not made(ask_for_report(by=steward, period=Q3, format="json")).names_customers
    steward.token_scopes = None
    assert made(ask_for_report(by=steward, period=Q3, format="json")).names_customers


# -- the command


def test_the_command_writes_what_the_ending_says_and_knows_it(
    closed: Edition, everyone: dict[str, User], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ending, begin in (("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbfperiod"), ("json", b"{")):
        path = tmp_path / f"pack.{ending}"
        call_command("report", "2011-Q3", str(path), stdout=None)
        assert path.read_bytes().startswith(begin)
        assert "Unchanged" in checked(signed_in(everyone["owner"]), path.read_bytes())
    assert "edition 1 (pdf)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "asked",
    [
        ["2011-Q9", "pack.pdf"],
        ["2011-Q3", "pack.docx"],
        ["2011-Q3", "pack.pdf", "--edition", "4"],
        ["2011-Q3", "pack.pdf", "--edition", "first"],
        ["2011-Q3", "nowhere/pack.csv"],
    ],
)
def test_the_command_refuses_with_a_sentence(
    asked: list[str], closed: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError) as refused:
        call_command("report", *asked)
    assert refused.value.returncode == 2
    assert not Report.objects.exists()
