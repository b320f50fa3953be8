"""Signing in and out, throttling, and passwords."""

from __future__ import annotations

import re
import runpy
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.core import mail
from django.test import Client

from accounts.models import AuditEntry, User
from accounts.tasks import send_mails
from config import environment
from tests.factories import PASSWORD, signed_in

LOGIN = "/accounts/login/"
NEW = "another correct horse"


def sign_in(email: str, password: str, browser: Client | None = None, **extra: Any) -> Any:
    return (browser or Client()).post(LOGIN, {"username": email, "password": password}, **extra)


@pytest.mark.parametrize("spelling", ["ines@tierboard.example", "Ines@Tierboard.Example", " ines@tierboard.example "])
def test_an_e_mail_address_signs_in_however_it_is_written(spelling: str, ines: User) -> None:
    browser = Client()
    assert sign_in(spelling, PASSWORD, browser)["Location"] == "/"
    assert browser.session["_auth_user_id"] == str(ines.pk)


def test_the_page_that_was_asked_for_comes_after_signing_in_and_no_other_host(ines: User) -> None:
    sent = {"username": ines.email, "password": PASSWORD}
    assert Client().post(f"{LOGIN}?next=/rollups/", sent)["Location"] == "/rollups/"
    assert Client().post(f"{LOGIN}?next=https://evil.example/", sent)["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_read_the_same(ines: User) -> None:
    answers = [sign_in(ines.email, "wrong"), sign_in("nobody@tierboard.example", "wrong")]
    assert answers[0].context["form"].non_field_errors() == answers[1].context["form"].non_field_errors()
    assert all(answer.status_code == 200 for answer in answers)


def test_a_closed_account_does_not_sign_in(ines: User) -> None:
    User.objects.filter(pk=ines.pk).update(is_active=False)
    assert sign_in(ines.email, PASSWORD).status_code == 200


def test_a_person_from_a_file_has_no_way_to_sign_in(db: None) -> None:
    owner = User.objects.create_user("owner@tierboard.example")
    for password in ("", "None", "!"):
        assert sign_in(owner.email, password).status_code == 200


def test_who_is_signed_in_already_goes_on(ines: User) -> None:
    assert signed_in(ines).get(LOGIN)["Location"] == "/"


def test_signing_out_takes_a_post(ines: User) -> None:
    browser = signed_in(ines)
    assert browser.get("/accounts/logout/").status_code == 405
    assert browser.post("/accounts/logout/")["Location"] == LOGIN
    assert "_auth_user_id" not in browser.session


def test_ten_wrong_passwords_lock_even_the_right_one_out(ines: User) -> None:
    answers = [sign_in(ines.email, "wrong") for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[-2].status_code == 200
    assert answers[-1].status_code == 429
    locked = sign_in(ines.email, PASSWORD)
    assert locked.status_code == 429
    assert "15 minutes" in locked.content.decode()
    assert "/accounts/reset/" in locked.content.decode()


def test_another_spelling_of_the_address_does_not_dodge_the_lock(ines: User) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(ines.email.upper() if number % 2 else f" {ines.email}", "wrong")
    assert answer.status_code == 429


def test_the_lock_is_for_one_account_from_one_machine(ines: User, fay: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(ines.email, "wrong")
    assert sign_in(fay.email, PASSWORD).status_code == 302
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_a_made_up_proxy_header_does_not_dodge_the_lock(ines: User) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(ines.email, "wrong", headers={"X-Forwarded-For": f"10.0.0.{number}"})
    assert answer.status_code == 429


def test_behind_a_proxy_machines_are_told_apart_by_what_the_proxy_wrote(ines: User, settings: Any) -> None:
    settings.PROXY_COUNT = 1
    for number in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(ines.email, "wrong", headers={"X-Forwarded-For": f"1.1.1.{number}, 10.0.0.7"})
    assert answer.status_code == 429
    assert sign_in(ines.email, PASSWORD, headers={"X-Forwarded-For": "10.0.0.8"}).status_code == 302


def test_signing_in_forgets_earlier_failures(ines: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        sign_in(ines.email, "wrong")
    assert sign_in(ines.email, PASSWORD).status_code == 302
    assert sign_in(ines.email, "wrong").status_code == 200


def test_an_administrator_ends_a_lock_by_deleting_the_attempt(ines: User, ada: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(ines.email, "wrong")
    attempt = AccessAttempt.objects.get()
    signed_in(ada).post(f"/admin/axes/accessattempt/{attempt.pk}/delete/", {"post": "yes"})
    assert sign_in(ines.email, PASSWORD).status_code == 302
    assert "wrong" not in str(AuditEntry.objects.get(verb="deleted").before)


def link_in_mail() -> str:
    send_mails()
    found = re.search(r"https?://[^/]+(/accounts/reset/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_password_is_reset_by_mail(ines: User) -> None:
    browser = Client()
    assert browser.post("/accounts/reset/", {"email": ines.email})["Location"] == "/accounts/reset/sent/"
    page = browser.get(link_in_mail(), follow=True)
    assert mail.outbox[0].to == [ines.email]
    address = page.redirect_chain[-1][0]
    assert browser.post(address, {"new_password1": NEW, "new_password2": NEW})["Location"] == "/accounts/reset/done/"
    assert sign_in(ines.email, NEW).status_code == 302
    assert sign_in(ines.email, PASSWORD).status_code == 200
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.by, entry.before, entry.after) == ("reset password", ines, None, None)


def test_a_link_works_once(ines: User) -> None:
    Client().post("/accounts/reset/", {"email": ines.email})
    link = link_in_mail()
    browser = Client()
    address = browser.get(link, follow=True).redirect_chain[-1][0]
    browser.post(address, {"new_password1": NEW, "new_password2": NEW})
    page = Client().get(link, follow=True)
    assert page.context["validlink"] is False


def test_a_reset_ends_a_lock_out(ines: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(ines.email, "wrong")
    browser = Client()
    browser.post("/accounts/reset/", {"email": ines.email})
    address = browser.get(link_in_mail(), follow=True).redirect_chain[-1][0]
    browser.post(address, {"new_password1": NEW, "new_password2": NEW})
    assert sign_in(ines.email, NEW).status_code == 302


def test_asking_for_a_reset_tells_nobody_whether_an_address_is_known(ines: User) -> None:
    known = Client().post("/accounts/reset/", {"email": ines.email}, follow=True)
    unknown = Client().post("/accounts/reset/", {"email": "x@tierboard.example"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    send_mails()
    assert len(mail.outbox) == 1


def test_a_host_that_we_do_not_answer_for_is_refused(ines: User) -> None:
    answer = Client().post("/accounts/reset/", {"email": ines.email}, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    send_mails()
    assert not mail.outbox


@pytest.mark.parametrize("host", ["other.example.com", "scorecard.example.com", "other.example.com:9"])
def test_the_link_in_the_mail_leads_to_base_url_whatever_host_was_asked(host: str, ines: User, settings: Any) -> None:
    settings.BASE_URL = "https://scorecard.example.com:30022"
    settings.ALLOWED_HOSTS = ["scorecard.example.com", "other.example.com"]
    asked = {"Host": host, "X-Forwarded-Host": "evil.example"}
    assert Client().post("/accounts/reset/", {"email": ines.email}, headers=asked).status_code == 302
    send_mails()
    assert "\nhttps://scorecard.example.com:30022/accounts/reset/" in str(mail.outbox[0].body)


def test_signing_in_works_behind_a_proxy_that_passes_the_host_without_its_port(ines: User, settings: Any) -> None:
    url = "https://scorecard.example.com:30022"
    settings.ALLOWED_HOSTS = ["scorecard.example.com"]
    settings.CSRF_TRUSTED_ORIGINS = environment.trusted_origins(settings.ALLOWED_HOSTS, url, production=True)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for name, value in (("Origin", url), ("Referer", f"{url}{LOGIN}")):
        browser = Client(enforce_csrf_checks=True)
        passed = {"Host": "scorecard.example.com", "X-Forwarded-Proto": "https", name: value}
        page = browser.get(LOGIN, headers=passed)
        token = page.context["csrf_token"]
        sent = {"username": ines.email, "password": PASSWORD, "csrfmiddlewaretoken": str(token)}
        assert browser.post(LOGIN, sent, headers=passed)["Location"] == "/", name
        strange = passed | {name: "https://evil.example:30022"}
        assert Client(enforce_csrf_checks=True).post(LOGIN, sent, headers=strange).status_code == 403


def test_changing_a_password_keeps_this_session_and_ends_the_others(ines: User) -> None:
    here, elsewhere = signed_in(ines), signed_in(ines)
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert here.post("/accounts/password/", sent)["Location"] == "/accounts/password/done/"
    assert here.get("/accounts/password/").status_code == 200
    assert elsewhere.get("/accounts/password/").status_code == 302
    assert AuditEntry.objects.get().verb == "changed password"


@pytest.mark.parametrize("weak", ["short", "1234567890", "ines@tierboard"])
def test_a_weak_password_is_refused(weak: str, ines: User) -> None:
    sent = {"old_password": PASSWORD, "new_password1": weak, "new_password2": weak}
    assert signed_in(ines).post("/accounts/password/", sent).context["form"].errors
    assert User.objects.get(pk=ines.pk).check_password(PASSWORD)


def test_passwords_are_kept_with_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = runpy.run_path(str(settings.BASE_DIR / "config" / "settings.py"))["PASSWORD_HASHERS"]
    assert make_password(PASSWORD).startswith(f"{Argon2PasswordHasher.algorithm}$")
