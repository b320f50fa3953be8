"""Incentive goals: parse, one call, answer. What is not the reader's answers 404, as what never was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page, period_or_404
from accounts.models import User
from accounts.reading.people import who_can_act
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import period_name
from core.forms import id_of
from core.periods import Period
from core.writes import StaleWrite, TransitionRefused
from initiatives.models import Initiative
from scorecard.access import goals_of, goals_visible_to, may_write_goals
from scorecard.choices import Standing
from scorecard.forms.incentives import DecisionForm, GoalForm, WhyForm
from scorecard.models import Edition, GoalDecision, GoalVersion, IncentiveGoal
from scorecard.pages import incentive_goals as goal_pages
from scorecard.pages import incentives as pages
from scorecard.reading.incentives import Line, Statement, lines_of, statement_of
from scorecard.services import incentives as services

_NOBODY = "There is no such statement."


@page(Right.READ)
def incentives(request: PageRequest) -> HttpResponse:
    """One's own statement of a period; for those who write goals also everybody's, and what waits."""
    company, user = company_of(request), request.user
    writes = may_write_goals(user)
    codes = set(goals_visible_to(user).values_list("period", flat=True)) if writes else set(_own_codes(user))
    periods = sorted((Period.stored(code, company.calendar) for code in codes), key=lambda one: (one.last, one.code))
    chosen = _chosen(request, periods)
    context: dict[str, Any] = {"writes": writes, "chosen": chosen, "periods": _choices(periods, chosen)}
    if chosen is not None:
        lines = _lines(request, goals_visible_to(user).filter(period=chosen.code))
        own = statement_of(user, chosen, today_of(company), lines)
        if own.lines:
            context["statement"] = pages.statement_page(own, company, own=True, typed=request.GET.dict())
        if writes:
            context |= _of_all(lines, chosen, request)
    return render(request, "scorecard/incentives/incentives.html", context)


def _own_codes(user: User) -> Iterable[str]:
    return goals_of(user).values_list("period", flat=True)


def _chosen(request: PageRequest, periods: list[Period]) -> Period | None:
    """The period of the address where it has goals, else the last that has begun, else the first."""
    asked = request.GET.get("period", "")
    named = next((one for one in periods if one.code == asked), None)
    begun = [one for one in periods if one.first_day <= today_of(company_of(request))]
    return named or (begun[-1] if begun else periods[0] if periods else None)


def _choices(periods: list[Period], chosen: Period | None) -> list[pages.Choice]:
    return [
        pages.Choice(period_name(one), f"{reverse('incentives')}?period={one.code}", one == chosen)
        for one in reversed(periods)
    ]


def _lines(request: PageRequest, goals: Any) -> list[Line]:
    company = company_of(request)
    return lines_of(goals, company.calendar, today_of(company))


def _of_all(lines: list[Line], period: Period, request: PageRequest) -> dict[str, Any]:
    today = today_of(company_of(request))
    people = User.objects.filter(pk__in={pk for line in lines for pk in line.terms.members})
    statements = [statement_of(person, period, today, lines) for person in people]
    waiting = [line for line in lines if not line.counts or line.standing in _ASKS]
    return {
        "people": goal_pages.people_shown(statements),
        "waiting": goal_pages.goals_shown(waiting),
        "goals": goal_pages.goals_shown(lines),
    }


_ASKS = frozenset({Standing.UNCONFIRMED, Standing.UNMEASURABLE})


@page(Right.READ)
def incentive_statement(request: PageRequest, person: int, period: str) -> HttpResponse:
    """A person's statement: for themselves, and for those who write goals."""
    statement = _statement(request, person, period)
    shown = pages.statement_page(
        statement, company_of(request), own=person == request.user.pk, typed=request.GET.dict()
    )
    return render(request, "scorecard/incentives/statement.html", {"statement": shown})


