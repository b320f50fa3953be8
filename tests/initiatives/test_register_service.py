"""Creating and editing initiatives: rules by field, reasons for dates, no lost update."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import URLResolver, get_resolver

from accounts.company import today
from accounts.models import AuditEntry, Company, ListView, User
from accounts.services.views import drop_view, keep_view
from core.stale import revision_of
from core.writes import StaleWrite
from initiatives.choices import RESERVED_CODES, Level, Stage, Tracked
from initiatives.models import Document, Initiative, TrackedChange
from initiatives.services.register import (
    add_document,
    create_initiative,
    edit_initiative,
    has_started,
    remove_document,
    suggest_code,
)
from initiatives.services.stages import move_stage
from tests import factories


def values(**fields: Any) -> dict[str, Any]:
    plain = {"title": "Self-service portal", "level": Level.CORPORATE, "department": factories.department()}
    return plain | {"baseline_start": date(2026, 1, 1), "baseline_due": date(2026, 12, 31)} | fields


def edit(initiative: Initiative, by: User, reason: str = "", **changes: Any) -> Initiative:
    row = Initiative.objects.get(pk=initiative.pk)
    return edit_initiative(initiative=row, by=by, values=changes, seen=revision_of(row), reason=reason)


def wrong(initiative: Initiative, by: User, reason: str = "", **changes: Any) -> set[str]:
    """The fields that are refused, after which nothing has changed."""
    before = Initiative.objects.values().get(pk=initiative.pk)
    with pytest.raises(ValidationError) as caught:
        edit(initiative, by, reason, **changes)
    assert Initiative.objects.values().get(pk=initiative.pk) == before
    return set(caught.value.message_dict)


# Creating


def test_a_new_one_is_a_candidate_known_from_today(company: Company, stella: User) -> None:
    made = create_initiative(by=stella, values=values(stage=Stage.DONE))
    assert (made.stage, made.known_from, made.created_by, made.revision) == (Stage.CANDIDATE, today(), stella, 1)
    assert made.due == made.baseline_due == date(2026, 12, 31)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.by, entry.before) == ("created", stella, None)
    assert entry.after is not None
    assert entry.after["title"] == "Self-service portal"
    assert not TrackedChange.objects.exists()


def test_lists_are_kept_with_it(company: Company, stella: User, omar: User) -> None:
    tier, kpi = factories.tier("T1"), factories.kpi("nps")
    made = create_initiative(
        by=stella, values=values(tiers=[tier], team=[omar], kpis=[(kpi, None), (kpi, tier)], team_name="Web crew")
    )
    assert [*made.tiers.all(), *made.team.all()] == [tier, omar]
    assert sorted(made.kpi_links.values_list("kpi__code", "tier__code"), key=str) == [("nps", "T1"), ("nps", None)]


def test_an_owner_who_names_none_becomes_the_owner(company: Company, omar: User, stella: User) -> None:
    assert create_initiative(by=omar, values=values()).owner == omar
    assert create_initiative(by=omar, values=values(owner=stella)).owner == stella
    assert create_initiative(by=stella, values=values()).owner is None


def test_who_has_no_role_creates_nothing(company: Company, noor: User) -> None:
    with pytest.raises(PermissionDenied):
        create_initiative(by=noor, values=values())


def test_a_code_is_made_from_the_title(company: Company, stella: User) -> None:
    codes = [create_initiative(by=stella, values=values()).code for _ in range(3)]
    assert codes == ["self-service-portal", "self-service-portal-2", "self-service-portal-3"]
    assert suggest_code("Ünsere Straße!") == "unsere-strae"
    assert suggest_code("???") == "initiative"
    assert suggest_code("Board") == "board-2"
    assert len(suggest_code("long " * 50)) <= 55


@pytest.mark.parametrize("code", [*sorted(RESERVED_CODES), "NEW", "a b", "-x", "x" * 61])
def test_a_code_that_no_address_can_have_is_refused(company: Company, stella: User, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        create_initiative(by=stella, values=values(code=code))
    assert set(caught.value.message_dict) == {"code"}
    assert not Initiative.objects.exists()


def test_a_code_that_is_taken_is_refused(company: Company, stella: User) -> None:
    factories.initiative("portal")
    with pytest.raises(ValidationError, match="already exists"):
        create_initiative(by=stella, values=values(code="portal"))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"level": Level.KEY_ACCOUNT}, "customer"),
        ({"level": Level.BUSINESS_UNIT}, "business_unit"),
        ({"level": "galaxy"}, "level"),
        ({"title": "  "}, "title"),
        ({"effort": 6}, "effort"),
        ({"loyalty_impact": 0}, "loyalty_impact"),
        ({"cost": "-1"}, "cost"),
        ({"cost": "0.00001"}, "cost"),
        ({"spent": -1}, "spent"),
        ({"currency": "EURO"}, "currency"),
        ({"baseline_due": date(2025, 12, 31)}, "baseline_due"),
    ],
)
def test_each_wrong_field_is_named(company: Company, stella: User, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError) as caught:
        create_initiative(by=stella, values=values(**fields))
    assert wrong in caught.value.message_dict
    assert not any("Constraint" in message for message in caught.value.messages)


def test_several_wrong_fields_are_named_at_once(company: Company, stella: User) -> None:
    with pytest.raises(ValidationError) as caught:
        create_initiative(by=stella, values=values(level=Level.KEY_ACCOUNT, effort=9, currency="E"))
    assert set(caught.value.message_dict) == {"customer", "effort", "currency"}


def test_texts_are_kept_as_a_file_could_hold_them(company: Company, stella: User) -> None:
    with pytest.raises(ValidationError, match="control characters"):
        create_initiative(by=stella, values=values(title=" A\x07 "))
    made = create_initiative(by=stella, values=values(title=" A ", description="one\r\ntwo", currency=" eur "))
    assert (made.title, made.description, made.currency) == ("A", "one\ntwo", "EUR")


def test_nobody_names_a_customer_whom_they_may_not_read(company: Company, omar: User, stella: User) -> None:
    theirs, own = factories.customer("C1"), factories.customer("C2", is_key_account=True, account_manager=omar)
    account = {"level": Level.KEY_ACCOUNT}
    with pytest.raises(ValidationError, match="may read"):
        create_initiative(by=omar, values=values(customer=theirs, **account))
    made = create_initiative(by=omar, values=values(customer=own, **account))
    assert wrong(made, omar, customer=theirs) == {"customer"}
    assert edit(made, stella, customer=theirs).customer == theirs
    assert edit(made, omar, title="Still mine").customer == theirs


# Editing


def test_what_is_not_named_stays(company: Company, stella: User) -> None:
    tier = factories.tier()
    made = create_initiative(by=stella, values=values(tiers=[tier], theme="Waiting"))
    edited = edit(made, stella, title="Portal")
    assert (edited.title, edited.theme, [*edited.tiers.all()]) == ("Portal", "Waiting", [tier])
    assert [*edit(made, stella, tiers=[]).tiers.all()] == []


def test_an_edit_is_in_the_audit_with_what_differs(company: Company, stella: User) -> None:
    made = factories.initiative(title="Old")
    edit(made, stella, title="New", theme="")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.before, entry.after) == ("changed", {"title": "Old"}, {"title": "New"})


def test_an_edit_of_nothing_leaves_no_trace(company: Company, stella: User) -> None:
    edit(factories.initiative(title="Same"), stella, title="Same")
    assert not AuditEntry.objects.exists()
    assert not TrackedChange.objects.exists()


def test_its_people_and_stewards_edit_it_and_nobody_else(company: Company, omar: User, fay: User, ines: User) -> None:
    made = factories.initiative()
    for person in (omar, fay, ines):
        with pytest.raises(PermissionDenied):
            edit(made, person, title="Mine")
    for mine in (factories.initiative(owner=omar), factories.initiative(deputy=omar)):
        assert edit(mine, omar, title="Mine").title == "Mine"


def test_two_people_at_once_do_not_overwrite_each_other(company: Company, stella: User, root: User) -> None:
    made = factories.initiative(title="Old")
    edit_initiative(initiative=made, by=root, values={"title": "Root's"}, seen="1")
    with pytest.raises(StaleWrite, match="somebody else"):
        edit_initiative(initiative=made, by=stella, values={"title": "Stella's"}, seen="1")
    assert Initiative.objects.get().title == "Root's"


@pytest.mark.parametrize("stage", [Stage.APPROVED, Stage.IN_PROGRESS, Stage.ON_HOLD])
def test_a_new_due_date_of_what_is_agreed_needs_a_reason(company: Company, stella: User, stage: Stage) -> None:
    made = factories.initiative(stage=stage)
    was = made.due
    assert was is not None
    later = was + timedelta(days=10)
    assert wrong(made, stella, due=later) == {"reason"}
    assert edit(made, stella, "Supplier", due=later).due == later
    change = TrackedChange.objects.get()
    assert (change.what, change.before, change.after, change.reason, change.by) == (
        *(Tracked.DUE, was.isoformat(), later.isoformat()),
        *("Supplier", stella),
    )


def test_the_same_due_date_needs_none(company: Company, stella: User) -> None:
    made = factories.initiative()
    assert edit(made, stella, due=made.due, title="Other").title == "Other"


def test_a_candidates_due_date_follows_its_baseline(company: Company, stella: User) -> None:
    made = create_initiative(by=stella, values=values())
    assert edit(made, stella, baseline_due=date(2027, 1, 31)).due == date(2027, 1, 31)
    edit(made, stella, due=date(2027, 3, 31))
    assert edit(made, stella, baseline_due=date(2027, 2, 28)).due == date(2027, 3, 31)


@pytest.mark.parametrize("field", ["baseline_start", "baseline_due"])
@pytest.mark.parametrize("stage", [Stage.IN_PROGRESS, Stage.DONE])
def test_the_baseline_of_what_has_started_stays(company: Company, stella: User, stage: Stage, field: str) -> None:
    made = factories.initiative(stage=stage)
    moved = getattr(made, field) + timedelta(days=1)
    assert wrong(made, stella, "Because", **{field: moved}) == {field}


def test_the_baseline_of_what_once_ran_stays(company: Company, stella: User) -> None:
    made = factories.initiative()
    for to, seen in ((Stage.ON_HOLD, Stage.IN_PROGRESS), (Stage.CANDIDATE, Stage.ON_HOLD)):
        move_stage(initiative=made, to=to, by=stella, seen=seen, reason="No people")
    assert has_started(made)
    assert wrong(made, stella, "Because", baseline_start=date(2020, 1, 1)) == {"baseline_start"}
    assert not has_started(factories.initiative(stage=Stage.ON_HOLD))


def test_days_of_start_and_finish_belong_to_a_stage(company: Company, stella: User) -> None:
    day, tomorrow = date(2026, 1, 2), today() + timedelta(days=1)
    assert wrong(factories.initiative(stage=Stage.APPROVED), stella, started_on=day) == {"started_on"}
    running = factories.initiative()
    assert wrong(running, stella, finished_on=day) == {"finished_on"}
    assert wrong(running, stella, started_on=tomorrow) == {"started_on"}
    assert edit(running, stella, started_on=day).started_on == day
    done = factories.initiative(stage=Stage.DONE, started_on=day)
    assert wrong(done, stella, finished_on=day - timedelta(days=1)) == {"finished_on"}
    assert edit(done, stella, finished_on=day).finished_on == day


def test_what_is_approved_keeps_its_dates(company: Company, stella: User) -> None:
    assert "due" in wrong(factories.initiative(stage=Stage.APPROVED), stella, "Because", due=None)


def test_a_computed_column_is_nobodys_tier(company: Company, stella: User) -> None:
    assert wrong(factories.initiative(), stella, tiers=[factories.all_customers()]) == {"tiers"}


# Documents and saved views


def test_a_document_is_linked_and_unlinked_once(company: Company, stella: User) -> None:
    made = factories.initiative()
    document = add_document(initiative=made, by=stella, title=" Plan ", url=" https://example.com/plan ")
    assert (document.title, document.url) == ("Plan", "https://example.com/plan")
    remove_document(document=document, by=stella)
    remove_document(document=document, by=stella)
    assert not Document.objects.exists()
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "linked document",
        "unlinked document",
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.com/x", "data:text/html,x", "plan", ""])
def test_a_link_leads_to_the_web(company: Company, stella: User, url: str) -> None:
    with pytest.raises(ValidationError):
        add_document(initiative=factories.initiative(), by=stella, title="Plan", url=url)
    assert not Document.objects.exists()


def test_a_document_is_its_peoples(company: Company, omar: User, stella: User) -> None:
    document = add_document(initiative=factories.initiative(), by=stella, title="Plan", url="https://example.com")
    with pytest.raises(PermissionDenied):
        remove_document(document=document, by=omar)
    with pytest.raises(PermissionDenied):
        add_document(initiative=document.initiative, by=omar, title="Plan", url="https://example.com")


def test_a_saved_view_is_replaced_under_its_name(company: Company, omar: User, stella: User) -> None:
    keep_view(list="initiatives", by=omar, name=" Late ", query="?status=late")
    keep_view(list="initiatives", by=omar, name="Late", query="status=late&mine=true", shared=True)
    keep_view(list="initiatives", by=stella, name="Late", query="status=late")
    assert sorted(ListView.objects.values_list("user__name", "query", "shared")) == [
        ("Omar", "status=late&mine=true", True),
        ("Stella", "status=late", False),
    ]


def test_a_saved_view_is_deleted_by_its_person_and_a_shared_one_by_administrators(
    company: Company, omar: User, stella: User, ada: User
) -> None:
    own, shared = (
        keep_view(list="initiatives", by=omar, name=name, query="", shared=name == "shared")
        for name in ("own", "shared")
    )
    for view, person in ((own, stella), (own, ada), (shared, stella)):
        with pytest.raises(PermissionDenied):
            drop_view(view=view, by=person)
    drop_view(view=own, by=omar)
    drop_view(view=shared, by=ada)
    assert not ListView.objects.exists()


def test_a_view_has_a_name(company: Company, omar: User, noor: User) -> None:
    with pytest.raises(ValidationError, match="name"):
        keep_view(list="initiatives", by=omar, name=" ", query="")
    with pytest.raises(PermissionDenied):
        keep_view(list="initiatives", by=noor, name="x", query="")


def test_every_word_that_stands_where_a_code_could_is_reserved() -> None:
    whole = [str(pattern) for pattern in addresses(get_resolver().url_patterns)]
    words = {match[1] for text in whole if (match := re.match(r"(?:api/v1/)?\^?initiatives/([a-z_-]+)/", text))}
    assert words
    assert words <= RESERVED_CODES


def addresses(patterns: Any, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        whole = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, whole)
        else:
            yield whole
