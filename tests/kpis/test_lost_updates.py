"""Two people change one KPI: the second one is told, keeps what was typed, and decides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from accounts.choices import Role
from accounts.models import AuditEntry, User
from core.periods import Month
from core.stale import revision_of
from core.writes import StaleWrite
from kpis.models import Kpi, KpiVersion
from kpis.services.definitions import bring_back_kpi, change_meaning, edit_kpi, retire_kpi
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

pytestmark = pytest.mark.django_db

METHODS = {"customer_method": "sum", "time_method": "sum"}


@kept
def visits(db: None) -> Kpi:
    return factories.kpi("visits", name="Visits")


@kept
def steve(db: None) -> User:
    """The other steward."""
    return factories.person("Steve", Role.STEWARD)


def edited(kpi: Kpi, by: User, seen: str | None) -> Kpi:
    return edit_kpi(kpi=kpi, by=by, values={"definition": "By the other"}, seen=seen)


def redefined(kpi: Kpi, by: User, seen: str | None) -> Kpi:
    return change_meaning(
        kpi=kpi, by=by, meaning={"direction": "lower"}, from_month=Month(202601), reason="So", seen=seen
    )


def retired(kpi: Kpi, by: User, seen: str | None) -> Kpi:
    return retire_kpi(kpi=kpi, by=by, from_month=Month(202601), reason="So", seen=seen)


def brought_back(kpi: Kpi, by: User, seen: str | None) -> Kpi:
    return bring_back_kpi(kpi=kpi, by=by, seen=seen)


VERBS = [edited, redefined, retired, brought_back]
Verb = Callable[[Kpi, User, str | None], Kpi]


def before(verb: Verb, kpi: Kpi, by: User) -> None:
    """What has to be for the verb to have a point."""
    if verb is brought_back:
        retired(kpi, by, None)
        kpi.refresh_from_db()


@pytest.mark.parametrize("verb", VERBS)
def test_whoever_saw_an_older_kpi_changes_nothing(verb: Verb, visits: Kpi, stella: User, steve: User) -> None:
    before(verb, visits, stella)
    seen = revision_of(visits)
    edit_kpi(kpi=visits, by=stella, values={"name": "Calls"}, seen=seen)
    entries = AuditEntry.objects.count()
    with pytest.raises(StaleWrite, match="“Calls” was changed by somebody else meanwhile; nothing of yours was kept"):
        verb(visits, steve, seen)
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("verb", VERBS)
def test_whoever_saw_it_as_it_is_or_does_not_say_changes_it(verb: Verb, visits: Kpi, stella: User) -> None:
    before(verb, visits, stella)
    first = revision_of(visits)
    verb(visits, stella, first)
    assert revision_of(Kpi.objects.get()) != first
    assert edit_kpi(kpi=visits, by=stella, values={"purpose": "To know"}).purpose == "To know"


def test_a_revision_reads_the_same_from_one_reading_to_the_next(stella: User, visits: Kpi) -> None:
    edit_kpi(kpi=visits, by=stella, values={"near_band_abs": "1.5"})
    assert revision_of(Kpi.objects.get()) == revision_of(Kpi.objects.get())


def test_a_kpi_that_is_gone_says_so(stella: User, visits: Kpi) -> None:
    Kpi.objects.filter(pk=visits.pk).delete()
    with pytest.raises(StaleWrite, match="deleted by somebody else"):
        edit_kpi(kpi=visits, by=stella, values={"name": "Calls"})


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verbs", [(edited, redefined), (edited, edited), (retired, redefined)])
def test_of_two_who_save_at_once_one_wins(verbs: tuple[Verb, Verb], visits: Kpi, stella: User, steve: User) -> None:
    assert connection.vendor == "postgresql"
    start, outcomes, seen = threading.Barrier(2), list[str](), revision_of(visits)

    def save(verb: Verb, who: User) -> None:
        start.wait()
        try:
            verb(visits, who, seen)
            outcomes.append("won")
        except StaleWrite:
            outcomes.append("stale")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=args) for args in zip(verbs, (stella, steve), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stale", "won"]
    assert AuditEntry.objects.count() == 1


# -- the forms


def form_of(user: User, address: str) -> dict[str, Any]:
    """The fields of a form as they were shown."""
    form = signed_in(user).get(address).context["form"]
    return {field.html_name: "" if (value := field.value()) is None else value for field in form}


def refused(answer: Any) -> str:
    """The page of a form that came too late."""
    assert answer.status_code == 409
    return " ".join(answer.content.decode().split())


def test_an_edit_that_comes_too_late_keeps_what_was_typed_and_shows_what_is_there(
    visits: Kpi, stella: User, steve: User
) -> None:
    typed = form_of(steve, "/kpis/visits/edit/") | {"definition": "Mine <b>"}
    edit_kpi(kpi=visits, by=stella, values={"definition": "Hers", "decimals": 3})
    browser = signed_in(steve)
    answer = browser.post("/kpis/visits/edit/", typed)
    shown = refused(answer)
    assert "“Visits” was changed by somebody else while this form was open." in shown
    assert "changed by Stella" in shown
    rows = {(one.what, one.now, one.yours) for one in answer.context["late"].differences}
    assert rows == {("Decimals", "3", "2"), ("Definition", "Hers", "Mine <b>")}
    assert "Mine &lt;b&gt;</textarea>" in shown
    assert Kpi.objects.get().definition == "Hers"
    again = {field.html_name: field.value() for field in answer.context["form"]}
    assert browser.post("/kpis/visits/edit/", again).status_code == 302
    assert (Kpi.objects.get().definition, Kpi.objects.get().decimals) == ("Mine <b>", 2)


def test_a_change_of_meaning_that_comes_too_late_is_kept_on_the_page(visits: Kpi, stella: User, steve: User) -> None:
    typed = form_of(steve, "/kpis/visits/meaning/") | {"direction": "lower", "reason": "Turned round"}
    change_meaning(kpi=visits, by=stella, meaning={"time_method": "mean"}, from_month=Month(202601), reason="")
    answer = signed_in(steve).post("/kpis/visits/meaning/", typed)
    shown = refused(answer)
    assert {one.what: one.now for one in answer.context["late"].differences} == {
        "Direction": "Higher is better",
        "Time method": "Mean of the months",
    }
    assert "Turned round</textarea>" in shown
    assert (Kpi.objects.get().direction, KpiVersion.objects.exists()) == ("higher", False)


def retirement(kpi: Kpi) -> dict[str, str]:
    return {"from_month": "2026-10", "reason": "Nobody asks for it", "seen": revision_of(kpi)}


def test_a_retirement_that_comes_too_late_is_kept_on_the_page(visits: Kpi, stella: User, steve: User) -> None:
    sent = retirement(visits)
    edit_kpi(kpi=visits, by=stella, values={"definition": "Finance looks at it each month"})
    answer = signed_in(steve).post("/kpis/visits/retire/", sent)
    shown = refused(answer)
    assert 'value="Nobody asks for it"' in shown
    assert "Finance looks at it each month" in shown
    assert Kpi.objects.get().retired_from is None
    again = {field.html_name: field.value() for field in answer.context["retire"]}
    signed_in(steve).post("/kpis/visits/retire/", {**again, "sure": "1"})
    assert Kpi.objects.get().retired_from == 202610


def test_what_was_retired_meanwhile_is_not_retired_again_nor_brought_back_unseen(
    visits: Kpi, stella: User, steve: User
) -> None:
    sent = retirement(visits)
    retired(visits, stella, None)
    shown = refused(signed_in(steve).post("/kpis/visits/retire/", sent))
    assert "your reason was “Nobody asks for it”" in shown
    answer = signed_in(steve).post("/kpis/visits/bring-back/", {"seen": sent["seen"]}, follow=True)
    assert "Look at what it is now." in answer.content.decode()
    assert Kpi.objects.get().retired_from == 202601


def test_a_form_that_does_not_say_what_it_showed_comes_too_late(visits: Kpi, stella: User) -> None:
    typed = form_of(stella, "/kpis/visits/edit/") | {"name": "Calls"}
    del typed["seen"]
    refused(signed_in(stella).post("/kpis/visits/edit/", typed))
    assert Kpi.objects.get().name == "Visits"


def test_a_reason_of_control_characters_is_none(visits: Kpi, stella: User) -> None:
    answer = signed_in(stella).post("/kpis/visits/retire/", retirement(visits) | {"reason": "\x07"})
    assert answer.status_code == 400
    assert Kpi.objects.get().retired_from is None
