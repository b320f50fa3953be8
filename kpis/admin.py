"""KPIs, what was entered for them, and drafts of targets. Facts have pages of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.audited import AuditedAdmin, ReadOnlyAdmin
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.periods import Month, month_code
from core.registry import cells_touched
from core.writes import StaleWrite, TransitionRefused
from kpis.choices import Per, TargetState
from kpis.forms.admin import CompleteMonthForm, KpiForm, TargetForm
from kpis.models import CompleteMonth, Kpi, Target, TierActual
from kpis.models.versions import MEANING
from kpis.rules.kpi import FIXED
from kpis.services.definitions import create_kpi, delete_kpi, edit_kpi, has_data, has_history
from kpis.services.target_rows import VALUES, values_of
from kpis.services.targets import NewTarget, TargetsRefused, delete_draft, edit_draft, save_draft
from kpis.services.touches import touch_slices


@admin.register(Kpi)
class KpiAdmin(AuditedAdmin[Kpi]):
    """KPIs, by the same services as on their pages. What has a history means another thing from a month on, there."""

    right = Right.MANAGE_KPIS
    view_right = Right.READ
    key_fields = ("code",)
    form = KpiForm
    list_display = ("code", "name", "department", "indicator", "unit", "customer_method", "time_method", "position")
    list_filter = ("indicator", "department", "customer_method")
    list_select_related = ("department",)
    search_fields = ("code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Kpi | None = None) -> tuple[str, ...]:
        """Of one that is there also what would relabel its history, and whether it is in use."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if obj is None else (*fixed, *_relabelling(request, obj), "retired_from", "its_meaning")

    def state_of(self, obj: models.Model) -> dict[str, Any]:
        """With what it meant before, which goes with it where it is deleted."""
        kept = [state_of(version) for version in obj.versions.order_by("from_month")] if isinstance(obj, Kpi) else []
        return super().state_of(obj) | ({"versions": kept} if kept else {})

    @admin.display(description="Its meaning")
    def its_meaning(self, obj: Kpi) -> SafeString:
        """Where unit, direction, methods and formula change."""
        words = "Unit, direction, methods and formula of a KPI with a history change from a month on: {}. {}"
        links = (("kpi_meaning", "change its meaning"), ("kpi", "Its page retires it."))
        return format_html(
            words, *(format_html('<a href="{}">{}</a>', reverse(name, args=[obj.code]), said) for name, said in links)
        )

    def save_model(self, request: HttpRequest, obj: Kpi, form: Any, change: bool) -> None:
        """The services write and record. Raises ValidationError where somebody else was quicker."""
        by = cast("User", request.user)
        try:
            if change:
                kept = edit_kpi(kpi=obj, by=by, values=form.values, seen=form.cleaned_data["seen"])
            else:
                kept = create_kpi(by=by, values=form.values)
        except StaleWrite as late:
            raise ValidationError(str(late)) from late
        obj.pk = kept.pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Kpi) -> None:
        """The same. Raises ValidationError where something refers to it."""
        try:
            delete_kpi(kpi=obj, by=cast("User", request.user))
        except (StaleWrite, TransitionRefused) as refused:
            raise ValidationError(str(refused)) from refused


def _relabelling(request: HttpRequest, kpi: Kpi) -> tuple[str, ...]:
    """The fields that are fixed by now; the admin asks several times, and is answered from the first."""
    if not hasattr(request, "_fixed_fields"):
        meaning = MEANING if has_history(kpi) else ()
        request._fixed_fields = (*meaning, *(FIXED if has_data(kpi) else ()))  # type: ignore[attr-defined]
    found: tuple[str, ...] = request._fixed_fields  # type: ignore[attr-defined]
    return found


class SliceAdmin(AuditedAdmin[Any]):
    """A row that stands for a month of a KPI, and moves its cells."""

    key_fields: Sequence[str] = ("kpi", "month")
    list_filter = ("kpi",)
    search_fields = ("kpi__code", "kpi__name")
    autocomplete_fields = ("kpi",)

    @admin.display(description="Month", ordering="month")
    def month_code(self, obj: CompleteMonth | TierActual) -> str:
        """``2011-09``."""
        return month_code(Month(obj.month))

    def written(self, request: HttpRequest, *, old: models.Model | None, new: models.Model | None) -> None:
        """Mark the month as it was and as it is."""
        rows = [row for row in (old, new) if isinstance(row, CompleteMonth)]
        touch_slices((row.kpi.source_id, Month(row.month)) for row in rows)
        cells_touched(request.user)


