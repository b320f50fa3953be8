"""Moments of truth: parse, one call, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page, served_or_404
from accounts.pages.asking import Question, type_of, with_undo
from accounts.pages.stale import too_late
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.editions import PARAMETER, across_periods
from core.forms import show_refusal
from core.lists import FilteredList
from core.picker import Picker
from core.registry import panels_of
from core.writes import StaleWrite
from initiatives.filters.moments import MomentFilter
from initiatives.forms.moments import CriterionForm, MomentForm, initial_of
from initiatives.models import Moment
from initiatives.pages.moments import MomentsPage, line_of, show_moment
from initiatives.reading.moments import Moments, moments_to_read, read_period
from initiatives.reading.periods import asked_period, pain_span, picker_of
from initiatives.reading.subjects import moment_subject
from initiatives.services.moments import create_moment, delete_moment, edit_moment


def find(code: str) -> Moment:
    """The moment of an address, with what it is linked to. Raises Http404 with a sentence."""
    found = moments_to_read().filter(code=code).first()
    if found is None:
        raise Http404(f"There is no moment of truth “{code}”.")
    return found


@page(Right.READ)
def moments(request: PageRequest) -> HttpResponse:
    """All of them, the heaviest pain behind them first, each with its weakest link."""
    filters = MomentFilter(request.GET, moments_to_read())
    found = _read(request, moments_to_read())
    shown = FilteredList[Moment](request.GET, filters.qs, filters)
    picker = _picker(request, found)
    page, line = MomentsPage(found, shown, request.GET), line_of(found, request.path, request.GET)
    return render(request, "initiatives/moments.html", {"page": page, "picker": picker, "line": line})


@page(Right.READ)
def moment(request: PageRequest, code: str) -> HttpResponse:
    """One of them: its chain, each step leading to where it is mended."""
    row = find(code)
    found = _read(request, moments_to_read().filter(pk=row.pk))
    chain, company = found.chains[0], company_of(request)
    context = {
        "page": show_moment(chain, found, request.user, company.currency),
        "picker": _picker(request, found),
        "line": line_of(found, request.path, request.GET),
        "rail": panels_of(moment_subject(row), request.user),
    }
    return render(request, "initiatives/moment.html", context)


def _read(request: PageRequest, rows: QuerySet[Moment]) -> Moments:
    company = company_of(request)
    period = asked_period(company, request.GET.get("period", ""))
    served = served_or_404(period, request.GET.get(PARAMETER, ""))
    return read_period(list(rows), served, today_of(company))


def _picker(request: PageRequest, found: Moments) -> Picker:
    day = today_of(company_of(request))
    return picker_of(found.period, pain_span(), day, request.path, across_periods(request.GET).dict())


@page(Right.MANAGE_LINKS, methods=FORM)
def new(request: PageRequest) -> HttpResponse:
    """Write one down; a link may prefill it."""
    begun: dict[str, Any] = {name: request.GET[name] for name in ("name", "stage", "role") if name in request.GET}
    begun |= {"themes": request.GET.getlist("theme"), "kpis": request.GET.getlist("kpi")}
    form = MomentForm(request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_moment(by=request.user, values=form.values)
            messages.success(request, f"“{made}” is a moment of truth now.")
            return redirect("moment", made.code)
        except ValidationError as error:
            show_refusal(form, error)
    return render(request, "initiatives/moment_form.html", {"form": form}, status=400 if form.errors else 200)


@page(Right.MANAGE_LINKS, methods=FORM)
def edit(request: PageRequest, code: str) -> HttpResponse:
    """Change what is written about it; where somebody else did meanwhile, it says what."""
    row = find(code)
    form = MomentForm(request.POST or None, instance=row, initial=initial_of(row))
    return _written(request, row, form, "initiatives/moment_form.html")


@page(Right.MANAGE_LINKS, Right.PROPOSE_LINKS, methods=FORM)
def criterion(request: PageRequest, code: str) -> HttpResponse:
    """Word what success means to the customer: for owners as well."""
    row = find(code)
    form = CriterionForm(request.POST or None, initial=initial_of(row))
    return _written(request, row, form, "initiatives/moment_criterion.html")


def _written(request: PageRequest, row: Moment, form: MomentForm | CriterionForm, template: str) -> HttpResponse:
    """The form; sent and good, what it says is kept."""
    if request.method != "POST" or not form.is_valid():
        return _form(request, row, form, template, 400 if form.errors else 200)
    try:
        edit_moment(moment=row, by=request.user, values=form.values, seen=form.cleaned_data["seen"])
    except ValidationError as error:
        show_refusal(form, error)
        return _form(request, row, form, template, 400)
    except StaleWrite:
        now = find(row.code)
        context = {"form": form, "moment": now, "late": too_late(form, now, request.user)}
        return render(request, template, context, status=409)
    messages.success(request, with_undo("Your changes are kept.", request.user, type_of(row), row.pk))
    return redirect("moment", row.code)


def _form(request: PageRequest, row: Moment, form: Form, template: str, status: int) -> HttpResponse:
    return render(request, template, {"form": form, "moment": row}, status=status)


@page(Right.MANAGE_LINKS, methods=POST)
def delete(request: PageRequest, code: str) -> HttpResponse:
    """Take one out, once the person has seen what goes with it."""
    row = find(code)
    if not is_sure(request):
        return ask_first(request, _deletion(row))
    delete_moment(moment=row, by=request.user)
    text = f"“{row}” was deleted; the audit trail keeps what it was."
    messages.success(request, with_undo(text, request.user, type_of(row), row.pk))
    return redirect("moments")


def _deletion(row: Moment) -> Question:
    linked = [f"{name.capitalize()}: {', '.join(found)}." for name, found in row.lists.items() if found]
    return Question(
        title=f"Delete “{row}”?",
        does=("1 moment of truth goes, with what it says and its links.", *linked, "What it is linked to stays."),
        undo="It can be undone: the audit keeps what it was, and writes it again.",
        verb="Delete it",
        back=reverse("moment", args=[row.code]),
        place=row.name,
    )
