"""Digests: one for each person and edition, one of an open period on its day; the numbers are those of the pack."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import OutgoingMail, User
from core.sentences import plain
from customers.models import Customer, Tier
from kpis.rollup.runs import roll_up_now
from scorecard.mails.digest import write_digests
from scorecard.models import Edition, Report, Subscription
from scorecard.reading.digest_letter import Letter
from scorecard.reading.digests import Digest
from scorecard.reports.composing import compose_pack
from scorecard.reports.digest import compose_letter
from scorecard.services.subscriptions import subscribe, unsubscribe
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db

OCTOBER = date(2011, 10, 15)
WANTED: dict[str, Any] = {
    "months": False,
    "quarters": True,
    "years": False,
    "day": 10,
    "format": "",
    "tiers": [],
    "departments": [],
}


@kept
def gold(company: Any) -> Tier:
    return make.tier("T1", name="Gold")


@kept
def missed(gold: Tier) -> Customer:
    """Calls of the third quarter, far from their target in Gold."""
    acme, kpi = make.customer("ACME", name="Acme & Sons", tier=gold), make.kpi("calls", name="Calls answered")
    for month in (201107, 201108, 201109):
        make.fact(kpi, acme, month, 4)
    make.target(kpi, gold, 201107, 10)
    roll_up_now()
    return acme


def wants(person: User, **values: Any) -> Subscription:
    row = subscribe(person=person, values=WANTED | values)
    Subscription.objects.filter(pk=row.pk).update(since=date(2011, 9, 1))
    return row


def look(today: date = OCTOBER) -> int:
    return write_digests(compose_letter, today=today)


def edition(number: int, period: str = "2011-Q3", **fields: Any) -> Edition:
    day = datetime(2011, 10, 5 + number, 12, tzinfo=UTC)
    return Edition(period=period, number=number, closed_at=day, **fields)


def keys() -> list[str]:
    return [key.split(":", 2)[2] for key in OutgoingMail.objects.order_by("pk").values_list("key", flat=True)]


def test_an_open_period_is_told_once_from_the_chosen_day_on_and_marked_so(missed: Customer, ines: User) -> None:
    wants(ines)
    assert look(date(2011, 10, 9)) == 0
    assert (look(date(2011, 10, 10)), look(date(2011, 10, 11))) == (1, 0)
    (mail,) = OutgoingMail.objects.all()
    pack = compose_pack(make_period("2011-Q3"), None, ines)
    assert mail.subject == f"{pack.title}, open: {plain(pack.headline)}"
    assert mail.once
    assert mail.stop_path
    for body in (mail.body, mail.html):
        assert "1 of 1 targets missed" in body or "1 of 1 target missed" in body
        assert reverse("subscriptions") in body
    assert "src=" not in mail.html
    assert "Acme" not in mail.body + mail.html  # no customer is named in a digest


def make_period(code: str) -> Any:
    from accounts.company import company as the_company
    from core.periods import Period

    return Period.parse(code, the_company().calendar)


def plainly(due: Digest, reader: User, last: datetime | None) -> Letter:
    """A letter that says of which edition it is, for what is asked of keys alone."""
    return Letter(due.period.code, "", "/", (), "", "", (), (), (), 0, str(last or ""))


def test_each_edition_is_told_once_and_none_of_before_the_subscription(
    company: Any, ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed: list[Edition] = []
    latest = "scorecard.reading.digests.latest_of"
    monkeypatch.setattr(latest, lambda period: next((one for one in reversed(signed) if one.period == period), None))
    wants(ines)
    signed.append(edition(1))
    assert [write_digests(plainly, today=date(2011, 10, 7)) for _ in range(2)] == [1, 0]  # before the chosen day
    signed.append(edition(2))
    assert [write_digests(plainly, today=OCTOBER) for _ in range(2)] == [1, 0]
    assert keys() == ["2011-Q3:1", "2011-Q3:2"]
    Subscription.objects.update(since=date(2011, 11, 1))
    OutgoingMail.objects.all().delete()
    assert write_digests(plainly, today=date(2011, 11, 2)) == 0


def test_a_digest_is_cut_down_to_what_was_chosen_and_says_so(missed: Customer, gold: Tier, ines: User) -> None:
    silver = make.tier("T2", name="Silver")
    wants(ines, tiers=[silver])
    assert look() == 1
    assert "Cut down to Silver" in OutgoingMail.objects.get().body


def test_with_a_format_a_pack_is_made_for_its_person_and_linked(missed: Customer, ines: User) -> None:
    wants(ines, format="pdf")
    assert look() == 1
    report = Report.objects.get()
    assert (report.by, report.period, report.edition, report.format) == (ines, "2011-Q3", None, "pdf")
    assert reverse("report", args=[report.pk]) in OutgoingMail.objects.get().body


def test_who_ended_it_and_who_may_no_longer_read_get_none(missed: Customer, ines: User, fay: User) -> None:
    wants(ines)
    wants(fay)
    unsubscribe(person=ines)
    fay.role_grants.all().delete()
    assert look() == 0


def test_where_one_letter_fails_the_others_go_and_it_is_tried_again(missed: Customer, ines: User, fay: User) -> None:
    wants(ines)
    wants(fay)

    def failing(due: Digest, reader: User, last: datetime | None) -> Letter:
        if reader == ines:
            raise RuntimeError("the disk is full")
        return plainly(due, reader, last)

    assert write_digests(failing, today=OCTOBER) == 1
    assert (write_digests(plainly, today=OCTOBER), write_digests(plainly, today=OCTOBER)) == (1, 0)


def test_the_page_says_how_it_comes_and_refuses_one_of_nothing(ines: User, company: Any) -> None:
    client = make.signed_in(ines)
    answer = client.post(reverse("subscriptions"), {"day": 40})
    assert answer.status_code == 400
    assert "Is no whole number from 1 to 28." in answer.content.decode()
    answer = client.post(reverse("subscriptions"), {"day": 5})
    assert answer.status_code == 400
    assert "choose one at least" in answer.content.decode()
    assert not Subscription.objects.exists()
    client.post(reverse("subscriptions"), {"day": 5, "quarters": "on"})
    assert Subscription.objects.get().is_on
    client.post(reverse("subscription_end"))
    assert not Subscription.objects.get().is_on
