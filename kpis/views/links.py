"""Links from leading to trailing: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.choices import JobState
from accounts.http import FORM, POST, PageRequest, page
from accounts.models import Job
from accounts.pages.asking import type_of, with_undo
from accounts.pages.jobs import show_job
from accounts.rights import Right
from accounts.services.jobs import jobs_of
from accounts.views.asking import ask_first, is_sure
from accounts.views.decisions import answer_decisions, answer_effect, answer_take_back, show_desk
from core.decisions import Choices, decided_words
from core.figures import as_json
from core.forms import id_of, ids_in, show_refusal
from core.stale import show_again
from core.writes import StaleWrite
from kpis import charts
from kpis.access import links_for
from kpis.forms.links import LinkForm
from kpis.models import Link
from kpis.pages.link_proposals import LinkDesk
from kpis.pages.links import LinkPage, LinksPage, deleting_link, withdrawing_link
from kpis.services.link_tests import LINKS, ask_for_tests
from kpis.services.linking import change_link, decide_links, delete_link, enter_link, take_back_link, withdraw_link

_WRITERS = (Right.MANAGE_LINKS, Right.PROPOSE_LINKS)


@page(Right.READ)
def links(request: PageRequest) -> HttpResponse:
    """All links, with what their last tests said."""
    return render(request, "kpis/links.html", {"page": LinksPage(request.user, request.GET), "job": _job(request)})


@page(*_WRITERS, methods=FORM)
def new(request: PageRequest) -> HttpResponse:
    """Write a link down, or propose one."""
    begun = {name: request.GET[name] for name in ("leading", "trailing") if name in request.GET}
    form = LinkForm(request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            return _entered(request, enter_link(by=request.user, values=form.values))
        except ValidationError as error:
            show_refusal(form, error)
    return render(request, "kpis/link_form.html", {"form": form}, status=400 if form.errors else 200)


def _entered(request: PageRequest, made: Link) -> HttpResponse:
    if made.waits:
        messages.success(request, f"“{made}” is proposed. A steward decides; it is tested once it is written down.")
    else:
        ask_for_tests(request.user, made)
        messages.success(request, f"“{made}” is written down, and tested in a moment.")
    return redirect("link", made.pk)


@page(Right.READ)
def link(request: PageRequest, number: int) -> HttpResponse:
    """One link: what is said of it, by its tests and by the points behind them."""
    shown = LinkPage(_found(request, number), request.user, request.GET.get("lag", ""))
    return render(request, "kpis/link.html", {"page": shown, "job": _job(request)})


@page(Right.READ)
def chart(request: PageRequest, number: int) -> HttpResponse:
    """The pairs of each tier at a lag, as a figure."""
    shown = LinkPage(_found(request, number), request.user, request.GET.get("lag", ""))
    return HttpResponse(as_json(charts.pairs_by_tier(shown)), content_type="application/json")


@page(Right.MANAGE_LINKS, methods=FORM)
def edit(request: PageRequest, number: int) -> HttpResponse:
    """Change sign, lags or mechanism."""
    row = _found(request, number)
    form, status = LinkForm(request.POST or None, link=row), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                changed = change_link(link=row, by=request.user, values=form.values, seen=form.cleaned_data["seen"])
                ask_for_tests(request.user, changed)
                messages.success(request, f"“{changed}” was changed. What was tested of it before is kept as it was.")
                return redirect("link", number)
            except ValidationError as error:
                show_refusal(form, error)
            except StaleWrite as stale:
                form.add_error(None, f"{stale} Look at it on its page, then save again where yours should hold.")
                show_again(form, _found(request, number))
                status = 409
    return render(request, "kpis/link_form.html", {"form": form, "link": row}, status=status)


@page(Right.MANAGE_LINKS, methods=POST)
def delete(request: PageRequest, number: int) -> HttpResponse:
    """It goes with what was tested of it."""
    row = _found(request, number)
    if not is_sure(request):
        return ask_first(request, deleting_link(row))
    delete_link(link=row, by=request.user)
    messages.success(request, with_undo(f"“{row}” was deleted.", request.user, type_of(row), number))
    return redirect("links")


@page(*_WRITERS, methods=POST)
def withdraw(request: PageRequest, number: int) -> HttpResponse:
    """Take back what nobody has decided."""
    row = _found(request, number)
    if row.waits and row.by_id == request.user.pk and not is_sure(request):
        return ask_first(request, withdrawing_link(row))
    try:
        withdraw_link(link=row, by=request.user)
        messages.success(request, f"“{row}” is taken back; nobody decides on it any more.")
    except StaleWrite as stale:
        messages.warning(request, str(stale))
    return redirect("link", number)


@page(Right.MANAGE_LINKS, methods=POST)
def test_all(request: PageRequest) -> HttpResponse:
    """Have a worker test all links."""
    return redirect(show_job(ask_for_tests(request.user)).address)


@page(Right.MANAGE_LINKS, methods=POST)
def test_one(request: PageRequest, number: int) -> HttpResponse:
    """Have a worker test one."""
    return redirect(show_job(ask_for_tests(request.user, _found(request, number))).address)


# -- proposed links


@page(Right.READ)
def proposals(request: PageRequest) -> HttpResponse:
    """Those that the person may look at: what waits, and what was decided lately."""
    return _proposals(request, Choices())


def _desk(request: PageRequest) -> Callable[[Choices], LinkDesk]:
    return partial(LinkDesk, request.user)


def _proposals(request: PageRequest, choices: Choices, *, refused: str = "") -> HttpResponse:
    return show_desk(request, "kpis/link_proposals.html", _desk(request), choices, refused)


@page(Right.MANAGE_LINKS, methods=POST)
def proposals_decide(request: PageRequest) -> HttpResponse:
    """Send what is marked, all of it or nothing."""

    def send(choices: Choices) -> str:
        done = decide_links(decisions=choices.decisions, by=request.user)
        written = sum(one.stands for one in done)
        if written:
            ask_for_tests(request.user)
        return decided_words(
            (written, "link", "written down, and tested in a moment."),
            (len(done) - written, "link", "declined, with your reasons."),
        )

    return answer_decisions(request, _proposals, send, "link_proposals")


@page(Right.MANAGE_LINKS, methods=POST)
def proposals_effect(request: PageRequest) -> HttpResponse:
    """What sending what is marked would do, in words."""
    return answer_effect(request, _desk(request))


@page(Right.MANAGE_LINKS, methods=POST)
def proposals_take_back(request: PageRequest) -> HttpResponse:
    """Take a decision back: it waits again."""
    row = get_object_or_404(Link, pk__in=ids_in(request.POST, "row")[:1])

    def take_back(reason: str) -> str:
        return f"The decision on “{take_back_link(link=row, by=request.user, reason=reason)}” is taken back: it waits."

    return answer_take_back(request, row, str(row), _desk(request), take_back, "link_proposals")


# -- shared


def _found(request: PageRequest, number: int) -> Link:
    """The link. Raises Http404 where there is none that the person may look at."""
    return get_object_or_404(links_for(request.user), pk=number)


def _job(request: PageRequest) -> object:
    """The tests that the person asked for, while they run or where they failed."""
    number = id_of(request.GET.get("job", ""))
    job: Job | None = jobs_of(request.user).filter(pk=number, kind=LINKS).first() if number else None
    return show_job(job) if job is not None and job.state != JobState.DONE else None
