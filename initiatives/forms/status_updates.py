"""What owners, reviewers and those who thank send."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from accounts.choices import LONGEST_WORD
from accounts.models import Thread
from core.fields import WordsFormField
from core.formatting import counted, day_name
from core.forms import DayField, Form, WholeFormField
from core.stale import SeenField, carry, stamped
from core.texts import sentence
from initiatives.choices import LONGEST_NOTE, Health, Response
from initiatives.mails.reminders import WEEKDAYS
from initiatives.models import Initiative, Milestone, ReminderTime, StatusUpdate
from initiatives.rules.status_updates import PROGRESS, word_problems


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone on the form: tick it, or give it another date and say why."""

    milestone: Milestone
    done: forms.BoundField
    due: forms.BoundField
    why: forms.BoundField
    was: forms.BoundField
    overdue: int

    @property
    def when(self) -> str:
        """``due on 3 May 2026``, ``12 days overdue``."""
        return f"{counted(self.overdue, 'day')} overdue" if self.overdue > 0 else f"due {day_name(self.milestone.due)}"

    @property
    def is_open(self) -> bool:
        """Whether the room for another date is shown: something was typed there, or is wrong."""
        return any(field.errors or field.value() for field in (self.due, self.why))


class UpdateForm(Form):
    """The owner's minute: health, progress, a sentence, milestones, and a new due date with its reason.

    New dates begin empty, so that whoever leaves them alone never takes back what somebody else set;
    ``was`` fields and ``seen`` tell what the person saw.
    """

    health = forms.ChoiceField(choices=Health, widget=forms.RadioSelect, label="How is it?")
    progress = WholeFormField(
        *PROGRESS,
        label="Progress in percent",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "step": 1, "min": PROGRESS[0], "max": PROGRESS[1]}),
    )
    note = WordsFormField(
        required=False,
        label="In one sentence",
        widget=forms.Textarea(
            attrs={"rows": 2, "maxlength": LONGEST_NOTE, "placeholder": "What happened, what comes next"}
        ),
    )
    due = DayField(required=False, label="New due date")
    due_reason = WordsFormField(required=False, max_length=500, label="Why it moves")
    due_was = forms.DateField(required=False, widget=forms.HiddenInput)
    seen = SeenField()

    def __init__(
        self,
        data: Any,
        *,
        initiative: Initiative,
        latest: StatusUpdate | None,
        today: date,
        questions: Sequence[Thread] = (),
    ) -> None:
        self.initiative, self.latest, self.today, self.questions = initiative, latest, today, questions
        self.typed: Any = data.copy() if data else None
        super().__init__(self.typed, initial=self._prefilled(), label_suffix="")
        self.milestones = self._milestones()
        for milestone in self.milestones:
            self.fields |= _fields_of(milestone)
        self.fields |= {f"answer_{thread.pk}": _answer_field() for thread in questions}

    def _prefilled(self) -> dict[str, Any]:
        seen = {"seen": stamped(mark_of(self.latest)), "due_was": self.initiative.due}
        if self.latest is None:
            return seen
        return seen | {"health": self.latest.health, "progress": self.latest.progress, "note": self.latest.note}

    def _milestones(self) -> list[Milestone]:
        """Those that are open, and those about which something was sent."""
        sent = [int(found[1]) for name in self.data if (found := re.fullmatch(r"(?:done|due)_(\d{1,18})", name))]
        wanted = Q(done_on=None, dropped_on=None) | Q(pk__in=[pk for pk in sent if self.data.get(f"due_{pk}")])
        return list(Milestone.objects.filter(wanted, initiative=self.initiative).order_by("due", "pk"))

    @property
    def steps(self) -> list[Step]:
        """The milestones as the page shows them."""
        return [self._step(row) for row in self.milestones]

    def _step(self, row: Milestone) -> Step:
        done, due, why, was = (self[f"{part}_{row.pk}"] for part in ("done", "due", "why", "was"))
        return Step(row, done, due, why, was, (self.today - row.due).days)

    @property
    def asked(self) -> list[tuple[Thread, forms.BoundField]]:
        """The open questions, each with the field that answers it."""
        return [(thread, self[f"answer_{thread.pk}"]) for thread in self.questions]

    @property
    def answers(self) -> list[tuple[Thread, str]]:
        """The questions that were answered."""
        given = self.cleaned_data
        return [(thread, text) for thread in self.questions if (text := given.get(f"answer_{thread.pk}"))]

    @property
    def moves_due(self) -> bool:
        """Whether the room for a new due date is shown."""
        return any(self[name].errors or self[name].value() for name in ("due", "due_reason"))

    def clean(self) -> dict[str, Any]:
        """The word is as at every door; a new date needs a reason, and undoes none that somebody set meanwhile."""
        given = self.cleaned_data
        if given.get("progress") is not None and "note" in given:
            for name, why in list(word_problems(given["progress"], given["note"])):
                self.add_error(name, sentence(why))
        self._check_move("due", "due_reason", "due_was", self.initiative.due)
        for row in self.milestones:
            self._check_move(f"due_{row.pk}", f"why_{row.pk}", f"was_{row.pk}", row.due)
            if given.get(f"done_{row.pk}") and given.get(f"due_{row.pk}"):
                self.add_error(f"due_{row.pk}", "Tick it or give it another date, not both.")
        return given

    def _check_move(self, to: str, why: str, was: str, now: date | None) -> None:
        given = self.cleaned_data
        moved = given.get(to)
        if moved and moved != now and not given.get(why):
            self.add_error(why, "Say why it moves; one short sentence is enough.")
        if given.get(why) and not moved and to not in self.errors:
            self.add_error(to, "Choose the new date, or take the reason out.")
        if moved and moved != now and given.get(was) != now:
            stands = f"Somebody else moved it to {day_name(now)} meanwhile." if now else "Somebody else changed it."
            self.add_error(to, f"{stands} Send again if your date is to stand.")
            self.typed[was] = now.isoformat() if now else ""

    def take_notice(self, newer: StatusUpdate) -> None:
        """What was typed stays; sent again, it comes after the update that the person now sees."""
        self.latest = newer
        carry(self, stamped(mark_of(newer)))
        self.typed = self.data
        self.typed["due_was"] = self.initiative.due.isoformat() if self.initiative.due else ""

    @property
    def ticked(self) -> list[int]:
        """The milestones that are done."""
        return [row.pk for row in self.milestones if self.cleaned_data.get(f"done_{row.pk}")]

    @property
    def redated(self) -> dict[int, tuple[date, str]]:
        """The milestones that get another date, and why."""
        given = self.cleaned_data
        return {
            row.pk: (given[f"due_{row.pk}"], given[f"why_{row.pk}"])
            for row in self.milestones
            if given.get(f"due_{row.pk}")
        }


