"""Audit entries hold people and customers by their keys: the names of today are shown, and nothing else was kept."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import AuditEntry, RoleGrant, User
from accounts.models.frozen import lifted
from accounts.pages.stale import too_late
from accounts.reading.audit import show_entries
from core.auditing import audited, key_of, mark_of, state_of
from core.stale import mark_shown, revision_of
from customers.models import Customer, TierMembership
from initiatives.forms.register import InitiativeForm
from initiatives.models import Initiative, MomentProposal
from initiatives.services.register import create_initiative, edit_initiative
from kpis.models import KpiProposal
from tests import factories
from tests.factories import signed_in

keys = import_module("accounts.migrations.0012_entries_keep_keys")
APPS = ("accounts", "customers", "kpis", "initiatives")


def everything() -> str:
    """All that the entries hold, as text."""
    return json.dumps(list(AuditEntry.objects.values("before", "after", "object_label")), default=str)


def of_key_account(omar: User, **more: Any) -> Initiative:
    customer = factories.customer("C-77", name="Globex Corporation")
    return factories.initiative(level="key_account", customer=customer, owner=omar, **more)


def test_a_row_mentions_people_and_customers_by_key(omar: User, ines: User) -> None:
    row = of_key_account(omar)
    row.team.add(ines)
    state = state_of(row)
    assert (state["owner"], state["customer"]) == ({"person": omar.pk}, {"customer": row.customer_id})
    assert (state["team"], state["deputy"]) == ([{"person": ines.pk}], None)


def test_no_name_and_no_address_is_in_what_the_services_record(stella: User, omar: User, ines: User) -> None:
    customer = factories.customer("C-77", name="Globex Corporation")
    values = {"title": "Portal", "level": "key_account", "department": factories.department(), "customer": customer}
    row = create_initiative(by=stella, values={**values, "owner": omar, "team": [ines]})
    edit_initiative(initiative=row, by=stella, values={"owner": ines, "team": [omar]}, seen=revision_of(row))
    kept = everything()
    for name in (omar.email, ines.email, "Globex", "C-77"):
        assert name not in kept


def test_no_name_is_in_what_the_admin_records(ada: User, stella: User, noor: User) -> None:
    no_roles = {"role_grants-TOTAL_FORMS": "0", "role_grants-INITIAL_FORMS": "0"}
    new = {"email": "noor@new.example", "name": "Noor the Second", "is_active": "on"}
    old = noor.email
    signed_in(ada).post(f"/admin/accounts/user/{noor.pk}/change/", new | no_roles)
    members = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    signed_in(stella).post("/admin/customers/customer/add/", {"external_id": "C-77", "name": "Globex", **members})
    assert Customer.objects.filter(external_id="C-77").exists()
    entry: Any = AuditEntry.objects.get(object_type="accounts.user")
    assert entry.before["email"] == {"person": noor.pk, "mark": mark_of(old)}
    assert entry.after["email"] == {"person": noor.pk, "mark": mark_of("noor@new.example")}
    for name in (old, "noor@new.example", "Noor", "C-77", "Globex"):
        assert name not in everything()


def test_marks_tell_two_names_apart_and_open_neither() -> None:
    assert mark_of("a@x.example") == mark_of("a@x.example") != mark_of("b@x.example")
    assert len(mark_of("a@x.example")) == 8
    assert mark_of("") == ""


def test_a_proposal_mentions_the_owner_of_its_kpi_by_key(omar: User, fay: User) -> None:
    proposal = factories.kpi_proposal(proposed_by=omar)
    KpiProposal.objects.filter(pk=proposal.pk).update(values={**proposal.values, "owner": fay.email})
    proposal.refresh_from_db()
    assert state_of(proposal)["owner"] == {"person": fay.pk}


def test_what_is_shown_is_the_name_of_today(ada: User, omar: User) -> None:
    row = of_key_account(omar)
    record(by=ada, verb=Verb.CHANGED, obj=row, before={"owner": None}, after=state_of(row))
    record(by=ada, verb=Verb.SET_PASSWORD, obj=omar)
    User.objects.filter(pk=omar.pk).update(name="Omar the Second")
    first, second = show_entries(AuditEntry.objects.order_by("pk"), ada)
    assert (first.after["owner"], first.label, second.label) == ("Omar the Second", row.title, "Omar the Second")


def test_who_is_gone_is_a_person(ada: User, noor: User) -> None:
    record(by=ada, verb=Verb.CHANGED, obj=noor, after={"owner": key_of(noor), "team": [key_of(noor), key_of(ada)]})
    noor.delete()
    (shown,) = show_entries(AuditEntry.objects.all(), ada)
    assert (shown.label, shown.after) == ("a person", {"owner": "a person", "team": ["a person", "Ada"]})


def test_a_customer_is_named_to_those_alone_who_may_read_it(stella: User, noor: User) -> None:
    customer = factories.customer("C1", name="Globex")
    member = factories.member(customer, factories.tier("T1"))
    record(by=stella, verb=Verb.CREATED, obj=member, after=state_of(member))
    assert AuditEntry.objects.get().object_label == ""
    assert show_entries(AuditEntry.objects.all(), stella)[0].after["customer"] == "Globex"
    assert show_entries(AuditEntry.objects.all(), stella)[0].label == "tier membership of Globex"
    assert show_entries(AuditEntry.objects.all(), noor)[0].after["customer"] == "a customer"
    assert show_entries(AuditEntry.objects.all(), noor)[0].label == "tier membership of a customer"


def test_what_somebody_types_is_never_taken_for_a_key(ada: User, noor: User) -> None:
    record(by=ada, verb=Verb.CHANGED, obj=ada, after={"title": f"person:{noor.pk}", "note": f'{{"person": {noor.pk}}}'})
    (shown,) = show_entries(AuditEntry.objects.all(), ada)
    assert shown.after == {"title": f"person:{noor.pk}", "note": f'{{"person": {noor.pk}}}'}


def test_one_entry_and_forty_ask_the_database_as_often(ada: User, stella: User) -> None:
    def written(number: int) -> int:
        for one in range(number):
            customer = factories.customer(f"K{number}-{one}")
            owner = factories.person(f"P{number}-{one}")
            after = {"owner": key_of(owner), "customer": key_of(customer)}
            record(by=ada, verb=Verb.CHANGED, obj=owner, after=after)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            show_entries(AuditEntry.objects.select_related("by"), stella)
        return len(asked)

    assert stella.roles  # which are read once
    assert written(1) == written(40) == 3


def test_the_admins_list_names_a_page_in_as_many_queries_as_one(ada: User) -> None:
    def asked() -> int:
        browser = signed_in(ada)
        browser.get("/admin/accounts/auditentry/")
        with CaptureQueriesContext(connection) as found:
            answer = browser.get("/admin/accounts/auditentry/")
        assert answer.status_code == 200
        assert "Olga" in answer.content.decode()
        return len(found)

    for name in ("Olga", *(f"P{number}" for number in range(30))):
        record(by=ada, verb=Verb.SET_PASSWORD, obj=factories.person(name))
        if name == "Olga":
            few = asked()
    assert asked() == few


def test_the_admins_page_of_an_entry_shows_names(ada: User, omar: User) -> None:
    entry = record(by=ada, verb=Verb.CHANGED, obj=omar, before={"owner": None}, after={"owner": key_of(omar)})
    page = signed_in(ada).get(f"/admin/accounts/auditentry/{entry.pk}/change/").content.decode()
    assert "&quot;owner&quot;: &quot;Omar&quot;" in page


def test_whoever_comes_too_late_reads_names(stella: User, omar: User, ines: User) -> None:
    row = of_key_account(omar)
    typed: dict[str, Any] = {
        "seen": mark_shown(row),
        "title": "Mine",
        "level": row.level,
        "department": row.department_id,
    }
    values = {"owner": ines, "team": [omar]}
    edit_initiative(initiative=row, by=stella, values=values, seen=revision_of(row))
    row.refresh_from_db()
    form = InitiativeForm(QueryDict(urlencode(typed)), user=stella, instance=row)
    form.is_valid()
    (change,) = too_late(form, row, stella).changes
    assert change.words == "changed by Stella"
    assert {("owner", "Omar", "Ines"), ("team", "–", "Omar")} <= set(change.values)


def dummy(model: type[models.Model], depth: int = 0) -> models.Model:
    """A row that is not kept, whose people and customers are called Zelda."""
    if issubclass(model, User):
        return User(pk=1, name="Zelda", email="zelda@tierboard.example")
    if issubclass(model, Customer):
        return Customer(pk=1, name="Zelda", external_id="Zelda")
    foreign = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    return model(pk=1, **{field.name: dummy(field.related_model, depth + 1) for field in foreign if depth < 3})


LABELLED = [
    model
    for app in APPS
    for model in apps.get_app_config(app).get_models()
    if not audited(model).unlabelled and not isinstance(model._meta.pk, models.CompositePrimaryKey)
]


@pytest.mark.parametrize("model", LABELLED, ids=lambda model: model._meta.label_lower)
def test_a_row_whose_text_is_kept_is_not_called_by_a_person_or_a_customer(model: type[models.Model]) -> None:
    row = dummy(model)
    if model in {KpiProposal, MomentProposal}:
        row.values = {}  # type: ignore[attr-defined]
    assert "elda" not in str(row), "Say audited = Audited(unlabelled=True), so that nobody's name is kept."


# Entries that an older version wrote


def old(obj: Any, before: Any = None, after: Any = None, verb: str = "edited", **more: Any) -> AuditEntry:
    kind = obj._meta.label_lower
    return AuditEntry.objects.create(
        verb=verb, object_type=kind, object_id=str(obj.pk), object_label=str(obj), before=before, after=after, **more
    )


def upgraded(entry: AuditEntry) -> Any:
    with lifted():
        keys.rewrite(apps, None)
    entry.refresh_from_db()
    return entry


def test_old_entries_get_keys(omar: User, ines: User) -> None:
    row = of_key_account(omar)
    before = {"owner": omar.email, "team": [omar.email, ines.email], "customer": "C-77", "title": "Old", "cost": None}
    entry = upgraded(old(row, before, {"owner": "gone@x.example", "customer": "C-99", "due": "2026-01-01"}))
    assert entry.before == {
        "owner": {"person": omar.pk},
        "team": [{"person": omar.pk}, {"person": ines.pk}],
        "customer": {"customer": row.customer_id},
        "title": "Old",
        "cost": None,
    }
    assert entry.after == {"owner": {"person": 0}, "customer": {"customer": 0}, "due": "2026-01-01"}
    assert (entry.verb, entry.object_label) == ("changed", row.title)


def test_old_entries_of_people_and_customers_keep_no_name(noor: User) -> None:
    customer = factories.customer("C-77", name="Globex")
    member = factories.member(customer, None)
    person = old(noor, {"email": "before@x.example", "name": "Before", "is_active": True}, verb="changed")
    mention = old(factories.initiative(), {"owner": "before@x.example"})
    grant = old(RoleGrant.objects.create(user=noor, role="owner"), None, {"user": noor.email}, verb="created")
    of_customer: Any = old(customer, {"external_id": "C-77", "name": "Globex", "region": "North"})
    moved = old(TierMembership.objects.get(pk=member.pk), None, {"customer": "C-77", "tier": None})
    upgraded(person)
    for entry in (mention, grant, of_customer, moved):
        entry.refresh_from_db()
    assert person.before == {
        "email": {"person": noor.pk, "mark": mark_of("before@x.example")},
        "name": {"person": noor.pk, "mark": mark_of("Before")},
        "is_active": True,
    }
    assert mention.before == {"owner": {"person": noor.pk}}  # by the address that was theirs then
    assert of_customer.before["region"] == "North"
    for name in (noor.email, "before@x.example", "Before", "C-77", "Globex", "Noor"):
        assert name not in everything()
    assert {entry.object_label for entry in (person, grant, of_customer, moved)} == {""}


def test_old_words_become_the_one_word(omar: User) -> None:
    row = factories.initiative()
    for word in keys.WORDS:
        old(row, verb=word)
    upgraded(AuditEntry.objects.all()[0])
    assert {entry.verb for entry in AuditEntry.objects.all()} == set(keys.WORDS.values()) <= set(Verb)


def test_more_entries_than_a_batch_are_all_rewritten_and_twice_is_once(
    omar: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "BATCH", 7)
    row = factories.initiative()
    for _ in range(20):
        old(row, {"owner": omar.email})
    upgraded(AuditEntry.objects.all()[0])
    upgraded(AuditEntry.objects.all()[0])
    assert [entry.before for entry in AuditEntry.objects.all()] == [{"owner": {"person": omar.pk}}] * 20
