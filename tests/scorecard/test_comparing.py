"""Editions side by side, who is told of a closing, and what differs later in the inbox."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import AuditEntry, OutgoingMail, User
from core.periods import FiscalCalendar, Period
from core.registry import asks_of
from core.writes import StaleWrite
from initiatives.models import Initiative
from kpis.choices import TargetState
from kpis.models import Fact, Target
from kpis.rollup.runs import roll_up_now
from scorecard.models import Closing, Edition, EditionDifference
from scorecard.models.frozen import lifted
from scorecard.reading.edition_document import with_parts
from scorecard.reading.editions import canonical_bytes, document_of, verify
from scorecard.services.editions import (
    ChangedSince,
    close_by_command,
    prepare_closing,
    refuse_closing,
    sign_closing,
    waive,
)
from scorecard.services.narratives import Place, write_narrative
from scorecard.services.transitions import write_transitions
from tests import factories
from tests.kept import kept

Q3 = Period.parse("2011-Q3", FiscalCalendar())
COMPARE = "/scorecards/2011-Q3/compare/"


class World:
    """A company with one KPI that is whole in the third quarter of 2011, and the people who close it."""

    def __init__(self, everyone: dict[str, User]) -> None:
        self.people = everyone
        self.tier = factories.tier("T1", name="Gold")
        self.customer = factories.customer("C1", tier=self.tier)
        self.kpi = factories.kpi("revenue", name="Revenue", owner=everyone["owner"])
        still = factories.kpi("still", name="Still")
        for month in (201107, 201108, 201109):
            factories.fact(self.kpi, self.customer, month, 10)
            factories.fact(still, self.customer, month, 1)
        self.target = factories.target(self.kpi, self.tier, 201101, 12, state=TargetState.APPROVED)
        factories.initiative("lights", title="Lights", owner=everyone["owner"])
        roll_up_now()

    def close(self, **more: Any) -> Edition:
        """Signed by two people, whatever is missing."""
        by: dict[str, Any] = {"prepared_by": self.people["finance"], "signed_by": self.people["executive"]}
        return close_by_command(**{"period": Q3, "anyway": "It is small.", **by} | more)

    def prepare(self) -> Closing:
        """Prepared by finance, with what is missing waived."""
        with suppress(StaleWrite):  # nothing is missing
            waive(period=Q3, items=None, reason="It is small.", by=self.people["finance"])
        return prepare_closing(period=Q3, by=self.people["finance"])

    def another(self) -> None:
        """A late fact, another target, an initiative that ended, and a narrative."""
        factories.fact(self.kpi, factories.customer("C2", tier=self.tier), 201109, 9)
        Target.objects.filter(pk=self.target.pk).update(state=TargetState.SUPERSEDED)
        factories.target(self.kpi, self.tier, 201101, 13, state=TargetState.APPROVED, version=2)
        Initiative.objects.all().delete()
        roll_up_now()
        place = Place(self.kpi, self.tier, Q3)
        write_narrative(place=place, by=self.people["owner"], analysis="<b>Late</b>: [[revenue@T1]].")


@kept
def world(everyone: dict[str, User]) -> World:
    return World(everyone)


# -- side by side


def test_two_editions_stand_side_by_side_with_what_differs_and_why(world: World) -> None:
    world.close(summary="A good quarter: [[revenue@T1]].")
    world.another()
    world.close(reason="A file arrived late.", summary="A better one.")
    browser = factories.signed_in(world.people["owner"])
    page = browser.get(COMPARE).content.decode()
    assert "edition 2 beside edition 1" in browser.get(f"{COMPARE}?left=2&right=1").content.decode()
    assert "edition 1 beside edition 2" in page
    assert "2 of 4 cells differ, 2 with another verdict; 1 initiative, 1 narrative." in page
    for marked in ("30.00", "39.00", "at least 36", "at least 39"):
        assert f"<mark>{marked}</mark>" in page
    assert "value, verdict, target" in page
    assert "A file arrived late." in page
    assert "Lights" in page
    assert "&lt;b&gt;Late&lt;/b&gt;: 39.00." in page
    assert "A good quarter: 30.00." in page
    assert "All 4 cells" in page
    assert '<span class="note">nothing</span>' in browser.get(f"{COMPARE}?all=1").content.decode()


def test_an_edition_stands_beside_today(world: World) -> None:
    world.close()
    browser = factories.signed_in(world.people["owner"])
    assert "Both say the same." in browser.get(COMPARE).content.decode()
    world.another()
    page = browser.get(f"{COMPARE}?left=1&right=live").content.decode()
    assert "edition 1 beside today" in page
    assert "<mark>39.00</mark>" in page
    assert f'href="{COMPARE}?left=1&amp;right=live"' in browser.get("/scorecards/2011-Q3/").content.decode()


@pytest.mark.parametrize("query", ["left=9", "right=soon", "left=1&right=-1", "left=1%20"])
def test_an_edition_that_is_not_there_is_no_page(query: str, world: World) -> None:
    world.close()
    assert factories.signed_in(world.people["owner"]).get(f"{COMPARE}?{query}").status_code == 404


def test_a_period_that_was_not_closed_says_so(world: World) -> None:
    assert "has no edition yet" in factories.signed_in(world.people["owner"]).get(COMPARE).content.decode()


def test_an_edition_that_was_issued_before_there_were_references_is_read_as_it_is(world: World) -> None:
    edition = world.close(summary="A good quarter.")
    document = {name: value for name, value in document_of(edition).items() if name not in {"summary_source", "parts"}}
    content, digest = canonical_bytes(with_parts(document))
    with transaction.atomic(), lifted():
        Edition.objects.update(document=content, digest=digest)
    browser = factories.signed_in(world.people["finance"])
    assert browser.get("/api/v1/scorecards/2011-Q3/editions/1/").content == content
    assert not list(verify(Edition.objects.all()))
    world.another()
    for page in ("/scorecards/2011-Q3/", COMPARE, "/matrix/2011-Q3/revenue/T1/"):
        assert browser.get(page).status_code == 200
    assert "A good quarter." in browser.get("/scorecards/2011-Q3/").content.decode()
    assert "edition 1, which does not have it" in browser.get("/matrix/2011-Q3/revenue/T1/").content.decode()


# -- who is told


def _mails() -> list[tuple[str, str]]:
    rows = OutgoingMail.objects.filter(key__startswith="closing:").order_by("pk").select_related("to")
    return [(mail.to.email, mail.subject) for mail in rows]


def test_who_may_sign_is_told_once_and_who_prepared_is_not(world: World) -> None:
    second = factories.person("frida", "finance")
    gone = factories.person("gone", "finance", is_active=False)
    closing = world.prepare()
    subject = "Edition 1 of Quarter 3, 2011 waits to be signed"
    assert set(_mails()) == {(one.email, subject) for one in (world.people["executive"], second)}
    assert gone.email not in {email for email, _ in _mails()}
    body = OutgoingMail.objects.filter(to=second).get().body
    assert "/scorecards/2011-Q3/" in body
    sign_closing(period=Q3, digest=closing.digest, by=second)
    assert _mails()[-1] == (world.people["finance"].email, "Edition 1 of Quarter 3, 2011 was signed")
    assert len(_mails()) == 3


def test_what_is_sent_back_tells_who_prepared_it_why(world: World) -> None:
    closing, finance = world.prepare(), world.people["finance"]
    with pytest.raises(ValidationError):
        refuse_closing(period=Q3, digest=closing.digest, reason=" ", by=world.people["executive"])
    with pytest.raises(ValidationError, match="another person"):
        refuse_closing(period=Q3, digest=closing.digest, reason="No.", by=finance)
    for role in ("owner", "steward", "administrator"):
        with pytest.raises(PermissionDenied):
            refuse_closing(period=Q3, digest=closing.digest, reason="No.", by=world.people[role])
    browser = factories.signed_in(world.people["executive"])
    assert browser.post("/scorecards/2011-Q3/refuse/", {"digest": closing.digest, "why": ""}).status_code == 400
    assert browser.post("/scorecards/2011-Q3/refuse/", {"digest": "0" * 64, "why": "No."}).status_code == 409
    assert browser.post("/scorecards/2011-Q3/refuse/", {"digest": closing.digest, "why": "No, <b>."}).status_code == 302
    assert not Closing.objects.exists()
    mail = OutgoingMail.objects.get(to=finance, key__startswith="closing:refused")
    assert "No, <b>." in mail.body
    entry = AuditEntry.objects.get(verb="refused to sign")
    assert (entry.by, entry.after) == (world.people["executive"], {"reason": "No, <b>."})


def test_what_could_not_be_signed_tells_who_prepared_it_once(world: World) -> None:
    closing = world.prepare()
    world.another()
    for _ in range(2):
        with pytest.raises(ChangedSince):
            sign_closing(period=Q3, digest=closing.digest, by=world.people["executive"])
    told = [subject for email, subject in _mails() if email == world.people["finance"].email]
    assert told == ["Edition 1 of Quarter 3, 2011 could not be signed"]
    assert "the cells changed" in OutgoingMail.objects.get(key__startswith="closing:changed").body


# -- what differs later


def _differing(user: User) -> list[str]:
    return [one.text for one in asks_of(user) if "from edition" in one.text]


def test_what_differs_later_stands_in_the_inbox_of_those_who_prepare_without_a_mail(world: World) -> None:
    world.close()
    write_transitions()
    mails = OutgoingMail.objects.count()
    assert not EditionDifference.objects.exists()
    world.another()
    write_transitions()
    said = "2 cells differ from edition 1: look why, and decide whether it needs a further edition."
    assert {role: _differing(person) for role, person in world.people.items() if role != "superuser"} == {
        role: [said] if role in {"finance", "steward"} else [] for role in world.people if role != "superuser"
    }
    since = EditionDifference.objects.get().since
    factories.fact(world.kpi, factories.customer("C3"), 201109, 1)
    roll_up_now()
    write_transitions()
    assert EditionDifference.objects.get().since == since
    assert OutgoingMail.objects.count() == mails
    assert AuditEntry.objects.filter(verb="differs from what is live").count() == 1
    world.close(reason="A file arrived late.")
    Fact.objects.filter(customer__external_id="C3").delete()
    factories.touch(world.kpi, 201109)
    roll_up_now()
    write_transitions()
    (told,) = _differing(world.people["finance"])
    assert told.startswith("3 cells differ from edition 2:")  # the column without a tier has gone with the customer
