"""The register for administrators and stewards: what services write is looked at here, not written past them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.audited import AuditedAdmin, ReadOnlyAdmin
from accounts.rights import Right
from core.periods import Month, month_code
from initiatives.forms.admin import PainPointForm
from initiatives.models import (
    Benefit,
    Initiative,
    Milestone,
    PainPoint,
    Policy,
    RealisedBenefit,
    StatusUpdate,
    Thanks,
    TrackedChange,
    Turnaround,
    UpdateResponse,
)


@admin.register(Policy)
class PolicyAdmin(AuditedAdmin[Policy]):
    """The register's settings: thresholds of cost bands, and how long an owner may be silent."""

    right = Right.ADMINISTER

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        """There is one."""
        return False


@admin.register(PainPoint)
class PainPointAdmin(AuditedAdmin[PainPoint]):
    """What customers suffer from."""

    right = Right.MANAGE_KPIS
    view_right = Right.READ
    key_fields = ("source", "department", "theme", "tier", "month")
    form = PainPointForm
    list_display = ("theme", "department", "tier", "month_code", "source", "mentions", "severity", "revenue_at_risk")
    list_filter = ("department", "tier", "source")
    list_select_related = ("department", "tier")
    search_fields = ("theme", "source")

    @admin.display(description="Month", ordering="month")
    def month_code(self, obj: PainPoint) -> str:
        """``2011-09``."""
        return month_code(Month(obj.month))


class RegisterAdmin(ReadOnlyAdmin[Any]):
    """Rows that have pages of their own, on which each change asks for its reason."""

    right = Right.READ


@admin.register(Initiative)
class InitiativeAdmin(RegisterAdmin):
    """Initiatives, as they are now."""

    list_display = ("code", "title", "level", "department", "owner", "stage", "baseline_due", "due")
    list_filter = ("stage", "level", "customer_focused", "department")
    list_select_related = ("department", "owner")
    search_fields = ("code", "title")


class ProgressAdmin(RegisterAdmin):
    """Rows that belong to an initiative."""

    search_fields = ("initiative__code", "initiative__title")


@admin.register(Milestone)
class MilestoneAdmin(ProgressAdmin):
    """Milestones, dropped ones included."""

    list_display = ("initiative", "title", "due", "done_on", "dropped_on")
    list_select_related = ("initiative",)


@admin.register(StatusUpdate)
class StatusUpdateAdmin(ProgressAdmin):
    """What owners said."""

    list_display = ("initiative", "on", "health", "progress", "author", "loaded_by")
    list_filter = ("health",)
    list_select_related = ("initiative", "author", "load__by")


@admin.register(UpdateResponse)
class UpdateResponseAdmin(RegisterAdmin):
    """What reviewers answered."""

    list_display = ("update", "verb", "by", "at")
    list_select_related = ("update__initiative", "by")


@admin.register(TrackedChange)
class TrackedChangeAdmin(ProgressAdmin):
    """Which stage or date changed on which day: what a past day is read from."""

    list_display = ("initiative", "milestone", "what", "before", "after", "on", "by")
    list_filter = ("what",)
    list_select_related = ("initiative", "milestone", "by")


@admin.register(Benefit)
class BenefitAdmin(ProgressAdmin):
    """Planned benefits, in versions."""

    list_display = ("initiative", "name", "version", "kind", "value_per_year", "state")
    list_filter = ("state", "kind")
    list_select_related = ("initiative",)


@admin.register(RealisedBenefit)
class RealisedBenefitAdmin(ProgressAdmin):
    """What benefits brought."""

    list_display = ("initiative", "name", "month", "value", "by")
    list_select_related = ("initiative", "by")


@admin.register(Thanks)
class ThanksAdmin(ProgressAdmin):
    """Who thanked whom for what."""

    list_display = ("initiative", "by", "at")
    list_select_related = ("initiative", "by")


@admin.register(Turnaround)
class TurnaroundAdmin(ProgressAdmin):
    """What turned for the better."""

    list_display = ("initiative", "kind", "what", "nominated_on", "state")
    list_filter = ("state", "kind")
    list_select_related = ("initiative",)
