"""The team's way from a brain dump to a short list of KPIs."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kpis.choices import Indicator, PollStage
from kpis.models.definitions import Kpi


class Poll(models.Model):
    """A question to invited people, in stages: answer blind, merge, vote, short list."""

    question = models.CharField(max_length=255, default="What is the most important customer KPI?")
    stage = models.CharField(max_length=10, choices=PollStage, default=PollStage.ANSWERING)
    points = models.PositiveSmallIntegerField(default=5, help_text="Points that each person has to give")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="polls_opened")
    opened_at = models.DateTimeField(auto_now_add=True)
    invited = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="polls_invited")

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=models.Q(points__gte=1), name="a_vote_has_points")]

    def __str__(self) -> str:
        return self.question


class PollOption(models.Model):
    """Answers that mean the same, merged under one name and classified; short-listed, it becomes a KPI."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="options")
    text = models.CharField(max_length=255)
    indicator = models.CharField(max_length=10, choices=Indicator, blank=True)
    shortlisted = models.BooleanField(default=False)
    kpi = models.ForeignKey(Kpi, null=True, blank=True, on_delete=models.PROTECT, related_name="poll_options")

    class Meta:
        ordering = ["poll", "pk"]
        constraints = [models.UniqueConstraint(fields=["poll", "text"], name="options_of_a_poll_differ")]

    def __str__(self) -> str:
        return self.text


class PollAnswer(models.Model):
    """One answer of one person, kept as it was given; merged answers share an option."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="answers")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=255)
    at = models.DateTimeField(auto_now_add=True)
    option = models.ForeignKey(PollOption, null=True, blank=True, on_delete=models.SET_NULL, related_name="answers")

    class Meta:
        ordering = ["poll", "pk"]
        constraints = [models.UniqueConstraint(fields=["poll", "by", "text"], name="an_answer_is_given_once")]

    def __str__(self) -> str:
        return self.text


class PollVote(models.Model):
    """Points that a person gave to an option."""

    option = models.ForeignKey(PollOption, on_delete=models.CASCADE, related_name="votes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    points = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["option", "by"], name="one_vote_per_person_and_option"),
            models.CheckConstraint(condition=models.Q(points__gte=1), name="a_vote_gives_points"),
        ]

    def __str__(self) -> str:
        return f"{self.points} for {self.option}"
