"""The headline of a period, for the home page, the board pack and the digest: what the numbers say, each clause a link
to the list that it counts.

``18 of 98 targets missed, 10 in Gold. 11 numbers really got worse, 3 better; 2 will go on missing with nobody on
them. 5 of 34 initiatives late today, 39 % of customers’ pain unanswered, 3 customers won net.``
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse

from core.editions import Served, carrying
from core.formatting import counted, number
from core.links import with_period
from core.periods import Period
from core.sentences import Phrase, Sentence
from initiatives.choices import ScheduleStatus, Stage
from initiatives.pages.counts import list_address
from initiatives.pages.coverage import percent
from kpis.choices import Beyond, Status
from kpis.reading.matrix import Matrix
from scorecard.pages.verdict import Tally, all_counts, of_tiers, tally

MISSED, NEAR, MET = (status.css_class for status in (Status.MISSED, Status.NEAR, Status.MET))
_MOVED = {Beyond.WORSE: ("got worse", MISSED), Beyond.BETTER: ("better", MET), Beyond.CHANGED: ("changed", "")}


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted. ``moved`` are the counted cells beyond the noise, ``charted`` whether any of them is charted, so
    that the absence of a signal says something; ``alone`` the capability gaps that nothing running serves.

    ``today``: initiatives are counted as of today though the period has ended. ``unanswered`` is the share of the pain
    that nothing running serves (None: nobody told of any), ``net`` who joined and returned less who left (None: nobody
    did, or most who came were customers before).
    """

    tallies: Sequence[Tally]
    to_date: bool
    moved: Counter[Beyond]
    charted: bool
    alone: int
    running: int
    late: int
    today: bool
    unanswered: Fraction | None
    net: int | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where the lists stand that clauses count; ``gaps_here`` where the gaps do on the page itself, empty where it has
    none. ``served`` says whose values they show: where it is not given, those that answer for the period.
    """

    period: Period
    gaps_here: str = ""
    served: Served | None = None

    @property
    def gaps(self) -> str:
        """The capability gaps: those on the page itself, else in the period's matrix."""
        return self.gaps_here or self.matrix(signal=Beyond.GAP.value)

    def matrix(self, **asked: str) -> str:
        """The period's matrix, filtered."""
        url = reverse("matrix", args=[self.period.code])
        return self._carried(f"{url}?{urlencode(asked)}" if asked else url)

    def page(self, name: str) -> str:
        """A page of the period."""
        return self._carried(with_period(reverse(name), self.period.code))

    def _carried(self, url: str) -> str:
        return carrying(url, self.served) if self.served else url

    def initiatives(self, **asked: str) -> str:
        """The register, filtered."""
        return with_period(list_address(asked) if asked else reverse("initiatives"), self.period.code)


def tallies_of(matrix: Matrix) -> list[Tally]:
    """The columns that sentences count, each with its cells by status."""
    return of_tiers(tally(matrix.tiers, matrix.rows))


def say(counts: Counts, places: Places) -> Sentence:
    """The sentences that have something to say, with what stands between them."""
    sentences = [list(clauses(counts, places)) for clauses in (_targets, _signals, _deeds)]
    found: list[Phrase] = []
    for clauses in sentences:
        if clauses:
            found += [Phrase(" ")] if found else []
            found += [*clauses, Phrase(".")]
    return tuple(found)


# -- targets


def _targets(counts: Counts, places: Places) -> Iterator[Phrase]:
    judged = sum(one.judged for one in counts.tallies)
    if not judged:
        yield Phrase("No target can be judged yet", "", places.matrix())
    elif counts.to_date and _waiting(counts.tallies) > judged:
        cells = counted(all_counts(counts.tallies).total(), "cell")
        yield Phrase(f"Too early to say: {judged} of {cells} can be judged so far", "", places.matrix())
        yield from _missed(counts, places)
    else:
        yield from _judged(counts, judged, places)


def _judged(counts: Counts, judged: int, places: Places) -> Iterator[Phrase]:
    missed, so_far = sum(one.missed for one in counts.tallies), " so far" if counts.to_date else ""
    of = f"of {counted(judged, 'target')}"
    if not missed:
        yield Phrase(f"None {of} missed{so_far}", MET, places.matrix())
        return
    yield Phrase(f"{number(missed)} {of} missed{so_far}", MISSED, places.matrix(status=Status.MISSED.value))
    yield from _worst(counts.tallies, missed, places)


