"""What each app says of its records, in its ``AppConfig.ready``.

Which are a person's and how they are handed over, what there is of a customer and how it is merged, how the audit
tells of them and how a change is given back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Held:
    """Something that is a person's to look after: ``kind`` says as what (``initiatives.sponsor``), ``key`` is the row's
    id, ``noun`` and ``title`` are for people: an ``initiative as sponsor``, ``Warehouse lights``.

    ``shared``: who took it over had it before as well, so that giving it back takes nothing from them.
    """

    kind: str
    key: int
    noun: str = ""
    title: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Handover:
    """From whom to whom, by whose hand, and the audit's word for it. Who gives and who takes are people."""

    giver: Any
    taker: Any
    by: Any
    verb: Any


@dataclass(frozen=True, slots=True)
class PersonPart:
    """What one app knows of people. ``owned_by(person)`` is all that is theirs to look after, ``hand_over(held,
    handover)`` moves what of these is still the giver's and answers what it moved, and ``erase(person)`` takes away
    what was theirs alone: a view that they saved, mails to them. Their name in texts and in JSON is looked for
    everywhere (``accounts.services.erasing``).
    """

    owned_by: Callable[[Any], Iterable[Held]]
    hand_over: Callable[[Sequence[Held], Handover], Iterable[Held]]
    erase: Callable[[Any], None]


def nothing_to_erase(person: Any) -> None:
    """Of an app whose records are people's by key alone."""


class CustomerPart(Protocol):
    """What a part of the product keeps of customers: counted where one is to be deleted, moved where two are merged.

    ``merge`` is ``kpis.models.CustomerMerge``: the customers ``kept`` and ``gone``, the ``choices`` that a person made.
    """

    @property
    def name(self) -> str:
        """Under which a merge keeps what was moved."""

    @property
    def noun(self) -> str:
        """One of it in words: ``initiative``."""

    def count(self, customer: Any) -> int:
        """How much there is of a customer."""

    def move(self, merge: Any) -> Any:
        """Move it within the caller's transaction; answers, in what JSON holds, what moving it back needs."""

    def changed(self, merge: Any, moved: Any) -> Iterable[str]:
        """What of that is not as the merge left it, by name: it cannot be moved back then."""

    def move_back(self, merge: Any, moved: Any) -> None:
        """Have everything as it was before the merge."""


@dataclass(frozen=True, slots=True)
class Told:
    """How the audit tells of a kind of object. ``thing`` names one (``target``), ``fields`` columns whose own name
    says too little (``per``: ``period``). ``rows(ids, reader)`` answers of those that are there what each is called
    by today and the address of its page, or neither: a constant number of queries.
    """

    thing: str
    fields: Mapping[str, str] = field(default_factory=dict)
    rows: Callable[[Collection[str], Any], Mapping[str, tuple[str, str]]] | None = None

    @property
    def things(self) -> str:
        """Several of them."""
        return f"{self.thing[:-1]}ies" if self.thing.endswith(("ty", "ry", "cy")) else f"{self.thing}s"


@dataclass(frozen=True, slots=True)
class Revert:
    """How what a verb did to a kind of object is given back: ``write(row, by, values, reason)`` calls the service that
    does it by hand, with the values before of those among ``fields`` that the verb changed. ``may(row, person)`` is
    the right of that change itself. ``read`` turns what an entry keeps of lists into values.

    ``gone``: the verb took something away; ``write`` makes it anew, with ``row`` None where that was the row itself.
    """

    fields: Collection[str]
    may: Callable[[Any, Any], bool]
    write: Callable[[Any, Any, dict[str, Any], str], Any]
    read: Callable[[str, Any], Any] | None = None
    gone: bool = False


_person_parts: list[PersonPart] = []
_customer_parts: dict[str, CustomerPart] = {}
_told: dict[str, Told] = {}
_reverts: dict[tuple[str, str], Revert] = {}


def register_person(
    owned_by: Callable[[Any], Iterable[Held]],
    hand_over: Callable[[Sequence[Held], Handover], Iterable[Held]],
    erase: Callable[[Any], None] = nothing_to_erase,
) -> None:
    """Have an app say what of it belongs to a person, hand it over, and erase them; once an app."""
    part = PersonPart(owned_by, hand_over, erase)
    if part not in _person_parts:
        _person_parts.append(part)


def person_parts() -> tuple[PersonPart, ...]:
    """What every app registered about people."""
    return tuple(_person_parts)


def owned_by(person: Any) -> list[Held]:
    """All that is a person's to look after, app by app."""
    return [held for part in _person_parts for held in part.owned_by(person)]


def register_customer_part(part: CustomerPart) -> None:
    """Have what an app keeps of customers counted and moved with them."""
    _customer_parts[part.name] = part


def customer_parts() -> list[CustomerPart]:
    """All of them, in the order in which apps are."""
    return list(_customer_parts.values())


def register_told(of: Mapping[str, Told]) -> None:
    """Make known how the audit tells of kinds of objects, by their models' labels (``kpis.target``)."""
    _told.update(of)


def told_of(object_type: str) -> Told | None:
    """How the audit tells of a kind of object; None where nobody says."""
    return _told.get(object_type)


def told_kinds() -> dict[str, Told]:
    """All kinds of objects that the audit tells of in words, by their models' labels."""
    return dict(_told)


def register_revert(object_type: str, verb: str, revert: Revert) -> None:
    """Have what ``verb`` did to a kind of object given back by ``revert``."""
    _reverts[object_type, verb] = revert


def revert_of(object_type: str, verb: str) -> Revert | None:
    """How what a verb did is given back; None where it is not."""
    return _reverts.get((object_type, verb))
