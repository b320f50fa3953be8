"""A digest's letter, made from the pack's value: of the same numbers as every other thing that leaves the house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from accounts.models import User
from core.formatting import counted, day_name, sentence_list
from customers.choices import TierScope
from kpis.choices import Assurance, Signal
from kpis.models import Kpi
from scorecard.choices import Aspect
from scorecard.models import Subscription
from scorecard.reading.digest_letter import Letter, LetterLine
from scorecard.reading.digests import Digest
from scorecard.reading.transitions import Changed, changed_since
from scorecard.reports.composing import compose_pack
from scorecard.reports.pack import Pack, Told

LINES = 8  # of each sort that a letter writes out


def compose_letter(due: Digest, reader: User, last: datetime | None) -> Letter:
    """The letter of a digest as its person may read it; ``last`` is when they had one, None for the first."""
    pack = compose_pack(due.period, due.edition, reader)
    wanted = _Cut(due.subscription)
    changes = [one for one in pack.changes if wanted.has(one)]
    worse = [one for one in changes if one.cell.signal == Signal.WORSE]
    better = [one for one in changes if one.cell.signal == Signal.BETTER]
    gaps = [one for one in pack.gaps if wanted.has(one) and one not in worse]
    return Letter(
        title=pack.title,
        state=pack.state,
        url=reverse("scorecard" if due.edition else "matrix", args=[due.period.code]),
        headline=pack.headline,
        cut=wanted.words,
        summary=pack.summary,
        worse=_lines(pack, worse),
        better=_lines(pack, better),
        gaps=_lines(pack, gaps),
        more=sum(len(found[LINES:]) for found in (worse, better, gaps)),
        since=_since(last, wanted) if last else "",
    )


class _Cut:
    """What of the pack a person wants: some tiers, the KPIs of some departments; all where they chose none."""

    def __init__(self, subscription: Subscription) -> None:
        tiers, departments = list(subscription.tiers.all()), list(subscription.departments.all())
        self.tiers = {one.code for one in tiers}
        self.tier_ids = {one.pk for one in tiers}
        kpis = Kpi.objects.filter(department__in=departments) if departments else None
        self.kpis = None if kpis is None else dict(kpis.values_list("code", "pk"))
        chosen = [*(one.name for one in tiers), *(one.name for one in departments)]
        self.words = f"Cut down to {sentence_list(chosen)}; the sentences above are of all." if chosen else ""

    def has(self, told: Told) -> bool:
        """Whether a cell is among it."""
        named = told.column.code in self.tiers if self.tiers else told.column.scope == TierScope.TIER
        return named and (self.kpis is None or told.kpi in self.kpis)

    def has_change(self, one: Changed) -> bool:
        """Whether a transition is of such a cell."""
        named = one.last.tier_id in self.tier_ids if self.tier_ids else one.last.tier.scope == TierScope.TIER
        return named and (self.kpis is None or one.last.kpi_id in self.kpis.values())


def _lines(pack: Pack, found: Sequence[Told]) -> tuple[LetterLine, ...]:
    return tuple(_line(pack, one) for one in found[:LINES])


def _line(pack: Pack, one: Told) -> LetterLine:
    url = reverse("cell", args=[pack.period.code, one.kpi, one.column.code])
    told = [part for part in (one.cell.words, one.narrative) if part]
    return LetterLine(one.title, "; ".join(told), url, one.served)


_CHANGES = {
    (Aspect.SIGNAL, Signal.WORSE): "really got worse",
    (Aspect.SIGNAL, Signal.BETTER): "really got better",
    (Aspect.ASSURANCE, Assurance.WILL_MISS): "will go on missing as it runs",
}


def _since(last: datetime, wanted: _Cut) -> str:
    """``Since your digest of 10 October 2026: 3 cells really got worse, 1 really got better.``"""
    kinds = Counter((one.last.aspect, one.after) for one in changed_since(last) if wanted.has_change(one))
    parts = [f"{counted(kinds[kind], 'cell')} {words}" for kind, words in _CHANGES.items() if kinds[kind]]
    said = sentence_list(parts) if parts else "nothing really changed, as far as the record was compared"
    return f"Since your digest of {day_name(last.date())}: {said}."
