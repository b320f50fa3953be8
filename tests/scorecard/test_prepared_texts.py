"""What workers make of pages before anybody asks: the same text, never an older one, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Role, Verb
from accounts.company import company as the_company
from accounts.models import User
from scorecard.models import PreparedText, Visit
from scorecard.services.visits import note_visit
from scorecard.tasks import prepare_texts
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage

pytestmark = pytest.mark.django_db

HOME, MATRIX, JSON = "/", "/matrix/2011-Q3/", "/api/v1/matrix/?period=2011-Q3"


@pytest.fixture
def reader(stage: Stage, ines: User) -> Client:
    """The executive, who looked at home a day ago."""
    note_visit(ines, timezone.now() - timedelta(days=1))
    return make.signed_in(ines)


def ask_anew(browser: Client, address: str) -> tuple[str, int]:
    """What a process answers that keeps nothing yet, and after how many queries."""
    for name in ("texts", "counts"):
        caches[name].clear()
    with CaptureQueriesContext(connection) as queries:
        answer: Any = browser.get(address)
    assert answer.status_code == 200
    return (answer.content.decode() if address == JSON else text_of(answer)), len(queries)


@pytest.mark.parametrize("address", [HOME, MATRIX, JSON])
def test_an_empty_process_answers_what_was_prepared_in_a_few_queries(reader: Client, address: str) -> None:
    reader.get(HOME)  # a visit begins, which is written down once
    made, many = ask_anew(reader, address)
    prepare_texts()
    prepared, few = ask_anew(reader, address)
    assert prepared == made
    assert few <= 8 < many


def test_every_page_s_bar_counts_by_what_was_prepared_of_the_reader(reader: Client, ines: User) -> None:
    prepare_texts()
    PreparedText.objects.filter(text__startswith='{"count"').update(text='{"count": 7, "html": ""}')
    assert "asked of you: 7" in ask_anew(reader, "/help/")[0]
    assert "asked of you: 7" not in ask_anew(make.signed_in(make.person("Lena", Role.EXECUTIVE)), "/help/")[0]


def test_what_changed_since_is_made_by_the_page_itself(stage: Stage, reader: Client) -> None:
    prepare_texts()
    stage.revenue.name = "Turnover"
    stage.revenue.save()
    record(by=None, verb=Verb.CHANGED, obj=stage.revenue)
    assert "Turnover" in ask_anew(reader, HOME)[0]
    assert "Turnover" in ask_anew(reader, MATRIX)[0]


def test_the_next_look_makes_nothing_and_an_old_text_goes_with_the_first_after_a_change(reader: Client) -> None:
    prepare_texts()
    keys = set(PreparedText.objects.values_list("key", flat=True))
    prepare_texts()
    assert set(PreparedText.objects.values_list("key", flat=True)) == keys
    record(by=None, verb=Verb.CHANGED, obj=the_company())
    prepare_texts()
    assert not keys & set(PreparedText.objects.values_list("key", flat=True))


def test_another_look_asks_no_more_for_many_readers_than_for_one(
    reader: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    prepare_texts()
    with django_assert_max_num_queries(12) as of_one:
        prepare_texts()
    for name in ("Lena", "Olga", "Pia"):
        note_visit(make.person(name, Role.EXECUTIVE), timezone.now())
    prepare_texts()
    with django_assert_num_queries(len(of_one.captured_queries)):
        prepare_texts()


def test_each_reader_has_it_in_their_own_signs(stage: Stage, reader: Client) -> None:
    olga = make.person("Olga", Role.OWNER)
    olga.number_format = "comma"
    olga.save()
    note_visit(olga, timezone.now())
    prepare_texts()
    hers = make.signed_in(olga)
    prepared, few = ask_anew(hers, MATRIX)
    PreparedText.objects.all().delete()
    made, many = ask_anew(hers, MATRIX)
    assert (prepared, few < many) == (made, True)
    assert "1.100" in made
    assert "1,100" in ask_anew(reader, MATRIX)[0]


def test_nothing_is_prepared_for_who_may_not_read_was_long_away_or_is_gone(stage: Stage) -> None:
    now = timezone.now()
    note_visit(make.person("Nora"), now)
    note_visit(make.person("Lena", Role.EXECUTIVE), now - timedelta(days=30))
    gone = make.person("Gus", Role.EXECUTIVE)
    note_visit(gone, now)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    prepare_texts()
    assert PreparedText.objects.count() == 3  # what everybody sees: home, and the matrix for people and for programs


def test_a_company_without_data_has_nothing_prepared(company: object, ines: User) -> None:
    Visit.objects.create(person=ines, began_at=timezone.now())
    prepare_texts()
    assert not PreparedText.objects.exists()
