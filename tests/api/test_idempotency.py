"""``Idempotency-Key``: a call that is sent again is done once, and answered the same."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.loads.doors import load_rows
from accounts.models import KeptAnswer, Load, User
from accounts.services import idempotency
from accounts.tasks import forget_answers
from initiatives.models import Initiative
from kpis.models import CompleteMonth
from tests import factories
from tests.factories import signed_in
from tests.loads.bulk import CSV, address, as_body, send
from tests.threads import at_once

JSON = "application/json"
ROWS = [{"code": "d1", "name": "One"}, {"code": "d2", "name": "Two"}]


def load(by: User, key: str = "k", rows: Any = None, query: str = "") -> Any:
    return send(by, "departments", ROWS if rows is None else rows, query=query, **{"Idempotency-Key": key})


def post(browser: Client) -> Any:
    """The same call by somebody who has signed in."""
    body = json.dumps(ROWS)
    return browser.post(address("departments"), body, content_type=JSON, headers={"Idempotency-Key": "k"})


def told(answer: Any) -> tuple[Any, ...]:
    """All that a client reads of an answer."""
    return (
        answer.status_code,
        answer.content,
        *(answer.headers.get(name) for name in ("Content-Type", "ETag", "Location")),
    )


def test_a_repeat_gets_the_first_answer_and_does_nothing(company: Any, stella: User) -> None:
    first, again = load(stella), load(stella)
    assert first.status_code == 200
    assert told(again) == told(first)
    assert Load.objects.count() == 1


def test_the_first_answer_is_that_of_a_call_without_a_key(company: Any, stella: User) -> None:
    row = {"kpi": factories.kpi("a").code, "month": "2011-09"}
    plain = signed_in(stella).post("/api/v1/complete-months/", row, content_type=JSON)
    CompleteMonth.objects.all().delete()
    keyed = signed_in(stella).post("/api/v1/complete-months/", row, content_type=JSON, headers={"Idempotency-Key": "k"})
    names = ("Content-Type", "Allow", "Vary", "Cache-Control")
    assert [keyed.headers.get(name) for name in names] == [plain.headers.get(name) for name in names]
    assert (keyed.status_code, set(keyed.json())) == (plain.status_code, set(plain.json()))


def test_a_creation_and_a_transition_are_repeated_with_place_and_revision(company: Any, ines: User) -> None:
    browser, key = signed_in(ines), {"Idempotency-Key": "same"}
    row = {"code": "lights", "title": "Lights", "level": "corporate", "department": factories.department().code}
    made = [browser.post("/api/v1/initiatives/", row, content_type=JSON, headers=key) for _ in range(2)]
    assert (made[0].status_code, made[0]["Location"]) == (201, "/api/v1/initiatives/lights/")
    assert told(made[1]) == told(made[0])
    assert Initiative.objects.count() == 1
    thanks = [
        browser.post("/api/v1/initiatives/lights/thank/", {"text": "x"}, content_type=JSON, headers=key)
        for _ in range(2)
    ]
    assert told(thanks[1]) == told(thanks[0])


def test_another_body_under_the_same_key_is_refused(company: Any, stella: User) -> None:
    load(stella)
    refused = load(stella, rows=ROWS[:1])
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"


def test_a_key_is_the_callers_and_the_addresss(company: Any, stella: User, root: User) -> None:
    load(stella)
    assert load(root).json()["load"] != load(stella).json()["load"]
    assert send(stella, "tiers", "[]", **{"Idempotency-Key": "k"}).status_code == 200
    assert KeptAnswer.objects.count() == 3


def test_a_refused_call_leaves_no_key(company: Any, stella: User, ines: User) -> None:
    assert load(stella, rows=[{"code": "a b", "name": "x"}]).status_code == 422
    assert load(stella, rows="{").status_code == 400
    assert load(ines).status_code == 403
    assert not KeptAnswer.objects.exists()
    assert load(stella).status_code == 200


def test_a_dry_call_leaves_no_key(company: Any, stella: User) -> None:
    assert load(stella, query="?dry_run=1").json()["load"] is None
    assert not KeptAnswer.objects.exists()
    assert load(stella).json()["load"]


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\x01"])
def test_a_key_has_1_to_255_characters(company: Any, stella: User, key: str) -> None:
    refused = load(stella, key)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
    assert load(stella, "x" * 255).status_code == 200


def test_after_a_day_the_key_is_free_again(company: Any, stella: User) -> None:
    load(stella)
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=25))
    assert load(stella, rows=ROWS[:1]).json()["unchanged"] == 1
    assert KeptAnswer.objects.count() == 1


def test_old_answers_are_forgotten_by_the_hour(company: Any, stella: User) -> None:
    load(stella, "old")
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=25))
    load(stella, "new")
    forget_answers()
    assert [one.key for one in KeptAnswer.objects.all()] == ["new"]
    assert any(entry["task"] == forget_answers.name for entry in settings.CELERY_BEAT_SCHEDULE.values())


def test_the_answer_stands_and_falls_with_the_effect(company: Any, stella: User) -> None:
    with transaction.atomic():
        load(stella)
        transaction.set_rollback(True)
    assert not KeptAnswer.objects.exists()
    assert not Load.objects.exists()


def test_reading_asks_for_no_key(company: Any, stella: User) -> None:
    assert signed_in(stella).get("/api/v1/kpis/", headers={"Idempotency-Key": "x" * 300}).status_code == 200


# -- at once


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls take half a second."""

    def slowly(**values: Any) -> Any:
        time.sleep(0.5)
        return load_rows(**values)

    monkeypatch.setattr("accounts.loads.resource.load_rows", slowly)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_done_and_both_are_answered_alike(slow: None) -> None:
    stella = factories.person("Stella", "steward")
    answers = at_once(lambda: load(stella), lambda: load(stella), lambda: load(stella))
    assert len({told(answer) for answer in answers}) == 1
    assert answers[0].status_code == 200
    assert Load.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_repeat_that_has_waited_long_enough_is_told_so(slow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "PATIENCE", 0.1)
    stella = factories.person("Stella", "steward")
    one, other = signed_in(stella), signed_in(stella)  # before, for on SQLite the first call keeps all writers waiting
    answers = at_once(lambda: post(one), lambda: post(other))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert load(stella).status_code == 200
    assert Load.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_repeat_after_one_that_failed_is_done_itself(slow: None) -> None:
    stella = factories.person("Stella", "steward")
    bad = [{"code": "a b", "name": "x"}]
    answers = at_once(lambda: load(stella, rows=bad), lambda: load(stella, rows=bad))
    assert [answer.status_code for answer in answers] == [422, 422]
    assert load(stella).status_code == 200
    assert not list(Path(settings.VAR_DIR, "answering").glob("*"))


def test_other_keys_do_not_wait(company: Any, stella: User) -> None:
    body = as_body([*ROWS], CSV)
    browser = signed_in(stella)
    for key in ("a", "b"):
        answer = browser.post(address("departments"), body, content_type=CSV, headers={"Idempotency-Key": key})
        assert answer.status_code == 200
    assert Load.objects.count() == 2
