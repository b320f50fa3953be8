"""The sentence above the matrix: what the cells say, counted and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.formatting import counted, sentence_list
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Status
from kpis.reading.matrix import Row

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


def verdict(tiers: Sequence[Tier], rows: Sequence[Row], *, to_date: bool = False) -> Verdict:
    """What the matrix says in a sentence or two; ``to_date`` says that it may still change.

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
        return _nothing_missed(judged, " so far" if to_date else "")
    return Verdict(_missed(worst[0], to_date), _others(worst, judged))


def _missed(worst: Tally, to_date: bool) -> tuple[Phrase, ...]:
    how_many = "all" if worst.missed == worst.judged else str(worst.missed)
    what = "its one target" if worst.judged == 1 else f"{how_many} of its {worst.judged} targets"
    text = f"{worst.tier.name} {'misses' if to_date else 'missed'} {what}{' so far' if to_date else ''}"
    return (Phrase(text, Status.MISSED.css_class), Phrase("."))


def _others(worst: Sequence[Tally], judged: Sequence[Tally]) -> str:
    """The other tiers, worst first: ``Missed: Silver 2 of 10 and Bronze 1 of 9; Platinum none of 10.``"""
    some = sentence_list(f"{one.tier.name} {one.missed} of {one.judged}" for one in worst[1:])
    clean = sentence_list(f"{one.tier.name} none of {one.judged}" for one in judged if not one.missed)
    text = "; ".join(part for part in (some, clean) if part)
    return f"Missed elsewhere: {text}." if text else ""


def _nothing_missed(judged: Sequence[Tally], so_far: str) -> Verdict:
    counts = all_counts(judged)
    total = sum(counts[status] for status in JUDGED)
    if not counts[Status.NEAR]:
        what = "The one target was met" if total == 1 else f"All {total} targets were met"
        return Verdict((Phrase(what + so_far, Status.MET.css_class), Phrase(".")), "")
    near = [f"{one.tier.name} {one.counts[Status.NEAR]}" for one in judged if one.counts[Status.NEAR]]
    headline = (Phrase(f"No target was missed{so_far}", Status.MET.css_class), Phrase("; "))
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
