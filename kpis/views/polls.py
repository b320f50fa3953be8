"""Polls: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from accounts.http import FORM, POST, PageRequest, page
from accounts.models import User
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import counted
from core.forms import id_of, ids_in, show_refusal
from core.texts import plain
from core.writes import StaleWrite, TransitionRefused
from kpis.forms.polls import OptionKpiForm, PollForm, people
from kpis.models import Poll, PollAnswer, PollOption
from kpis.pages.endings import merging_options
from kpis.pages.polls import PollPage, polls_of
from kpis.services import polls as services


@page(Right.READ)
def polls(request: PageRequest) -> HttpResponse:
    """The polls that the person may look at, newest first."""
    rows = polls_of(request.user).select_related("opened_by")
    return render(request, "kpis/polls.html", {"polls": rows})


@page(Right.MANAGE_KPIS, methods=FORM)
def new(request: PageRequest) -> HttpResponse:
    """Open a poll."""
    form = PollForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            poll = services.open_poll(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, f"{counted(len(poll.invited.all()), 'person', 'people')} can answer now.")
            return redirect("poll", poll.pk)
    return render(request, "kpis/poll_new.html", {"form": form}, status=400 if form.errors else 200)


@page(Right.READ)
def poll(request: PageRequest, number: int) -> HttpResponse:
    """One poll, as far as the person may see it."""
    found = _poll(request, number)
    page = PollPage(found, request.user)
    more = people().exclude(polls_invited=found) if page.steward and not page.decided else ()
    return render(request, "kpis/poll.html", {"page": page, "more": more})


@page(Right.READ, methods=POST)
def act(request: PageRequest, number: int, verb: str) -> HttpResponse:
    """Answer, merge, classify, vote or decide; what is refused is said, and nothing is changed.

    Before answers are closed or the vote ends it is asked, with numbers, for nobody can answer or vote afterwards.
    """
    found, doing = _poll(request, number), _VERBS.get(verb)
    if doing is None:
        raise Http404("There is no such thing to do with a poll.")
    if verb in _ASKED_FIRST and "sure" not in request.POST and (shown := PollPage(found, request.user)).steward:
        chosen = [option for option in found.options.all() if option.pk in ids_in(request.POST, "options")]
        if chosen or verb == "close":
            return render(request, _ASKED_FIRST[verb], {"page": shown, "chosen": chosen})
    if verb == "merge" and not is_sure(request) and request.user.has_perm(Right.MANAGE_KPIS):
        chosen, text = list(found.options.filter(pk__in=ids_in(request.POST, "options"))), request.POST.get("text", "")
        if len(chosen) > 1 and plain(text):
            return ask_first(request, merging_options(found, chosen, plain(text)))
    try:
        messages.success(request, doing(found, request.user, request.POST))
    except (StaleWrite, TransitionRefused) as refused:
        messages.warning(request, str(refused))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("poll", number)


@page(Right.MANAGE_KPIS, methods=FORM)
def kpi(request: PageRequest, number: int, option: int) -> HttpResponse:
    """Make a KPI of an option of the short list."""
    row = get_object_or_404(PollOption.objects.select_related("poll"), pk=option, poll=number)
    form = OptionKpiForm(request.POST or None, option=row)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_kpi(option=row, by=request.user, values=form.cleaned_data)
        except (StaleWrite, TransitionRefused) as refused:
            messages.warning(request, str(refused))
            return redirect("poll", number)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, f"“{made.name}” is a KPI now: give it facts or actuals, and targets.")
            return redirect("poll", number)
    return render(request, "kpis/poll_kpi.html", {"form": form, "option": row}, status=400 if form.errors else 200)


def _poll(request: PageRequest, number: int) -> Poll:
    """The poll. Raises Http404 where there is none that the person may look at."""
    return get_object_or_404(polls_of(request.user).select_related("opened_by"), pk=number)


def _answer(poll: Poll, by: User, post: QueryDict) -> str:
    services.give_answer(poll=poll, by=by, text=post.get("text", ""))
    return "Your answer counts. You see the others’ now, and may give another."


def _invite(poll: Poll, by: User, post: QueryDict) -> str:
    invited = services.invite(poll=poll, by=by, people=people().filter(pk__in=ids_in(post, "people")))
    return f"{counted(invited, 'person', 'people')} invited."


def _close(poll: Poll, by: User, _: QueryDict) -> str:
    services.close_answers(poll=poll, by=by)
    return "Answers are closed: merge what means the same, and classify."


def _merge(poll: Poll, by: User, post: QueryDict) -> str:
    merged = services.merge_options(poll=poll, by=by, options=ids_in(post, "options"), text=post.get("text", ""))
    return f"“{merged.text}” stands for {counted(merged.answers.count(), 'answer')}."


def _take_out(poll: Poll, by: User, post: QueryDict) -> str:
    answer = get_object_or_404(PollAnswer.objects.select_related("poll"), poll=poll, pk__in=ids_in(post, "answer"))
    return f"“{services.take_out(answer=answer, by=by).text}” is an option of its own."


def _classify(poll: Poll, by: User, post: QueryDict) -> str:
    option = get_object_or_404(PollOption.objects.select_related("poll"), poll=poll, pk__in=ids_in(post, "option"))
    row = services.classify(option=option, by=by, indicator=post.get("indicator", ""))
    return f"“{row.text}” is {row.get_indicator_display().lower()}."


def _open_vote(poll: Poll, by: User, _: QueryDict) -> str:
    services.open_vote(poll=poll, by=by)
    return "The vote is open."


def _vote(poll: Poll, by: User, post: QueryDict) -> str:
    fields = {name: str(post[name]).strip() or "0" for name in post if name.startswith("points-")}
    if not all(text.isascii() and text.isdigit() and len(text) < 5 for text in fields.values()):
        raise ValidationError("Points are whole numbers from 0 on. Nothing was counted.")
    points = {id_of(name.removeprefix("points-")) or 0: int(text) for name, text in fields.items()}
    given = services.vote(poll=poll, by=by, points=points)
    return f"Your {counted(given, 'point')} count. You may change them until the vote is closed."


def _decide(poll: Poll, by: User, post: QueryDict) -> str:
    services.decide(poll=poll, by=by, shortlist=ids_in(post, "options"))
    return "The short list stands. Make KPIs of it."


# What cannot be taken back, and the page that asks before it.
_ASKED_FIRST = {"close": "kpis/poll_close.html", "decide": "kpis/poll_end.html"}
_VERBS: dict[str, Callable[[Poll, User, QueryDict], str]] = {
    "answer": _answer,
    "invite": _invite,
    "close": _close,
    "merge": _merge,
    "take-out": _take_out,
    "classify": _classify,
    "open-vote": _open_vote,
    "vote": _vote,
    "decide": _decide,
}
