"""From a brain dump to a short list: who may do what, in which stage, and what stays on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry, User
from core.writes import StaleTransition, TransitionRefused
from kpis.choices import PollStage
from kpis.models import Kpi, Poll, PollAnswer, PollVote
from kpis.services import polls
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db
VALUES: dict[str, Any] = {
    "code": "nps",
    "name": "NPS",
    "indicator": "leading",
    "unit": "score",
    "direction": "higher",
    "customer_method": "mean",
    "time_method": "pool",
}


@kept
def poll(stella: User, omar: User, ines: User) -> Poll:
    return polls.open_poll(by=stella, question="Which?", points=5, invited=[omar, ines])


def answered(poll: Poll, **texts: User) -> Poll:
    for text, by in texts.items():
        polls.give_answer(poll=poll, by=by, text=text.replace("_", " "))
    return poll


def options(poll: Poll) -> dict[str, int]:
    return {option.text: option.pk for option in poll.options.all()}


def at_vote(poll: Poll, stella: User, omar: User) -> dict[str, int]:
    """A poll in its vote with the options NPS and Renewals."""
    polls.close_answers(poll=answered(poll, NPS=omar, Renewals=omar), by=stella)
    for option in poll.options.all():
        polls.classify(option=option, by=stella, indicator="leading")
    polls.open_vote(poll=poll, by=stella)
    return options(poll)


def test_stewards_open_polls_and_invite_somebody(stella: User, omar: User, fay: User, poll: Poll) -> None:
    with pytest.raises(PermissionDenied):
        polls.open_poll(by=fay, question="Which?", points=5, invited=[omar])
    with pytest.raises(ValidationError, match="without people"):
        polls.open_poll(by=stella, question="Which?", points=5, invited=[])
    for points in (0, 101):
        with pytest.raises(ValidationError):
            polls.open_poll(by=stella, question="Which?", points=points, invited=[omar])
    with pytest.raises(ValidationError):
        polls.open_poll(by=stella, question=" ", points=5, invited=[omar])
    assert polls.invite(poll=poll, by=stella, people=[omar, fay]) == 1
    assert AuditEntry.objects.get(verb="invited").after == {"people": [{"person": fay.pk}]}


def test_only_the_invited_answer_and_each_answer_counts_once(poll: Poll, omar: User, stella: User) -> None:
    with pytest.raises(PermissionDenied):
        polls.give_answer(poll=poll, by=stella, text="NPS")
    answered(poll, NPS=omar, Renewals=omar)
    for text in ("nps", " NPS ", " "):
        with pytest.raises(ValidationError):
            polls.give_answer(poll=poll, by=omar, text=text)
    assert [answer.text for answer in PollAnswer.objects.all()] == ["NPS", "Renewals"]


def test_the_record_of_an_answer_does_not_tell_it(poll: Poll, omar: User) -> None:
    answered(poll, NPS=omar)
    entry = AuditEntry.objects.get(verb="answered")
    assert (entry.by, entry.before, entry.after) == (omar, None, None)


def test_closing_merges_what_reads_the_same_and_takes_no_more(poll: Poll, omar: User, ines: User, stella: User) -> None:
    answered(poll, NPS=omar, nps=ines, Renewals=ines)
    with pytest.raises(PermissionDenied):
        polls.close_answers(poll=poll, by=omar)
    polls.close_answers(poll=poll, by=stella)
    assert list(options(poll)) == ["NPS", "Renewals"]
    assert [answer.option.text for answer in PollAnswer.objects.all() if answer.option] == ["NPS", "NPS", "Renewals"]
    with pytest.raises(StaleTransition, match="Answers are closed"):
        polls.give_answer(poll=poll, by=omar, text="Late")
    with pytest.raises(StaleTransition):
        polls.close_answers(poll=poll, by=stella)


def test_a_poll_without_answers_stays_open(poll: Poll, stella: User) -> None:
    with pytest.raises(TransitionRefused):
        polls.close_answers(poll=poll, by=stella)
    poll.refresh_from_db()
    assert poll.stage == PollStage.ANSWERING


def test_options_are_merged_under_a_name_and_the_answers_stay(poll: Poll, omar: User, ines: User, stella: User) -> None:
    answered(poll, NPS=omar, Promoters=ines, Renewals=ines)
    polls.close_answers(poll=poll, by=stella)
    found = options(poll)
    merged = polls.merge_options(poll=poll, by=stella, options=[found["NPS"], found["Promoters"]], text="Net promoters")
    assert sorted(options(poll)) == ["Net promoters", "Renewals"]
    assert [answer.text for answer in merged.answers.all()] == ["NPS", "Promoters"]
    entry = AuditEntry.objects.get(verb="merged")
    assert (entry.by, entry.before, entry.after) == (
        stella,
        {"options": ["NPS", "Promoters"]},
        {"option": "Net promoters"},
    )
    polls.take_out(answer=merged.answers.get(text="Promoters"), by=stella)
    assert sorted(options(poll)) == ["Net promoters", "Promoters", "Renewals"]
    with pytest.raises(ValidationError, match="stands alone"):
        polls.take_out(answer=merged.answers.get(), by=stella)


def test_a_merge_needs_options_and_a_name_of_its_own(poll: Poll, omar: User, stella: User) -> None:
    answered(poll, NPS=omar, Renewals=omar)
    polls.close_answers(poll=poll, by=stella)
    found = options(poll)
    for chosen, text in (([], "X"), ([found["NPS"]], " "), ([found["NPS"]], "renewals"), ([found["NPS"], 0], "X")):
        with pytest.raises(ValidationError):
            polls.merge_options(poll=poll, by=stella, options=chosen, text=text)
    with pytest.raises(PermissionDenied):
        polls.merge_options(poll=poll, by=omar, options=[found["NPS"]], text="X")
    assert options(poll) == found


def test_a_vote_opens_once_all_is_classified(poll: Poll, omar: User, stella: User) -> None:
    polls.close_answers(poll=answered(poll, NPS=omar), by=stella)
    with pytest.raises(TransitionRefused, match="classify"):
        polls.open_vote(poll=poll, by=stella)
    with pytest.raises(ValidationError):
        polls.classify(option=poll.options.get(), by=stella, indicator="sideways")
    with pytest.raises(PermissionDenied):
        polls.classify(option=poll.options.get(), by=omar, indicator="leading")
    polls.classify(option=poll.options.get(), by=stella, indicator="leading")
    assert polls.open_vote(poll=poll, by=stella).stage == PollStage.VOTING
    with pytest.raises(StaleTransition):
        polls.classify(option=poll.options.get(), by=stella, indicator="trailing")


def test_each_gives_a_few_points_and_may_think_again(poll: Poll, omar: User, stella: User) -> None:
    found = at_vote(poll, stella, omar)
    assert polls.vote(poll=poll, by=omar, points={found["NPS"]: 3, found["Renewals"]: 2}) == 5
    assert polls.vote(poll=poll, by=omar, points={found["NPS"]: 4, found["Renewals"]: 0}) == 4
    assert polls.points_of(poll) == {"NPS": 4, "Renewals": 0}
    for points in ({found["NPS"]: 6}, {found["NPS"]: 0}, {found["NPS"]: 5, found["Renewals"]: -1}, {0: 1}):
        with pytest.raises(ValidationError):
            polls.vote(poll=poll, by=omar, points=points)
    with pytest.raises(PermissionDenied):
        polls.vote(poll=poll, by=stella, points={found["NPS"]: 1})
    assert PollVote.objects.get().points == 4


def test_the_short_list_becomes_kpis_once(poll: Poll, omar: User, stella: User, fay: User) -> None:
    found = at_vote(poll, stella, omar)
    polls.vote(poll=poll, by=omar, points={found["NPS"]: 5})
    with pytest.raises(ValidationError):
        polls.decide(poll=poll, by=stella, shortlist=[])
    with pytest.raises(PermissionDenied):
        polls.decide(poll=poll, by=fay, shortlist=[found["NPS"]])
    with pytest.raises(TransitionRefused):
        polls.make_kpi(option=poll.options.get(text="NPS"), by=stella, values=VALUES)
    polls.decide(poll=poll, by=stella, shortlist=[found["NPS"]])
    assert AuditEntry.objects.get(verb="decided").after == {"shortlist": ["NPS"], "points": {"NPS": 5, "Renewals": 0}}
    with pytest.raises(TransitionRefused):
        polls.make_kpi(option=poll.options.get(text="Renewals"), by=stella, values=VALUES)
    kpi = polls.make_kpi(option=poll.options.get(text="NPS"), by=stella, values=VALUES)
    assert (Kpi.objects.get(), poll.options.get(text="NPS").kpi) == (kpi, kpi)
    with pytest.raises(StaleTransition, match="already"):
        polls.make_kpi(option=poll.options.get(text="NPS"), by=stella, values=VALUES | {"code": "nps2"})
    with pytest.raises(StaleTransition):
        polls.vote(poll=poll, by=omar, points={found["NPS"]: 1})
    with pytest.raises(TransitionRefused):
        polls.invite(poll=poll, by=stella, people=[fay])


def test_nobody_without_a_role_takes_part(poll: Poll, stella: User, noor: User) -> None:
    polls.invite(poll=poll, by=stella, people=[noor])
    with pytest.raises(PermissionDenied):
        polls.give_answer(poll=poll, by=noor, text="NPS")


def test_a_bad_kpi_leaves_the_option_as_it_was(poll: Poll, omar: User, stella: User) -> None:
    factories.kpi("nps")
    found = at_vote(poll, stella, omar)
    polls.decide(poll=poll, by=stella, shortlist=[found["NPS"]])
    with pytest.raises(ValidationError):
        polls.make_kpi(option=poll.options.get(text="NPS"), by=stella, values=VALUES)
    assert poll.options.get(text="NPS").kpi is None


def test_texts_are_kept_on_one_line_and_refused_for_what_nobody_sees(poll: Poll, stella: User, omar: User) -> None:
    with pytest.raises(ValidationError, match=r"question.*Has control characters"):
        polls.open_poll(by=stella, question="Which\x00 one?", points=5, invited=[omar])
    opened = polls.open_poll(by=stella, question=" Which  one?\n", points=5, invited=[omar])
    with pytest.raises(ValidationError, match="Has control characters"):
        polls.give_answer(poll=poll, by=omar, text="Renewal\x00 rate")
    answer = polls.give_answer(poll=poll, by=omar, text="Renewal \n rate")
    polls.close_answers(poll=poll, by=stella)
    with pytest.raises(ValidationError, match="Has control characters"):
        polls.merge_options(poll=poll, by=stella, options=[poll.options.get().pk], text="Ren\x00ewals")
    merged = polls.merge_options(poll=poll, by=stella, options=[poll.options.get().pk], text="Renewals")
    assert (opened.question, answer.text, merged.text) == ("Which one?", "Renewal rate", "Renewals")
