"""The headline of the home page: what the numbers say, each clause a link to the list that it counts.

``18 of 98 targets missed, 10 in Gold. 11 numbers really got worse, 3 better; 2 will go on missing with nobody on
them. 5 of 34 initiatives late today, 39 % of customers’ pain unanswered, 3 customers won net.``
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse

from core.editions import carrying
from core.formatting import counted, number
from core.links import with_period
from core.sentences import Phrase, Sentence
from initiatives.choices import ScheduleStatus, Stage
from initiatives.pages.coverage import percent
from initiatives.pages.links import list_address
from kpis.choices import Beyond, Status
from scorecard.pages.verdict import Tally, all_counts, of_tiers, tally
from scorecard.reading.home import Home

MISSED, NEAR, MET = (status.css_class for status in (Status.MISSED, Status.NEAR, Status.MET))
GAPS = "#gaps"  # where the gaps that nobody is on stand


def headline(home: Home) -> Sentence:
    """The sentences that have something to say, with what stands between them."""
    sentences = [list(clauses) for clauses in (_targets(home), _signals(home), _deeds(home))]
    found: list[Phrase] = []
    for clauses in sentences:
        if clauses:
            found += [Phrase(" ")] if found else []
            found += [*clauses, Phrase(".")]
    return tuple(found)


def matrix_list(home: Home, **asked: str) -> str:
    """The period's matrix, filtered."""
    url = reverse("matrix", args=[home.period.code])
    return carrying(f"{url}?{urlencode(asked)}" if asked else url, home.served)


def tallies_of(home: Home) -> list[Tally]:
    """The columns that sentences count, each with its cells by status."""
    return of_tiers(tally(home.matrix.tiers, home.matrix.rows))


# -- targets


def _targets(home: Home) -> Iterator[Phrase]:
    found = tallies_of(home)
    judged = sum(one.judged for one in found)
    if not judged:
        yield Phrase("No target can be judged yet", "", matrix_list(home))
    elif home.matrix.to_date and _waiting(found) > judged:
        cells = counted(all_counts(found).total(), "cell")
        yield Phrase(f"Too early to say: {judged} of {cells} can be judged so far", "", matrix_list(home))
        yield from _missed(found, "", home)
    else:
        yield from _judged(found, judged, home)


def _judged(found: Sequence[Tally], judged: int, home: Home) -> Iterator[Phrase]:
    missed, so_far = sum(one.missed for one in found), " so far" if home.matrix.to_date else ""
    of = f"of {counted(judged, 'target')}"
    if not missed:
        yield Phrase(f"None {of} missed{so_far}", MET, matrix_list(home))
        return
    yield Phrase(f"{number(missed)} {of} missed{so_far}", MISSED, matrix_list(home, status=Status.MISSED.value))
    yield from _worst(found, missed, home)


def _missed(found: Sequence[Tally], so_far: str, home: Home) -> Iterator[Phrase]:
    if missed := sum(one.missed for one in found):
        yield Phrase(", ")
        yield Phrase(f"{number(missed)} missed{so_far}", MISSED, matrix_list(home, status=Status.MISSED.value))
        yield from _worst(found, missed, home)


def _worst(found: Sequence[Tally], missed: int, home: Home) -> Iterator[Phrase]:
    """Where most were missed: ``, 10 in Gold``; nothing where there is one tier, or several have as many."""
    first, *others = sorted(found, key=lambda one: -one.missed)
    if others and first.missed > others[0].missed:
        how_many = "" if missed == 1 else "all " if first.missed == missed else f"{number(first.missed)} "
        url = matrix_list(home, status=Status.MISSED.value, tier=first.tier.code)
        yield Phrase(", ")
        yield Phrase(f"{how_many}in {first.tier.name}", MISSED, url)


def _waiting(found: Sequence[Tally]) -> int:
    """Cells that wait for numbers."""
    counts = all_counts(found)
    return counts[Status.PARTIAL] + counts[Status.NO_DATA]


# -- signals


def _signals(home: Home) -> Iterator[Phrase]:
    """``11 numbers really got worse, 3 better; 2 will go on missing with nobody on them``."""
    counts = beyond_counts(home)
    moved = list(_moved(counts, home))
    if not moved and not home.has_charts:
        return
    yield from moved or [Phrase("No number really changed", "", matrix_list(home))]
    if left := len(home.open_gaps):
        yield Phrase("; ")
        whom = "it" if left == 1 else "them"
        yield Phrase(f"{number(left)} will go on missing with nobody on {whom}", MISSED, GAPS)


def _moved(counts: Counter[Beyond], home: Home) -> Iterator[Phrase]:
    words = {Beyond.WORSE: ("got worse", MISSED), Beyond.BETTER: ("better", MET), Beyond.CHANGED: ("changed", "")}
    first = True
    for beyond, (word, css_class) in words.items():
        if how_many := counts[beyond]:
            verb = "got better" if first and beyond == Beyond.BETTER else word
            text = f"{counted(how_many, 'number')} really {verb}" if first else f"{number(how_many)} {word}"
            if not first:
                yield Phrase(", ")
            yield Phrase(text, css_class, matrix_list(home, signal=beyond.value))
            first = False


def beyond_counts(home: Home) -> Counter[Beyond]:
    """How many counted cells go beyond the noise, and in which way."""
    return Counter({beyond: len(home.beyond(beyond)) for beyond in Beyond})


# -- what is done, and for whom


def _deeds(home: Home) -> Iterator[Phrase]:
    """``5 of 34 initiatives late, 39 % of customers’ pain unanswered, 3 customers won net``."""
    clauses = [clause for clause in (_late(home), _pain(home), _customers(home)) if clause]
    for place, clause in enumerate(clauses):
        if place:
            yield Phrase(", ")
        yield clause


def _late(home: Home) -> Phrase:
    """Of what runs today, whichever period is shown."""
    now, today = home.now, "" if home.then is None else " today"
    if not now.running:
        text = f"No initiative runs{today}"
        return Phrase(text, MISSED, with_period(reverse("initiatives"), home.period.code))
    of = f"of {counted(now.running, 'initiative')}"
    if not now.late:
        url = list_address({"stage": Stage.IN_PROGRESS.value})
        return Phrase(f"None {of} late{today}", MET, with_period(url, home.period.code))
    url = list_address({"status": ScheduleStatus.LATE.value})
    return Phrase(f"{number(now.late)} {of} late{today}", NEAR, with_period(url, home.period.code))


def _pain(home: Home) -> Phrase | None:
    """None where nobody told of any."""
    found = home.coverage
    if not found.weight:
        return None
    url = carrying(with_period(reverse("coverage"), home.period.code), home.served)
    if not found.uncovered:
        return Phrase("all of customers’ pain answered", MET, url)
    share = percent(Fraction(found.uncovered, found.weight))
    return Phrase(f"{share} of customers’ pain unanswered", MISSED, url)


def _customers(home: Home) -> Phrase | None:
    """Joined and returned less left; None where nobody came or went, or most who came were customers before."""
    total = home.growth.total
    if total is None or home.starts or not (total.joined or total.returned or total.left):
        return None
    url = carrying(with_period(reverse("growth"), home.period.code), home.served)
    so_far = " so far" if home.matrix.to_date else ""
    if not total.net:
        return Phrase(f"as many customers won as lost{so_far}", "", url)
    won = total.net > 0
    words = f"{counted(abs(total.net), 'customer')} {'won' if won else 'lost'} net{so_far}"
    return Phrase(words, MET if won else MISSED, url)
