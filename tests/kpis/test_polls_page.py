"""Polls as people use them: blind answers, one's own vote first, and the way to a KPI."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from accounts.models import User
from core.registry import asks_of
from kpis.choices import PollStage
from kpis.models import Kpi, Poll, PollOption
from kpis.services import polls
from tests.factories import signed_in
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def poll(stella: User, omar: User, ines: User) -> Poll:
    return polls.open_poll(by=stella, question="Which one?", points=5, invited=[omar, ines])


def text_of(by: User, poll: Poll) -> str:
    return html.unescape(signed_in(by).get(f"/polls/{poll.pk}/").content.decode())


def act(by: User, poll: Poll, verb: str, **fields: Any) -> str:
    """Press a button, and read what the page says."""
    answer = signed_in(by).post(f"/polls/{poll.pk}/{verb}/", fields, follow=True)
    return html.unescape(answer.content.decode())


def option(text: str) -> PollOption:
    return PollOption.objects.get(text=text)


def to_vote(poll: Poll, stella: User, omar: User) -> None:
    """Omar answered NPS and Renewals, and the vote is open."""
    for text in ("NPS", "Renewals"):
        act(omar, poll, "answer", text=text)
    act(stella, poll, "close", sure=1)
    for row in PollOption.objects.all():
        act(stella, poll, "classify", option=row.pk, indicator="leading")
    act(stella, poll, "open-vote")


def test_ending_the_vote_asks_first_with_numbers(poll: Poll, stella: User, omar: User) -> None:
    to_vote(poll, stella, omar)
    nps = PollOption.objects.get(text="NPS")
    text = act(stella, poll, "decide", options=nps.pk)
    assert "0 of 2 people voted" in " ".join(text.split())
    poll.refresh_from_db()
    assert poll.stage == "voting"
    assert "The short list stands" in act(stella, poll, "decide", options=nps.pk, sure=1)


def test_closing_asks_first_with_numbers(poll: Poll, stella: User) -> None:
    text = act(stella, poll, "close")
    assert "Close answers now?" in text
    assert re.search(r"\d of \d+ people answered, with \d+ answers? in all", " ".join(text.split()))
    poll.refresh_from_db()
    assert poll.stage == "answering"


def test_nobody_sees_others_answers_before_giving_one(poll: Poll, omar: User, ines: User, stella: User) -> None:
    act(omar, poll, "answer", text="Promoters")
    for person in (ines, stella):
        page = text_of(person, poll)
        assert "Promoters" not in page
        assert "1 of 2 people answered" in page
    assert "Promoters" in text_of(omar, poll)
    assert "Promoters" in act(ines, poll, "answer", text="Renewals")


def test_while_answers_are_merged_only_stewards_and_those_who_answered_see_them(
    poll: Poll, omar: User, ines: User, stella: User
) -> None:
    act(omar, poll, "answer", text="Promoters")
    act(stella, poll, "close", sure=1)
    act(stella, poll, "merge", options=option("Promoters").pk, text="Net promoters")
    assert "Net promoters" in text_of(stella, poll)
    assert "Net promoters" in text_of(omar, poll)
    assert "romoters" not in text_of(ines, poll)  # neither among options nor in the log
    act(stella, poll, "classify", option=option("Net promoters").pk, indicator="leading")
    act(stella, poll, "open-vote")
    assert "Net promoters" in text_of(ines, poll)


def test_who_is_not_invited_finds_no_poll_until_it_is_decided(poll: Poll, omar: User, fay: User, stella: User) -> None:
    to_vote(poll, stella, omar)
    browser = signed_in(fay)
    assert browser.get(f"/polls/{poll.pk}/").status_code == 404
    assert browser.post(f"/polls/{poll.pk}/vote/").status_code == 404
    assert "Which one?" not in browser.get("/polls/").content.decode()
    act(stella, poll, "decide", options=option("NPS").pk, sure=1)
    assert "Which one?" in browser.get("/polls/").content.decode()
    assert "NPS" in text_of(fay, poll)


def test_votes_show_after_ones_own(poll: Poll, omar: User, ines: User, stella: User) -> None:
    to_vote(poll, stella, omar)
    act(omar, poll, "vote", **{f"points-{option('NPS').pk}": "4"})
    assert "4 points so far" in text_of(omar, poll)
    assert "4 points so far" not in text_of(ines, poll)
    assert "1 point so far" in act(ines, poll, "vote", **{f"points-{option('Renewals').pk}": "1"})
    assert "4 points so far" in text_of(stella, poll)


def test_a_vote_beyond_the_points_or_in_no_numbers_is_refused(poll: Poll, omar: User, stella: User) -> None:
    to_vote(poll, stella, omar)
    field = f"points-{option('NPS').pk}"
    assert "You gave 6 points; give 1 to 5" in act(omar, poll, "vote", **{field: "6"})
    assert "Nothing was counted" in act(omar, poll, "vote", **{field: "many"})
    assert "points-x" not in act(omar, poll, "vote", **{field: "²"})
    assert text_of(omar, poll).count("so far") == 0


def test_a_participant_cannot_do_a_stewards_part(poll: Poll, omar: User, stella: User) -> None:
    act(omar, poll, "answer", text="NPS")
    browser = signed_in(omar)
    for verb in ("close", "merge", "open-vote", "decide", "invite"):
        assert browser.post(f"/polls/{poll.pk}/{verb}/", {"options": 1, "text": "x"}).status_code == 403
    poll.refresh_from_db()
    assert poll.stage == PollStage.ANSWERING
    assert browser.post(f"/polls/{poll.pk}/burn/").status_code == 404


def test_what_is_pressed_too_late_is_said(poll: Poll, omar: User, stella: User) -> None:
    to_vote(poll, stella, omar)
    assert "Answers are closed; nothing was changed. The poll is voting now." in act(omar, poll, "answer", text="Late")
    assert "Somebody took this poll a stage further" in act(stella, poll, "close", sure=1)


def test_a_steward_opens_a_poll_on_the_page_and_invites_more(stella: User, omar: User, ines: User, fay: User) -> None:
    browser = signed_in(stella)
    assert browser.post("/polls/new/", {"question": "Which?", "points": "3"}).status_code == 400
    fields = {"question": "Which?", "points": "3", "invited": [omar.pk, ines.pk]}
    assert browser.post("/polls/new/", fields).status_code == 302
    poll = Poll.objects.get()
    assert set(poll.invited.all()) == {omar, ines}
    assert "1 person invited" in act(stella, poll, "invite", people=fay.pk)


def test_the_way_from_the_short_list_to_a_kpi_with_its_log(poll: Poll, omar: User, ines: User, stella: User) -> None:
    for text, by in (("NPS", omar), ("Net promoters", ines)):
        act(by, poll, "answer", text=text)
    act(stella, poll, "close", sure=1)
    act(stella, poll, "merge", options=[row.pk for row in PollOption.objects.all()], text="Promoter score", sure=1)
    merged = option("Promoter score")
    act(stella, poll, "classify", option=merged.pk, indicator="leading")
    act(stella, poll, "open-vote")
    act(omar, poll, "vote", **{f"points-{merged.pk}": "5"})
    assert "Make it a KPI" in act(stella, poll, "decide", options=merged.pk, sure=1)
    address = f"/polls/{poll.pk}/options/{merged.pk}/kpi/"
    browser = signed_in(stella)
    assert 'value="promoter_score"' in browser.get(address).content.decode()
    fields = {
        "code": "promoter_score",
        "name": "Promoter score",
        "indicator": "leading",
        "unit": "score",
        "direction": "higher",
        "customer_method": "mean",
    }
    assert browser.post(address, fields).status_code == 400  # no method over time
    assert browser.post(address, fields | {"time_method": "pool", "owner": omar.pk}).status_code == 302
    assert Kpi.objects.get().owner == omar
    page = text_of(omar, poll)
    assert "merged “NPS” and “Net promoters” into “Promoter score”" in page
    assert "made the KPI promoter_score of “Promoter score”" in page
    assert browser.post(address, fields | {"time_method": "pool", "code": "again"}, follow=True).status_code == 200
    assert Kpi.objects.count() == 1


def test_a_poll_asks_its_people_until_they_answered_and_voted(
    poll: Poll, omar: User, ines: User, stella: User, fay: User
) -> None:
    (ask,) = asks_of(omar)
    assert (ask.about, ask.verb, ask.url) == ("Which one?", "Answer", f"/polls/{poll.pk}/")
    assert asks_of(stella) == asks_of(fay) == []
    to_vote(poll, stella, omar)
    assert [one.verb for one in asks_of(omar)] == ["Vote"]
    act(omar, poll, "vote", **{f"points-{option('NPS').pk}": "4"})
    assert asks_of(omar) == []
    act(stella, poll, "decide", options=option("NPS").pk, sure=1)
    assert asks_of(ines) == []


TOO_LONG = "9" * 30  # no database takes it for an id


def test_an_id_that_no_database_takes_is_one_that_is_not_there(poll: Poll, stella: User, omar: User) -> None:
    browser = signed_in(stella)
    fields = {"question": "Which?", "points": "3", "invited": [omar.pk, TOO_LONG]}
    assert browser.post("/polls/new/", fields).status_code == 400
    assert "0 people invited" in act(stella, poll, "invite", people=TOO_LONG)
    act(omar, poll, "answer", text="NPS")
    act(stella, poll, "close", sure=1)
    assert "Choose what to merge" in act(stella, poll, "merge", options=TOO_LONG, text="x")
    for verb, name in (("take-out", "answer"), ("classify", "option")):
        assert browser.post(f"/polls/{poll.pk}/{verb}/", {name: TOO_LONG}).status_code == 404
    act(stella, poll, "classify", option=option("NPS").pk, indicator="leading")
    act(stella, poll, "open-vote")
    for name in ("points-", "points-x", f"points-{TOO_LONG}"):
        assert "for options of this poll" in act(omar, poll, "vote", **{name: "1"})
    assert "Choose at least one option" in act(stella, poll, "decide", options=TOO_LONG)


def test_what_is_answered_and_merged_is_refused_for_what_nobody_can_read(poll: Poll, omar: User, stella: User) -> None:
    for text in ("Net\x00 promoters", "\x00"):
        assert "Has control characters." in act(omar, poll, "answer", text=text)
    act(omar, poll, "answer", text="Net  promoters")
    act(stella, poll, "close", sure=1)
    assert "Has control characters." in act(stella, poll, "merge", options=option("Net promoters").pk, text="N\x00PS")
    assert option("Net promoters").answers.get().text == "Net promoters"


def test_a_vote_before_its_time_is_said_to_be_none(poll: Poll, omar: User) -> None:
    assert "The vote is not open; nothing was changed. The poll is answering now." in act(omar, poll, "vote")
