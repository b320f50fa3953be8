"""Events as the API answers and takes them: addressed by their own ids, in the columns of files."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.resources import DryRunField, RevisedSerializer, Seen
from core.shapes import NOT_NEGATIVE, DayField, ExactField, ExactInput, KeyText, Text, YesNoField
from kpis.serializers.actuals import LONGEST

_ID = "As the system calls it that it comes from"
_WHOSE = "External id"
_LONGEST_ID = 80


def _id() -> serializers.CharField:
    return KeyText(max_length=_LONGEST_ID, help_text=_ID)


def _customer() -> serializers.CharField:
    return KeyText(max_length=_LONGEST_ID, help_text=_WHOSE)


class EventSerializer(RevisedSerializer):
    """What every event says: its id, and the load that wrote it."""

    id = serializers.CharField(source="external_id", help_text=_ID)
    load = serializers.IntegerField(source="load_id", help_text="The load that wrote the values")


class IssueSerializer(EventSerializer):
    """Something that a customer had to be helped with."""

    customer = serializers.CharField(source="customer.external_id", help_text=_WHOSE)
    opened_on = serializers.DateField()
    solved_on = serializers.DateField(allow_null=True, help_text="Null: it is open")


class IssueInput(Seen):
    """An issue as it is to be; of a change what is left out stays."""

    id = _id()
    customer = _customer()
    opened_on = DayField()
    solved_on = DayField(required=False, allow_null=True)


class ContactSerializer(EventSerializer):
    """A contact about an issue."""

    issue = serializers.CharField(source="issue.external_id", help_text="Its id")
    on = serializers.DateField()
    channel = serializers.CharField(help_text="In the company's own words; may be empty")


class ContactInput(Seen):
    """A contact as it is to be; of a change what is left out stays."""

    id = _id()
    issue = KeyText(max_length=_LONGEST_ID, help_text="Its id")
    on = DayField()
    channel = Text(required=False, allow_blank=True, max_length=60)


class DealSerializer(EventSerializer):
    """A deal that came to an end."""

    customer = serializers.CharField(source="customer.external_id", help_text=_WHOSE)
    closed_on = serializers.DateField()
    won = serializers.BooleanField()
    list_value = ExactField()
    net_value = ExactField()
    hard_price_talks = serializers.BooleanField(allow_null=True, help_text="Null: nobody said")


class DealInput(Seen):
    """A deal as it is to be; of a change what is left out stays."""

    id = _id()
    customer = _customer()
    closed_on = DayField()
    won = YesNoField()
    list_value = ExactInput(told=NOT_NEGATIVE)
    net_value = ExactInput(told=NOT_NEGATIVE)
    hard_price_talks = YesNoField(required=False, allow_null=True)


class ReferralSerializer(EventSerializer):
    """A customer referred somebody."""

    customer = serializers.CharField(source="customer.external_id", help_text=_WHOSE)
    on = serializers.DateField()


class ReferralInput(Seen):
    """A referral as it is to be; of a change what is left out stays."""

    id = _id()
    customer = _customer()
    on = DayField()


class InvoiceSerializer(EventSerializer):
    """An invoice, or a credit note, whose amount is negative."""

    customer = serializers.CharField(source="customer.external_id", help_text=_WHOSE)
    issued_on = serializers.DateField()
    due_on = serializers.DateField()
    amount = ExactField()
    paid_on = serializers.DateField(allow_null=True, help_text="Null: it is open")


class InvoiceInput(Seen):
    """An invoice as it is to be; of a change what is left out stays."""

    id = _id()
    customer = _customer()
    issued_on = DayField()
    due_on = DayField()
    amount = ExactInput()
    paid_on = DayField(required=False, allow_null=True)


class EventRemovalQuery(serializers.Serializer[Any]):
    """Why an event goes."""

    reason = Text(required=False, max_length=LONGEST, help_text="Kept with the load; a dry run needs none")
    dry_run = DryRunField(help_text="1: only ask whether it may go")
