"""What each app registers in its ``AppConfig.ready``: kinds of files, what follows a change of facts, what is asked
of a person, where one begins, what can be asked about, the panels of the rail beside it, and what a search
finds. What each says of people, customers and the audit is in ``core.records``.

Imports go one way; these are the only places where it is turned around.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

from core.once import one_reading
from core.searching import Found, Search, best

if TYPE_CHECKING:
    from core.loading.columns import Column, Record
    from core.periods import Month


class LoadKind(Protocol):
    """A kind of file: its columns, and how its rows are taken in, taken back and written out.

    ``job`` is ``accounts.loads.LoadJob``: the table, who loads it, and where errors and counts go.
    """

    @property
    def name(self) -> str:
        """Its name in commands and addresses."""

    @property
    def title(self) -> str:
        """Its name on pages."""

    @property
    def columns(self) -> Sequence[Column]:
        """Its columns, in the order in which an export writes them."""

    @property
    def bulk_rights(self) -> Sequence[str]:
        """The rights of which a call of the API that brings rows asks for one; a row may ask for more."""

    @property
    def load_right(self) -> str:
        """The right of whoever brings, exports and takes back files of it: all but these see that something of it was
        loaded, by whom and when, and nothing else.
        """

    @property
    def touches_cells(self) -> bool:
        """Whether a change of its rows calls for a rollup."""

    @property
    def takes_approval(self) -> bool:
        """Whether its rows need somebody's approval to count."""

    def staged(self, job: Any) -> AbstractContextManager[None]:
        """Read ahead what can be read before the transaction begins; what it set up goes at its end."""

    def load(self, job: Any) -> None:
        """Take the table's rows in; called inside one transaction, rolled back where errors were noted."""

    def undo(self, load: Any, by: Any) -> None:
        """Take a load back inside a transaction. Raises ``UndoRefused``."""

    def export(self) -> Iterator[Record]:
        """All stored rows in the file's columns, streamed."""

    def told_apart(self, load: Any) -> Iterator[str]:
        """Texts that differ where a load does anything else to the stored rows; asked within its transaction."""


class Urgency(IntEnum):
    """How much something that is asked of a person presses; the first comes first."""

    QUESTION = 1  # somebody waits for an answer
    LATE = 2
    SILENT = 3
    MISSED = 4  # a target, by a KPI that somebody owns
    AT_RISK = 5
    DECISION = 6
    ROUTINE = 7

    @property
    def word(self) -> str:
        """In a word."""
        return _URGENCY[self][0]

    @property
    def shape(self) -> str:
        """The mark that tells it apart without colour."""
        return _URGENCY[self][1]

    @property
    def css_class(self) -> str:
        """The class that colours it."""
        return f"status-{_URGENCY[self][2]}"


