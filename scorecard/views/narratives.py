"""Writing narratives and remarks, and ticking actions off: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.context import company_of
from accounts.http import POST, PageRequest, page, way_back
from accounts.reading.people import who_can_act
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.forms import show_refusal
from core.stale import carry, mark_shown
from core.writes import StaleWrite
from scorecard.forms.narratives import NarrativeForm, RemarkForm
from scorecard.models import Narrative, Remark
from scorecard.pages.cells import cell_or_404
from scorecard.pages.endings import taking_back_remark
from scorecard.services.narratives import (
    Place,
    may_narrate,
    may_take_back,
    remark,
    take_back_remark,
    tick_narrative,
    write_narrative,
)
from scorecard.views.cell import show_cell

_DENIED = "Executives, finance, stewards and administrators write this, and owners about their own KPIs."


@page(Right.COMMENT, methods=POST)
def cell_narrative(request: PageRequest, period: str, kpi: str, tier: str) -> HttpResponse:
    """Write the narrative of a cell; what is refused is shown with the text kept and the reason at its field."""
    when, found, column = cell_or_404(company_of(request), period, kpi, tier)
    if not may_narrate(request.user, found):
        raise PermissionDenied(_DENIED)
    place = Place(found, column, when)
    form = NarrativeForm(request.POST, people=who_can_act(), row=_row_of(place))
    try:
        if form.is_valid():
            given = form.cleaned_data
            write_narrative(
                place=place, by=request.user, analysis=given["analysis"], action=form.new_action, seen=given["seen"]
            )
            messages.success(request, "The narrative stands beside the cell, and will stand in the edition.")
            return redirect(f"{reverse('cell', args=[when.code, kpi, tier])}#narrative")
    except ValidationError as error:
        form.refuse(error)
    except StaleWrite as late:
        form.add_error(None, str(late))
        if row := _row_of(place):
            carry(form, mark_shown(row))
        return show_cell(request, period, kpi, tier, narrative=form, status=409)
    return show_cell(request, period, kpi, tier, narrative=form, status=400)


def _row_of(place: Place) -> Narrative | None:
    rows = Narrative.objects.filter(period=place.period.code, kpi=place.kpi, tier=place.tier)
    return rows.select_related("owner").first()


@page(Right.COMMENT, methods=POST)
def narrative_tick(request: PageRequest, number: int) -> HttpResponse:
    """Tick the action of a narrative off; with ``open`` that is taken back."""
    row = get_object_or_404(Narrative.objects.select_related("kpi", "tier"), pk=number)
    done = "open" not in request.POST
    try:
        tick_narrative(narrative=row, by=request.user, done=done)
        messages.success(request, f"“{row.action}” is {'done' if done else 'open again'}.")
    except StaleWrite as late:
        messages.warning(request, str(late))
    return redirect(way_back(request, f"{reverse('cell', args=[row.period, row.kpi.code, row.tier.code])}#narrative"))


@page(Right.COMMENT, methods=POST)
def cell_remark(request: PageRequest, period: str, kpi: str, tier: str) -> HttpResponse:
    """Have the charts of a KPI say something of a month."""
    when, found, column = cell_or_404(company_of(request), period, kpi, tier)
    if not may_narrate(request.user, found):
        raise PermissionDenied(_DENIED)
    form = RemarkForm(request.POST)
    try:
        if form.is_valid():
            remark(kpi=found, by=request.user, **form.values(column))
            messages.success(request, "The remark stands on the chart, and in the list below it.")
            return redirect(f"{reverse('cell', args=[when.code, kpi, tier])}#events")
    except ValidationError as error:
        show_refusal(form, error)
    return show_cell(request, period, kpi, tier, remark=form, status=400)


@page(Right.COMMENT, methods=POST)
def remark_take_back(request: PageRequest, number: int) -> HttpResponse:
    """Take a remark off the charts."""
    row = get_object_or_404(Remark.objects.select_related("kpi", "tier"), pk=number)
    if may_take_back(request.user, row.kpi, row.by_id) and row.taken_back_at is None and not is_sure(request):
        return ask_first(request, taking_back_remark(row))
    try:
        take_back_remark(remark=row, by=request.user)
        messages.success(request, "The remark is off the charts; the audit keeps it.")
    except StaleWrite as late:
        messages.warning(request, str(late))
    return redirect(way_back(request, reverse("kpi", args=[row.kpi.code])))