def _missed(counts: Counts, places: Places) -> Iterator[Phrase]:
    if missed := sum(one.missed for one in counts.tallies):
        yield Phrase(", ")
        yield Phrase(f"{number(missed)} missed", MISSED, places.matrix(status=Status.MISSED.value))
        yield from _worst(counts.tallies, missed, places)


def _worst(found: Sequence[Tally], missed: int, places: Places) -> Iterator[Phrase]:
    """Where most were missed: ``, 10 in Gold``; nothing where there is one tier, or several have as many."""
    first, *others = sorted(found, key=lambda one: -one.missed)
    if others and first.missed > others[0].missed:
        how_many = "" if missed == 1 else "all " if first.missed == missed else f"{number(first.missed)} "
        url = places.matrix(status=Status.MISSED.value, tier=first.tier.code)
        yield Phrase(", ")
        yield Phrase(f"{how_many}in {first.tier.name}", MISSED, url)


def _waiting(found: Sequence[Tally]) -> int:
    """Cells that wait for numbers."""
    counts = all_counts(found)
    return counts[Status.PARTIAL] + counts[Status.NO_DATA]


# -- signals


def _signals(counts: Counts, places: Places) -> Iterator[Phrase]:
    """``11 numbers really got worse, 3 better; 2 will go on missing with nobody on them``."""
    moved = list(_moved(counts.moved, places))
    if not moved and not counts.charted:
        return
    yield from moved or [Phrase("No number really changed", "", places.matrix())]
    if counts.alone:
        yield Phrase("; ")
        whom = "it" if counts.alone == 1 else "them"
        yield Phrase(f"{number(counts.alone)} will go on missing with nobody on {whom}", MISSED, places.gaps)


def _moved(counts: Counter[Beyond], places: Places) -> Iterator[Phrase]:
    first = True
    for beyond, (word, css_class) in _MOVED.items():
        if how_many := counts[beyond]:
            verb = "got better" if first and beyond == Beyond.BETTER else word
            text = f"{counted(how_many, 'number')} really {verb}" if first else f"{number(how_many)} {word}"
            if not first:
                yield Phrase(", ")
            yield Phrase(text, css_class, places.matrix(signal=beyond.value))
            first = False


# -- what is done, and for whom


def _deeds(counts: Counts, places: Places) -> Iterator[Phrase]:
    """``5 of 34 initiatives late, 39 % of customers’ pain unanswered, 3 customers won net``."""
    clauses = [clause for clause in (one(counts, places) for one in (_late, _pain, _customers)) if clause]
    for place, clause in enumerate(clauses):
        if place:
            yield Phrase(", ")
        yield clause


def _late(counts: Counts, places: Places) -> Phrase:
    today = " today" if counts.today else ""
    if not counts.running:
        return Phrase(f"No initiative runs{today}", MISSED, places.initiatives())
    of = f"of {counted(counts.running, 'initiative')}"
    if not counts.late:
        return Phrase(f"None {of} late{today}", MET, places.initiatives(stage=Stage.IN_PROGRESS.value))
    url = places.initiatives(status=ScheduleStatus.LATE.value)
    return Phrase(f"{number(counts.late)} {of} late{today}", NEAR, url)


def _pain(counts: Counts, places: Places) -> Phrase | None:
    """None where nobody told of any."""
    if counts.unanswered is None:
        return None
    if not counts.unanswered:
        return Phrase("all of customers’ pain answered", MET, places.page("coverage"))
    share = percent(counts.unanswered)
    return Phrase(f"{share} of customers’ pain unanswered", MISSED, places.page("coverage"))


def _customers(counts: Counts, places: Places) -> Phrase | None:
    """Joined and returned less left."""
    if counts.net is None:
        return None
    so_far = " so far" if counts.to_date else ""
    if not counts.net:
        return Phrase(f"as many customers won as lost{so_far}", "", places.page("growth"))
    won = counts.net > 0
    words = f"{counted(abs(counts.net), 'customer')} {'won' if won else 'lost'} net{so_far}"
    return Phrase(words, MET if won else MISSED, places.page("growth"))