_URGENCY = {
    Urgency.QUESTION: ("question", "?", "missed"),
    Urgency.LATE: ("late", "■", "missed"),
    Urgency.SILENT: ("silent", "◌", "partial"),
    Urgency.MISSED: ("missed", "■", "missed"),
    Urgency.AT_RISK: ("at risk", "▲", "near"),
    Urgency.DECISION: ("to decide", "◆", "no-target"),
    Urgency.ROUTINE: ("this week", "●", "met"),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that is asked of a person: on /my/ and in a mail.

    ``about`` names the thing, ``text`` says in a sentence what is asked, ``details`` more of why,
    ``url`` is the path of the page that answers it and ``verb`` what its link says. ``since`` is the day
    from which on it is asked; None where there is none to name. ``own_mail``: a mail of its own tells of it,
    once per period, so that the weekly mail does not tell it every week anew. ``post``: the address that takes it
    as done at once, by POST and the word ``done``; empty where the page has to be looked at.
    """

    urgency: Urgency
    about: str
    text: str
    url: str
    verb: str
    since: date | None = None
    details: tuple[str, ...] = ()
    own_mail: bool = False
    post: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A customer counts in another tier from a month to a month; tiers and customer by id, None: no tier."""

    customer: int
    first: Month
    last: Month
    before: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class StepCause:
    """Why limits of a KPI may have to be taken anew from a month on: in a tier, by its id, or (None) in all columns.

    ``reason`` is a step's own, should a steward set it.
    """

    month: Month
    tier: int | None
    reason: str


class PanelPlace(IntEnum):
    """The order of the rail's panels."""

    OWNER = 1
    NARRATIVE = 2
    INITIATIVES = 3
    TIERS = 4
    PAIN = 5
    TARGETS = 6
    CHANGE = 7
    FOLLOW = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """What can be asked about, as one person may read it: a cell, a KPI, an initiative, a theme, a period.

    ``kind`` and ``key`` name it for good. ``about`` is the app's own value of it. ``asked`` is the person whom a
    question reaches, with ``role`` (``owns the KPI``); None where nobody owns it or its owner cannot answer, which
    ``nobody`` then says with who may take it. ``answering`` are the ids of others who answer for it, ``takers`` the
    right of those who may answer in anybody's place. ``place`` is the department, or empty.
    """

    kind: str
    key: str
    title: str
    url: str
    about: Any
    asked: Any = None
    role: str = ""
    nobody: str = ""
    answering: frozenset[int] = frozenset()
    takers: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of the rail: a template and its ``shown``. ``verdict`` is what the page's verdict says of it, linked
    to ``anchor``; empty where it says nothing.
    """

    place: PanelPlace
    template: str
    shown: Any
    anchor: str = ""
    verdict: str = ""


Resolve = Callable[[Collection[str], Any], Iterable[Subject]]
Reading = Callable[[Subject, Any], Iterable[Panel]]
EVERY = ""  # the kind under which a panel is beside every subject

_kinds: dict[str, LoadKind] = {}
_subjects: dict[str, Resolve] = {}
_confidential: set[str] = set()
_panels: dict[str, list[Reading]] = {}
_after_touch: list[Callable[[Any], None]] = []
_asks: list[Callable[[Any], Iterable[Ask]]] = []
_landings: list[Callable[[Any], str]] = []
_step_causes: list[Callable[[int, date, date], Iterable[StepCause]]] = []
_move_effects: list[Callable[[Iterable[Move], date], str]] = []
_searches: list[Callable[[Search], Iterable[Found]]] = []
_tier_rows: list[Callable[[int, int], Iterable[tuple[int, str]]]] = []


def register_load_kind(kind: LoadKind) -> None:
    """Make a kind of file known to the commands, the pages and the API."""
    _kinds[kind.name] = kind


def load_kinds() -> dict[str, LoadKind]:
    """Every kind by name, in the order in which they can be loaded."""
    return dict(_kinds)


def register_after_touch(follow: Callable[[Any], None]) -> None:
    """Have ``follow(by)`` called in each transaction that changed what cells are made from."""
    if follow not in _after_touch:
        _after_touch.append(follow)


def cells_touched(by: Any = None) -> None:
    """Tell whoever registered that cells are to be rolled up again."""
    for follow in _after_touch:
        follow(by)


def register_asks(source: Callable[[Any], Iterable[Ask]]) -> None:
    """Have ``source(user)`` asked for what an app wants of a person."""
    if source not in _asks:
        _asks.append(source)


def asks_of(user: Any) -> list[Ask]:
    """All that is asked of a person, the most urgent first, then what waits longest; empty where nothing is."""
    with one_reading():  # each source asks for the company, most for the register's standings
        found = [ask for source in _asks for ask in source(user)]
    return sorted(found, key=lambda ask: (ask.urgency, ask.since or date.max, ask.about, ask.text))


def register_landing(choose: Callable[[Any], str]) -> None:
    """Have ``choose(user)`` say with which page a person begins who signs in and asked for none."""
    _landings[:] = [choose]


def landing_of(user: Any) -> str:
    """The address of the page that a person begins with."""
    return _landings[0](user) if _landings else "/"


def register_move_effect(source: Callable[[Iterable[Move], date], str]) -> None:
    """Have ``source(moves, today)`` asked what moves of customers change of periods that have ended."""
    if source not in _move_effects:
        _move_effects.append(source)


def effects_of_moves(moves: Iterable[Move], today: date) -> list[str]:
    """What moves change of periods that have ended, a clause each; empty where they change nothing."""
    moves = list(moves)
    return [words for source in _move_effects if moves and (words := source(moves, today))]


def register_tier_rows(source: Callable[[int, int], Iterable[tuple[int, str]]]) -> None:
    """Have ``source(tier, month)`` asked how many rows of which sort a tier (by id) has from a month on."""
    if source not in _tier_rows:
        _tier_rows.append(source)


def rows_of_tier(tier: int, month: int) -> list[tuple[int, str]]:
    """What a tier has from a month on, as numbers and singular nouns; what there is none of is left out."""
    return [(number, what) for source in _tier_rows for number, what in source(tier, month) if number]


def register_step_causes(source: Callable[[int, date, date], Iterable[StepCause]]) -> None:
    """Have ``source(kpi, first, last)`` asked what happened between two days that may have changed a KPI's process."""
    if source not in _step_causes:
        _step_causes.append(source)


def step_causes(kpi: int, first: date, last: date) -> list[StepCause]:
    """All of it, the earliest first; the KPI by its id."""
    found = [cause for source in _step_causes for cause in source(kpi, first, last)]
    return sorted(found, key=lambda cause: (cause.month, cause.tier or 0, cause.reason))


def register_subject(kind: str, resolve: Resolve, *, confidential: bool = False) -> None:
    """Have ``resolve(keys, reader)`` asked for the subjects of a kind: those that are there and may be read.

    Of a ``confidential`` kind no record, mail or list of the admin tells what is asked, nor about which of them.
    """
    _subjects[kind] = resolve
    if confidential:
        _confidential.add(kind)


def confidential_subjects() -> frozenset[str]:
    """The kinds of which nobody is told but those who read the subject itself."""
    return frozenset(_confidential)


def subjects_of(kind: str, keys: Collection[str], reader: Any) -> dict[str, Subject]:
    """Subjects by key; what is not there, or not for this reader, is left out. Unknown kinds have none."""
    resolve = _subjects.get(kind)
    return {one.key: one for one in resolve(keys, reader)} if resolve and keys else {}


def register_panel(kind: str, reading: Reading) -> None:
    """Have ``reading(subject, reader)`` asked for an app's panels beside a kind of subject, or ``EVERY`` one."""
    readings = _panels.setdefault(kind, [])
    if reading not in readings:
        readings.append(reading)


def panels_of(subject: Subject, reader: Any, *, own: bool = False) -> list[Panel]:
    """The rail of a subject for a person, in its order; ``own``: without what is beside every subject."""
    readings = (*(() if own else _panels.get(EVERY, ())), *_panels.get(subject.kind, ()))
    found = [panel for reading in readings for panel in reading(subject, reader)]
    return sorted(found, key=lambda panel: panel.place)


def register_search(source: Callable[[Search], Iterable[Found]]) -> None:
    """Have ``source(search)`` asked for what an app finds; it finds nothing that the reader may not read."""
    if source not in _searches:
        _searches.append(source)


def search_for(text: str, reader: Any) -> list[Found]:
    """The best of what is found for a person, from every app; nothing for an empty text."""
    search = Search(text, reader)
    return best(one for source in _searches for one in source(search)) if search else []
