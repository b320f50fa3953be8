"""The KPI library: parse, one call, answer."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page, period_or_404
from accounts.pages.asking import type_of, with_undo
from accounts.pages.stale import too_late
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.figures import as_json
from core.formatting import counted, month_name
from core.forms import show_refusal
from core.periods import month_of
from core.stale import as_seen, mark_shown, revision_in
from core.writes import StaleWrite
from kpis import charts
from kpis.choices import KpiState
from kpis.forms.library import DefinitionForm, MeaningForm, RetireForm
from kpis.models import Kpi
from kpis.pages.definition import DefinitionPage
from kpis.pages.endings import retiring, taking_back_meaning
from kpis.pages.library import LibraryPage
from kpis.pages.meanings import EndedTargets, TurnedVerdicts
from kpis.pages.previews import tried
from kpis.pages.steps import StepsPage
from kpis.reading.templates import BLANK, BY_CODE, TEMPLATES, begun_with
from kpis.reading.turned_verdicts import turned_by_band
from kpis.services.definitions import (
    bring_back_kpi,
    change_meaning,
    check_reason,
    create_kpi,
    edit_kpi,
    has_history,
    retire_kpi,
)
from kpis.services.meanings import check_meaning, propose_anew, take_back_meaning
from kpis.services.versions import withdrawn_by


@page(Right.READ)
def library(request: PageRequest) -> HttpResponse:
    """All KPIs, filtered, with what is missing."""
    return render(request, "kpis/library.html", {"page": LibraryPage(request)})


@page(Right.READ)
def kpi(request: PageRequest, kpi: str) -> HttpResponse:
    """What a KPI is, how it stands, and what it meant before."""
    return definition(request, found_kpi(kpi))


def definition(
    request: PageRequest, row: Kpi, form: RetireForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a KPI; with a form on it that was refused, and why."""
    company, code = company_of(request), request.GET.get("period")
    page = DefinitionPage(company, row, request.user, period_or_404(code, company) if code else None)
    if form is None:
        form = RetireForm(initial={"from_month": month_of(today_of(company)), "seen": mark_shown(row)})
    steps = StepsPage(company, row, request.user)
    context = {"page": page, "retire": form, "height": charts.TREND_HEIGHT, "steps": steps}
    return render(request, "kpis/definition.html", context | more, status=status)


@page(Right.READ)
def kpi_chart(request: PageRequest, kpi: str) -> HttpResponse:
    """The trend by tier as a figure."""
    page = DefinitionPage(company_of(request), found_kpi(kpi), request.user)
    return HttpResponse(as_json(charts.trend_by_tier(page)), content_type="application/json")


@page(Right.MANAGE_KPIS, Right.PROPOSE_KPIS)
def templates(request: PageRequest) -> HttpResponse:
    """What a new KPI, or a proposal of one, may begin with."""
    taken = set(Kpi.objects.values_list("code", flat=True))
    begin = "kpi_new" if request.user.has_perm(Right.MANAGE_KPIS) else "kpi_propose"
    return render(request, "kpis/templates.html", {"templates": TEMPLATES, "taken": taken, "begin": begin})


@page(Right.MANAGE_KPIS, methods=FORM)
def new(request: PageRequest, template: str) -> HttpResponse:
    """Create a KPI from a template; its formula can be tried out first."""
    if template != BLANK and template not in BY_CODE:
        raise Http404("There is no such template.")
    form = DefinitionForm(
        request.POST or None, initial=begun_with(template, events=request.GET.get("from") == "events")
    )
    context: dict[str, Any] = {"form": form, "template": BY_CODE.get(template)}
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            context |= tried(form.candidate(), request.POST["preview"], company_of(request))
        elif made := _created(request, form, draft=template == BLANK):
            messages.success(request, created_words(made))
            return redirect("kpi", kpi=made.code)
    return render(request, "kpis/new.html", context, status=400 if form.errors else 200)


