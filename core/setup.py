"""What each app registers in its ``AppConfig.ready`` for the set-up and the company's page: its steps, what else a
company sets, and what stands in periods already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class SetupPlace(IntEnum):
    """The order in which the steps of setting up are told; they are taken in any."""

    COMPANY = 1
    TIERS = 2
    PEOPLE = 3
    CUSTOMERS = 4
    KPIS = 5
    FACTS = 6
    TARGETS = 7
    MATRIX = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a step of setting up is: a state with its look, and a sentence that says what is there and missing."""

    state: Any
    said: str


@dataclass(frozen=True, slots=True)
class SetupStep:
    """A step of setting up, as an app takes it.

    ``verb`` is what its link says, ``takers`` the right of those who may take it, ``kinds`` the kinds of files that
    take it. ``template`` shows the step with what ``shown(person)`` answers and, where it has one, the form that
    ``form(person, data, files)`` makes; ``take(form, person)`` does what the form says and answers it in a sentence.
    """

    place: SetupPlace
    title: str
    verb: str
    takers: str
    stand: Callable[[], Standing]
    template: str
    kinds: tuple[str, ...] = ()
    shown: Callable[[Any], Any] = lambda person: None
    form: Callable[[Any, Any, Any], Any] | None = None
    take: Callable[[Any, Any], str] = lambda form, person: ""

    @property
    def code(self) -> str:
        """Its word in the address."""
        return self.place.name.lower()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the company's page: what an app has to be set, with its template and what it shows."""

    template: str
    shown: dict[str, Any]


_steps: dict[SetupPlace, SetupStep] = {}
_sections: list[Callable[[Any], Section]] = []
_dated: list[Callable[[], str]] = []


def register_setup_step(step: SetupStep) -> None:
    """Have the set-up show a step."""
    _steps[step.place] = step


def setup_steps() -> list[SetupStep]:
    """The steps in their order."""
    return [_steps[place] for place in sorted(_steps)]


def register_company_section(source: Callable[[Any], Section]) -> None:
    """Have ``source(person)`` asked for what an app has to be set on the company's page."""
    if source not in _sections:
        _sections.append(source)


def company_sections(person: Any) -> list[Section]:
    """What the apps have to be set, in the order in which they are installed."""
    return [source(person) for source in _sections]


def register_dated(source: Callable[[], str]) -> None:
    """Have ``source()`` asked what of an app stands in periods already: its plural, empty where nothing does."""
    if source not in _dated:
        _dated.append(source)


def what_is_dated() -> str:
    """What stands in periods, so that the fiscal calendar can change no more; empty where nothing does."""
    return next((words for source in _dated if (words := source())), "")
