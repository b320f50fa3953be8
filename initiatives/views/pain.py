"""Pain points: parse, one call, answer."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page
from accounts.pages.asking import Question, type_of, with_undo
from accounts.pages.last_changes import row_changes
from accounts.pages.stale import too_late
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import number
from core.forms import show_refusal
from core.lists import PAGING, FilteredList
from core.picker import Picker, with_all_months
from core.registry import Panel, panels_of
from core.writes import StaleWrite
from initiatives.filters.pain import PainPointFilter
from initiatives.forms.pain import PainPointForm
from initiatives.models import PainPoint
from initiatives.pages.pain import pain_sentence
from initiatives.reading.endings import pain_words
from initiatives.reading.periods import pain_span, picker_of
from initiatives.reading.subjects import AskedTheme, theme_subject
from initiatives.services.pain import delete_pain_point, edit_pain_point, enter_pain_point
from kpis.reading.freshness import latest_period


@page(Right.READ)
def pain_points(request: PageRequest) -> HttpResponse:
    """What customers told, newest month first."""
    rows = PainPoint.objects.select_related("department", "tier", "load").order_by(
        "-month", "department", "theme", "pk"
    )
    filters = PainPointFilter(request.GET, rows)
    points = FilteredList[PainPoint](request.GET, filters.qs, filters)
    rail = _rail(request, filters)
    shown = {"points": points, "headline": pain_sentence(filters.qs), "rail": rail, "picker": _picker(request, points)}
    return render(request, "initiatives/pain_points.html", shown)


def _picker(request: PageRequest, points: FilteredList[PainPoint]) -> Picker:
    """The periods that the list can be of; it is of every month where the address names none."""
    company, asked = company_of(request), points.cleaned.get("period")
    params = {name: value for name, value in request.GET.dict().items() if name not in PAGING}
    around = asked or latest_period(company)
    picker = picker_of(around, pain_span(), today_of(company), request.path, params)
    everything = urlencode({name: value for name, value in params.items() if name != "period" and value})
    return with_all_months(picker, f"{request.path}?{everything}", chosen=asked is None)


def _rail(request: PageRequest, filters: PainPointFilter) -> list[Panel]:
    """The rail of the department, or of its theme, that the list is filtered by; none where it is not."""
    chosen = filters.form.cleaned_data if filters.form.is_valid() else {}
    department = chosen.get("department")
    theme, period = (chosen.get("theme") or "").strip(), chosen.get("period")
    about = AskedTheme(department, theme, period) if department else None
    return panels_of(theme_subject(about), request.user) if about else []


@page(Right.MANAGE_KPIS, methods=FORM)
def new(request: PageRequest) -> HttpResponse:
    """Enter a point; saved, the form comes back for the next of the same source and month."""
    form = PainPointForm(request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            made = enter_pain_point(by=request.user, values=form.values)
            messages.success(request, f"“{made.theme}” was entered, with a weight of {number(made.weight)}.")
            return redirect("pain_points")
        except ValidationError as error:
            show_refusal(form, error)
    return render(request, "initiatives/pain_point.html", {"form": form}, status=400 if form.errors else 200)


@page(Right.MANAGE_KPIS, methods=FORM)
def edit(request: PageRequest, number: int) -> HttpResponse:
    """Change a point; where somebody else did meanwhile, nothing is kept and the page shows what it is now."""
    row = get_object_or_404(PainPoint, pk=number)
    form = PainPointForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            edit_pain_point(pain_point=row, by=request.user, values=form.values, seen=form.cleaned_data["seen"])
            messages.success(request, f"“{form.values['theme']}” was changed.")
            return redirect("pain_points")
        except StaleWrite:
            now = get_object_or_404(PainPoint, pk=number)
            late = too_late(form, now, request.user)
            context = {"form": form, "point": now, "late": late, "changes": row_changes(now, request.user)}
            return render(request, "initiatives/pain_point.html", context, status=409)
        except ValidationError as error:
            show_refusal(form, error)
    context = {"form": form, "point": row, "changes": row_changes(row, request.user)}
    return render(request, "initiatives/pain_point.html", context, status=400 if form.errors else 200)


@page(Right.MANAGE_KPIS, methods=POST)
def delete(request: PageRequest, number: int) -> HttpResponse:
    """Take a point out, once the person has seen what goes with it."""
    row = get_object_or_404(PainPoint.objects.select_related("department"), pk=number)
    if not is_sure(request):
        return ask_first(request, _deletion(row))
    delete_pain_point(pain_point=row, by=request.user)
    text = f"“{row.theme}” was deleted; the audit trail keeps what it was."
    messages.success(request, with_undo(text, request.user, type_of(row), number))
    return redirect("pain_points")


def _deletion(row: PainPoint) -> Question:
    return Question(
        title=f"Delete “{row.theme}”?",
        does=pain_words(row),
        undo="It can be undone: the audit keeps what it was, and enters it again.",
        verb="Delete it",
        back=reverse("pain_point", args=[row.pk]),
        place=row.theme,
    )
