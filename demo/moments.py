"""Moments of truth of the demo company: some kept, some not, one that nobody works on and one that nobody measures."""

from __future__ import annotations

from typing import NamedTuple

from demo.registering import Cast
from initiatives.choices import CustomerRole, MomentStage
from initiatives.models import Initiative, Moment, MomentKpi, MomentTheme


class Told(NamedTuple):
    """A moment; ``metrics`` are ``code`` or ``code@tier``, ``initiatives`` codes."""

    code: str
    name: str
    stage: MomentStage
    role: CustomerRole
    criterion: str = ""
    metrics: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    initiatives: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    customer_win: str = ""
    our_win: str = ""


MOMENTS = (
    Told(
        *("reach-a-person", "I need help, now", MomentStage.BEING_HELPED, CustomerRole.USER),
        criterion="One call, one person, and it is solved.",
        metrics=("repeat_contacts", "first_answer_hours"),
        themes=("cannot reach a person", "has to call twice", "does not know whom to ask"),
        customer_win="The line runs again the same day.",
        our_win="Half of the second calls cost us an hour of an engineer each.",
    ),
    Told(
        *("contract-ends", "The contract comes to its end", MomentStage.RENEWING, CustomerRole.DECISION_MAKER),
        criterion="Tell me half a year before what I got for my money.",
        metrics=("renewal_rate@gold",),
        themes=("contracts hard to read",),
        initiatives=("early-renewal", "contract-portal"),
        tiers=("gold",),
        customer_win="No surprise in the budget.",
        our_win="Three points more of Gold stay.",
    ),
    Told(
        *("first-price", "The first price is on the table", MomentStage.CHOOSING, CustomerRole.BUYER),
        criterion="I can explain this price to my director without you in the room.",
        metrics=("negotiation_share@silver", "deep_discount_share@silver"),
        themes=("price hard to explain",),
        initiatives=("one-price-book", "sell-value"),
        customer_win="The same price in each channel.",
        our_win="Margin that no talk gives away.",
    ),
    Told(
        *("invoice-arrives", "The invoice arrives", MomentStage.USING, CustomerRole.INFLUENCER),
        criterion="I see at a glance what it is for, and can pass it on.",
        metrics=("dso@platinum",),
        themes=("invoices hard to read", "reminders for paid invoices"),
        initiatives=("readable-invoices", "first-reminder-call"),
        tiers=("platinum",),
        customer_win="Nobody asks back.",
        our_win="We are paid five days sooner.",
    ),
    Told(
        *("instrument-stops", "The instrument stands still", MomentStage.USING, CustomerRole.MAINTAINER),
        criterion="It measures again before my shift ends.",
        themes=("instrument stands still", "spare parts take weeks", "engineer comes late"),
        initiatives=("sensor-swap", "spares-in-america"),
        customer_win="No batch is lost.",
    ),
    Told(
        *("look-up", "I look something up", MomentStage.USING, CustomerRole.USER),
        criterion="I find the answer before I would have called.",
        metrics=("help_rating",),
        themes=("help pages out of date",),
        initiatives=("answering-help-pages", "manuals-in-japanese"),
        customer_win="Nobody has to wait for us.",
        our_win="Fewer visits for questions that a page answers.",
    ),
    Told(
        *("first-weeks", "The first ninety days", MomentStage.STARTING, CustomerRole.USER),
        metrics=("satisfaction",),
        themes=("left alone after the order", "installation needs a second visit"),
        initiatives=("ninety-days",),
    ),
)


def tell_moments(cast: Cast, initiatives: dict[str, Initiative]) -> None:
    """Write them down with what each is linked to."""
    rows = Moment.objects.bulk_create(
        Moment(
            **{name: getattr(told, name) for name in ("code", "name", "stage", "role", "criterion")},
            **{name: getattr(told, name) for name in ("customer_win", "our_win")},
        )
        for told in MOMENTS
    )
    for row, told in zip(rows, MOMENTS, strict=True):
        row.tiers.set(cast.tiers[code] for code in told.tiers)
        row.initiatives.set(initiatives[code] for code in told.initiatives)
        pairs = map(cast.column, told.metrics)
        MomentKpi.objects.bulk_create(MomentKpi(moment=row, kpi=kpi, tier=tier) for kpi, tier in pairs)
        MomentTheme.objects.bulk_create(MomentTheme(moment=row, theme=theme) for theme in told.themes)
