"""What happened, as departments' own systems know it: issues and contacts, deals, referrals, invoices."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.fields import ExactDecimalField, KeyField, MonthField, month_is_valid
from customers.models import Customer
from kpis.choices import EventKind


class Event(models.Model):
    """One event, by the id that it has where it comes from.

    There may be millions, so that a table has what its derivation reads and no more: the id is unique by a constraint
    (a unique column would have a second index on PostgreSQL), and the load that wrote the row is a number.
    ``kind`` is its kind of file, ``days`` are those in whose months it counts, the first of them its own.
    """

    kind: ClassVar[EventKind]
    days: ClassVar[tuple[str, ...]]

    external_id = KeyField(max_length=80)
    load_id = models.BigIntegerField(help_text="The load that wrote the values")

    class Meta:
        abstract = True
        ordering = ["external_id"]

    def __str__(self) -> str:
        return self.external_id

    @classmethod
    def columns(cls) -> list[str]:
        """The columns of what it says, as the database names them."""
        beside = {"id", "external_id", "load_id"}
        return [field.column for field in cls._meta.concrete_fields if field.column and field.column not in beside]


class Issue(Event):
    """Something that a customer had to be helped with.

    It says whose it is, and from when to when it was open; it has no day of solving while it is.
    """

    kind = EventKind.ISSUES
    days = ("opened_on", "solved_on")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False, related_name="+")
    opened_on = models.DateField()
    solved_on = models.DateField(null=True, blank=True)

    class Meta(Event.Meta):
        indexes = [
            models.Index(fields=["customer", "solved_on"], name="issue_by_customer"),
            models.Index(fields=["solved_on"], name="issue_by_day_of_solving"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["external_id"], name="issue_id_is_unique"),
            models.CheckConstraint(
                condition=Q(solved_on=None) | Q(solved_on__gte=F("opened_on")), name="issue_is_solved_once_it_is_open"
            ),
        ]


class Contact(Event):
    """A customer got in touch about an issue: which, when, and by which channel, in the company's own words."""

    kind = EventKind.CONTACTS
    days = ("on",)

    issue = models.ForeignKey("kpis.Issue", on_delete=models.PROTECT, db_index=False, related_name="+")
    on = models.DateField()
    channel = models.CharField(max_length=60, blank=True)

    class Meta(Event.Meta):
        indexes = [
            models.Index(fields=["issue", "on"], name="contact_by_issue"),
            models.Index(fields=["on"], name="contact_by_day"),
        ]
        constraints = [models.UniqueConstraint(fields=["external_id"], name="contact_id_is_unique")]


class Deal(Event):
    """A deal that came to an end: won, or lost.

    Its value is told by the list and as agreed; ``hard_price_talks`` is empty where nobody said whether the price was
    hard to talk about.
    """

    kind = EventKind.DEALS
    days = ("closed_on",)

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False, related_name="+")
    closed_on = models.DateField()
    won = models.BooleanField()
    list_value = ExactDecimalField()
    net_value = ExactDecimalField()
    hard_price_talks = models.BooleanField(null=True, blank=True)

    class Meta(Event.Meta):
        indexes = [
            models.Index(fields=["customer", "closed_on"], name="deal_by_customer"),
            models.Index(fields=["closed_on"], name="deal_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["external_id"], name="deal_id_is_unique"),
            models.CheckConstraint(
                condition=Q(list_value__gte=0, net_value__gte=0), name="deal_has_no_value_below_nought"
            ),
        ]


class Referral(Event):
    """A customer referred somebody."""

    kind = EventKind.REFERRALS
    days = ("on",)

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False, related_name="+")
    on = models.DateField()

    class Meta(Event.Meta):
        indexes = [
            models.Index(fields=["customer", "on"], name="referral_by_customer"),
            models.Index(fields=["on"], name="referral_by_day"),
        ]
        constraints = [models.UniqueConstraint(fields=["external_id"], name="referral_id_is_unique")]


class Invoice(Event):
    """An invoice, or a credit note, whose amount is negative. What is open has no day of payment."""

    kind = EventKind.INVOICES
    days = ("issued_on", "paid_on")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False, related_name="+")
    issued_on = models.DateField()
    due_on = models.DateField()
    amount = ExactDecimalField()
    paid_on = models.DateField(null=True, blank=True)

    class Meta(Event.Meta):
        indexes = [
            models.Index(fields=["customer", "issued_on"], name="invoice_by_customer"),
            models.Index(fields=["issued_on"], name="invoice_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["external_id"], name="invoice_id_is_unique"),
            models.CheckConstraint(
                condition=Q(paid_on=None) | Q(paid_on__gte=F("issued_on")), name="invoice_is_paid_once_it_is_issued"
            ),
        ]


EVENT_MODELS: dict[EventKind, type[Event]] = {model.kind: model for model in (Issue, Contact, Deal, Referral, Invoice)}


class ReplacedEvent(models.Model):
    """What an event said before a load replaced it or took it away, kept so that the load can be taken back.

    One table for the five kinds, for a load is of one kind: the columns are those of its model, the others are empty.
    As lean as the facts that are kept so. ``event_id`` is the row's own number, which it has again when it returns.
    """

    pk = models.CompositePrimaryKey("load_id", "event_id")
    load_id = models.BigIntegerField()
    event_id = models.BigIntegerField()
    replaced_load_id = models.BigIntegerField(help_text="The load that had written the replaced values")
    external_id = KeyField(max_length=80)
    customer_id = models.BigIntegerField(null=True)
    issue_id = models.BigIntegerField(null=True)
    opened_on = models.DateField(null=True)
    solved_on = models.DateField(null=True)
    on = models.DateField(null=True)
    channel = models.CharField(max_length=60, null=True)  # noqa: DJ001  empty where the kind has no such column
    closed_on = models.DateField(null=True)
    won = models.BooleanField(null=True)
    list_value = ExactDecimalField(null=True)
    net_value = ExactDecimalField(null=True)
    hard_price_talks = models.BooleanField(null=True)
    issued_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    amount = ExactDecimalField(null=True)
    paid_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.external_id} before load {self.load_id}"


class EventTouch(models.Model):
    """An event of this kind came or went whose day lies in this month, or lay there before it changed.

    The day of a contact is its own, of a deal its end, of a referral its own; an issue has two, an invoice those of
    its issue and its payment, and each of them marks its month. ``customer`` is empty where so many customers' events
    changed that all of the month is to be derived again. Written in the transaction that changed the events; who
    derives deletes just the marks that were there before the events were read.
    """

    kind = models.CharField(max_length=10, choices=EventKind)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    month = MonthField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "event touches"
        constraints = [month_is_valid("event_touch_month_is_a_month")]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id or 'of everybody'} {self.month}"


class EventKeeping(models.Model):
    """How long events are kept: one row, made when somebody says so; nobody says so at first.

    ``gone_before``: events of days before it may have been purged, so that no month that needs one is derived again.
    It never goes back, for what went does not return when the setting does.
    """

    months = models.PositiveSmallIntegerField(null=True, blank=True)
    gone_before = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_one_keeping_of_events")]

    def __str__(self) -> str:
        return f"Events are kept for {self.months} months" if self.months else "Events are kept"