def mark_of(update: StatusUpdate | None) -> str:
    """What a form keeps of the latest update that it showed."""
    return f"{update.pk}.{update.revision}" if update else ""


def _answer_field() -> forms.Field:
    return WordsFormField(
        required=False, max_length=LONGEST_WORD, label="Your answer", widget=forms.Textarea(attrs={"rows": 2})
    )


def _fields_of(row: Milestone) -> dict[str, forms.Field]:
    return {
        f"done_{row.pk}": forms.BooleanField(required=False, label=row.title),
        f"due_{row.pk}": DayField(required=False, label="New date"),
        f"why_{row.pk}": WordsFormField(required=False, max_length=500, label="Why it moves"),
        f"was_{row.pk}": forms.DateField(required=False, widget=forms.HiddenInput, initial=row.due),
    }


class ResponseForm(Form):
    """A reviewer's answer to an update."""

    verb = forms.ChoiceField(choices=Response)
    text = WordsFormField(required=False, max_length=LONGEST_WORD)


class ThanksForm(Form):
    """Thanks for an initiative."""

    text = WordsFormField(
        max_length=500, label="Thank them", widget=forms.Textarea(attrs={"rows": 2, "placeholder": "What for"})
    )


class ReminderForm(Form):
    """When the weekly mail comes."""

    weekday = forms.TypedChoiceField(coerce=int, choices=list(enumerate(WEEKDAYS)), label="Day")
    hour = forms.TypedChoiceField(coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)], label="Time")

    def __init__(self, data: Any, *, chosen: ReminderTime) -> None:
        super().__init__(data, initial={"weekday": chosen.weekday, "hour": chosen.hour}, label_suffix="")
