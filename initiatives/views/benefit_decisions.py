"""All benefits, and finance's decisions on them: proposals are marked and sent together, approvals taken back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.context import company_of
from accounts.http import POST, PageRequest, page
from accounts.rights import Right
from accounts.views.decisions import answer_decisions, answer_effect, answer_take_back, with_marks
from core.decisions import Choices, decided_words
from core.forms import ids_in
from initiatives.choices import BenefitState
from initiatives.models import Benefit
from initiatives.pages.benefit_decisions import BenefitDesk
from initiatives.pages.benefits import benefits_page
from initiatives.services.benefit_decisions import decide_benefits, take_back_benefit


@page(Right.READ)
def benefits(request: PageRequest) -> HttpResponse:
    """Planned, realised and cost by level; what waits for finance, and what was decided."""
    return _benefits(request, Choices())


def _desk(request: PageRequest) -> Callable[[Choices], BenefitDesk]:
    return partial(BenefitDesk, request.user, company_of(request).currency)


def _benefits(request: PageRequest, choices: Choices, *, refused: str = "") -> HttpResponse:
    desk = with_marks(request, _desk(request), choices)
    found = benefits_page(request.user, desk.currency, approved=desk.approved, waiting=len(desk.waiting))
    context = {"page": found, "desk": desk, "refused": refused}
    return render(request, "initiatives/benefits.html", context, status=400 if refused else 200)


@page(Right.APPROVE_TARGETS, methods=POST)
def benefits_decide(request: PageRequest) -> HttpResponse:
    """Send what is marked, all of it or nothing; a button that marks sends nothing. Refused, all stands as it was."""

    def send(choices: Choices) -> str:
        return _done(decide_benefits(decisions=choices.decisions, by=request.user))

    return answer_decisions(request, _benefits, send, "benefits")


def _done(done: list[Benefit]) -> str:
    approved = sum(one.state == BenefitState.APPROVED for one in done)
    return decided_words(
        (approved, "benefit", "approved: sums count what is in money at once."),
        (len(done) - approved, "benefit", "rejected, with your reasons."),
    )


@page(Right.APPROVE_TARGETS, methods=POST)
def benefits_effect(request: PageRequest) -> HttpResponse:
    """What sending what is marked would do, in words: asked for while somebody marks."""
    return answer_effect(request, _desk(request))


@page(Right.APPROVE_TARGETS, methods=POST)
def benefit_take_back(request: PageRequest) -> HttpResponse:
    """Take an approval back: it is withdrawn, and what it superseded stands again."""
    row = get_object_or_404(Benefit, pk__in=ids_in(request.POST, "row")[:1])

    def take_back(reason: str) -> str:
        done = take_back_benefit(benefit=row, by=request.user, reason=reason)
        return f"The decision on “{done.name}” is taken back. Who proposed it is told."

    return answer_take_back(request, row, row.name, _desk(request), take_back, "benefits")
