"""One initiative: its page, and the forms that enter, edit and move it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control

from accounts.context import company_of
from accounts.http import FORM, PageRequest, page
from accounts.models import User
from accounts.pages.stale import too_late
from accounts.rights import Right
from accounts.views.asking import is_sure
from core.forms import show_refusal
from core.registry import panels_of
from core.writes import StaleWrite, TransitionRefused
from initiatives.access import may_edit
from initiatives.forms.milestones import DocumentForm, MilestoneForm
from initiatives.forms.register import InitiativeForm, initial_from, initial_of
from initiatives.forms.stages import MoveForm
from initiatives.models import Initiative
from initiatives.pages.initiative import show_initiative
from initiatives.pages.parts import build_parts
from initiatives.pages.stage_moves import APPROVE, OVERRIDE, Move, moves_of
from initiatives.reading.endings import rests_on
from initiatives.reading.standings import read_standings
from initiatives.reading.subjects import initiative_subject
from initiatives.services.register import create_initiative, edit_initiative
from initiatives.services.stages import approve_initiative, move_stage, override_initiative

private = cache_control(private=True, no_cache=True)
_NOT_YOURS = "This initiative is not yours to change: its owner, deputy, team and stewards do that."


def find(code: str) -> Initiative:
    """The initiative of an address. Raises Http404 with a sentence."""
    found = Initiative.objects.filter(code=code).first()
    if found is None:
        raise Http404(f"There is no initiative “{code}”.")
    return found


def find_own(code: str, request: PageRequest) -> Initiative:
    """The same for those who may edit it. Raises PermissionDenied with a sentence."""
    found = find(code)
    if not may_edit(request.user, found):
        raise PermissionDenied(_NOT_YOURS)
    return found


@page(Right.READ)
@private
def initiative(request: PageRequest, code: str) -> HttpResponse:
    """Its verdict and why, and everything that is known about it."""
    return show(request, find(code))


def show(request: PageRequest, row: Initiative, status: int = 200, **forms: Form) -> HttpResponse:
    """The page of an initiative; with a form on it that was refused, and why."""
    user, company = request.user, company_of(request)
    standing = read_standings(Initiative.objects.filter(pk=row.pk))[0]
    context = {
        "page": show_initiative(standing, user, company.currency),
        "parts": build_parts(standing, user),
        "rail": panels_of(initiative_subject(standing.initiative), user),
        "milestone_form": MilestoneForm(),
        "document_form": DocumentForm(),
    }
    return render(request, "initiatives/initiative.html", context | forms, status=status)


@page(Right.CREATE_CANDIDATE, methods=FORM)
def new(request: PageRequest) -> HttpResponse:
    """Enter a candidate; a link may prefill it."""
    user = request.user
    form = InitiativeForm(request.POST or None, user=user, initial=initial_from(request.GET))
    if request.method == "POST" and form.is_valid():
        try:
            made = create_initiative(by=user, values=form.values)
            messages.success(request, f"“{made.title}” is a candidate now.")
            return redirect("initiative", made.code)
        except ValidationError as error:
            show_refusal(form, error)
    return render(request, "initiatives/new.html", {"form": form}, status=400 if form.errors else 200)


@page(Right.READ, methods=FORM)
def edit(request: PageRequest, code: str) -> HttpResponse:
    """Change what is written about it; where somebody else did meanwhile, it says what."""
    row, user = find_own(code, request), request.user
    form = InitiativeForm(request.POST or None, user=user, instance=row, initial=initial_of(row))
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "initiative": row}
        return render(request, "initiatives/edit.html", context, status=400 if form.errors else 200)
    seen, reason = form.cleaned_data["seen"], form.cleaned_data.get("reason", "")
    try:
        edit_initiative(initiative=row, by=user, values=form.values, seen=seen, reason=reason)
    except ValidationError as error:
        show_refusal(form, error)
        return render(request, "initiatives/edit.html", {"form": form, "initiative": row}, status=400)
    except StaleWrite:
        now = find(code)
        context = {"form": form, "initiative": now, "late": too_late(form, now, user)}
        return render(request, "initiatives/edit.html", context, status=409)
    messages.success(request, "Your changes are kept.")
    return redirect("initiative", row.code)


@page(Right.READ, methods=FORM)
def stage(request: PageRequest, code: str) -> HttpResponse:
    """One step of its life: what it means, and the reason or day that it takes."""
    row, user = find(code), request.user
    moves = moves_of(row, user, editable=may_edit(user, row))
    move = next((one for one in moves if one.key == request.GET.get("to")), None)
    if move is None and not moves:
        raise PermissionDenied(_NOT_YOURS)
    form = MoveForm(request.POST or None, move=move, initial={"seen": row.stage}) if move else None
    if request.method == "POST" and form and move and form.is_valid() and (is_sure(request) or not move.is_grave):
        try:
            take(row, user, move, form)
            messages.success(request, f"“{row.title}”: {move.done}.")
            return redirect("initiative", row.code)
        except (StaleWrite, TransitionRefused) as error:
            messages.error(request, str(error))
            return redirect("initiative", row.code)
        except ValidationError as error:
            show_refusal(form, error)
    rests = rests_on(row) if move and move.is_grave else ""
    context = {"initiative": row, "moves": moves, "move": move, "form": form, "rests": rests}
    return render(request, "initiatives/stage.html", context, status=400 if form and form.errors else 200)


def take(row: Initiative, user: User, move: Move, form: MoveForm) -> Initiative:
    """Take the step. Raises what the services raise."""
    cleaned = form.cleaned_data
    if move.key == APPROVE:
        return approve_initiative(initiative=row, by=user, seen=cleaned["seen"], justification=cleaned["reason"])
    if move.key == OVERRIDE:
        return override_initiative(initiative=row, by=user, reason=cleaned["reason"])
    on = cleaned.get("on")
    return move_stage(initiative=row, to=move.stage, by=user, seen=cleaned["seen"], reason=cleaned["reason"], on=on)
