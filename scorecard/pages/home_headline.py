"""What the headline of the home page counts (``headline`` says it)."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from core.sentences import Sentence
from kpis.choices import Beyond
from scorecard.pages.headline import Counts, Places, say, tallies_of
from scorecard.reading.home import Home

GAPS = "#gaps"  # where the gaps that nobody is on stand


def headline(home: Home) -> Sentence:
    """The verdict in a few sentences, each clause a link."""
    return say(counts_of(home), places_of(home))


def matrix_list(home: Home, **asked: str) -> str:
    """The period's matrix, filtered."""
    return places_of(home).matrix(**asked)


def places_of(home: Home) -> Places:
    """Where the lists of the page's period stand."""
    return Places(home.period, GAPS, home.served)


def counts_of(home: Home) -> Counts:
    """Initiatives as of today, whichever period is shown."""
    return Counts(
        tallies=tallies_of(home.matrix),
        to_date=home.matrix.to_date,
        moved=Counter({beyond: len(home.beyond(beyond)) for beyond in Beyond}),
        charted=home.has_charts,
        alone=len(home.open_gaps),
        running=home.now.running,
        late=home.now.late,
        today=home.then is not None,
        unanswered=Fraction(home.coverage.uncovered, home.coverage.weight) if home.coverage.weight else None,
        net=_net(home),
    )


def _net(home: Home) -> int | None:
    """None where nobody came or went, or most who came were customers before."""
    total = home.growth.total
    if total is None or home.starts or not (total.joined or total.returned or total.left):
        return None
    return total.net
