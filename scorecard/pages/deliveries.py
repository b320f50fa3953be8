"""How mails went: a line each, and who is due which digest."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.choices import MailState
from accounts.company import company, today
from accounts.models import OutgoingMail
from accounts.models.mail import LONGEST_SENDING, MOST_TRIES
from accounts.pages.asking import Question
from core.formatting import period_name
from core.lists import FilteredList
from scorecard.models import Subscription
from scorecard.reading.digests import Digest, digests

AGAIN = frozenset({MailState.UNKNOWN, MailState.FAILED})


@dataclass(frozen=True, slots=True)
class Awaited:
    """A digest that has not gone, and why."""

    person: str
    period: str
    why: str


@dataclass(frozen=True, slots=True)
class StateLink:
    """The mails of a state: how many, and the list of them."""

    state: MailState
    count: int
    here: bool


class DeliveriesPage(FilteredList[OutgoingMail]):
    """Mails, the newest first, of one state where the address says so; and digests that wait."""

    def __init__(self, params: QueryDict) -> None:
        self.state = next((one for one in MailState if one == params.get("state")), None)
        super().__init__(params, _mails(self.state))

    @property
    def states(self) -> list[StateLink]:
        """Each state that a mail is in, with the number of those."""
        counted = ((one, _mails(one).count()) for one in MailState)
        return [StateLink(one, count, one == self.state) for one, count in counted if count or one == self.state]

    @property
    def again(self) -> frozenset[MailState]:
        """The states from which a mail may be sent again."""
        return AGAIN

    @property
    def awaited(self) -> list[Awaited]:
        """Digests of ended periods that did not go yet, with why."""
        found, day = company(), today()
        rows = Subscription.objects.filter(ended_at=None, person__is_active=True).select_related("person")
        waiting = [one for row in rows for one in digests(row, found, day)]
        gone = set(OutgoingMail.objects.filter(key__in=[one.key for one in waiting]).values_list("key", flat=True))
        return [_awaited(one) for one in waiting if one.key not in gone]


def deliveries_page(params: QueryDict) -> DeliveriesPage:
    """The page that the address asks for."""
    return DeliveriesPage(params)


def _awaited(one: Digest) -> Awaited:
    why = one.not_due or "is written within five minutes, where a worker runs"
    return Awaited(str(one.subscription.person), period_name(one.period), why)


def _mails(state: MailState | None) -> QuerySet[OutgoingMail]:
    """Mails of a state (None: all), the newest first."""
    rows = OutgoingMail.objects.select_related("to").defer("body", "html").order_by("-pk")
    stale = timezone.now() - LONGEST_SENDING
    of_state = {
        MailState.SENT: Q(sent_at__isnull=False),
        MailState.SENDING: Q(sent_at=None, handed_at__gt=stale),
        MailState.UNKNOWN: Q(sent_at=None, handed_at__lte=stale),
        MailState.FAILED: Q(sent_at=None, handed_at=None, tries__gte=MOST_TRIES),
        MailState.WAITING: Q(sent_at=None, handed_at=None, tries__lt=MOST_TRIES),
    }
    return rows if state is None else rows.filter(of_state[state])


def asking_again(mail: OutgoingMail) -> Question:
    """What sending again may do."""
    known = {
        MailState.UNKNOWN: "It was handed to the mail server, and nobody knows whether it was taken: "
        "they may have it already.",
        MailState.FAILED: f"It was tried {mail.tries} times: {mail.error or 'no answer'}.",
    }
    does = (f"It goes to {mail.to} once more.", known.get(mail.state, "It is not sent where it went meanwhile."))
    return Question(
        f"Send “{mail.subject}” again?",
        does,
        "A mail that went cannot be taken back.",
        "Send again",
        reverse("deliveries"),
        "Mails",
    )
