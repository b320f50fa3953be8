"""What targets and KPIs ask of a person: on /my/ and in the weekly mail alike."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from accounts.services import company
from core.formatting import counted
from core.registry import Ask, Urgency
from kpis.choices import TargetState
from kpis.models import Target


def target_asks_of(user: User) -> Iterator[Ask]:
    """Proposals that the person may decide on, as one ask."""
    if not user.has_perm(Right.APPROVE_TARGETS):
        return
    waiting = Target.objects.filter(state=TargetState.PROPOSED, batch__isnull=False)
    waiting = waiting.exclude(Q(created_by=user) | Q(batch__proposed_by=user))
    if count := waiting.count():
        oldest = waiting.select_related("batch").order_by("batch__proposed_at").first()
        since = oldest.batch.proposed_at.date() if oldest and oldest.batch else None
        yield Ask(
            Urgency.DECISION,
            f"Targets of {company().name}",
            f"{counted(count, 'proposed target')} wait for a decision of finance.",
            reverse("approvals"),
            "Decide",
            since,
        )
