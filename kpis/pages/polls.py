"""What one poll shows to one person: their own answers, others' once they gave one, options, votes, and the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.choices import Verb
from accounts.models import AuditEntry, User
from accounts.reading.audit import ShownEntry, show_entries
from accounts.rights import Right
from core.formatting import counted, sentence_list
from kpis.choices import Indicator, PollStage
from kpis.models import Kpi, Poll, PollAnswer, PollOption, PollVote
from kpis.pages.link_lines import LinkLine, lines_about


def polls_of(user: User) -> QuerySet[Poll]:
    """Those that the person may look at: stewards all; others where they are invited, or what is decided."""
    if user.has_perm(Right.MANAGE_KPIS):
        return Poll.objects.all()
    return Poll.objects.filter(Q(invited=user) | Q(stage=PollStage.DECIDED)).distinct()


@dataclass(frozen=True, slots=True)
class ShownOption:
    """An option with its answers as they were given, its points, and those of the person who looks.

    ``links`` is what is known of where the KPI leads that it became, or that is called the same.
    """

    option: PollOption
    answers: tuple[PollAnswer, ...]
    points: int | None
    mine: int
    links: tuple[LinkLine, ...] = ()


class PollPage:
    """A poll as one person may see it."""

    indicators = Indicator.choices

    def __init__(self, poll: Poll, user: User) -> None:
        self.poll, self.user = poll, user
        self.steward = user.has_perm(Right.MANAGE_KPIS)
        self.people = list(poll.invited.all())
        self.invited = user in self.people
        self._answers = list(poll.answers.select_related("by"))
        self.own = [answer for answer in self._answers if answer.by_id == user.pk]

    @property
    def stage(self) -> str:
        """The stage's code."""
        return self.poll.stage

    @property
    def answering(self) -> bool:
        """Whether answers are taken."""
        return self.poll.stage == PollStage.ANSWERING

    @property
    def merging(self) -> bool:
        """Whether answers are merged and classified."""
        return self.poll.stage == PollStage.MERGING

    @property
    def voting(self) -> bool:
        """Whether points are given."""
        return self.poll.stage == PollStage.VOTING

    @property
    def decided(self) -> bool:
        """Whether the short list stands."""
        return self.poll.stage == PollStage.DECIDED

    @property
    def sees_answers(self) -> bool:
        """Others' answers: after giving one; when answers are closed stewards see them, and in the vote all do."""
        return bool(self.own) or self.voting or self.decided or (self.merging and self.steward)

    @property
    def others(self) -> list[PollAnswer]:
        """Others' answers while answers are taken; none before the person gave one."""
        return [answer for answer in self._answers if answer.by_id != self.user.pk] if self.sees_answers else []

    @property
    def heard(self) -> str:
        """How many have answered, in words."""
        return f"{len({answer.by_id for answer in self._answers})} of {counted(len(self.people), 'person', 'people')}"

    @cached_property
    def has_voted(self) -> bool:
        """Whether the person gave points."""
        return PollVote.objects.filter(option__poll=self.poll, by=self.user).exists()

    @property
    def sees_points(self) -> bool:
        """How others voted: after voting, or once it is decided; stewards who are not invited see it too."""
        return self.decided or self.has_voted or (self.voting and self.steward and not self.invited)

    @property
    def voters(self) -> int:
        """How many gave points."""
        return PollVote.objects.filter(option__poll=self.poll).values("by").distinct().count()

    @cached_property
    def options(self) -> list[ShownOption]:
        """The options, most points first where they may be seen; none while the person may not see answers."""
        if not self.sees_answers:
            return []
        mine = dict(PollVote.objects.filter(option__poll=self.poll, by=self.user).values_list("option", "points"))
        rows: list[Any] = list(
            self.poll.options.select_related("kpi").annotate(given=Coalesce(Sum("votes__points"), 0))
        )
        links = self._links(rows)
        shown = [self._shown(row, mine.get(row.pk, 0), links.get(row.pk, ())) for row in rows]
        return sorted(shown, key=lambda one: -(one.points or 0))

    @property
    def unclassified(self) -> int:
        """How many options are neither leading nor trailing."""
        return sum(not shown.option.indicator for shown in self.options)

    @cached_property
    def log(self) -> list[tuple[AuditEntry, str]]:
        """Who did what, oldest first; merges and decisions once the person may see answers."""
        rows = AuditEntry.objects.filter(object_type="kpis.poll", object_id=str(self.poll.pk)).select_related("by")
        told = (entry for entry in rows.order_by("pk") if self.sees_answers or entry.verb in _OPEN)
        return [(one.entry, said(one)) for one in show_entries(told, self.user)]

    def _links(self, rows: list[Any]) -> dict[int, tuple[LinkLine, ...]]:
        """What is known of where each option leads, by its id: once points are given, or the short list stands."""
        if not (self.voting or self.decided):
            return {}
        named = dict(Kpi.objects.filter(name__in=[row.text for row in rows]).values_list("name", "pk"))
        kpis = {row.pk: row.kpi_id or named.get(row.text) for row in rows}
        lines = lines_about({kpi for kpi in kpis.values() if kpi})
        return {pk: tuple(lines.get(kpi, ())) for pk, kpi in kpis.items() if kpi}

    def _shown(self, row: Any, mine: int, links: tuple[LinkLine, ...]) -> ShownOption:
        answers = tuple(answer for answer in self._answers if answer.option_id == row.pk)
        return ShownOption(row, answers, row.given if self.sees_points else None, mine, links)


_OPEN = frozenset({Verb.OPENED, Verb.INVITED, Verb.ANSWERED, Verb.CLOSED_ANSWERS, Verb.OPENED_THE_VOTE, Verb.VOTED})

_SAID: dict[str, str] = {
    Verb.OPENED: "opened the poll for {invited}",
    Verb.INVITED: "invited {people}",
    Verb.CLOSED_ANSWERS: "closed {answers}: {options}",
    Verb.MERGED: "merged {old_options} into “{option}”",
    Verb.RENAMED: "renamed {old_options} to “{option}”",
    Verb.TOOK_OUT: "took “{option}” out of “{old_option}”",
    Verb.CLASSIFIED: "classified “{option}” as {indicator}",
    Verb.OPENED_THE_VOTE: "opened the vote on {options}",
    Verb.VOTED: "gave {points}",
    Verb.DECIDED: "decided: {shortlist} on the short list",
    Verb.MADE_A_KPI: "made the KPI {kpi} of “{option}”",
}


def said(entry: ShownEntry) -> str:
    """An entry of a poll's log in words, without who."""
    words = {name: _word(name, value) for name, value in (entry.after or {}).items()}
    words |= {f"old_{name}": _word(name, value) for name, value in (entry.before or {}).items()}
    return _SAID.get(entry.entry.verb, entry.entry.verb).format_map(words)


def _word(name: str, value: Any) -> str:
    """What an entry kept under a name: people counted or named, options quoted, numbers with their noun."""
    if isinstance(value, int):
        return counted(value, name.removesuffix("s"))
    if name == "invited":
        return counted(len(value), "person", "people")
    if isinstance(value, list):
        return sentence_list(value) if name == "people" else _quoted(value)
    return str(value)


def _quoted(names: Iterable[str]) -> str:
    return sentence_list(f"“{name}”" for name in names)