def created_words(made: Kpi) -> str:
    """What a steward does next with a KPI that was made."""
    if made.is_draft:
        return f"“{made.name}” was created as a draft: it is published once it has an owner, a definition and a target."
    return f"“{made.name}” was created. Set its targets and say who owns it."


def _created(request: PageRequest, form: DefinitionForm, *, draft: bool) -> Kpi | None:
    """What is made of nothing begins as a draft; what a template has thought through is published."""
    state = KpiState.DRAFT if draft else KpiState.PUBLISHED
    try:
        return create_kpi(by=request.user, values={**form.values, "state": state})
    except ValidationError as error:
        show_refusal(form, error)
        return None


@page(Right.MANAGE_KPIS, methods=FORM)
def edit(request: PageRequest, kpi: str) -> HttpResponse:
    """Describe a KPI in other words."""
    row = found_kpi(kpi)
    form = DefinitionForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        if turned := _unseen_turned(request, row, form):
            return render(request, "kpis/edit.html", {"form": form, "kpi": row, "turned": turned})
        try:
            edit_kpi(kpi=row, by=request.user, values=form.values, seen=form.cleaned_data["seen"])
            messages.success(request, f"“{form.values['name']}” was changed.")
            return redirect("kpi", kpi=kpi)
        except ValidationError as error:
            show_refusal(form, error)
        except StaleWrite:
            return render(request, "kpis/edit.html", _too_late(request, form, kpi), status=409)
    return render(request, "kpis/edit.html", {"form": form, "kpi": row}, status=400 if form.errors else 200)


def _unseen_turned(request: PageRequest, row: Kpi, form: DefinitionForm) -> TurnedVerdicts | None:
    """The verdicts of ended periods that another band turns, where the person has not seen them yet."""
    new = copy(row)
    for name in ("near_band", "near_band_abs"):
        setattr(new, name, form.values.get(name))
    turned = TurnedVerdicts(turned_by_band(row, new, today_of(company_of(request))))
    return turned if turned and request.POST.get("seen_turned") != turned.token else None


def _too_late(request: PageRequest, form: BaseForm, code: str) -> dict[str, Any]:
    """What the page shows whose form came too late: what was typed, beside what is there now."""
    now = found_kpi(code)
    return {"form": form, "kpi": now, "late": too_late(form, now, request.user)}


@page(Right.MANAGE_KPIS, methods=FORM)
def meaning(request: PageRequest, kpi: str) -> HttpResponse:
    """Give a KPI another direction, method or formula from a month on."""
    row = found_kpi(kpi)
    initial = {"from_month": month_of(today_of(company_of(request)))}
    form = MeaningForm(request.POST or None, instance=row, initial=initial)
    context: dict[str, Any] = {"form": form, "kpi": row, "has_history": has_history(row)}
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            context |= tried(form.candidate(), request.POST["preview"], company_of(request))
        elif ends := _unseen_ends(request, row, form):
            context["ends"] = ends
        else:
            try:
                if _redefined(request, row, form):
                    return redirect("kpi", kpi=kpi)
            except StaleWrite:
                return render(request, "kpis/meaning.html", context | _too_late(request, form, kpi), status=409)
    return render(request, "kpis/meaning.html", context, status=400 if form.errors else 200)


def _unseen_ends(request: PageRequest, row: Kpi, form: MeaningForm) -> EndedTargets | None:
    """The approved targets that a change would end, where it can be made and the person has not seen them yet."""
    stored, since = Kpi.objects.get(pk=row.pk), form.cleaned_data["from_month"]
    if not has_history(stored):
        return None
    try:
        meant = check_meaning(kpi=stored, meaning=form.meaning, from_month=since)
    except ValidationError:
        return None  # the change says itself why it cannot be
    ends = EndedTargets(company_of(request), stored, since, meant)
    return ends if ends and request.POST.get("seen_targets") != ends.token else None


