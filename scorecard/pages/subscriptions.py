"""One's own mails: the digest, what one follows; and beside a page, whether one follows what it is of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from core.registry import Panel, PanelPlace, Subject, subjects_of
from customers.models import Tier
from scorecard.choices import Followed
from scorecard.forms.subscriptions import SubscriptionForm
from scorecard.models import Follow, Subscription


@dataclass(frozen=True, slots=True)
class FollowPanel:
    """Whether the reader follows the thing that a page is of, and the form that turns it."""

    kind: str
    key: str
    what: str
    url: str
    follows: bool

    @property
    def action(self) -> str:
        """Where the form goes."""
        return reverse("unfollow" if self.follows else "follow")


def follow_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """A panel beside what can be followed, for those who may be written to."""
    if subject.kind not in Followed.values or not reader.has_perm(Right.SUBSCRIBE):
        return
    key = subject.key.rpartition("/")[0] if subject.kind == Followed.CELL else subject.key
    follows = Follow.objects.filter(person=reader, kind=subject.kind, key=key).exists()
    what = {"cell": "this KPI in this tier", "kpi": "this KPI in all tiers"}.get(subject.kind, f"this {subject.kind}")
    shown = FollowPanel(subject.kind, key, what, subject.url, follows)
    yield Panel(PanelPlace.FOLLOW, "components/rail_follow.html", shown)


@dataclass(frozen=True, slots=True)
class ShownFollow:
    """A thing that is followed, with the link to it; empty where it is no longer there."""

    row: Follow
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class SubscriptionsPage:
    """All of one's own mails."""

    form: SubscriptionForm
    subscription: Subscription | None
    follows: tuple[ShownFollow, ...]
    tiers: tuple[Tier, ...]

    @property
    def is_on(self) -> bool:
        """Whether a digest comes."""
        return self.subscription is not None and self.subscription.is_on


def subscriptions_page(person: User, form: SubscriptionForm | None = None) -> SubscriptionsPage:
    """The page of a person; with a refused form where there is one."""
    row = Subscription.objects.filter(person=person).first()
    followed = list(Follow.objects.filter(person=person))
    mine = {one.key for one in followed if one.kind == Followed.TIER}
    return SubscriptionsPage(
        form or SubscriptionForm(initial=_initial(row)),
        row,
        tuple(shown_follows(followed, person)),
        tuple(Tier.objects.real().exclude(code__in=mine)),
    )


def _initial(row: Subscription | None) -> dict[str, Any]:
    found = row or Subscription()
    kept = {name: getattr(found, name) for name in ("months", "quarters", "years", "day", "format")}
    return kept | ({"tiers": row.tiers.all(), "departments": row.departments.all()} if row else {})


def shown_follows(rows: Sequence[Follow], reader: User) -> Iterator[ShownFollow]:
    """Each with its title as the reader may read it: a query or two for each kind."""
    tiers = {one.code: one.name for one in Tier.objects.all()}
    subjects: dict[tuple[str, str], Subject] = {}
    for kind in {row.kind for row in rows} - {Followed.TIER, Followed.CELL}:
        found = subjects_of(kind, [row.key for row in rows if row.kind == kind], reader)
        subjects |= {(kind, key): one for key, one in found.items()}
    kpis = subjects_of(Followed.KPI, [row.key.partition("@")[0] for row in rows if row.kind == Followed.CELL], reader)
    for row in rows:
        if row.kind == Followed.TIER:
            yield ShownFollow(row, tiers.get(row.key, row.key), reverse("home") if row.key in tiers else "")
        elif row.kind == Followed.CELL:
            code, _, tier = row.key.partition("@")
            subject = kpis.get(code)
            title = f"{subject.title}, {tiers.get(tier, tier)}" if subject else row.key
            yield ShownFollow(row, title, subject.url if subject else "")
        else:
            one = subjects.get((row.kind, row.key))
            yield ShownFollow(row, one.title if one else row.key, one.url if one else "")
