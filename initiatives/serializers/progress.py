"""Milestones and status updates as the API answers and takes them."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.choices import LONGEST_WORD
from accounts.serializers import by_code
from core.given import SHAPELESS
from core.resources import Seen
from core.rows import RowSerializer
from core.shapes import ChoiceField, DayField, FewField, IdField, KeyText, Text, WholeField
from core.stale import revision_of
from initiatives.choices import LONGEST_NOTE, Health, Response
from initiatives.models import Initiative, Milestone, StatusUpdate
from initiatives.rules.status_updates import PROGRESS


class MilestoneSerializer(RowSerializer):
    """A step with a day; one that was dropped says since when and why."""

    id = serializers.IntegerField()
    initiative = serializers.CharField(source="initiative.code")
    title = serializers.CharField()
    due = serializers.DateField()
    done_on = serializers.DateField(allow_null=True)
    dropped_on = serializers.DateField(allow_null=True)
    dropped_reason = serializers.CharField()
    revision = serializers.SerializerMethodField()

    def get_revision(self, milestone: Milestone) -> str:
        """Differs whenever the milestone does."""
        return revision_of(milestone)


class MilestoneInput(Seen):
    """What a person writes of a milestone; another due date needs a reason."""

    initiative = by_code(Initiative, required=True)
    title = KeyText(max_length=200)
    due = DayField()
    done_on = DayField(required=False, allow_null=True, help_text="Null: not done after all")
    reason = Text(required=False, allow_blank=True, help_text="Why the due date moves, where it does")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """It stays where it is."""
        if self.partial and "initiative" in attrs:
            raise serializers.ValidationError({"initiative": "A milestone stays with its initiative."})
        return attrs


class UpdateResponseSerializer(RowSerializer):
    """What a reviewer answered."""

    verb = serializers.ChoiceField(choices=Response.choices)
    text = serializers.CharField()
    by = serializers.EmailField(source="by.email")
    at = serializers.DateTimeField()


class StatusUpdateSerializer(RowSerializer):
    """The owner's word on a day, one a day, with what reviewers answered.

    ``mark`` is what the next update names as ``seen``.
    """

    id = serializers.IntegerField()
    initiative = serializers.CharField(source="initiative.code")
    on = serializers.DateField()
    health = serializers.ChoiceField(choices=Health.choices)
    progress = serializers.IntegerField()
    note = serializers.CharField()
    author = serializers.EmailField(source="author.email")
    loaded_by = serializers.CharField(help_text="Who loaded it in the author's name; empty: the author's own word")
    at = serializers.DateTimeField()
    mark = serializers.SerializerMethodField()
    responses = UpdateResponseSerializer(many=True)

    def get_mark(self, update: StatusUpdate) -> str:
        """Its id and revision."""
        return f"{update.pk}.{update.revision}"


class RedatedInput(serializers.Serializer[Any]):
    """A milestone with another due date, and why."""

    default_error_messages: ClassVar = SHAPELESS

    milestone = IdField()
    due = DayField()
    reason = Text()


class StatusUpdateInput(serializers.Serializer[Any]):
    """Today's word, with milestones that are done or moved."""

    initiative = by_code(Initiative, required=True)
    health = ChoiceField(choices=Health.choices)
    progress = WholeField(*PROGRESS)
    note = Text(max_length=LONGEST_NOTE, required=False, allow_blank=True, default="")
    seen = Text(
        required=False, allow_blank=True, help_text="The mark of the latest update that was read, empty for none"
    )
    ticked = FewField(child=IdField(), required=False, help_text="Milestones that are done")
    redated = FewField(child=RedatedInput(), required=False)
    due = DayField(required=False, help_text="A new due date of the initiative")
    due_reason = Text(required=False, allow_blank=True)


class ResponseInput(serializers.Serializer[Any]):
    """A reviewer's answer; asking back needs a text."""

    verb = ChoiceField(choices=Response.choices)
    text = Text(max_length=LONGEST_WORD, required=False, allow_blank=True, default="")
