"""Incentive goals with their versions, what was confirmed, what finance decided where nothing could be measured, and
of which initiatives an executive agreed that they stop.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from accounts.models import Load
from core.auditing import Audited
from core.fields import CodeField, ExactDecimalField, LineField
from customers.models import Tier
from initiatives.models import Initiative
from kpis.models import Kpi
from scorecard.choices import GoalState, Measure
from scorecard.models.editions import Edition

LONGEST_WHY = 1_000


class IncentiveGoal(models.Model):
    """A goal of one person or one team, for a fiscal quarter or year.

    Whom it is of and of which period never changes: ``person`` is None for a team, whose members each version lists.
    Read by those whose it is and by those who may write goals alone: the audit keeps nothing of it.
    """

    audited: ClassVar = Audited(unlabelled=True, left_out=frozenset({"code", "period", "person", "team_name"}))
    confidential: ClassVar = True

    code = CodeField(max_length=60, unique=True)
    period = models.CharField(max_length=7)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="incentive_goals"
    )
    team_name = LineField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ["period", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team_name="") | models.Q(person=None), name="a_goal_is_of_a_person_or_of_a_team"
            )
        ]
        indexes = [models.Index(fields=["period"], name="goal_of_period")]

    def __str__(self) -> str:
        return "an incentive goal"

    @property
    def latest(self) -> GoalVersion:
        """The last version that was written; a goal has at least one."""
        return max(self.versions.all(), key=lambda one: one.number)

    @property
    def revision(self) -> int:
        """What whoever writes a further version names as seen: the number of the last one."""
        return self.latest.number


class GoalVersion(models.Model):
    """What a goal says, and who wrote and approved it. An approved one is never changed: a later one supersedes it.

    ``initiatives`` are the codes of those named. ``frozen`` is what was so on the day of approval and the goal is
    measured by: the KPI's meaning (``kpi``) and the baseline due dates of the initiatives (``due``, by code, ISO).
    ``why`` is the reason of an approval that came after the period had begun; empty where it came before.
    """

    audited: ClassVar = Audited(unlabelled=True)
    confidential: ClassVar = True

    goal = models.ForeignKey(IncentiveGoal, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    weight = ExactDecimalField()
    measure = LineField(max_length=10, choices=Measure)
    kpi = models.ForeignKey(Kpi, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    initiatives = models.JSONField(default=list, blank=True)
    threshold = ExactDecimalField()
    target = ExactDecimalField()
    maximum = ExactDecimalField()
    at_threshold = ExactDecimalField()
    at_maximum = ExactDecimalField()
    state = models.CharField(max_length=12, choices=GoalState, default=GoalState.DRAFT)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    why = models.TextField(blank=True, default="", validators=[MaxLengthValidator(LONGEST_WHY)])
    frozen = models.JSONField(default=dict, blank=True)
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["goal", "number"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "number"], name="goal_versions_are_numbered"),
            models.UniqueConstraint(
                fields=["goal"], condition=models.Q(state=GoalState.APPROVED), name="one_version_of_a_goal_is_approved"
            ),
            models.CheckConstraint(
                condition=models.Q(state=GoalState.DRAFT, approved_by=None, approved_at=None)
                | (~models.Q(state=GoalState.DRAFT) & models.Q(approved_by__isnull=False, approved_at__isnull=False)),
                name="an_approved_goal_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(written_by=None) | ~models.Q(written_by=models.F("approved_by")),
                name="nobody_approves_a_goal_that_they_wrote",
            ),
            models.CheckConstraint(
                condition=models.Q(threshold__lt=models.F("target"), target__lt=models.F("maximum"))
                | models.Q(threshold__gt=models.F("target"), target__gt=models.F("maximum")),
                name="points_of_a_goal_are_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of an incentive goal"


class GoalMember(models.Model):
    """Somebody whose goal it is by a version: the person, or each of the team; frozen with its approval."""

    audited: ClassVar = Audited(unlabelled=True)
    confidential: ClassVar = True

    version = models.ForeignKey(GoalVersion, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["version", "person"], name="a_goal_has_a_member_once")]

    def __str__(self) -> str:
        return "somebody whose incentive goal it is"


class GoalConfirmation(models.Model):
    """That what those whose goal it is entered themselves is so, as an edition has it: from then on it counts.

    ``value`` is the exact value that was confirmed: it holds in a further edition that comes to the same.
    """

    audited: ClassVar = Audited(unlabelled=True)
    confidential: ClassVar = True

    goal = models.ForeignKey(IncentiveGoal, on_delete=models.CASCADE, related_name="confirmations")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["goal", "edition", "value"], name="a_value_is_confirmed_once")]

    def __str__(self) -> str:
        return "what was confirmed of an incentive goal"


class GoalDecision(models.Model):
    """What is paid of a goal that could not be measured: one of finance says it, another agrees; then it counts."""

    audited: ClassVar = Audited(unlabelled=True)
    confidential: ClassVar = True

    goal = models.ForeignKey(IncentiveGoal, on_delete=models.CASCADE, related_name="decisions")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    percent = ExactDecimalField()
    reason = models.TextField(validators=[MaxLengthValidator(LONGEST_WHY)])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "edition"], name="a_goal_is_decided_once_for_an_edition"),
            models.CheckConstraint(
                condition=models.Q(agreed_by=None) | ~models.Q(agreed_by=models.F("by")),
                name="two_decide_what_is_paid",
            ),
            models.CheckConstraint(condition=models.Q(percent__gte=0), name="what_is_paid_is_not_negative"),
        ]

    def __str__(self) -> str:
        return "what finance decided of an incentive goal"


class StopApproval(models.Model):
    """An executive's word that an initiative was rightly cancelled or put on hold: a goal that names it is then not
    held to it, where both came before it was due. It is about the initiative, and no secret.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="stop_approvals")
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return f"{self.initiative}, stopped"
