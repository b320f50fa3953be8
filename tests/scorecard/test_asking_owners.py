"""One button asks every owner of what is missing of a period, once each, and nobody who was asked already."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import OutgoingMail, Thread, User
from accounts.services.threads import ask
from core.periods import FiscalCalendar, Period
from core.registry import Subject, subjects_of
from core.writes import StaleWrite
from kpis.rollup.runs import roll_up_now
from scorecard.reading.checklist import GROUPS, Item
from scorecard.reading.checklist_asks import Unasked, unasked_items
from scorecard.services.asking import ask_owners, question_about
from scorecard.services.editions import waive
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.test_editions import Q3, World

PAGE, ASK = "/scorecards/2011-Q3/", "/scorecards/2011-Q3/ask/"
YEAR_OF_TODAY = Period.parse("2026", FiscalCalendar())


class Gaps(World):
    """Months are missing of six KPIs: the owner has two, and of one each was asked already, it is waived, it is the
    asker's own, it is nobody's.
    """

    def __init__(self, everyone: dict[str, User]) -> None:
        super().__init__(everyone)
        owner = everyone["owner"]
        whose = dict.fromkeys(("calls", "visits", "asked", "waived"), owner) | {"own": self.finance, "nobodys": None}
        self.kpis = {code: make.kpi(code, name=code.title(), owner=one) for code, one in whose.items()}
        for kpi in self.kpis.values():
            make.fact(kpi, self.customer, 201107, 1)
        roll_up_now()
        waive(period=Q3, items=["actuals:waived"], reason="It is new.", by=self.finance)
        ask(subject=self.subject("asked"), by=self.steward, text="When?")

    def subject(self, code: str) -> Subject:
        return subjects_of("kpi", [code], self.finance)[code]


@pytest.fixture
def gaps(everyone: dict[str, User]) -> Gaps:
    return Gaps(everyone)


def asked_about() -> list[str]:
    return sorted(Thread.objects.values_list("key", flat=True))


def test_it_says_whom_it_asks_before_it_asks_and_asks_nobody_twice(gaps: Gaps) -> None:
    browser = make.signed_in(gaps.finance)
    assert "Ask all owners 2 questions not asked yet" in text_of(browser.get(PAGE))
    preview = text_of(browser.post(ASK))
    assert "2 questions go out: Omar 2." in preview
    assert "In an owner’s inbox, with a mail: 2." in preview
    assert "It cannot be undone" in preview
    assert asked_about() == ["asked"]
    done = browser.post(ASK, {"sure": "1"}, follow=True)
    assert "2 questions asked" in text_of(done)
    assert "Ask all owners" not in text_of(done)
    assert asked_about() == ["asked", "calls", "visits"]
    word = Thread.objects.get(key="calls").words.get().text
    assert word == (
        "Quarter 3, 2011 is to be closed. Still missing: Actuals: Calls, August 2011 and September 2011 "
        "(3 cells without all months: 1 of 3 months). Please do it, or say why it may be missing."
    )
    mails = OutgoingMail.objects.filter(to=gaps.people["owner"])
    assert {mail.subject for mail in mails} >= {f"{gaps.finance} asks about {name}" for name in ("Calls", "Visits")}
    again = browser.post(ASK, {"sure": "1"}, follow=True)
    assert "nobody was asked again" in text_of(again)
    assert len(asked_about()) == 3


def test_what_is_missing_twice_of_one_thing_is_one_question_no_longer_than_a_question_may_be(gaps: Gaps) -> None:
    owner, about = gaps.people["owner"], gaps.subject("calls")
    items = [Item(f"{code}:calls", code, "Calls", "x" * 600, owner, "/", "Enter", ("kpi", "calls")) for code in GROUPS]
    found = unasked_items(items, {}, gaps.finance)
    assert found == {("kpi", "calls"): items}
    text = question_about(Unasked(about, owner, tuple(items)), Q3)
    assert "Still missing: 6 things." in text


def test_who_may_not_ask_a_single_owner_may_not_ask_all(gaps: Gaps) -> None:
    nobody = gaps.people["integrator"]
    assert "Ask all owners" not in text_of(make.signed_in(nobody).get(PAGE))
    assert make.signed_in(nobody).post(ASK, {"sure": "1"}).status_code == 403
    with pytest.raises(PermissionDenied):
        ask_owners(period=Q3, by=nobody)
    assert asked_about() == ["asked"]


def test_nobody_is_asked_of_a_period_that_goes_on_or_of_which_a_rollup_is_owed(gaps: Gaps) -> None:
    with pytest.raises(ValidationError, match="has not ended"):
        ask_owners(period=YEAR_OF_TODAY, by=gaps.finance)
    make.fact(gaps.kpis["calls"], gaps.customer, 201108, 1)
    refused = make.signed_in(gaps.finance).post(ASK, follow=True)
    assert "owed" in text_of(refused)
    assert asked_about() == ["asked"]


def test_owners_without_a_way_in_are_named_and_those_who_may_take_it_have_the_question(gaps: Gaps) -> None:
    User.objects.filter(pk=gaps.people["owner"].pk).update(is_active=False)
    preview = text_of(make.signed_in(gaps.finance).post(ASK))
    assert "Of owners who cannot sign in, for whoever may take it: 2." in preview
    assert "inbox, with a mail" not in preview
    with pytest.raises(StaleWrite):
        [ask_owners(period=Q3, by=gaps.finance) for _ in range(2)]