def _redefined(request: PageRequest, row: Kpi, form: MeaningForm) -> bool:
    """Whether it was done. Raises StaleWrite."""
    given = {name: form.cleaned_data[name] for name in ("from_month", "reason", "seen")}
    ended = withdrawn_by(row, given["from_month"]) if request.POST.get("propose_anew") else []
    try:
        with transaction.atomic():
            made = change_meaning(kpi=row, by=request.user, meaning=form.meaning, **given)
            batch = propose_anew(kpi=made, targets=ended, from_month=given["from_month"], by=request.user)
    except ValidationError as error:
        show_refusal(form, error)
        return False
    again = f" {counted(batch.targets.count(), 'target')} of the same numbers wait for finance." if batch else ""
    messages.success(request, f"“{row.name}” has another meaning now; earlier periods keep the one they had.{again}")
    return True


@page(Right.MANAGE_KPIS, methods=POST)
def take_back(request: PageRequest, kpi: str) -> HttpResponse:
    """Take the latest change of meaning back."""
    row = found_kpi(kpi)
    seen, latest = revision_in(request.POST.get("seen", "")), row.versions.order_by("from_month").last()
    try:
        if latest and row.versions.count() > 1 and not is_sure(request):
            as_seen(row, seen, row)
            return ask_first(request, taking_back_meaning(row, latest))
        take_back_meaning(kpi=row, by=request.user, seen=seen)
        messages.success(request, f"“{row.name}” means again what it did before the latest change.")
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    except StaleWrite as stale:
        messages.warning(request, f"{stale} Look at what it is now.")
    return redirect("kpi", kpi=kpi)


@page(Right.MANAGE_KPIS, methods=POST)
def retire(request: PageRequest, kpi: str) -> HttpResponse:
    """Take a KPI out of the matrix from a month on."""
    row, form = found_kpi(kpi), RetireForm(request.POST)
    try:
        if form.is_valid():
            if not is_sure(request):
                as_seen(row, form.cleaned_data["seen"], row)
                check_reason(form.cleaned_data["reason"])
                return ask_first(request, retiring(row, form.cleaned_data["from_month"]))
            retire_kpi(kpi=row, by=request.user, **form.cleaned_data)
            since = month_name(form.cleaned_data["from_month"])
            text = f"“{row.name}” is out of the matrix from {since} on; what it has is kept."
            messages.success(request, with_undo(text, request.user, type_of(row), row.pk))
            return redirect("kpi", kpi=kpi)
    except ValidationError as error:
        show_refusal(form, error)
    except StaleWrite:
        late = _too_late(request, form, kpi)
        return definition(request, late["kpi"], form, 409, late=late["late"])
    messages.error(request, "Nothing was changed: say from which month (2011-09), and why.")
    return definition(request, row, form, 400)


@page(Right.MANAGE_KPIS, methods=POST)
def publish(request: PageRequest, kpi: str) -> HttpResponse:
    """Put a draft into the matrix, whatever it lacks."""
    row = found_kpi(kpi)
    try:
        seen = revision_in(request.POST.get("seen", ""))
        edit_kpi(kpi=row, by=request.user, values={"state": KpiState.PUBLISHED}, seen=seen)
        messages.success(request, f"“{row.name}” is published: it is in the matrix.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except StaleWrite as stale:
        messages.warning(request, f"{stale} Look at what it is now.")
    return redirect("kpi", kpi=kpi)


@page(Right.MANAGE_KPIS, methods=POST)
def bring_back(request: PageRequest, kpi: str) -> HttpResponse:
    """Put a retired KPI back into the matrix."""
    row = found_kpi(kpi)
    try:
        bring_back_kpi(kpi=row, by=request.user, seen=revision_in(request.POST.get("seen", "")))
        messages.success(request, f"“{row.name}” is in the matrix again.")
    except StaleWrite as stale:
        messages.warning(request, f"{stale} Look at what it is now.")
    return redirect("kpi", kpi=kpi)


def found_kpi(code: str) -> Kpi:
    """The KPI of a code. Raises Http404."""
    return get_object_or_404(Kpi.objects.select_related("department", "owner", "facts_of"), code=code)
