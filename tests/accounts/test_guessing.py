"""Guessing passwords and tokens is limited: per account and address together, per account, and per address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings as config
from django.test import Client
from django.utils import timezone

from accounts import guessing
from accounts.models import FailedGuess, User
from tests.accounts.test_sign_in import NEW, sign_in
from tests.accounts.test_token_ends import resets
from tests.accounts.test_tokens import DOOR, token_of
from tests.factories import PASSWORD, signed_in

HERE = "10.0.0.1"


@pytest.fixture(autouse=True)
def few(settings: Any) -> None:
    """Limits that take fewer guesses to reach than those of the product, in the same order."""
    assert settings.AXES_FAILURE_LIMIT < settings.GUESSES_PER_ACCOUNT < settings.GUESSES_PER_ADDRESS
    settings.GUESSES_PER_ACCOUNT, settings.GUESSES_PER_ADDRESS = 12, 16


def addresses() -> Iterator[str]:
    """As many machines as wanted."""
    return (f"10.1.{number // 250}.{number % 250 + 1}" for number in count())


def guess_at(email: str, times: int) -> list[int]:
    """Wrong passwords, each from another machine."""
    return [
        sign_in(email, "wrong", REMOTE_ADDR=one).status_code for one, _ in zip(addresses(), range(times), strict=False)
    ]


def guess_from(address: str, times: int) -> list[int]:
    """Wrong passwords from one machine, each at another account."""
    return [sign_in(f"p{number}@x.example", "wrong", REMOTE_ADDR=address).status_code for number in range(times)]


def change(browser: Client, old: str, **extra: Any) -> Any:
    sent = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
    return browser.post("/accounts/password/", sent, **extra)


def ask(text: str, address: str = HERE) -> Any:
    return Client().get(DOOR, headers={"Authorization": f"Bearer {text}"}, REMOTE_ADDR=address)


# Per account


def test_an_account_is_locked_however_many_machines_guess_at_it(ines: User) -> None:
    answers = guess_at(ines.email, config.GUESSES_PER_ACCOUNT)
    assert answers[-2:] == [200, 429]
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR=HERE).status_code == 429


def test_an_unknown_account_is_locked_just_the_same(db: None) -> None:
    assert guess_at("nobody@tierboard.example", config.GUESSES_PER_ACCOUNT)[-2:] == [200, 429]


def test_a_lock_of_one_account_is_of_no_other(ines: User, fay: User) -> None:
    guess_at(ines.email, config.GUESSES_PER_ACCOUNT)
    assert sign_in(fay.email, PASSWORD, REMOTE_ADDR=HERE).status_code == 302


def test_a_stranger_does_not_keep_a_person_out_where_they_signed_in_lately(ines: User) -> None:
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR=HERE).status_code == 302
    guess_at(ines.email, config.GUESSES_PER_ACCOUNT)
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR="10.0.0.2").status_code == 429
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR=HERE).status_code == 302


def test_where_they_signed_in_long_ago_is_a_strange_place_again(ines: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        sign_in(ines.email, PASSWORD, REMOTE_ADDR=HERE)
    guess_at(ines.email, config.GUESSES_PER_ACCOUNT)
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR=HERE).status_code == 429


def test_a_lock_ends_by_itself_although_somebody_goes_on_guessing(ines: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        guess_at(ines.email, config.GUESSES_PER_ACCOUNT)
        clock.shift(timedelta(minutes=14))
        assert sign_in(ines.email, "wrong", REMOTE_ADDR="10.9.9.9").status_code == 429
        clock.shift(timedelta(minutes=2))
        assert sign_in(ines.email, PASSWORD, REMOTE_ADDR=HERE).status_code == 302


def test_a_new_password_by_mail_opens_the_account_for_all_places(ines: User) -> None:
    guess_at(ines.email, config.GUESSES_PER_ACCOUNT)
    resets(ines, Client())
    assert sign_in(ines.email, NEW, REMOTE_ADDR=HERE).status_code == 302


def test_an_administrator_opens_the_account_by_deleting_an_attempt(ines: User, ada: User) -> None:
    guess_at(ines.email, config.GUESSES_PER_ACCOUNT)
    attempt = AccessAttempt.objects.all()[0]
    signed_in(ada).post(f"/admin/axes/accessattempt/{attempt.pk}/delete/", {"post": "yes"})
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR=HERE).status_code == 302


# Per address


def test_a_machine_is_locked_however_many_accounts_it_guesses_at(ines: User) -> None:
    assert guess_from(HERE, config.GUESSES_PER_ADDRESS)[-2:] == [200, 429]
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR=HERE).status_code == 429
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR="10.0.0.2").status_code == 302


def test_a_good_password_does_not_wipe_out_what_else_was_guessed_from_there(ines: User) -> None:
    guess_from(HERE, config.GUESSES_PER_ADDRESS - 1)
    assert sign_in(ines.email, PASSWORD, REMOTE_ADDR=HERE).status_code == 302
    assert sign_in("x@x.example", "wrong", REMOTE_ADDR=HERE).status_code == 429


def test_a_network_of_ipv6_addresses_is_one_machine(db: None) -> None:
    answers = [
        sign_in(f"p{number}@x.example", "wrong", REMOTE_ADDR=f"2001:db8::{number + 1:x}").status_code
        for number in range(config.GUESSES_PER_ADDRESS)
    ]
    assert answers[-2:] == [200, 429]
    assert sign_in("x@x.example", "wrong", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_without_an_address_accounts_are_limited_alone(ines: User) -> None:
    answers = [sign_in(ines.email, "wrong", REMOTE_ADDR="").status_code for _ in range(config.AXES_FAILURE_LIMIT)]
    assert answers[-2:] == [200, 429]


# The page that changes a password


def test_the_old_password_is_guessed_as_seldom_as_at_sign_in(ines: User) -> None:
    browser = signed_in(ines)
    answers = [change(browser, "wrong").status_code for _ in range(config.AXES_FAILURE_LIMIT)]
    assert answers[-2:] == [200, 429]
    assert change(browser, PASSWORD).status_code == 429
    assert User.objects.get(pk=ines.pk).check_password(PASSWORD)


def test_guesses_at_both_pages_count_together(ines: User) -> None:
    browser = signed_in(ines)
    for _ in range(config.AXES_FAILURE_LIMIT - 1):
        sign_in(ines.email, "wrong")
    assert change(browser, "wrong").status_code == 429


def test_a_wrong_old_password_is_said_beside_its_field(ines: User) -> None:
    assert "old_password" in change(signed_in(ines), "wrong").context["form"].errors


def test_a_change_forgets_the_failures_before_it(ines: User) -> None:
    browser = signed_in(ines)
    for _ in range(config.AXES_FAILURE_LIMIT - 1):
        change(browser, "wrong")
    assert change(browser, PASSWORD).status_code == 302
    assert sign_in(ines.email, "wrong").status_code == 200


def test_no_password_that_was_typed_is_kept(ines: User) -> None:
    change(signed_in(ines), "wr0ng-secret")
    sign_in(ines.email, "wr0ng-secret")
    kept = str(list(AccessAttempt.objects.values())) + str(list(FailedGuess.objects.values()))
    assert "wr0ng-secret" not in kept
    assert NEW not in kept


# The admin


def test_the_admin_takes_no_password_of_its_own(ines: User) -> None:
    sent = {"username": ines.email, "password": PASSWORD, "this_is_the_login_form": "1"}
    browser = Client()
    answer = browser.post("/admin/login/", sent)
    assert answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in browser.session


# Tokens


def test_unknown_tokens_are_limited_per_address(ines: User) -> None:
    answers = [ask(f"guess-{number}") for number in range(config.GUESSES_PER_ADDRESS + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {401}
    assert answers[-1].status_code == 429
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert int(answers[-1]["Retry-After"]) == 900
    assert ask("guess", "10.0.0.2").status_code == 401
    assert FailedGuess.objects.filter(network=HERE).count() == config.GUESSES_PER_ADDRESS


def test_a_program_with_a_good_token_goes_on_beside_one_that_guesses(ines: User) -> None:
    _, text = token_of(ines)
    for number in range(config.GUESSES_PER_ADDRESS + 1):
        ask(f"guess-{number}")
    assert ask(text).status_code == 200


def test_a_token_that_is_over_is_no_guess(ines: User) -> None:
    token, text = token_of(ines)
    type(token).objects.update(revoked_at=timezone.now())
    assert ask(text).status_code == 401
    assert not FailedGuess.objects.exists()


def test_guesses_at_tokens_and_passwords_from_one_machine_count_together(db: None) -> None:
    for number in range(config.GUESSES_PER_ADDRESS - 1):
        ask(f"guess-{number}")
    assert sign_in("x@x.example", "wrong", REMOTE_ADDR=HERE).status_code == 429


# What is kept of it


def test_what_no_longer_counts_is_not_kept(db: None) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=16)):
        guessing.note(account="x@x.example", address=HERE)
    guessing.note(account="x@x.example", address=HERE)
    assert FailedGuess.objects.count() == 1
