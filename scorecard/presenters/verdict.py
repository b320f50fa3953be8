"""The sentence above the matrix: what the cells say, counted and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.formatting import counted, sentence_list
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Status
from kpis.matrix import Row

JUDGED = (Status.MET, Status.NEAR, Status.MISSED)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of the sentence, underlined in the colour of its status where it carries one."""

    text: str
    css_class: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """One tier's cells by status."""

    tier: Tier
    counts: Counter[Status]

    @property
    def judged(self) -> int:
        """Cells with a verdict against a target."""
        return sum(self.counts[status] for status in JUDGED)

    @property
    def missed(self) -> int:
        """Cells that missed their target."""
        return self.counts[Status.MISSED]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A headline in phrases and a sentence under it."""

    headline: tuple[Phrase, ...]
    detail: str


def tally(tiers: Sequence[Tier], rows: Sequence[Row]) -> list[Tally]:
    """Each column's cells by status, in the columns' order."""
    return [Tally(tier, Counter(Status(row.cells[place].status) for row in rows)) for place, tier in enumerate(tiers)]


def all_counts(tallies: Sequence[Tally]) -> Counter[Status]:
    """All cells by status."""
    return sum((one.counts for one in tallies), Counter())


def verdict(tiers: Sequence[Tier], rows: Sequence[Row]) -> Verdict:
    """What the matrix says in a sentence or two.

    The headline is about the tiers; all customers, who hold the same facts again, are only named where
    no tier has a verdict of its own.
    """
    tallies = tally(tiers, rows)
    real = [one for one in tallies if one.tier.scope == TierScope.TIER and one.judged]
    judged = real or [one for one in tallies if one.judged]
    if not judged:
        return Verdict((Phrase("No cell can be judged yet."),), _why_unjudged(tallies))
    worst = sorted((one for one in judged if one.missed), key=lambda one: (-one.missed, -one.missed / one.judged))
    if not worst:
        return _nothing_missed(judged)
    return Verdict(_missed(worst[0]), _others(worst, judged))


def _missed(worst: Tally) -> tuple[Phrase, ...]:
    if worst.judged == 1:
        return (Phrase(f"{worst.tier.name} missed its one target", Status.MISSED.css_class), Phrase("."))
    how_many = "all" if worst.missed == worst.judged else str(worst.missed)
    text = f"{worst.tier.name} missed {how_many} of its {worst.judged} targets"
    return (Phrase(text, Status.MISSED.css_class), Phrase("."))


def _others(worst: Sequence[Tally], judged: Sequence[Tally]) -> str:
    """The other tiers, worst first: ``Silver missed 2 of 10 and Bronze 1 of 9; Platinum missed none of 10.``"""
    some = [f"{one.tier.name} {'missed ' if place == 0 else ''}{_of(one)}" for place, one in enumerate(worst[1:])]
    clean = [f"{one.tier.name} missed none of {one.judged}" for one in judged if not one.missed]
    parts = [sentence_list(some)] if some else []
    text = "; ".join([*parts, *clean])
    return f"{text}." if text else ""


def _of(one: Tally) -> str:
    return f"{one.missed} of {one.judged}"


def _nothing_missed(judged: Sequence[Tally]) -> Verdict:
    counts = all_counts(judged)
    total = sum(counts[status] for status in JUDGED)
    if not counts[Status.NEAR]:
        what = "The one target was met" if total == 1 else f"All {total} targets were met"
        return Verdict((Phrase(what, Status.MET.css_class), Phrase(".")), "")
    near = [f"{one.tier.name} {one.counts[Status.NEAR]}" for one in judged if one.counts[Status.NEAR]]
    headline = (Phrase("No target was missed", Status.MET.css_class), Phrase("; "))
    tail = Phrase(f"{counts[Status.NEAR]} of {total} came near", Status.NEAR.css_class)
    return Verdict((*headline, tail, Phrase(".")), f"Near: {sentence_list(near)}.")


def _why_unjudged(tallies: Sequence[Tally]) -> str:
    counts = all_counts(tallies)
    reasons = [
        (counts[Status.PARTIAL], "partial: a part is not held against a whole target"),
        (counts[Status.NO_TARGET], "without an approved target"),
        (counts[Status.NO_DATA], "without data"),
    ]
    told = [f"{counted(count, 'cell')} {'is' if count == 1 else 'are'} {why}" for count, why in reasons if count]
    text = "; ".join(told)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