@page(Right.READ)
def incentive_statement_pdf(request: PageRequest, person: int, period: str) -> HttpResponse:
    """The same as a PDF."""
    from scorecard.reports.statement import write_statement  # 8 MB of memory, of which other pages need nothing

    statement = _statement(request, person, period)
    shown = pages.statement_page(statement, company_of(request), own=True, typed={})
    answer = HttpResponse(write_statement(shown, company_of(request)), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="statement-{statement.period.code}.pdf"'
    return answer


def _statement(request: PageRequest, person: int, period: str) -> Statement:
    """Raises Http404 where there is none that the reader may see."""
    company = company_of(request)
    when = period_or_404(period, company)
    if person != request.user.pk and not may_write_goals(request.user):
        raise Http404(_NOBODY)
    whose = get_object_or_404(User, pk=person)
    lines = _lines(request, goals_of(whose).filter(period=when.code))
    statement = statement_of(whose, when, today_of(company), lines)
    if not statement.lines:
        raise Http404(_NOBODY)
    return statement


# -- one goal


def _goal(request: PageRequest, code: str) -> IncentiveGoal:
    """Raises Http404 for what is not there, or not for this reader."""
    return get_object_or_404(goals_visible_to(request.user).select_related("person"), code=code)


def _versions(goal: IncentiveGoal) -> list[GoalVersion]:
    rows = goal.versions.select_related("goal", "kpi", "tier", "written_by", "approved_by")
    return list(rows.prefetch_related("members__person").order_by("number"))


@page(Right.READ)
def incentive_goal(request: PageRequest, code: str) -> HttpResponse:
    """One goal with its versions, and what may be done with it."""
    return _show(request, _goal(request, code))


def _show(request: PageRequest, goal: IncentiveGoal, status: int = 200, **forms: Any) -> HttpResponse:
    company = company_of(request)
    line = _lines(request, [goal])[0]
    shown = goal_pages.goal_page(line, _versions(goal), request.user, company, today_of(company))
    stopped = goal_pages.stopped_shown(line, request.user)
    context = {"page": shown, "stopped": stopped, "why_form": WhyForm(), "decision_form": DecisionForm(), **forms}
    return render(request, "scorecard/incentives/goal.html", context, status=status)


@page(Right.INCENTIVE_GOALS, methods=FORM)
def incentive_goal_new(request: PageRequest) -> HttpResponse:
    """Write a goal."""
    form = GoalForm(request.POST or None, people=who_can_act(), initial={"at_threshold": 50, "at_maximum": 150})
    return _written(request, form, None)


@page(Right.INCENTIVE_GOALS, methods=FORM)
def incentive_goal_edit(request: PageRequest, code: str) -> HttpResponse:
    """Write a further version of one."""
    goal = _goal(request, code)
    latest = _versions(goal)[-1]
    people = {one.pk: one for one in [*who_can_act(), *(member.person for member in latest.members.all())]}
    form = GoalForm(request.POST or None, people=list(people.values()), goal=latest)
    return _written(request, form, goal)


def _written(request: PageRequest, form: GoalForm, goal: IncentiveGoal | None) -> HttpResponse:
    context = {"form": form, "goal": goal}
    if request.method != "POST":
        return render(request, "scorecard/incentives/write.html", context)
    status = 400
    try:
        if form.is_valid():
            draft = form.draft(company_of(request).calendar)
            written = services.write_goal(draft=draft, by=request.user, seen=form.cleaned_data["seen"] or 0)
            messages.success(request, "It waits for somebody else’s approval.")
            return redirect("incentive_goal", written.code)
    except ValidationError as error:
        form.refuse(error)
    except StaleWrite as late:
        form.add_error(None, str(late))
        status = 409
    return render(request, "scorecard/incentives/write.html", context, status=status)


def _done(request: PageRequest, goal: IncentiveGoal, write: Callable[[], object], said: str) -> HttpResponse:
    """Do it, and say so; what is refused is said on the goal's page."""
    try:
        write()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _show(request, goal, 400)
    except (StaleWrite, TransitionRefused) as error:
        messages.error(request, str(error))
        return _show(request, goal, 409)
    messages.success(request, said)
    return redirect("incentive_goal", goal.code)


def _waiting(request: PageRequest, goal: IncentiveGoal) -> GoalVersion:
    """The version that a form names. Raises Http404."""
    number = id_of(request.POST.get("version", "")) or 0
    return get_object_or_404(goal.versions.select_related("goal"), number=number)


@page(Right.INCENTIVE_GOALS, methods=POST)
def incentive_goal_approve(request: PageRequest, code: str) -> HttpResponse:
    """Approve the version that waits."""
    goal = _goal(request, code)
    version, why = _waiting(request, goal), request.POST.get("why", "")

    def write() -> object:
        return services.approve_goal(version=version, by=request.user, why=why)

    return _done(request, goal, write, "It is approved, and fixed from now on.")


@page(Right.INCENTIVE_GOALS, methods=POST)
def incentive_goal_drop(request: PageRequest, code: str) -> HttpResponse:
    """Take the version that waits back."""
    goal = _goal(request, code)
    version = _waiting(request, goal)
    if not is_sure(request):
        return ask_first(request, goal_pages.dropping(version))
    try:
        services.drop_draft(version=version, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except StaleWrite as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is taken back.")
    return redirect("incentives")


@page(Right.INCENTIVE_GOALS, methods=POST)
def incentive_goal_stop(request: PageRequest, code: str) -> HttpResponse:
    """An executive agrees that an initiative of the goal was stopped."""
    goal = _goal(request, code)
    named = {one for version in goal.versions.all() for one in version.initiatives}
    initiative = get_object_or_404(Initiative.objects.filter(code__in=named), code=request.POST.get("initiative", ""))

    def write() -> object:
        return services.agree_to_stop(initiative=initiative, by=request.user)

    return _done(request, goal, write, "It counts as stopped from today on, with your approval.")


def _edition(request: PageRequest) -> Edition:
    return get_object_or_404(Edition.objects.defer("document"), pk=id_of(request.POST.get("edition", "")) or 0)


@page(Right.INCENTIVE_GOALS, methods=POST)
def incentive_goal_confirm(request: PageRequest, code: str) -> HttpResponse:
    """Confirm what those whose goal it is entered themselves."""
    goal, edition = _goal(request, code), _edition(request)

    def write() -> object:
        return services.confirm_goal(goal=goal, edition=edition, by=request.user)

    return _done(request, goal, write, "It is confirmed, and counts from now on.")


@page(Right.INCENTIVE_GOALS, methods=POST)
def incentive_goal_decide(request: PageRequest, code: str) -> HttpResponse:
    """Say what is paid of what could not be measured; with ``decision`` agree with what another said."""
    goal = _goal(request, code)
    if "decision" in request.POST:
        number = id_of(request.POST.get("decision", "")) or 0
        decision = get_object_or_404(GoalDecision, pk=number, goal=goal)
        return _done(request, goal, lambda: services.agree_goal(decision=decision, by=request.user), "It is decided.")
    edition, form = _edition(request), DecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, goal, 400, decision_form=form)
    given = form.cleaned_data

    def write() -> object:
        return services.decide_goal(
            goal=goal, edition=edition, percent=given["percent"], why=given["why"], by=request.user
        )

    return _done(request, goal, write, "It counts once another of finance agrees.")
