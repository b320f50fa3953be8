"""What is deleted, moved or replaced by hand stays in its audit entry, and what a load did stays with the load."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts.loads import undo_load
from accounts.models import AuditEntry, Company, Load, LoadChange, User
from customers.models import LifecycleEvent, TierMembership
from initiatives.models import Document
from initiatives.services.benefits import realise_benefit
from initiatives.services.pain import delete_pain_point
from initiatives.services.register import remove_document
from kpis.choices import TargetState
from kpis.loads.facts_removing import Removal, remove_facts
from kpis.models import Kpi, KpiVersion, PollAnswer, PollOption, Restatement
from kpis.services import polls
from kpis.services.actuals import Entry, enter_actuals, unmark_complete
from kpis.services.definitions import delete_kpi
from kpis.services.targets import delete_draft
from tests import factories
from tests.factories import signed_in
from tests.loads.files import Loader

JANUARY: Any = 201101


def gone(object_type: str, verb: str = "deleted") -> Any:
    """What the entry of a deletion kept."""
    return AuditEntry.objects.get(verb=verb, object_type=object_type).before


def test_of_a_pain_point(stella: User) -> None:
    point = factories.pain_point("waiting", mentions=12)
    delete_pain_point(pain_point=point, by=stella)
    assert (gone("initiatives.painpoint")["theme"], gone("initiatives.painpoint")["mentions"]) == ("waiting", 12)


def test_of_a_draft_with_who_wrote_it_before(fay: User, stella: User) -> None:
    row = factories.kpi("revenue"), factories.tier("T1"), 201107, "12.5"
    draft = factories.target(*row, state=TargetState.DRAFT, created_by=fay)
    draft.earlier_writers.add(stella)
    draft.refresh_from_db()
    delete_draft(target=draft, by=fay)
    kept = gone("kpis.target")
    assert (kept["kpi"], kept["tier"], kept["from_month"], kept["value"]) == ("revenue", "T1", "2011-07", "12.5000")
    assert kept["earlier_writers"] == [{"person": stella.pk}]


def test_of_a_tier_actual_that_was_taken_away(stella: User) -> None:
    kpi, tier = factories.kpi("nps", customer_method="mean"), factories.tier("T1")
    factories.tier_actual(kpi, tier, JANUARY, 30, 4)
    away = Entry(tier, None, clear=True, seen=(Decimal(30), Decimal(4)), reason="Of another month")
    enter_actuals(kpi=kpi, month=JANUARY, entries=[away], by=stella)
    kept = Restatement.objects.get()
    assert (kept.old_numerator, kept.old_denominator, kept.numerator) == (30, 4, None)
    assert gone("kpis.tieractual", "restated") == {"numerator": "30.0000", "denominator": "4.0000"}


def test_of_a_month_that_is_not_complete_after_all(stella: User) -> None:
    mark = factories.complete_month(factories.kpi("revenue"), JANUARY)
    unmark_complete(mark=mark, by=stella)
    assert gone("kpis.completemonth", "unmarked complete") == {"kpi": "revenue", "month": "2011-01"}


def test_of_a_move_between_tiers_and_of_one_that_is_taken_away(stella: User) -> None:
    silver, gold = factories.tier("T2"), factories.tier("T1")
    move = factories.member(factories.customer("C1"), silver, date(2011, 3, 1))
    at = f"/admin/customers/tiermembership/{move.pk}"
    signed_in(stella).post(f"{at}/change/", {"starts_on": "2011-04-01", "tier": gold.pk})
    changed: Any = AuditEntry.objects.get(verb="changed")
    assert (changed.before["tier"], changed.before["starts_on"]) == ("T2", "2011-03-01")
    assert (changed.after["tier"], changed.after["starts_on"]) == ("T1", "2011-04-01")
    signed_in(stella).post(f"{at}/delete/", {"post": "yes"})
    kept = gone("customers.tiermembership")
    assert (kept["customer"], kept["tier"]) == ({"customer": move.customer_id}, "T1")
    assert not TierMembership.objects.exists()


def test_of_a_lifecycle_event(stella: User) -> None:
    event = factories.lifecycle_event(factories.customer("C1"), date(2011, 3, 1), "joined")
    signed_in(stella).post(f"/admin/customers/lifecycleevent/{event.pk}/delete/", {"post": "yes"})
    kept = gone("customers.lifecycleevent")
    assert (kept["on"], kept["kind"]) == ("2011-03-01", "joined")
    assert not LifecycleEvent.objects.exists()


def test_of_a_kpi_with_what_it_meant_before(stella: User) -> None:
    kpi = factories.kpi("ratio", customer_method="", time_method="", formula="2 * revenue")
    KpiVersion.objects.create(kpi=kpi, from_month=201101, direction="lower", formula="3 * revenue")
    signed_in(stella).post(f"/admin/kpis/kpi/{kpi.pk}/delete/", {"post": "yes"})
    assert not Kpi.objects.filter(code="ratio").exists()
    kept = gone("kpis.kpi")["versions"]
    assert [(one["from_month"], one["formula"]) for one in kept] == [("2011-01", "3 * revenue")]


def test_of_votes_that_a_second_vote_replaced(stella: User, omar: User) -> None:
    poll = polls.open_poll(by=stella, question="What matters?", points=5, invited=[omar])
    polls.give_answer(poll=poll, by=omar, text="NPS")
    polls.close_answers(poll=poll, by=stella)
    option = PollOption.objects.get()
    polls.classify(option=option, by=stella, indicator="leading")
    polls.open_vote(poll=poll, by=stella)
    for points in (3, 4):
        polls.vote(poll=poll, by=omar, points={option.pk: points})
    last = AuditEntry.objects.filter(verb="voted").latest("pk")
    assert (last.before, last.after) == ({"votes": {str(option.pk): 3}}, {"points": 4})
    assert PollAnswer.objects.get().option == option


def test_of_a_kpi_with_what_it_had_meant(stella: User) -> None:
    kpi = factories.kpi("calls", time_method="sum")
    KpiVersion.objects.create(kpi=kpi, from_month=JANUARY, time_method="mean", reason="A level", by=stella)
    delete_kpi(kpi=kpi, by=stella)
    kept = gone("kpis.kpi")
    (version,) = kept["versions"]
    assert (kept["code"], kept["time_method"]) == ("calls", "sum")
    assert (version["from_month"], version["time_method"], version["reason"]) == ("2011-01", "mean", "A level")
    assert version["by"] == {"person": stella.pk}


def test_facts_that_were_deleted_mention_their_customer_by_key(stella: User) -> None:
    kpi, customer = factories.kpi("revenue"), factories.customer("C1")
    factories.fact(kpi, customer, JANUARY, 5)
    remove_facts(Removal(kpi, JANUARY, customer), reason="Booked twice", by=stella, source="API")
    told: Any = AuditEntry.objects.get(verb="deleted facts").after
    assert told["customer"] == {"customer": customer.pk}
    assert "C1" not in str(told)


def test_of_a_document_and_of_what_a_benefit_brought(stella: User) -> None:
    row = factories.initiative()
    document = Document.objects.create(initiative=row, title="Plan", url="https://x.example/plan")
    remove_document(document=document, by=stella)
    assert gone("initiatives.initiative", "unlinked document") == {"title": "Plan", "url": document.url}
    factories.benefit(row, "Savings", state="approved")
    values: dict[str, Any] = {"initiative": row, "by": stella, "name": "Savings", "month": JANUARY}
    realise_benefit(**values, value=Decimal(500))
    realise_benefit(**values, value=None, seen=Decimal(500))
    kept = gone("initiatives.realisedbenefit")
    assert (kept["name"], kept["month"], kept["value"]) == ("Savings", "2011-01", "500.0000")


def test_a_load_that_is_taken_back_keeps_what_it_did_to_each_row(company: Company, tmp_path: Path, ada: User) -> None:
    load = Loader(tmp_path)
    first = load.good("departments", "code,name\nsales,Sales")
    later = load.good("departments", "code,name\nsales,Selling\nservice,Service")
    undo_load(load=later, by=ada)
    kept = LoadChange.objects.filter(load=later).order_by("pk")
    assert [(row.key, row.before and row.before["name"], (row.after or {})["name"]) for row in kept] == [
        ("sales", "Sales", "Selling"),
        ("service", None, "Service"),
    ]
    undone = Load.objects.get(pk=later.pk)
    assert (undone.undone_by, undone.state, first.state) == (ada, "undone", "applied")
    assert undone.undone_at
    assert AuditEntry.objects.get(verb="taken back").object_id == str(later.pk)
