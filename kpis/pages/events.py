"""Events on pages: how long they are kept."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.company import today
from accounts.models import User
from accounts.pages.asking import Question
from accounts.rights import Right
from core.formatting import counted, short_day
from core.setup import Section
from kpis.forms.events import KeepingForm
from kpis.services.keeping_events import first_kept, keeping, older_than


def keeping_shown(form: KeepingForm | None = None) -> dict[str, Any]:
    """The form, or one that was refused, and from when on events may be gone."""
    kept = keeping()
    gone = short_day(kept.gone_before) if kept.gone_before else ""
    return {"form": form or KeepingForm(kept=kept), "gone_before": gone, "months": kept.months}


def company_section(person: User) -> Section:
    """The same as a part of the company's page."""
    shown = keeping_shown() | {"may_set": person.has_perm(Right.ADMINISTER)}
    return Section("kpis/parts/event_keeping.html", shown)


def purging(months: int) -> Question:
    """Before events are kept for so many months alone: how many go in the coming night."""
    day = first_kept(months, today())
    return Question(
        title=f"Keep events for {counted(months, 'month')}?",
        does=(
            f"{counted(older_than(day), 'event')} of before {short_day(day)} would go in the coming night.",
            "Invoices that are not paid stay, and issues that are not solved, with their contacts.",
            "The facts that were derived stay. Their months are not derived again, and events of then are refused.",
        ),
        undo="What has gone does not come back; the setting can be changed until then.",
        verb="Keep them so long",
        back=f"{reverse('company')}#events",
        place="Company",
    )
