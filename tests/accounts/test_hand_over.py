"""Deactivating somebody hands over all that is theirs in one act, and one act gives it back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.models import Action, AuditEntry, Departure, OutgoingMail, Thread, User
from accounts.services.people import bring_back, deactivate
from accounts.services.tokens import create_token, live_tokens
from core.records import owned_by
from customers.models import Customer
from initiatives.models import Initiative
from kpis.models import Kpi, KpiProposal
from tests import factories
from tests.factories import signed_in

_who = st.sampled_from((None, 0, 1, 2))
_initiative = st.tuples(_who, _who, _who, st.sets(st.integers(0, 2)))


def world() -> dict[str, Any]:
    """Who looks after what, by row: everything that has an owner."""
    found: dict[str, Any] = {
        f"team {one.pk}": sorted(one.team.values_list("pk", flat=True)) for one in Initiative.objects.all()
    }
    for model, columns in COLUMNS.items():
        for row in model.objects.values("pk", *columns):
            found |= {f"{model.__name__} {row['pk']} {name}": row[name] for name in columns}
    return found | {f"proposed {one.pk}": one.values.get("owner") for one in KpiProposal.objects.all()}


COLUMNS: dict[Any, tuple[str, ...]] = {
    Kpi: ("owner",),
    Customer: ("account_manager",),
    Initiative: ("owner", "deputy", "sponsor"),
    Action: ("owner",),
    Thread: ("asked_by",),
}
# What is over stays whose it was: what was done, and what was answered.
STANDING: dict[Any, dict[str, Any]] = {Action: {"done_at": None}, Thread: {"state": "open"}}


def rows_without_owner() -> int:
    """Rows whose owner is somebody who was deactivated."""
    gone = User.objects.filter(is_active=False)
    rows = [(model.objects.filter(**STANDING.get(model, {})), columns) for model, columns in COLUMNS.items()]
    count = sum(found.filter(**{f"{column}__in": gone}).count() for found, columns in rows for column in columns)
    teams = Initiative.objects.filter(team__in=gone).count()
    proposed = KpiProposal.objects.filter(values__owner__in=list(gone.values_list("email", flat=True)))
    return int(count + teams + proposed.count())


@settings(max_examples=12)
@given(
    kpis=st.lists(_who, max_size=3),
    customers=st.lists(_who, max_size=3),
    initiatives=st.lists(_initiative, max_size=3),
    leaver=st.integers(0, 2),
    data=st.data(),
)
def test_nothing_is_left_without_an_owner_and_taking_it_back_restores_all(
    everyone: dict[str, User], kpis: Any, customers: Any, initiatives: Any, leaver: int, data: Any
) -> None:
    people = tuple(everyone[role] for role in ("owner", "executive", "steward"))
    person, ada = people[leaver], everyone["administrator"]
    receiver = people[data.draw(st.sampled_from(sorted({0, 1, 2} - {leaver})))]
    with transaction.atomic():  # so that the next example begins without this one's rows
        furnish(people, kpis, customers, initiatives, person)
        before, owned = world(), len(owned_by(person))
        made = deactivate(person=person, receiver=receiver, by=ada)
        assert rows_without_owner() == 0
        assert len(made.moved) == owned
        assert bring_back(person=person, by=ada) == (owned, 0)
        assert world() == before
        transaction.set_rollback(True)


def furnish(people: tuple[User, ...], kpis: Any, customers: Any, initiatives: Any, doer: User) -> None:
    """A world in which people look after things, each by their place among ``people``; None: nobody does."""
    whose = dict(enumerate(people))
    for at in kpis:
        factories.kpi(owner=whose.get(at))
        if at is not None:
            proposal = factories.kpi_proposal(proposed_by=people[0])
            KpiProposal.objects.filter(pk=proposal.pk).update(values=proposal.values | {"owner": whose[at].email})
    for at in customers:
        factories.customer(account_manager=whose.get(at))
    for owner, deputy, sponsor, team in initiatives:
        made = factories.initiative(owner=whose.get(owner), deputy=whose.get(deputy), sponsor=whose.get(sponsor))
        made.team.set(people[at] for at in team)
        factories.action("initiative", made.code, doer)


def test_what_went_on_to_somebody_else_meanwhile_stays_there(ada: User, omar: User, ines: User, stella: User) -> None:
    kept, moved = factories.kpi(owner=omar), factories.kpi(owner=omar)
    deactivate(person=omar, receiver=ines, by=ada)
    Kpi.objects.filter(pk=moved.pk).update(owner=stella)
    assert bring_back(person=omar, by=ada) == (1, 1)
    assert dict(Kpi.objects.values_list("pk", "owner")) == {kept.pk: omar.pk, moved.pk: stella.pk}


def test_each_thing_that_goes_over_has_its_entry(ada: User, omar: User, ines: User) -> None:
    kpi = factories.kpi(owner=omar)
    deactivate(person=omar, receiver=ines, by=ada)
    entry = AuditEntry.objects.get(verb="handed over", object_type="kpis.kpi", object_id=str(kpi.pk))
    assert (entry.before, entry.after) == ({"owner": {"person": omar.pk}}, {"owner": {"person": ines.pk}})


def test_a_question_about_what_goes_over_reaches_the_new_owner(ada: User, omar: User, ines: User, fay: User) -> None:
    from accounts.services.threads import ask
    from core.registry import asks_of, subjects_of

    factories.initiative("lights", owner=omar)
    ask(subject=subjects_of("initiative", ["lights"], fay)["lights"], text="When?", by=fay)
    deactivate(person=omar, receiver=ines, by=ada)
    assert any("When?" in " ".join((one.text, *one.details)) for one in asks_of(ines))


def test_the_answer_to_what_a_leaver_asked_reaches_who_took_over(ada: User, omar: User, ines: User, fay: User) -> None:
    from accounts.services.threads import answer, ask, reopen
    from core.registry import subjects_of

    factories.initiative("lights", owner=ines)
    subject = subjects_of("initiative", ["lights"], omar)["lights"]
    asked = ask(subject=subject, by=omar, text="When?")
    over = ask(subject=subject, by=omar, text="Why?")
    answer(thread=over, subject=subject, by=ines, text="So.")
    made = deactivate(person=omar, receiver=fay, by=ada)
    assert [(one["noun"], one["title"]) for one in made.moved] == [("open question", "When?")]
    OutgoingMail.objects.all().delete()
    asked.refresh_from_db()
    answer(thread=asked, subject=subject, by=ines, text="In May.")
    assert OutgoingMail.objects.get().to == fay
    reopen(thread=asked, subject=subject, by=fay, text="Of which year?")
    assert bring_back(person=omar, by=ada) == (1, 0)  # it is open again, and his
    over.refresh_from_db()
    assert (Thread.objects.get(pk=asked.pk).asked_by, over.asked_by) == (omar, omar)


def test_it_needs_somebody_who_takes_over_where_anything_is_theirs(ada: User, omar: User, noor: User) -> None:
    factories.kpi(owner=omar)
    for receiver in (None, noor, omar):  # nobody, one without a role, the one who goes
        with pytest.raises(ValidationError):
            deactivate(person=omar, receiver=receiver, by=ada)
    assert not Departure.objects.exists()


def test_sessions_end_and_tokens_are_revoked(ada: User, omar: User) -> None:
    create_token(user=omar, name="x", scopes=["tierboard.read"], expires_on=None, by=omar)
    browser = Client()
    browser.force_login(omar, backend="accounts.backends.PersonBackend")
    key = browser.session.session_key
    page = signed_in(ada).post(f"/people/{omar.pk}/deactivate/", {"receiver": "", "sure": "1"})
    assert page.status_code == 302
    assert not live_tokens(omar).exists()
    assert key
    assert not browser.session.exists(key)
    signed_in(ada).post(f"/people/{omar.pk}/activate/")
    assert User.objects.get(pk=omar.pk).is_active
    assert browser.get("/my/").status_code == 302  # signed out for good


def test_roles_stay_for_who_comes_back(ada: User, omar: User) -> None:
    deactivate(person=omar, receiver=None, by=ada)
    bring_back(person=omar, by=ada)
    assert User.objects.get(pk=omar.pk).roles == {Role.OWNER}
