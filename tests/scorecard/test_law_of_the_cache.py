"""What a cached page shows changes only with an audit entry, a rollup or the company's row (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import RequestFactory
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import Company, User
from customers.models import Tier
from kpis.models import Kpi, RollupRun, SliceTouch
from scorecard.reading.caching import shared_tag
from tests import cache_law, factories
from tests.cache_law import LawBroken, held
from tests.factories import signed_in


def tag() -> str:
    return shared_tag(RequestFactory().get("/"))


def test_every_model_is_decided_about() -> None:
    assert cache_law.undecided() == set(), "Say in tests/cache_law.py whether a page about cells shows it."


def test_what_is_decided_about_is_there() -> None:
    known = set(cache_law._labels().values())
    assert known >= cache_law.SHOWN | cache_law.LAWFUL | set(cache_law.NOT_SHOWN)


def test_a_model_that_is_new_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_law, "SHOWN", cache_law.SHOWN - {"kpis.kpi"})
    assert cache_law.undecided() == {"kpis.kpi"}


@pytest.mark.parametrize("change", ["save", "update", "create", "delete"])
def test_a_change_without_an_entry_breaks_the_law(company: Company, change: str) -> None:
    kpi, tier = factories.kpi("revenue"), factories.tier("T1")
    changes: dict[str, Callable[[], object]] = {
        "save": kpi.save,
        "update": lambda: Kpi.objects.update(name="Other"),
        "create": lambda: factories.customer("C1"),
        "delete": tier.delete,
    }
    before = tag()
    with pytest.raises(LawBroken, match="without an audit entry"), held("This"):
        changes[change]()
    assert tag() == before


def test_a_change_with_an_entry_keeps_it_and_changes_the_tag(stella: User) -> None:
    kpi, before = factories.kpi("revenue"), tag()
    with held("This"):
        kpi.save()
        record(by=stella, verb=Verb.CHANGED, obj=kpi)
    assert tag() != before


def test_the_companys_row_and_a_rollup_change_the_tag(company: Company) -> None:
    before = tag()
    Company.objects.update(name="Other")
    named = tag()
    RollupRun.objects.create(finished_at=timezone.now())
    assert len({before, named, tag()}) == 3


def change_and_fail() -> None:
    with transaction.atomic():
        factories.kpi("revenue")
        raise RuntimeError


def test_what_was_rolled_back_changed_nothing(company: Company) -> None:
    with held("This"), pytest.raises(RuntimeError):
        change_and_fail()
    assert not Kpi.objects.exists()


def test_a_mark_that_waits_for_a_rollup_is_not_shown_before_it(company: Company) -> None:
    kpi = factories.kpi("revenue")
    with held("This"):
        SliceTouch.objects.create(kpi=kpi, month=201101)


def test_a_request_that_breaks_it_fails_its_test(stella: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.services.rows.record", lambda **kept: None)
    with pytest.raises(LawBroken, match=r"POST /admin/customers/tier/add/ changed customers.tier"):
        signed_in(stella).post("/admin/customers/tier/add/", {"code": "T9", "name": "Nine", "rank": "9"})
    assert Tier.objects.filter(code="T9").exists()
