"""The tests' own ground: the database is as migrated before every test, whatever the last one did."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatchcase

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, settings

from accounts.models import Company, User
from customers.models import Tier
from kpis.models import Target
from tests.databases import RUN_ONCE, TESTS, TESTS_ONCE
from tests.factories import all_customers, kpi, signed_in, target
from tests.lane import LONG


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_an_approved_target_does_not_outlive_its_test(time: str) -> None:
    assert Company.objects.count() == 1
    assert set(Tier.objects.values_list("code", flat=True)) == {"all", "untiered"}
    assert not Target.objects.exists()
    target(kpi(), all_customers(), 202601, 5)
    with pytest.raises(DatabaseError, match="approved target"), transaction.atomic():
        Target.objects.all().delete()


@pytest.mark.django_db
def test_sqlite_is_tested_in_a_file_with_write_ahead_log() -> None:
    if connection.vendor != "sqlite":
        assert connection.vendor == "postgresql"
        return
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()
    assert mode == ("wal",)


def test_no_property_fails_for_other_work_that_runs_beside_it() -> None:
    assert settings.default is not None
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check


def test_people_have_their_roles(everyone: dict[str, User]) -> None:
    assert {code: set(user.roles) for code, user in everyone.items()} == {
        code: {code} if code != "none" else set() for code in everyone
    }


def test_signed_in_browser_belongs_to_the_person(ines: User) -> None:
    assert signed_in(ines).session["_auth_user_id"] == str(ines.pk)


ASKS_A_DATABASE = re.compile(
    r"connection\.vendor|mark\.postgres|IntegrityError|select_for_update|transactional_db|threading"
)


def test_what_runs_on_one_database_is_there_and_asks_nothing_of_the_database() -> None:
    assert [path.name for path in RUN_ONCE if not path.exists()] == []
    assert [path.name for path in RUN_ONCE if ASKS_A_DATABASE.search(path.read_text("utf-8"))] == []


def test_so_it_is_with_single_tests_of_modules_that_run_on_both() -> None:
    for module, patterns in TESTS_ONCE.items():
        path = TESTS / f"{module.replace('/', '/test_')}.py"
        assert path not in RUN_ONCE, module
        source = path.read_text("utf-8")
        tests = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
        for pattern in (one for one in patterns if "application/" not in one):  # which is of a test's values
            named = [test for test in tests if fnmatchcase(test.name, f"test_{pattern}")]
            assert named, pattern
            texts = [ast.get_source_segment(source, test) or "" for test in named]
            assert not [text for text in texts if ASKS_A_DATABASE.search(text)], pattern


def test_what_the_fast_lane_leaves_out_is_there() -> None:
    assert [path.name for path in LONG if not path.exists()] == []


def test_each_test_has_its_own_copy_of_what_is_kept(everyone: dict[str, User], ines: User) -> None:
    assert everyone["executive"] is ines
    assert ines.name == User.objects.get(pk=ines.pk).name == "Ines"
    ines.name = "Changed"
    ines.save()


@pytest.mark.parametrize("time", ["second", "third"])
def test_what_a_test_did_to_what_is_kept_is_taken_back(everyone: dict[str, User], ines: User, time: str) -> None:
    test_each_test_has_its_own_copy_of_what_is_kept(everyone, ines)


def test_what_is_kept_for_others_is_not_there_for_who_did_not_ask(company: Company, noor: User) -> None:
    assert list(User.objects.all()) == [noor]


@pytest.mark.django_db
def test_who_asks_for_nothing_begins_with_nothing() -> None:
    assert not User.objects.exists()
