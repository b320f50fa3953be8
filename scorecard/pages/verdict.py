"""The sentence above the matrix: what the cells say, counted and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from core.formatting import counted
from core.sentences import Phrase, Sentence, listed
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Beyond, Status
from kpis.reading.matrix import Row

JUDGED = (Status.MET, Status.NEAR, Status.MISSED)


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
    """A headline whose parts lead to the cells that they count, and a sentence under it."""

    headline: Sentence
    detail: Sentence


def head_name(tier: Tier) -> tuple[str, str]:
    """What heads a tier's column, and apart from it what a phone leaves out: ``All``, `` customers``."""
    if tier.scope != TierScope.ALL:
        return tier.name, ""
    first, _, more = tier.name.partition(" ")
    return first, f" {more}" if more else ""


def tally(tiers: Sequence[Tier], rows: Sequence[Row]) -> list[Tally]:
    """Each column's cells by status, in the columns' order."""
    return [Tally(tier, Counter(Status(row.cells[place].status) for row in rows)) for place, tier in enumerate(tiers)]


def all_counts(tallies: Sequence[Tally]) -> Counter[Status]:
    """All cells by status."""
    return sum((one.counts for one in tallies), Counter())


def of_tiers(tallies: Sequence[Tally]) -> list[Tally]:
    """Those that sentences and counts are made of: the tiers, for all customers hold the same facts again; these
    alone where no tier has a verdict of its own.
    """
    tiers = [one for one in tallies if one.tier.scope == TierScope.TIER]
    return tiers if any(one.judged for one in tiers) or not any(one.judged for one in tallies) else list(tallies)


def verdict(
    tiers: Sequence[Tier], rows: Sequence[Row], *, to_date: bool = False, base: Mapping[str, str] | None = None
) -> Verdict:
    """What the matrix says in a sentence or two; ``to_date`` says that it may still change.

    Its parts add up to the counts, and lead to the page filtered by status and tier, ``base`` (the filters in use)
    kept. Where most cells wait for numbers, it is too early to say.
    """
    found = of_tiers(tally(tiers, rows))
    judged = [one for one in found if one.judged]
    links = _Links(base or {})
    if not judged:
        return Verdict((Phrase("No cell can be judged yet."),), _why_unjudged(found, links))
    if to_date and _waiting(found) > sum(one.judged for one in judged):
        return _too_early(found, links)
    worst = sorted((one for one in judged if one.missed), key=lambda one: (-one.missed, -one.missed / one.judged))
    if not worst:
        return _nothing_missed(judged, " so far" if to_date else "", links)
    return Verdict(_missed(worst, [one for one in judged if not one.missed], to_date, links), ())


def beyond_noise(counts: Mapping[Beyond, int], base: Mapping[str, str]) -> Sentence:
    """``Beyond the noise 18 cells got worse and 7 cells got better. 2 cells are capability gaps.``; each is a link."""
    words = {Beyond.WORSE: "got worse", Beyond.BETTER: "got better", Beyond.CHANGED: "changed"}
    moved = [
        Phrase(f"{counted(counts[one], 'cell')} {word}", one.css_class, _beyond_link(one, base))
        for one, word in words.items()
        if counts.get(one)
    ]
    gaps = counts.get(Beyond.GAP, 0)
    what = "1 cell is a capability gap" if gaps == 1 else f"{gaps} cells are capability gaps"
    gap = [Phrase(what, Beyond.GAP.css_class, _beyond_link(Beyond.GAP, base)), Phrase(".")] if gaps else []
    begin = [Phrase("Beyond the noise "), *listed(moved), Phrase(". " if gap else ".")] if moved else []
    return (*begin, *gap)


def _beyond_link(beyond: Beyond, base: Mapping[str, str]) -> str:
    return f"?{urlencode({**base, 'signal': beyond.value})}"


