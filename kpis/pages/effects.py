"""What decisions do to verdicts of ended periods, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from core.formatting import counted, sentence_list
from core.periods import Kind
from kpis.choices import Status
from kpis.reading.comparisons import short_name, short_period
from kpis.reading.effects import Judged

_KINDS = (Kind.QUARTER, Kind.YEAR, Kind.MONTH)
_FEW = 4  # periods that are named where nothing changes in them
_MOST = 3  # cells that a sentence about many decisions names


@dataclass(frozen=True, slots=True)
class EffectWords:
    """What one decision does: ``Changes 1 verdict of 3 ended quarters:`` · ``Q2 met → near`` · ``Q1 stays missed``.

    ``turned`` is how many verdicts change, ``closed`` says which of them are of closed periods, whose editions keep
    theirs; all empty where no ended period is reached.
    """

    turned: int = 0
    lead: str = ""
    what: str = ""
    rest: str = ""
    closed: str = ""


def effect_words(found: Sequence[Judged], tier: int) -> EffectWords:
    """The effect of a decision on a target of that tier."""
    plain = len({one.period.year for one in found}) == 1
    own = [one for one in found if one.tier.pk == tier]
    others = [one for one in found if one.tier.pk != tier and one.turns]
    if not own and not others:
        return EffectWords()
    turned = [one for one in own if one.turns]
    what = [
        words for kind in _KINDS if (words := _turns([one for one in turned if one.period.kind == kind], plain=plain))
    ]
    what += [f"{rows[0].tier.name}: {_turns(rows, plain=plain)}" for rows in _by_tier(others)]
    count = len(turned) + len(others)
    changes = f"Changes {counted(count, 'verdict') if count else 'no verdict'} of {_spans(own or found)}"
    stays = _stays(own, plain=plain)
    return EffectWords(
        count,
        f"{changes}:" if what or stays else f"{changes}.",
        "; ".join(what),
        stays,
        closed_words([*turned, *others]),
    )


def closed_words(found: Iterable[Judged]) -> str:
    """``Q2 2011 is closed: edition 1 keeps its verdict``, of several without the numbers; empty where no verdict of a
    closed period changes.
    """
    editions = {one.period: one.edition for one in found if one.turns and one.edition}
    if not editions:
        return ""
    names = sentence_list(map(short_period, editions))
    if len(editions) == 1:
        return f"{names} is closed: edition {next(iter(editions.values()))} keeps its verdict"
    return f"{names} are closed: their editions keep their verdicts"


def batch_words(found: Iterable[Judged]) -> str:
    """``changes 2 verdicts of ended periods: Referral rate, Platinum: Q2 2026 met → near``, or that there is none."""
    turned = [one for one in found if one.turns]
    if not turned:
        return "changes no verdict of an ended period"
    cells = [(key, list(rows)) for key, rows in groupby(sorted(turned, key=_cell), key=_cell)]
    named = [f"{rows[0].kpi.name}, {rows[0].tier.name}: {_turns(rows)}" for _, rows in cells[:_MOST]]
    more = f"; and of {counted(len(cells) - _MOST, 'more cell')}" if len(cells) > _MOST else ""
    closed = f". {kept}" if (kept := closed_words(turned)) else ""
    return f"changes {counted(len(turned), 'verdict')} of ended periods: {'; '.join(named)}{more}{closed}"


def _cell(one: Judged) -> tuple[int, int, str, int]:
    return one.kpi.position, one.kpi.pk, one.tier.name, one.tier.pk


def _by_tier(found: Iterable[Judged]) -> Iterator[list[Judged]]:
    for _, rows in groupby(sorted(found, key=lambda one: one.tier.rank or 0), key=lambda one: one.tier.pk):
        yield list(rows)


def _turns(found: Sequence[Judged], *, plain: bool = False) -> str:
    """``Q2 and Q3 met → near; May no target → met``; ``plain``: the year is known."""
    turns: dict[tuple[Status, Status], list[Judged]] = {}
    for one in found:
        turns.setdefault((one.before, one.after), []).append(one)
    return "; ".join(
        f"{_periods(rows, plain=plain)} {before.label} → {after.label}" for (before, after), rows in turns.items()
    )


def _stays(own: Sequence[Judged], *, plain: bool) -> str:
    """``Q1 stays missed, Q3 met``: of the longest periods in which nothing changes, where they are few."""
    kept = [one for one in own if not one.turns]
    kind = next((kind for kind in _KINDS if any(one.period.kind == kind for one in kept)), None)
    kept = [one for one in kept if one.period.kind == kind]
    if not kept or len(kept) > _FEW:
        return ""
    statuses = dict.fromkeys(one.before for one in kept)
    first, *more = ((status, [one for one in kept if one.before == status]) for status in statuses)
    verb = "stays" if len(first[1]) == 1 else "stay"
    said = [f"{_periods(first[1], plain=plain)} {verb} {first[0].label}"]
    return ", ".join([*said, *(f"{_periods(rows, plain=plain)} {status.label}" for status, rows in more)])


def _periods(found: Sequence[Judged], *, plain: bool) -> str:
    """``Q1, Q2 and Q3 2026``; each with its year where there are several; none where it is known."""
    years = {one.period.year for one in found}
    names = [short_name(one.period) if len(years) == 1 else short_period(one.period) for one in found]
    year = "" if plain or len(years) > 1 or found[0].period.kind is Kind.YEAR else f" {found[0].period.year}"
    return f"{sentence_list(names)}{year}"


def _spans(found: Sequence[Judged]) -> str:
    """``3 ended quarters and 9 months``: the periods that are reached."""
    counts = {kind: len({one.period for one in found if one.period.kind == kind}) for kind in _KINDS}
    told = [counted(count, kind.value) for kind, count in counts.items() if count]
    return sentence_list([told[0].replace(" ", " ended ", 1), *told[1:]])
