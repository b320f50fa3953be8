"""The audit as administrators read it: acts as lines, in words, filtered, exported; in as many queries as for one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts.acts import one_act
from accounts.audit import record, record_all
from accounts.choices import Verb
from accounts.models import AuditEntry, User
from accounts.pages.audit import AuditList, exported
from accounts.reading.acts import tell
from core.auditing import state_of
from customers.models import Customer
from initiatives.models import Initiative
from initiatives.services.register import edit_initiative
from tests import factories
from tests.factories import signed_in


def lines(ada: User, query: str = "") -> list[str]:
    return [act.sums or act.first.words for act in AuditList(QueryDict(query), ada).acts]


def decided(fay: User, count: int = 12) -> None:
    """One act: targets approved, older ones superseded."""
    kpi, tier = factories.kpi("revenue"), factories.tier("T1", name="Gold")
    targets = [factories.target(kpi, tier, 201201 + month, 8) for month in range(count)]
    with one_act():
        record_all(by=fay, verb=Verb.APPROVED, changes=[(target, None, {}) for target in targets])
        record_all(by=fay, verb=Verb.SUPERSEDED, changes=[(target, None, {}) for target in targets[:3]])


def test_one_act_is_one_line_that_unfolds_to_its_first_parts(fay: User, ada: User, company: Any) -> None:
    decided(fay)
    record(by=fay, verb=Verb.CHANGED, obj=fay)
    assert lines(ada) == ["changed person Fay", "approved 12 targets and superseded 3 targets"]
    act = AuditList(QueryDict(), ada).acts[1]
    assert (act.count, len(act.parts), act.more) == (15, 5, 9)
    assert len(lines(ada, f"act={act.first.entry.pk}")) == 15


def test_a_request_is_one_act_and_the_next_another(stella: User, ada: User) -> None:
    browser = signed_in(stella)
    for code in ("x", "y"):
        browser.post("/admin/accounts/department/add/", {"code": code, "name": code.upper()})
    assert AuditEntry.objects.filter(act=None).count() == AuditEntry.objects.count() == 2


def test_what_is_rolled_back_begins_no_act(stella: User) -> None:
    with one_act(), transaction.atomic():
        try:
            with transaction.atomic():
                record(by=stella, verb=Verb.CHANGED, obj=stella)
                raise ValueError
        except ValueError:
            record(by=stella, verb=Verb.SAVED, obj=stella)
        record(by=stella, verb=Verb.MOVED, obj=stella)
    first, second = AuditEntry.objects.order_by("pk")
    assert (first.act, second.act) == (None, first.pk)


def test_an_act_is_found_by_what_a_part_of_it_did(fay: User, ada: User, company: Any) -> None:
    decided(fay, 4)
    assert lines(ada, "verb=superseded") == ["approved 4 targets and superseded 3 targets"]
    assert lines(ada, "kind=kpis.kpi") == lines(ada, "verb=deleted") == []
    assert {one.verb for one in exported(QueryDict("verb=superseded"))} == {"superseded"}


def test_who_and_when_leave_out_the_others(fay: User, stella: User, ada: User) -> None:
    record(by=fay, verb=Verb.CHANGED, obj=fay)
    record(by=None, verb=Verb.SAVED, obj=fay)
    assert lines(ada, f"who={fay.pk}") == ["changed person Fay"]
    assert lines(ada, "who=command") == ["saved person Fay"]
    assert lines(ada, "since=2199-01-01") == lines(ada, "until=1990-01-01") == []
    assert AuditList(QueryDict("since=soon"), ada).problems == [
        "From: Is no date; a date looks like 2011-09-30. It was left out."
    ]


def test_before_and_after_are_said_in_words_and_by_the_names_of_today(stella: User, ada: User, company: Any) -> None:
    globex = factories.customer("C-77", name="Globex")
    row = factories.initiative("portal", title="Portal", due=date(2026, 9, 30), owner=None)
    before = state_of(row) | {"level": "corporate"}
    row.due, row.customer, row.level = date(2026, 10, 31), globex, "key_account"
    record(by=stella, verb=Verb.CHANGED, obj=row, before=before, after=state_of(row))
    Customer.objects.update(name="Initech")
    (told,) = tell(list(AuditEntry.objects.all()), ada)
    assert told.words == "changed initiative Portal"
    assert "Due: 30 September 2026 → 31 October 2026" in told.lines
    assert "Level: Corporate → Key account" in told.lines
    assert "Customer: – → Initech" in told.lines


def test_a_target_says_its_tier_its_period_and_the_two_values(fay: User, ada: User, company: Any) -> None:
    row = factories.target(
        factories.kpi("revenue", name="Net revenue"), factories.tier("T1", name="Gold"), 202607, 8, per="quarter"
    )
    record(by=fay, verb=Verb.CHANGED, obj=row, before={"value": "8.3000"}, after={"value": "8.5000"})
    (told,) = tell(list(AuditEntry.objects.all()), ada)
    assert (told.words, told.lines) == ("changed target of Gold, Q3 2026, Net revenue", ["8.3 → 8.5"])


def test_a_page_asks_as_often_for_fifty_entries_as_for_one(fay: User, ada: User, stella: User, company: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert lines(ada)
        return len(queries)

    decided(fay, 1)
    factories.initiative("one", owner=stella)
    edit_all(stella)
    few = asked()
    for number in range(20):
        factories.initiative(f"more_{number}", owner=stella)
    edit_all(stella)
    assert asked() == few


def edit_all(by: User) -> None:
    for row in Initiative.objects.all():
        edit_initiative(initiative=row, by=by, values={"title": f"{row.title}!"}, seen=str(row.revision))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_export_neutralises_formulas_and_says_each_part(form: str, fay: User, ada: User, company: Any) -> None:
    decided(fay, 2)
    record(by=fay, verb=Verb.CHANGED, obj=factories.department("x", name="=1+1"))
    answer: Any = signed_in(ada).get(f"/audit/export/{form}/")
    assert answer.status_code == 200
    if form == "csv":
        text = b"".join(answer.streaming_content).decode()
        assert text.count("\n") == 1 + 2 + 2 + 1
        assert "'=1+1" in text
        assert ",=1+1" not in text
    else:
        assert len(answer.content) > 1000


def test_pages_go_on_from_the_last_entry_seen(fay: User, ada: User) -> None:
    for _ in range(60):
        record(by=fay, verb=Verb.CHANGED, obj=fay)
    first = AuditList(QueryDict(), ada)
    rest = AuditList(QueryDict(first.older.removeprefix("?")), ada)
    assert (len(first.acts), len(rest.acts), rest.older, bool(rest.newest)) == (50, 10, "", True)
