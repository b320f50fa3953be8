"""One's own account: address, sessions, tokens, and how numbers and dates are written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.company import today
from accounts.middleware import write_for_reader
from accounts.models import ApiToken, AuditEntry, OutgoingMail, PersonSession, User
from accounts.services.profile import change_profile
from accounts.services.sessions import live_sessions
from accounts.services.tokens import create_token, warn_of_ends
from accounts.tasks import send_mails
from accounts.tokens import digest
from core.formatting import Style, counted, day_name, number, short_day, trimmed
from core.reader import NARROW_SPACE, Formats, written_for
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.factories import PASSWORD, signed_in


def browser_of(person: User, agent: str = "") -> Client:
    """A browser in which the person signed in by themselves."""
    browser = Client(headers={"User-Agent": agent})
    browser.post("/accounts/login/", {"username": person.email, "password": PASSWORD})
    return browser


def test_the_address_changes_with_the_password_alone(ines: User) -> None:
    browser = signed_in(ines)
    new = {"email": "Ines.New@tierboard.example"}
    assert browser.post("/profile/mail/", new | {"password": "a guess"}).status_code == 400
    assert browser.post("/profile/mail/", new | {"password": PASSWORD}).status_code == 302
    ines.refresh_from_db()
    assert ines.email == "ines.new@tierboard.example"
    assert OutgoingMail.objects.get().address == "ines@tierboard.example"
    entry = AuditEntry.objects.filter(object_id=str(ines.pk)).latest("pk")
    assert "tierboard.example" not in f"{entry.before}{entry.after}"


def test_nobody_takes_the_address_of_somebody_else(ines: User, omar: User) -> None:
    answer = signed_in(ines).post("/profile/mail/", {"email": omar.email.upper(), "password": PASSWORD})
    assert "somebody else’s" in answer.content.decode()


def test_sessions_are_listed_with_device_and_the_others_end(ines: User) -> None:
    here = browser_of(ines, "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/132.0")
    phone = browser_of(ines, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1")
    page = here.get("/profile/").content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    here.post("/profile/sessions/")
    assert [row.device for row in live_sessions(ines)] == ["Firefox on Linux"]
    assert phone.get("/profile/").status_code == 302
    assert here.get("/profile/").status_code == 200


def test_what_a_new_password_ended_is_not_listed_as_signed_in(ines: User) -> None:
    browser_of(ines)
    ines.set_password("another one of mine")
    ines.save()
    assert list(live_sessions(User.objects.get(pk=ines.pk))) == []


def test_a_session_tells_when_it_was_last_heard_of_to_the_hour(ines: User) -> None:
    browser, later = browser_of(ines), timezone.now() + timedelta(hours=2)
    with time_machine.travel(later):
        browser.get("/profile/")
    assert PersonSession.objects.get().seen_at >= later


def test_a_token_says_what_it_is_and_is_shown_once(ines: User) -> None:
    browser = signed_in(ines)
    sent = {"name": "warehouse", "scopes": ["tierboard.read"]}
    page = browser.post("/profile/tokens/", sent).content.decode()
    token = ApiToken.objects.get()
    text = next(
        part for part in page.replace("<", " ").replace(">", " ").split() if part.startswith(f"{token.prefix}_")
    )
    assert text.startswith("tb_")
    assert token.digest == digest(text)
    assert token.last_day == today() + timedelta(days=90)
    again = browser.get("/profile/").content.decode()
    assert text not in again
    assert "Read the pages of this place" in again
    assert Client().get("/api/v1/tiers/", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    asked = browser.post(f"/profile/tokens/{token.pk}/revoke/").content.decode()
    assert f"Revoke “{token.name}”?" in asked
    assert "is refused at once" in asked
    assert Client().get("/api/v1/tiers/", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    browser.post(f"/profile/tokens/{token.pk}/revoke/", {"sure": "1"})
    assert Client().get("/api/v1/tiers/", headers={"Authorization": f"Bearer {text}"}).status_code == 401


def test_a_token_from_before_goes_on(ines: User) -> None:
    text = "q" * 43
    ApiToken.objects.create(
        user=ines, made_by=ines, name="old", prefix=text[:8], digest=digest(text), scopes=["tierboard.read"]
    )
    assert Client().get("/api/v1/tiers/", headers={"Authorization": f"Bearer {text}"}).status_code == 200


def test_nobody_revokes_the_token_of_somebody_else(ines: User, omar: User) -> None:
    token, _ = create_token(user=omar, name="x", scopes=["tierboard.read"], expires_on=None, by=omar)
    signed_in(ines).post(f"/profile/tokens/{token.pk}/revoke/", {"sure": "1"})
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_week_before_its_end_a_mail_warns_of_a_token_once(ines: User) -> None:
    create_token(user=ines, name="warehouse", scopes=["tierboard.read"], expires_on=None, by=ines)
    with time_machine.travel(timezone.now() + timedelta(days=82)):
        assert warn_of_ends() == 0
    with time_machine.travel(timezone.now() + timedelta(days=84)):
        assert (warn_of_ends(), warn_of_ends()) == (1, 0)
        send_mails()
    assert "warehouse" in mail.outbox[0].subject


FORMATS = {
    "point": "1,234.5",
    "comma": "1.234,5",
    "space": f"1{NARROW_SPACE}234,5",
}


@pytest.mark.parametrize("signs", FORMATS)
def test_numbers_are_written_in_the_readers_signs(signs: str) -> None:
    with written_for(lambda: Formats(signs)):
        assert number(1234, 1).endswith("0")
        assert trimmed(Decimal("1234.5"), 4) == FORMATS[signs]
        assert Style(unit="currency", currency="EUR", decimals=1).full(Decimal("-1234.5")) == (f"−€{FORMATS[signs]}")
        assert counted(12345, "fact") == f"{FORMATS[signs].replace('1', '12', 1).replace('234', '345')[:6]} facts"
    assert number(1234) == "1,234"


@pytest.mark.parametrize(
    ("dates", "long", "short"),
    [
        ("words", "31 December 2026", "31 Dec 2026"),
        ("iso", "2026-12-31", "2026-12-31"),
        ("dots", "31.12.2026", "31.12.2026"),
    ],
)
def test_days_are_written_as_the_reader_wants_them(dates: str, long: str, short: str) -> None:
    with written_for(lambda: Formats("point", dates)):
        assert (day_name(date(2026, 12, 31)), short_day(date(2026, 12, 31))) == (long, short)


def test_a_cached_page_is_another_for_who_reads_other_signs(ines: User, fay: User, company: Any) -> None:
    """The matrix of 1,234.5, which is kept for all who may read, reads 1.234,5 for one of them."""
    tier, kpi = factories.tier(), factories.kpi("net_revenue", decimals=1)
    factories.fact(kpi, factories.customer(tier=tier), 201109, Decimal("1234.5"))
    roll_up_now()
    assert "1,234.5" in signed_in(fay).get("/matrix/2011-Q3/").content.decode()
    change_profile(person=ines, values={"number_format": "comma"})
    browser = signed_in(ines)
    first = browser.get("/matrix/2011-Q3/")
    assert "1.234,5" in first.content.decode()
    assert "1,234.5" in signed_in(fay).get("/matrix/2011-Q3/").content.decode()
    change_profile(person=ines, values={"number_format": "space"})
    after = browser.get("/matrix/2011-Q3/", headers={"If-None-Match": first["ETag"]})
    assert after.status_code == 200


@pytest.mark.parametrize(("address", "told"), [("/matrix/", "1.234"), ("/api/v1/matrix/", "1,234")])
def test_programs_get_the_plain_way_whoever_calls(address: str, told: str, ines: User, rf: Any) -> None:
    change_profile(person=ines, values={"number_format": "comma"})
    request = rf.get(address)
    request.user = User.objects.get(pk=ines.pk)
    answer: Any = write_for_reader(lambda _: HttpResponse(number(1234)))(request)
    assert answer.content.decode() == told


def test_single_keys_are_switched_off_for_all_of_ones_browsers(ines: User) -> None:
    browser, mark = signed_in(ines), 'data-single-keys="off"'
    assert mark not in browser.get("/help/").content.decode()
    browser.post("/profile/", {"name": "Ines", "number_format": "point", "date_format": "words"})
    assert mark in browser.get("/help/").content.decode()