@admin.register(CompleteMonth)
class CompleteMonthAdmin(SliceAdmin):
    """Months that a steward called complete."""

    right = Right.MANAGE_KPIS
    view_right = Right.READ
    form = CompleteMonthForm
    list_display = ("kpi", "month_code", "by")
    list_select_related = ("kpi", "by")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """It is the word of the person who says so."""
        obj.by = request.user
        super().save_model(request, obj, form, change)


@admin.register(TierActual)
class TierActualAdmin(SliceAdmin, ReadOnlyAdmin[Any]):
    """Actuals of KPIs that nobody measures per customer: entered and corrected where a reason is asked."""

    right = Right.ENTER_ACTUALS
    view_right = Right.READ
    list_display = ("kpi", "tier", "month_code", "numerator", "denominator")
    list_select_related = ("kpi", "tier")


@admin.register(Target)
class TargetAdmin(AuditedAdmin[Target]):
    """Targets: drafts are written here, nothing is approved here, and what was decided on stays as it is."""

    right = Right.PROPOSE_TARGETS
    view_right = Right.READ
    key_fields = ("kpi", "tier", "from_month", "per")
    form = TargetForm
    list_display = ("kpi", "tier", "from_code", "per", "value", "low", "high", "state", "version", "created_by")
    list_filter = ("state", "per", "kpi")
    list_select_related = ("kpi", "tier", "created_by")
    search_fields = ("kpi__code", "kpi__name")
    autocomplete_fields = ("kpi",)

    @admin.display(description="From", ordering="from_month")
    def from_code(self, obj: Target) -> str:
        """``2011-09``."""
        return month_code(Month(obj.from_month))

    def has_change_permission(self, request: HttpRequest, obj: Target | None = None) -> bool:
        """Drafts alone."""
        return super().has_change_permission(request, obj) and (obj is None or obj.state == TargetState.DRAFT)

    def get_fields(self, request: HttpRequest, obj: Target | None = None) -> Any:
        """With what became of it, where it is there; ``seen`` where it can be changed."""
        shown = TargetForm.Meta.fields
        if obj is None:
            return shown
        seen = ("seen",) if self.has_change_permission(request, obj) else ()
        return (*shown, *seen, "state", "version", "created_by", "decided_by", "decided_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Target | None = None) -> tuple[str, ...]:
        """A state goes on by deciding, not by editing."""
        decided = ("state", "version", "created_by", "decided_by", "decided_at")
        return (*super().get_readonly_fields(request, obj), *decided)

    def refusal_to_delete(self, obj: Target) -> str | None:
        """Only a draft goes."""
        if obj.state == TargetState.DRAFT:
            return None
        state = obj.get_state_display().lower()
        return f"{obj} is {state} and stays, nothing was changed. A new version supersedes an approved target."

    def save_model(self, request: HttpRequest, obj: Target, form: Any, change: bool) -> None:
        """The services write and record, by the rules of every door. Raises ValidationError where one refuses."""
        by = cast("User", request.user)
        try:
            kept = _edited(obj, form, by) if change else _drafted(obj, by)
        except (StaleWrite, TargetsRefused) as refused:
            raise ValidationError(_why(refused)) from refused
        obj.pk = kept.pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Target) -> None:
        """A draft goes. Raises ValidationError where it is none any more."""
        if reason := self.refusal_to_delete(obj):
            raise ValidationError(reason)
        try:
            delete_draft(target=obj, by=cast("User", request.user))
        except StaleWrite as late:
            raise ValidationError(str(late)) from late


def _edited(obj: Target, form: Any, by: User) -> Target:
    """A draft as the form has it now, where it still says what the form began with."""
    values = {name: form.cleaned_data[name] for name in (*VALUES, "note") if name in form.cleaned_data}
    return edit_draft(target=obj, by=by, values=values, seen={name: form.initial[name] for name in VALUES})


def _drafted(obj: Target, by: User) -> Target:
    """The draft that a new row calls for. Raises ValidationError where a version that is no draft says the same."""
    key = obj.kpi, obj.tier, Month(obj.from_month), Per(obj.per)
    kept, _ = save_draft(cell=NewTarget(*key, **values_of(obj), note=obj.note), by=by)
    if kept.state != TargetState.DRAFT:
        raise ValidationError(f"{kept} says so already and is {kept.get_state_display().lower()}. Nothing was changed.")
    return kept


def _why(refused: StaleWrite | TargetsRefused) -> str:
    """What a service refuses, as a sentence."""
    if isinstance(refused, TargetsRefused):
        return " ".join(f"{one.field.replace('_', ' ').capitalize()} {one.reason}." for one in refused.problems)
    return str(refused)
