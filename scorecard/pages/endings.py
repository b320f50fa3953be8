"""What is asked before something of customers, tiers or a closing goes, or before many are asked, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from accounts.pages.asking import Question
from core.formatting import counted, month_name, number, period_name, sentence_list, short_day
from core.periods import Period
from core.records import customer_parts
from customers.models import Customer, LifecycleEvent, TierMembership
from kpis.models import CustomerMerge, Retiering
from scorecard.models import Remark, Waiver
from scorecard.reading.checklist_asks import Unasked


def _of_customer(customer: Customer) -> str:
    """``3 facts and 1 tier membership``; empty where there is nothing of it."""
    counts = ((part.count(customer), part.noun) for part in customer_parts())
    return sentence_list(counted(count, noun) for count, noun in counts if count)


def _page_of(customer: Customer) -> str:
    return reverse("customer", args=[customer.external_id])


def retiring_customer(customer: Customer, day: date) -> Question:
    """What a customer leaves, and what stays of it."""
    kept = _of_customer(customer)
    return Question(
        title=f"Retire “{customer.name}” from {short_day(day)} on?",
        does=(
            "1 customer leaves pickers and lists from then on.",
            f"{kept or 'Nothing'} {'of it stay and count' if kept else 'is there of it'} as before.",
        ),
        undo="It can be undone: it is brought back on its page, as it was.",
        verb="Retire it",
        back=_page_of(customer),
        place=customer.name,
    )


def deleting_customer(customer: Customer) -> Question:
    """What goes with a customer of whom there is nothing, or what keeps it."""
    held = _of_customer(customer)
    stays = f"It stays as long as there are {held} of it: retire it instead." if held else ""
    return Question(
        title=f"Delete “{customer.name}”?",
        does=(stays or "1 customer goes, of whom there is nothing: no fact, no tier, no event.",),
        undo="It cannot be undone by a button: the audit keeps what it was, and it can be entered again.",
        verb="Delete it",
        back=_page_of(customer),
        place=customer.name,
    )


def taking_out_event(event: LifecycleEvent) -> Question:
    """What goes out of a customer’s life with an event, and what growth counts then."""
    customer = event.customer
    left = LifecycleEvent.objects.filter(customer=customer).exclude(pk=event.pk).count()
    month, stay = f"{event.on:%B %Y}", "stays" if left == 1 else "stay"
    return Question(
        title=f"Take “{event.get_kind_display().lower()}” of {short_day(event.on)} out of “{customer.name}”?",
        does=(f"Customer growth of {month} counts 1 event less; {counted(left, 'event')} of the customer {stay}.",),
        undo="It can be entered again on the customer’s page.",
        verb="Take it out",
        back=_page_of(customer),
        place=customer.name,
    )


def taking_out_tier(membership: TierMembership) -> Question:
    """What goes with a tier; its effects stand on the page before."""
    customer, since = membership.customer, short_day(membership.starts_on)
    return Question(
        title=f"Take {membership.tier or 'no tier'} from {since} on out of “{customer.name}”?",
        does=("1 tier of the customer goes, and what it had before holds on from then.",),
        undo="It can be given again on the customer’s page.",
        verb="Take it out",
        back=_page_of(customer),
        place=customer.name,
    )


def undoing_merge(merge: CustomerMerge) -> Question:
    """What two customers have again."""
    moved = len(merge.parts)
    return Question(
        title=f"Take the merge of “{merge.gone.name}” into “{merge.kept.name}” back?",
        does=(
            "2 customers are there again, each with all that was its own.",
            f"What was moved in {counted(moved, 'part')} of the product goes back, and cells are as before.",
        ),
        undo="It can be undone: merge them again.",
        verb="Take it back",
        back=_page_of(merge.kept),
        place=merge.kept.name,
    )


def undoing_retiering(made: Retiering) -> Question:
    """Who has their earlier tier again."""
    return Question(
        title=f"Undo “{made}”?",
        does=(f"{counted(made.up + made.down + made.new, 'customer')} have the tier again that they had before.",),
        undo="It can be applied again, by the same terms.",
        verb="Undo it",
        back=reverse("retiering"),
        place="Re-tiering",
    )


def asking_owners(found: Sequence[Unasked], period: Period) -> Question:
    """Whom all questions about what is missing reach, and how many each."""
    owners = Counter(str(one.owner) for one in found).most_common()
    whom = ", ".join(f"{name} {number(count)}" for name, count in owners)
    alone = sum(one.subject.asked is None for one in found)
    reached = len(found) - alone
    does = (
        f"{counted(len(found), 'question')} {'goes' if len(found) == 1 else 'go'} out: {whom}.",
        "Each says what is missing, and stands on its page.",
        f"In an owner’s inbox, with a mail: {number(reached)}." if reached else "",
        f"Of owners who cannot sign in, for whoever may take it: {number(alone)}." if alone else "",
        "What somebody asked about since the period began is left out.",
    )
    return Question(
        title=f"Ask every owner of what is missing of {period_name(period)}?",
        does=tuple(filter(None, does)),
        undo="It cannot be undone: a question stands until it is answered.",
        verb="Ask them",
        back=reverse("scorecard", args=[period.code]),
        place=period_name(period),
    )


def withdrawing_closing(period: Period) -> Question:
    """What becomes of what was prepared."""
    return Question(
        title=f"Withdraw what was prepared of {period_name(period)}?",
        does=("1 prepared edition goes: nobody can sign it any more. Nothing was closed by it.",),
        undo="It can be prepared again, with the numbers of that day.",
        verb="Withdraw it",
        back=reverse("scorecard", args=[period.code]),
        place=period_name(period),
    )


def taking_back_waiver(waiver: Waiver, period: Period) -> Question:
    """What is missing again."""
    return Question(
        title="Take this waiver back?",
        does=(f"1 thing of {period_name(period)} is missing again: {waiver.item}.",),
        undo="It can be waived again, with a reason.",
        verb="Take it back",
        back=reverse("scorecard", args=[period.code]),
        place=period_name(period),
    )


def taking_back_remark(remark: Remark) -> Question:
    """What goes off the charts."""
    of = f"{remark.kpi.name}, {remark.tier.name}" if remark.tier else f"{remark.kpi.name}, every tier"
    return Question(
        title="Take this remark off the charts?",
        does=(f"1 remark of {month_name(remark.month)} goes off the charts of {of}: {remark.text}",),
        undo="It cannot be undone by a button: the audit keeps it, and it can be written again.",
        verb="Take it back",
        back=reverse("kpi", args=[remark.kpi.code]),
        place=remark.kpi.name,
    )
