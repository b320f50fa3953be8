"""The company's page: what a company sets for itself, without the administration."""

from __future__ import annotations

import smtplib
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.choices import LogoKind, Verb
from accounts.models import AuditEntry, Company, CompanyLogo, ExchangeRate, User
from accounts.rules.logo import LARGEST, NoPicture, picture_of
from initiatives.models import Policy
from tests import factories as make

FORM = {"name": "Acme", "currency": "USD", "time_zone": "Europe/Berlin", "kpi_mail_day": "7",
        "fiscal_year_start_month": "1", "fiscal_year_named_by": "end"}  # fmt: skip


def png(width: int = 20, height: int = 10) -> bytes:
    """A whole PNG."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (width + 1) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int = 20, height: int = 10) -> bytes:
    """The outline of a JPEG."""
    segment = b"\xff\xe0" + struct.pack(">H", 4) + b"ab"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 8, 8, height, width, 1) + b"\0" * 3
    return b"\xff\xd8" + segment + frame + b"\xff\xd9"


@pytest.fixture
def browser(ada: User) -> Client:
    return make.signed_in(ada)


def send(browser: Client, **values: Any) -> Any:
    seen = browser.get("/company/").context["page"].form["seen"].value()
    return browser.post("/company/", FORM | {"seen": seen} | values)


def test_a_change_counts_at_once_and_is_kept_in_the_audit(browser: Client, ada: User) -> None:
    assert send(browser).status_code == 302
    company = Company.objects.get()
    assert (company.name, company.currency, company.time_zone, company.kpi_mail_day) == (
        *("Acme", "USD", "Europe/Berlin"),
        7,
    )
    entry = AuditEntry.objects.get(object_type="accounts.company")
    assert (entry.by, entry.verb, (entry.after or {})["name"]) == (ada, Verb.CHANGED, "Acme")


def test_who_comes_too_late_keeps_what_was_typed(browser: Client) -> None:
    answer = send(browser, seen="old@")
    assert (answer.status_code, Company.objects.get().name) == (409, "Our company")
    assert 'value="Acme"' in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("currency", "EURO"), ("currency", "E1R"), ("time_zone", "Berlin"), ("name", ""), ("kpi_mail_day", "29")],
)
def test_what_a_company_cannot_be_is_said_at_its_field(browser: Client, field: str, wrong: str) -> None:
    answer = send(browser, **{field: wrong})
    assert (answer.status_code, list(answer.context["page"].form.errors)) == (400, [field])


def test_the_fiscal_year_changes_until_something_stands_in_a_period(browser: Client) -> None:
    send(browser, fiscal_year_start_month="4", fiscal_year_named_by="start")
    assert Company.objects.get().fiscal_year_start_month == 4
    make.target(make.kpi(), make.tier(), 201109, 5)
    page = browser.get("/company/").content.decode()
    assert "there are targets, and other periods would rename them" in page
    send(browser, fiscal_year_start_month="7")
    assert Company.objects.get().fiscal_year_start_month == 4


def test_what_the_environment_names_of_it_is_shown_and_locked(browser: Client, settings: Any) -> None:
    settings.FISCAL_YEAR_START_MONTH = 1
    assert (
        "named by the environment of this installation (FISCAL_YEAR_START_MONTH)"
        in browser.get("/company/").content.decode()
    )
    send(browser, fiscal_year_start_month="7", fiscal_year_named_by="start")
    company = Company.objects.get()
    assert (company.fiscal_year_start_month, company.fiscal_year_named_by) == (1, "start")


def test_a_logo_stands_in_the_header_for_everybody_until_it_is_taken_out(browser: Client, noor: User) -> None:
    send(browser, logo=SimpleUploadedFile("x.svg", png()))
    mark = Company.objects.get().logo_mark
    for reader in (browser, make.signed_in(noor), Client()):
        page = reader.get("/help/", follow=True).content.decode()
        assert f'src="/company/logo/{mark}/"' in page
        answer = reader.get(f"/company/logo/{mark}/")
        assert (answer["Content-Type"], answer.content) == ("image/png", png())
        assert answer["X-Content-Type-Options"] == "nosniff"
    send(browser, without_logo="on")
    assert (Company.objects.get().logo_mark, CompanyLogo.objects.count()) == ("", 0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither a PNG nor a JPEG"),
        (png()[:-4], "not whole"),
        (png().replace(b"IDAT", b"IDAS"), "damaged"),
        (png() + b"<script>", "something behind its end"),
        (png(2001), "pixels"),
        (jpeg()[:-2], "not whole"),
        (jpeg(0), "pixels"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * LARGEST, "larger than 256 kB"),
    ],
)
def test_what_is_no_logo_is_refused_whatever_its_name(content: bytes, reason: str) -> None:
    with pytest.raises(NoPicture, match=reason):
        picture_of(content)


def test_the_size_of_a_logo_is_read_of_either_kind() -> None:
    assert picture_of(png(30, 40)) == (LogoKind.PNG, 30, 40)
    assert picture_of(jpeg(30, 40)) == (LogoKind.JPEG, 30, 40)


def test_rates_and_thresholds_are_set_from_here_too(browser: Client, company: Company) -> None:
    page = browser.get("/company/").content.decode()
    assert 'id="rates"' in page
    rate = {"currency": "USD", "year": "2026", "rate": "0.9", "back": "company"}
    assert browser.post("/initiatives/settings/rates/", rate)["Location"] == "/company/"
    assert ExchangeRate.objects.get().currency == "USD"
    sections = browser.get("/company/").context["page"].sections
    form = next(one.shown["policy"] for one in sections if "policy" in one.shown)
    values = {field.name: field.value() for field in form} | {"silence_corporate": "45", "back": "company"}
    assert browser.post("/initiatives/settings/policy/", values)["Location"] == "/company/"
    assert Policy.objects.get().silence_corporate == 45


def test_a_test_mail_goes_at_once_to_who_asks(browser: Client, ada: User) -> None:
    answer = browser.post("/company/mail/")
    assert [one.to for one in mail.outbox] == [[ada.email]]
    assert "Taken." in answer.content.decode()


def test_without_a_server_it_says_where_the_mail_is(browser: Client, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", str(tmp_path)
    assert f"a file in {tmp_path}" in browser.post("/company/mail/").content.decode()
    assert len(list(tmp_path.iterdir())) == 1


class Server(smtplib.SMTP):
    """A mail server that answers as it is told."""

    answer: Any = (250, b"2.0.0 Ok: queued as 4XYZ")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.esmtp_features = {}

    def sendmail(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        code, said = self.data(b"")
        if code != 250:
            raise smtplib.SMTPDataError(code, said)
        return {}

    def data(self, msg: Any) -> Any:
        return self.answer

    def quit(self) -> Any:
        return (221, b"Bye")


def test_the_answer_of_the_server_itself_is_shown(
    browser: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    monkeypatch.setattr(smtplib, "SMTP", Server)
    assert "<q>250 2.0.0 Ok: queued as 4XYZ</q>" in browser.post("/company/mail/").content.decode()
    monkeypatch.setattr(Server, "answer", (554, b"5.7.1 Relay access denied"))
    assert "<q>554 5.7.1 Relay access denied</q>" in browser.post("/company/mail/").content.decode()