@dataclass(frozen=True, slots=True)
class _Links:
    """The page of the cells that a phrase counts."""

    base: Mapping[str, str]

    def to(self, status: Status | None = None, tier: Tier | None = None) -> str:
        """Filtered by status, by tier, or both."""
        asked = {"status": status.value if status else "", "tier": tier.code if tier else ""}
        return f"?{urlencode({**self.base, **{name: value for name, value in asked.items() if value}})}"


def _missed(worst: Sequence[Tally], clean: Sequence[Tally], to_date: bool, links: _Links) -> Sentence:
    """``Gold missed 10 of its 26 targets, Silver 6 of 26 and Bronze none of 20.``, worst first."""
    first, *others = worst
    how_many = "all" if first.missed == first.judged else str(first.missed)
    what = "its one target" if first.judged == 1 else f"{how_many} of its {first.judged} targets"
    begin = f"{first.tier.name} {'misses' if to_date else 'missed'} {what}{' so far' if to_date else ''}"
    phrases = [_of_tier(begin, first, links)]
    phrases += [_of_tier(f"{one.tier.name} {one.missed} of {one.judged}", one, links) for one in others]
    phrases += [Phrase(f"{one.tier.name} none of {one.judged}", "", links.to(tier=one.tier)) for one in clean]
    return (*listed(phrases), Phrase("."))


def _of_tier(text: str, one: Tally, links: _Links) -> Phrase:
    return Phrase(text, Status.MISSED.css_class, links.to(Status.MISSED, one.tier))


def _nothing_missed(judged: Sequence[Tally], so_far: str, links: _Links) -> Verdict:
    counts = all_counts(judged)
    total = sum(counts[status] for status in JUDGED)
    if not counts[Status.NEAR]:
        what = "The one target was met" if total == 1 else f"All {total} targets were met"
        return Verdict((Phrase(what + so_far, Status.MET.css_class, links.to(Status.MET)), Phrase(".")), ())
    near = [
        Phrase(f"{one.tier.name} {one.counts[Status.NEAR]}", "", links.to(Status.NEAR, one.tier))
        for one in judged
        if one.counts[Status.NEAR]
    ]
    headline = (Phrase(f"No target was missed{so_far}", Status.MET.css_class, links.to(Status.MET)), Phrase("; "))
    tail = Phrase(f"{counts[Status.NEAR]} of {total} came near", Status.NEAR.css_class, links.to(Status.NEAR))
    return Verdict((*headline, tail, Phrase(".")), (Phrase("Near: "), *listed(near), Phrase(".")))


def _waiting(tallies: Sequence[Tally]) -> int:
    """Cells that wait for numbers."""
    counts = all_counts(tallies)
    return counts[Status.PARTIAL] + counts[Status.NO_DATA]


def _too_early(tallies: Sequence[Tally], links: _Links) -> Verdict:
    """``Too early to say: 8 of 104 cells can be judged so far, 2 missed and 6 met.``"""
    counts = all_counts(tallies)
    judged = sum(counts[status] for status in JUDGED)
    begin = f"Too early to say: {judged} of {counted(counts.total(), 'cell')} can be judged so far"
    some = [
        Phrase(f"{counts[status]} {status.label}", status.css_class, links.to(status))
        for status in reversed(JUDGED)
        if counts[status]
    ]
    return Verdict((Phrase(begin), Phrase(", "), *listed(some), Phrase(".")), _why_unjudged(tallies, links))


def _why_unjudged(tallies: Sequence[Tally], links: _Links) -> Sentence:
    counts = all_counts(tallies)
    reasons = {
        Status.PARTIAL: "partial: a part is not held against a whole target",
        Status.NO_TARGET: "without an approved target",
        Status.NO_DATA: "without data",
    }
    told: list[Phrase] = []
    for status, why in reasons.items():
        if number := counts[status]:
            told += [Phrase("; ")] if told else []
            told.append(Phrase(counted(number, "cell"), "", links.to(status)))
            told.append(Phrase(f" {'is' if number == 1 else 'are'} {why}"))
    return (*told, Phrase(".")) if told else ()
